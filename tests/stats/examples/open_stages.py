"""Stages open at the end of the period: in time on the due day itself, overdue after it."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="open-stages",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | service   | registered | set_aside | set_aside_on
    A    | education | 2024-03-01 | -         | -
    B    | education | 2024-03-01 | -         | -
    C    | education | 2024-03-01 | -         | -
    D    | education | 2024-03-01 | -         | -
    E    | education | 2024-04-02 | -         | -
    F    | education | 2024-03-01 | void      | 2024-04-01
    """,
    stages="""
    case | stage | started    | due        | closed     | finding
    A    | 1     | 2024-03-01 | 2024-03-31 | -          | -
    B    | 1     | 2024-03-01 | 2024-03-30 | -          | -
    C    | 1     | 2024-03-01 | -          | -          | -
    D    | 1     | 2024-03-01 | 2024-03-15 | 2024-04-01 | upheld   # closed after the end
    E    | 1     | 2024-04-02 | 2024-04-20 | -          | -        # not there yet
    F    | 1     | 2024-03-01 | 2024-03-15 | -          | -
    """,
    standings="""
    case | status   | stage | since      | until
    A    | received | -     | 2024-03-01 | 2024-03-02
    A    | in_stage | 1     | 2024-03-02 | -
    B    | in_stage | 1     | 2024-03-01 | -
    C    | in_stage | 1     | 2024-03-01 | -
    D    | in_stage | 1     | 2024-03-01 | 2024-04-01
    D    | answered | 1     | 2024-04-01 | -
    E    | in_stage | 1     | 2024-04-02 | -
    F    | in_stage | 1     | 2024-03-01 | 2024-04-01
    F    | void     | 1     | 2024-04-01 | -            # voided since
    """,
    rows="""
    service   | stage | clock        | count | denominator | percent
    education | 1     | open_in_time | 1     | 4           | 25
    education | 1     | open_overdue | 2     | 4           | 50
    education | 1     | no_limit     | 1     | 4           | 25
    """,
    left_out="""
    service   | stage | reason | count
    education | 1     | void   | 1
    """,
)
