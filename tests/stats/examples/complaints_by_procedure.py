"""By the procedure that a complaint is worked under; one that has none yet is a row of its own."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="complaints-by-procedure",
    asked={"year": "2023-24", "service": ["children-and-families"]},
    cases="""
    case | type      | service               | procedure           | registered | set_aside
    A    | complaint | children-and-families | childrens-statutory | 2023-04-01 | -
    B    | complaint | children-and-families | childrens-statutory | 2024-03-31 | -
    C    | complaint | children-and-families | corporate           | 2023-09-01 | -
    D    | complaint | children-and-families | -                   | 2023-09-01 | -      # not triaged
    E    | complaint | education             | corporate           | 2023-09-01 | -      # another's
    F    | comment   | children-and-families | -                   | 2023-09-01 | -      # no complaint
    G    | complaint | children-and-families | corporate           | 2024-04-01 | -      # the next year
    H    | complaint | children-and-families | corporate           | 2023-09-01 | void
    """,
    rows="""
    service               | procedure           | count | denominator | percent
    children-and-families | corporate           | 1     | 4           | 25
    children-and-families | childrens-statutory | 2     | 4           | 50
    children-and-families | adult-social-care   | 0     | 4           | 0
    children-and-families | no-procedure        | 1     | 4           | 25
    """,
    left_out="""
    service               | reason | count
    children-and-families | void   | 1
    """,
)
