"""Figure 1: everything is one type, the one it is now; a voided case is none."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="feedback-over-time",
    asked={"year": "2023-24", "years": 2},
    cases="""
    case | type       | at_receipt | registered | set_aside
    A    | complaint  | complaint  | 2022-04-01 | -          # the first day of 2022-23
    B    | comment    | complaint  | 2023-03-31 | -          # reclassified: a comment, once
    C    | complaint  | comment    | 2023-04-01 | -          # reclassified the other way
    D    | complaint  | complaint  | 2024-03-31 | -          # the last day of 2023-24
    E    | compliment | compliment | 2024-01-15 | -
    F    | complaint  | complaint  | 2023-06-01 | void
    G    | complaint  | complaint  | 2023-07-01 | not_feedback
    H    | complaint  | complaint  | 2024-04-01 | -          # the next year
    """,
    rows="""
    year    | feedback_type | count | denominator | percent
    2022-23 | complaint     | 1     | 2           | 50
    2022-23 | comment       | 1     | 2           | 50
    2022-23 | compliment    | 0     | 2           | 0
    2023-24 | complaint     | 2     | 3           | 67
    2023-24 | comment       | 0     | 3           | 0
    2023-24 | compliment    | 1     | 3           | 33
    """,
    left_out="""
    year    | reason       | count
    2023-24 | void         | 1
    2023-24 | not_feedback | 1
    """,
)
