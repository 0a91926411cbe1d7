"""Complaints that were not accepted, each for one reason, on the day they were refused."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="refusals",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | type      | service   | registered | closure | closed     | refused
    A    | complaint | education | 2023-03-01 | refused | 2023-04-01 | out_of_time
    B    | complaint | education | 2023-05-01 | refused | 2023-05-03 | other_route
    C    | complaint | education | 2023-05-01 | refused | 2023-05-03 | other_route
    D    | comment   | education | 2023-05-01 | refused | 2023-05-03 | other_route
    E    | complaint | education | 2024-03-31 | refused | 2024-04-01 | other_route   # the next year
    """,
    rows="""
    service   | refusal_reason | count | denominator | percent
    education | out_of_time    | 1     | 3           | 33
    education | other_route    | 2     | 3           | 67
    """,
    left_out="""
    service   | reason       | count
    education | reclassified | 1
    """,
)
