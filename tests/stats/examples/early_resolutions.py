"""Of the complaints closed at stage 1, those put right at first contact."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="early-resolutions",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | service   | registered
    A    | education | 2023-05-01
    B    | education | 2023-05-01
    C    | education | 2023-05-01
    D    | education | 2023-05-01
    """,
    stages="""
    case | closed     | finding | closure    | why
    A    | 2023-05-02 | -       | no_finding | resolved_early
    B    | 2023-05-20 | -       | no_finding | closed_without_record
    C    | 2023-05-20 | upheld  | -          | -
    D    | 2023-05-20 | -       | withdrawn  | -
    """,
    rows="""
    service   | resolution     | count | denominator | percent
    education | resolved_early | 1     | 3           | 33
    education | taken_on       | 2     | 3           | 67
    """,
    left_out="""
    service   | reason    | count
    education | withdrawn | 1
    """,
)
