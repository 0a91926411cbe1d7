"""What became of requests for a further stage, on the day they were made."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="escalations",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | type      | service   | registered
    A    | complaint | education | 2023-05-01
    B    | comment   | education | 2023-05-01
    """,
    escalations="""
    case | to | requested  | decided    | decision
    A    | 2  | 2023-06-01 | 2023-06-10 | refused
    A    | 2  | 2023-07-01 | 2023-07-10 | resolved
    A    | 2  | 2023-09-01 | 2024-05-01 | accepted   # decided in the next year
    A    | 3  | 2024-03-31 | -          | -
    B    | 2  | 2023-06-01 | 2023-06-02 | withdrawn  # of what is no complaint any more
    """,
    rows="""
    service   | stage | decision  | count | denominator | percent
    education | 2     | accepted  | 1     | 3           | 33
    education | 2     | refused   | 1     | 3           | 33
    education | 2     | resolved  | 1     | 3           | 33
    education | 2     | withdrawn | 0     | 3           | 0
    education | 2     | undecided | 0     | 3           | 0
    education | 3     | undecided | 1     | 1           | 100
    """,
    left_out="""
    service   | stage | reason       | count
    education | 2     | reclassified | 1
    """,
)
