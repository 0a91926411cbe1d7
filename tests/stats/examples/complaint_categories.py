"""Figure 6: one category for each complaint; nobody's category is a row of its own."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="complaint-categories",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | type      | service   | category           | registered | set_aside
    A    | complaint | education | communication      | 2023-04-01 | -
    B    | complaint | education | communication      | 2023-09-01 | -
    C    | complaint | education | communication      | 2023-09-01 | -
    D    | complaint | education | protection-of-user | 2024-03-31 | -
    E    | complaint | education | protection-of-user | 2023-09-01 | -
    F    | complaint | education | protection-of-user | 2023-09-01 | -
    G    | complaint | education | policy             | 2023-09-01 | -
    H    | complaint | education | not-categorised    | 2023-09-01 | -
    I    | comment   | education | communication      | 2023-09-01 | -      # no complaint
    J    | complaint | education | communication      | 2023-09-01 | void
    """,
    rows="""
    service   | category                    | count | denominator | percent
    education | protection-of-user          | 3     | 8           | 38   # 37.5, rounded half up
    education | service-standards           | 0     | 8           | 0
    education | staff-conduct               | 0     | 8           | 0
    education | communication               | 3     | 8           | 38
    education | financial-issues            | 0     | 8           | 0
    education | policy                      | 1     | 8           | 13   # 12.5, rounded half up
    education | discrimination              | 0     | 8           | 0
    education | not-categorised             | 1     | 8           | 13
    education | physical-environment-issues | 0     | 8           | 0
    """,
    left_out="""
    service   | reason | count
    education | void   | 1
    """,
)
