"""From what each piece of feedback was taken in as to what it is now; each is counted once."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="reclassifications",
    asked={"year": "2024-25", "service": ["education"]},
    cases="""
    case | at_receipt | type       | service   | registered | set_aside
    A    | complaint  | complaint  | education | 2024-05-01 | -
    B    | complaint  | complaint  | education | 2024-05-01 | -
    C    | complaint  | comment    | education | 2024-05-01 | -
    D    | comment    | complaint  | education | 2024-05-01 | -
    E    | comment    | compliment | education | 2024-05-01 | not_feedback
    F    | compliment | compliment | education | 2025-04-01 | -            # the next year
    """,
    rows="""
    service   | type_at_receipt | feedback_type | count | denominator | percent
    education | complaint       | complaint     | 2     | 3           | 67
    education | complaint       | comment       | 1     | 3           | 33
    education | complaint       | compliment    | 0     | 3           | 0
    education | comment         | complaint     | 1     | 1           | 100
    """,
    left_out="""
    service   | type_at_receipt | reason       | count
    education | comment         | not_feedback | 1
    """,
)
