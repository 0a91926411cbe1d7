"""Complaints that ended without a finding at stage 1, and those that were never accepted."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="closures",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | type      | service   | registered | closure | closed     | refused
    A    | complaint | education | 2023-05-01 | -       | -          | -
    B    | complaint | education | 2023-05-01 | -       | -          | -
    C    | complaint | education | 2023-05-01 | -       | -          | -
    D    | complaint | education | 2023-05-01 | refused | 2023-05-03 | out_of_time
    E    | comment   | education | 2023-05-01 | -       | -          | -
    F    | complaint | education | 2023-05-01 | -       | -          | -
    """,
    stages="""
    case | closed     | finding | closure      | why
    A    | 2023-05-20 | -       | no_finding   | resolved_early
    B    | 2023-05-20 | -       | no_finding   | concurrent_proceedings
    C    | 2023-05-20 | -       | withdrawn    | -
    E    | 2023-05-20 | -       | reclassified | -
    F    | 2023-05-20 | upheld  | -            | -
    """,
    rows="""
    service   | closure_reason         | count | denominator | percent
    education | resolved_early         | 1     | 4           | 25
    education | concurrent_proceedings | 1     | 4           | 25
    education | withdrawn              | 1     | 4           | 25
    education | refused                | 1     | 4           | 25
    """,
    left_out="""
    service   | reason       | count
    education | reclassified | 1
    """,
)
