"""Working days taken in bands, with the median and the 90th percentile of each whole."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="days-taken",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | service   | registered
    A    | education | 2023-05-01
    B    | education | 2023-05-01
    C    | education | 2023-05-01
    D    | education | 2023-05-01
    E    | education | 2023-05-01
    """,
    stages="""
    case | stage | started    | closed     | finding | days | excluded
    A    | 1     | 2023-05-01 | 2023-05-16 | upheld  | 10   | -
    A    | 2     | 2023-06-01 | 2023-09-20 | upheld  | 77   | -
    B    | 1     | 2023-05-01 | 2023-05-17 | upheld  | 11   | -
    C    | 1     | 2023-05-01 | 2023-05-19 | upheld  | 13   | -
    D    | 1     | 2023-05-01 | 2023-07-20 | upheld  | 54   | -
    E    | 1     | 2023-05-01 | 2024-01-20 | upheld  | 180  | migrated
    """,
    rows="""
    service   | stage | days_taken | count | denominator | percent | median_working_days | percentile_working_days
    education | 1     | up_to_10   | 1     | 4           | 25      | 10.0                | 10.0
    education | 1     | 11_to_20   | 2     | 4           | 50      | 12.0                | 13.0
    education | 1     | 21_to_40   | 0     | 4           | 0       | -                   | -
    education | 1     | 41_to_65   | 1     | 4           | 25      | 54.0                | 54.0
    education | 1     | over_65    | 0     | 4           | 0       | -                   | -
    education | 2     | over_65    | 1     | 1           | 100     | 77.0                | 77.0
    """,
    left_out="""
    service   | stage | reason                      | count
    education | 1     | timescale_excluded_migrated | 1
    """,
    notes=("Education: 1 left out: migrated from another system, so its time is not comparable.",),
)
