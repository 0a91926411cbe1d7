"""Whether stages with a limit were closed within it, within an extension of it, or late."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="timeliness",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | service   | registered
    A    | education | 2023-05-01
    B    | education | 2023-05-01
    C    | education | 2023-05-01
    D    | education | 2023-05-01
    """,
    stages="""
    case | stage | started    | closed     | finding | verdict          | in_time
    A    | 1     | 2023-05-01 | 2023-05-10 | upheld  | within_target    | yes
    A    | 2     | 2023-06-01 | 2023-09-10 | upheld  | late             | no
    B    | 1     | 2023-05-01 | 2023-05-20 | upheld  | within_extension | no
    C    | 1     | 2023-05-01 | 2023-06-20 | upheld  | late             | no
    D    | 1     | 2023-05-01 | 2023-06-20 | upheld  | no_limit         | -
    """,
    rows="""
    service   | stage | timeliness       | count | denominator | percent
    education | 1     | within_target    | 1     | 3           | 33
    education | 1     | within_extension | 1     | 3           | 33
    education | 1     | late             | 1     | 3           | 33
    education | 2     | late             | 1     | 1           | 100
    """,
    left_out="""
    service   | stage | reason   | count
    education | 1     | no_limit | 1
    """,
)
