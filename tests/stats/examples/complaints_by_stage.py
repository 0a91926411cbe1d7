"""Figure 5: stages 2 and 3 by the day they started; a request that was refused is none."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="complaints-by-stage",
    asked={"year": "2023-24", "years": 2},
    cases="""
    case | type      | registered | set_aside
    A    | complaint | 2022-06-01 | -
    B    | complaint | 2023-05-01 | -
    C    | complaint | 2023-05-01 | void
    D    | complaint | 2023-05-01 | -
    """,
    stages="""
    case | stage | started    | closed     | finding
    A    | 1     | 2022-06-01 | 2022-06-10 | not_upheld
    A    | 2     | 2022-07-01 | 2023-03-01 | not_upheld
    A    | 3     | 2023-04-01 | -          | -           # the next year, of the same complaint
    B    | 1     | 2023-05-01 | 2023-05-10 | not_upheld
    B    | 2     | 2024-03-31 | -          | -           # started on the last day
    C    | 1     | 2023-05-01 | 2023-05-10 | not_upheld
    C    | 2     | 2023-06-01 | -          | -           # of a voided case
    D    | 1     | 2023-05-01 | 2023-05-10 | not_upheld
    """,
    escalations="""
    case | to | requested  | decided    | decision
    A    | 2  | 2022-06-30 | 2022-07-01 | accepted
    D    | 2  | 2023-06-01 | 2023-06-10 | refused
    D    | 2  | 2023-07-01 | 2023-07-10 | resolved
    D    | 2  | 2024-01-01 | -          | -
    """,
    rows="""
    year    | stage | count | denominator | percent
    2022-23 | 2     | 1     | 1           | 100
    2022-23 | 3     | 0     | 1           | 0
    2023-24 | 2     | 1     | 2           | 50
    2023-24 | 3     | 1     | 2           | 50
    """,
    left_out="""
    year    | reason    | count
    2023-24 | void      | 1
    2023-24 | refused   | 1
    2023-24 | resolved  | 1
    2023-24 | undecided | 1
    """,
)
