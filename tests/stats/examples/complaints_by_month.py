"""Figure 4: by the month registered, so a migrated case counts in the month it came over."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="complaints-by-month",
    asked={"since": "2023-12-01", "until": "2024-03-01", "service": ["children-and-families"]},
    cases="""
    case | type      | registered | received   | migrated
    A    | complaint | 2023-11-30 | 2023-11-30 | -
    B    | complaint | 2023-12-01 | 2023-12-01 | -
    C    | complaint | 2024-01-16 | 2023-12-11 | yes   # received in December
    D    | complaint | 2024-01-31 | 2024-01-31 | -
    E    | comment   | 2024-01-31 | 2024-01-31 | -     # not a complaint
    F    | complaint | 2024-03-01 | 2024-02-29 | -     # the period is over
    """,
    rows="""
    service               | month   | count | denominator | percent
    children-and-families | 2023-12 | 1     | 3           | 33
    children-and-families | 2024-01 | 2     | 3           | 67
    children-and-families | 2024-02 | 0     | 3           | 0
    """,
    notes=(
        "Children & Families: 1 of 3 were migrated from another system and count in January 2024, when they were registered in the new one; by the day of receipt they count when people made contact.",
    ),
)
