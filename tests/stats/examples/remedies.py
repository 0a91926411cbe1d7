"""Figure 9: remedies, not complaints, on the day their stage was answered or closed."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="remedies",
    asked={"year": "2023-24", "service": ["children-and-families"]},
    cases="""
    case | type      | registered | set_aside
    A    | complaint | 2023-03-20 | -
    B    | complaint | 2023-05-01 | -
    C    | complaint | 2023-05-01 | void
    """,
    stages="""
    case | stage | closed     | finding
    A    | 1     | 2023-03-31 | upheld
    A    | 2     | 2023-06-01 | partially_upheld
    B    | 1     | 2023-05-12 | upheld
    C    | 1     | 2023-05-12 | upheld
    """,
    remedies="""
    case | stage | remedy
    A    | 1     | apology       # of the year before
    A    | 2     | apology
    A    | 2     | explanation
    B    | 1     | explanation
    C    | 1     | explanation   # of a voided case
    """,
    rows="""
    service               | remedy           | count | denominator | percent
    children-and-families | explanation      | 2     | 3           | 67
    children-and-families | apology          | 1     | 3           | 33
    children-and-families | service-provided | 0     | 3           | 0
    """,
    left_out="""
    service               | reason | count
    children-and-families | void   | 1
    """,
)
