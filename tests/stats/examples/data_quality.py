"""Faults of records: one record may have several, and each fault counts."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="data-quality",
    asked={"year": "2023-24"},
    cases="""
    case | type      | service   | team   | category        | registered | acknowledged | closed
    A    | complaint | -         | -      | not-categorised | 2023-05-01 | -            | -
    B    | complaint | education | sendar | policy          | 2023-05-01 | 2023-05-01   | -
    C    | complaint | education | sendar | policy          | 2023-05-01 | -            | -
    D    | complaint | education | sendar | policy          | 2023-05-01 | -            | -
    E    | complaint | education | sendar | policy          | 2023-05-01 | -            | -
    F    | comment   | education | -      | policy          | 2023-05-01 | -            | -
    G    | comment   | education | sendar | policy          | 2023-05-01 | 2023-04-30   | -
    H    | complaint | education | sendar | policy          | 2023-05-01 | -            | 2023-05-10
    I    | complaint | education | sendar | policy          | 2023-05-01 | -            | -
    J    | complaint | education | sendar | policy          | 2023-05-01 | -            | 2023-05-09
    K    | complaint | education | sendar | policy          | 2023-05-01 | -            | 2023-05-10
    """,
    stages="""
    case | started    | due        | closed     | finding          | closure    | why
    B    | 2023-05-01 | 2023-05-16 | 2023-05-10 | upheld           | -          | -
    C    | 2023-05-01 | 2023-05-16 | 2023-05-10 | partially_upheld | -          | -
    D    | 2023-05-01 | 2023-05-16 | -          | -                | -          | -
    E    | 2023-05-01 | 2023-05-16 | 2023-05-10 | -                | no_finding | closed_without_record
    I    | 2023-05-01 | 2023-05-16 | 2023-05-10 | not_upheld       | -          | -
    J    | 2023-05-01 | 2023-05-16 | 2023-05-10 | not_upheld       | -          | -
    K    | 2023-05-01 | 2023-05-16 | 2023-05-10 | not_upheld       | -          | -
    """,
    escalations="""
    case | to | requested  | decided | decision
    I    | 2  | 2023-05-09 | -       | -
    K    | 2  | 2023-05-10 | -       | -
    """,
    remedies="""
    case | remedy
    C    | apology
    """,
    rows="""
    service    | fault                  | count | denominator | percent
    education  | no_team                | 1     | 8           | 13
    education  | closed_without_record  | 1     | 8           | 13
    education  | closed_without_outcome | 1     | 8           | 13
    education  | upheld_without_remedy  | 1     | 8           | 13
    education  | overdue_and_unanswered | 1     | 8           | 13
    education  | impossible_dates       | 3     | 8           | 38
    no-service | not_categorised        | 1     | 3           | 33
    no-service | no_service             | 1     | 3           | 33
    no-service | no_team                | 1     | 3           | 33
    """,
)
