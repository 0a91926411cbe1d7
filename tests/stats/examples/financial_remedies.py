"""Remedies with money, and what they come to; a stage may have several."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="financial-remedies",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | service   | registered
    A    | education | 2023-05-01
    B    | education | 2023-05-01
    """,
    stages="""
    case | stage | closed     | finding
    A    | 1     | 2023-05-20 | upheld
    B    | 1     | 2023-05-20 | upheld
    B    | 2     | 2024-04-01 | upheld   # the next year
    """,
    remedies="""
    case | stage | remedy                 | pence
    A    | 1     | apology                | -
    A    | 1     | financial-symbolic     | 10000
    A    | 1     | financial-symbolic     | 2550
    B    | 1     | financial-quantifiable | 50
    B    | 2     | financial-quantifiable | 99
    """,
    rows="""
    service   | remedy                 | count | denominator | percent | sum_pence
    education | financial-quantifiable | 1     | 3           | 33      | 50
    education | financial-symbolic     | 2     | 3           | 67      | 12550
    """,
    left_out="""
    service   | reason    | count
    education | no_amount | 1
    """,
)
