"""Complaints per hundred children worked with, to two decimals; education has three activities."""

from tests.stats.tables import Example

EXAMPLE = Example(
    figure="feedback-rates",
    asked={"year": "2023-24"},
    cases="""
    case | type       | service               | registered
    A    | complaint  | children-and-families | 2023-05-01
    B    | complaint  | children-and-families | 2023-05-01
    C    | compliment | education             | 2024-03-31
    D    | complaint  | highways              | 2023-05-01   # of which no volume is recorded
    """,
    rows="""
    service               | activity                      | feedback_type | count | denominator | percent | volume | percent_of_volume
    children-and-families | children-worked-with          | complaint     | 2     | 2           | 100     | 12969  | 0.02
    education             | admissions-applications       | compliment    | 1     | 1           | 100     | 25555  | 0.0
    education             | children-with-an-ehcp         | compliment    | 1     | 1           | 100     | 6588   | 0.02
    education             | ehc-needs-assessment-requests | compliment    | 1     | 1           | 100     | 1621   | 0.06
    """,
    left_out="""
    service  | activity  | reason    | count
    highways | no-volume | no_volume | 1
    """,
)
