"""Figures 7 and 8: two systems, two lists of teams, two denominators; no team is a row."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="complaints-by-team",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | service   | team               | registered | received   | migrated
    A    | education | sendar             | 2023-04-01 | 2023-04-01 | -
    B    | education | sendar             | 2024-01-14 | 2024-01-14 | -
    C    | education | school-admissions  | 2023-05-01 | 2023-05-01 | -
    D    | education | -                  | 2023-05-01 | 2023-05-01 | -
    E    | education | send-and-inclusion | 2024-01-15 | 2024-01-15 | -
    F    | education | send-and-inclusion | 2024-01-16 | 2023-12-01 | yes   # the new system's
    G    | education | school-admissions  | 2024-02-01 | 2024-02-01 | -     # on the old list only
    """,
    rows="""
    service   | source_system     | team               | count | denominator | percent
    education | contact_us        | sendar             | 2     | 4           | 50
    education | contact_us        | school-admissions  | 1     | 4           | 25
    education | contact_us        | no-team            | 1     | 4           | 25
    education | customer_feedback | send-and-inclusion | 2     | 3           | 67
    education | customer_feedback | children-missing-education-and-elective-home-education | 0 | 3 | 0
    education | customer_feedback | school-admissions  | 1     | 3           | 33
    education | customer_feedback | no-team            | 0     | 3           | 0
    """,
    notes=(
        "Education: 1 of 7 were migrated from another system and count in January 2024, when they were registered in the new one; by the day of receipt they count when people made contact.",
        "The list of teams changed within the period: Contact Us, 1 April 2023 to 14 January 2024; Customer Feedback System, 15 January 2024 to 31 March 2024. Each part has its own denominator, and teams of the same name need not be the same team.",
    ),
)
