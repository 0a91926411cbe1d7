"""Figure 12: the complaints of Figures 10 and 11 whose time can be judged."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="timescales",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | service   | registered | received   | migrated
    A    | education | 2023-05-01 | 2023-05-01 | -
    B    | education | 2023-05-01 | 2023-05-01 | -
    C    | education | 2023-05-01 | 2023-05-01 | -
    D    | education | 2024-01-16 | 2023-12-01 | yes
    E    | education | 2023-05-01 | 2023-05-01 | -
    F    | education | 2023-05-01 | 2023-05-01 | -
    """,
    stages="""
    case | started    | closed     | finding    | closure    | in_time | excluded
    A    | 2023-05-01 | 2023-05-16 | upheld     | -          | yes     | -
    B    | 2023-05-01 | 2023-05-17 | not_upheld | -          | no      | -
    C    | 2023-05-01 | 2023-06-30 | -          | no_finding | no      | -
    D    | 2023-12-01 | 2024-02-01 | upheld     | -          | no      | migrated
    E    | 2023-05-01 | 2023-06-30 | -          | withdrawn  | no      | -
    F    | 2023-05-01 | 2023-06-30 | upheld     | -          | -       | -          # no fixed limit
    """,
    rows="""
    service   | verdict        | count | denominator | percent
    education | within_target  | 1     | 3           | 33
    education | outside_target | 2     | 3           | 67
    """,
    left_out="""
    service   | reason                      | count
    education | withdrawn                   | 1
    education | timescale_excluded_migrated | 1
    education | no_limit                    | 1
    """,
    notes=("Education: 1 left out: migrated from another system, so its time is not comparable.",),
)
