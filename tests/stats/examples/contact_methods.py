"""Figure 3: all types, since the channel is collected; migrated cases are not recorded."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="contact-methods",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | type       | service   | channel | registered | received   | migrated
    A    | complaint  | education | portal  | 2024-01-15 | 2024-01-15 | -
    B    | comment    | education | email   | 2024-02-01 | 2024-02-01 | -
    C    | compliment | education | portal  | 2024-03-31 | 2024-03-31 | -
    D    | complaint  | education | phone   | 2024-01-16 | 2023-12-11 | yes  # how it was loaded
    E    | complaint  | education | -       | 2024-02-01 | 2024-02-01 | -
    F    | complaint  | education | -       | 2024-01-14 | 2024-01-14 | -    # the old system
    G    | comment    | education | -       | 2023-04-01 | 2023-04-01 | -    # the old system
    """,
    rows="""
    service   | channel      | count | denominator | percent
    education | portal       | 2     | 5           | 40
    education | phone        | 0     | 5           | 0
    education | email        | 1     | 5           | 20
    education | post         | 0     | 5           | 0
    education | not-recorded | 2     | 5           | 40
    """,
    left_out="""
    service   | reason                | count
    education | channel_not_collected | 2
    """,
    notes=(
        "How contact was made is collected only from 15 January 2024, in Customer Feedback System; what was registered before is left out.",
        "Education: 1 of 5 were migrated from another system, so how people first made contact is not recorded for them.",
    ),
)
