"""Figures 10 and 11: of stage 1 closed, and of those with a finding."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="outcomes",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | type      | service   | registered | set_aside    | closure | closed
    A    | complaint | education | 2023-03-01 | -            | -       | -
    B    | complaint | education | 2023-05-01 | -            | -       | -
    C    | complaint | education | 2023-05-01 | -            | -       | -
    D    | complaint | education | 2023-05-01 | -            | -       | -
    E    | complaint | education | 2023-05-01 | -            | -       | -
    F    | complaint | education | 2023-05-01 | -            | -       | -
    G    | comment   | education | 2023-05-01 | -            | -       | -
    H    | complaint | education | 2023-05-01 | void         | -       | -
    I    | complaint | education | 2023-05-01 | -            | refused | 2023-05-03
    J    | complaint | education | 2024-03-25 | -            | -       | -
    """,
    stages="""
    case | stage | started    | closed     | finding          | closure
    A    | 1     | 2023-03-01 | 2023-04-01 | upheld           | -            # carried in
    B    | 1     | 2023-05-01 | 2023-05-20 | partially_upheld | -
    B    | 2     | 2023-06-01 | 2023-07-20 | upheld           | -            # stage 1 counts
    C    | 1     | 2023-05-01 | 2023-05-20 | not_upheld       | -
    D    | 1     | 2023-05-01 | 2023-05-20 | -                | no_finding
    E    | 1     | 2023-05-01 | 2023-05-20 | -                | withdrawn
    F    | 1     | 2023-05-01 | 2023-05-20 | -                | question_answered
    G    | 1     | 2023-05-01 | 2023-05-02 | -                | reclassified
    H    | 1     | 2023-05-01 | 2023-05-20 | upheld           | -
    J    | 1     | 2024-03-25 | 2024-04-01 | upheld           | -            # the next year
    """,
    rows="""
    service   | outcome                  | count | denominator | percent | percent_of_findings | denominator_of_findings
    education | upheld                   | 1     | 4           | 25      | 33                  | 3
    education | partially_upheld         | 1     | 4           | 25      | 33                  | 3
    education | not_upheld               | 1     | 4           | 25      | 33                  | 3
    education | closed_without_a_finding | 1     | 4           | 25      | -                   | 3
    """,
    left_out="""
    service   | reason            | count
    education | void              | 1
    education | reclassified      | 1
    education | withdrawn         | 1
    education | question_answered | 1
    education | refused           | 1
    """,
)
