"""Complaints open on the last day of the period, by how long ago they were received."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="open-complaints",
    asked={"year": "2023-24", "service": ["education"]},
    cases="""
    case | type      | service   | registered | set_aside    | set_aside_on
    A    | complaint | education | 2024-03-31 | -            | -
    B    | complaint | education | 2024-03-17 | -            | -
    C    | complaint | education | 2024-03-16 | -            | -
    D    | complaint | education | 2024-03-16 | -            | -
    E    | comment   | education | 2024-03-16 | -            | -
    F    | complaint | education | 2024-03-16 | void         | 2024-04-01
    G    | complaint | education | 2024-03-30 | not_feedback | 2024-04-02
    H    | complaint | education | 2024-03-16 | void         | 2024-03-31
    """,
    standings="""
    case | type      | status               | stage | since      | until
    A    | complaint | received             | -     | 2024-03-31 | -
    B    | complaint | in_stage             | 1     | 2024-03-17 | 2024-04-01
    B    | complaint | closed               | 1     | 2024-04-01 | -            # the day after
    C    | complaint | escalation_requested | 1     | 2024-03-16 | -
    D    | complaint | closed               | 1     | 2024-03-31 | -            # on the last day
    E    | comment   | received             | -     | 2024-03-16 | -
    F    | complaint | received             | -     | 2024-03-16 | 2024-04-01
    F    | complaint | void                 | -     | 2024-04-01 | -            # voided since
    G    | complaint | received             | -     | 2024-03-30 | 2024-04-02
    G    | complaint | closed               | -     | 2024-04-02 | -            # a question
    H    | complaint | received             | -     | 2024-03-16 | 2024-03-31
    H    | complaint | void                 | -     | 2024-03-31 | -            # not open then
    """,
    rows="""
    service   | age            | count | denominator | percent | median_days_open | percentile_days_open
    education | up_to_14       | 2     | 3           | 67      | 7.0              | 14.0
    education | 15_to_28       | 1     | 3           | 33      | 15.0             | 15.0
    """,
    left_out="""
    service   | reason       | count
    education | void         | 1
    education | not_feedback | 1
    """,
)
