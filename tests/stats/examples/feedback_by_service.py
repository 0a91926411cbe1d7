"""Figure 2: by service and year; School Admissions came to Education on 1 April 2022."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="feedback-by-service",
    asked={"year": "2022-23", "years": 2, "service": ["education", "children-and-families"]},
    cases="""
    case | type       | service               | registered | set_aside
    A    | complaint  | children-and-families | 2021-04-01 | -
    B    | complaint  | children-and-families | 2022-10-01 | -
    C    | compliment | children-and-families | 2022-10-01 | -
    D    | complaint  | education             | 2022-05-01 | -
    E    | complaint  | education             | 2022-05-01 | void
    F    | complaint  | highways              | 2022-05-01 | -   # not asked for
    G    | complaint  | -                     | 2022-05-01 | -   # of no service: not asked for
    """,
    rows="""
    service               | year    | feedback_type | count | denominator | percent
    children-and-families | 2021-22 | complaint     | 1     | 1           | 100
    children-and-families | 2021-22 | comment       | 0     | 1           | 0
    children-and-families | 2021-22 | compliment    | 0     | 1           | 0
    children-and-families | 2022-23 | complaint     | 1     | 2           | 50
    children-and-families | 2022-23 | comment       | 0     | 2           | 0
    children-and-families | 2022-23 | compliment    | 1     | 2           | 50
    education             | 2021-22 | complaint     | 0     | 0           | -
    education             | 2021-22 | comment       | 0     | 0           | -
    education             | 2021-22 | compliment    | 0     | 0           | -
    education             | 2022-23 | complaint     | 1     | 1           | 100
    education             | 2022-23 | comment       | 0     | 1           | 0
    education             | 2022-23 | compliment    | 0     | 1           | 0
    """,
    left_out="""
    service   | year    | reason | count
    education | 2022-23 | void   | 1
    """,
    notes=("School Admissions moved from Customer Services to Education on 1 April 2022.",),
)
