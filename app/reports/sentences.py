"""What a report says of its figures: rules as data, each a figure, what it tells of, and words.

Nothing is said that the numbers do not carry: what is withheld is not told, what is small is
called small, ties are told as ties, and a part of a year is never set against another year.
"""

from app.reports.evidence import Evidence
from app.reports.sentences_of_complaints import OF_COMPLAINTS
from app.reports.sentences_of_volumes import OF_VOLUMES

TOLD_OF_EARLIER_YEARS = (
    "complaints-by-month",
    "complaint-categories",
    "complaints-by-team",
    "remedies",
    "outcomes",
    "timescales",
)
"""Figures of one year that sentences set beside the years before."""

RULES = (*OF_VOLUMES, *OF_COMPLAINTS)


def sentences(evidence: Evidence, figure: str) -> tuple[str, ...]:
    """What is said of a figure."""
    return tuple(
        said for rule in RULES if rule.figure == figure for said in rule.sentences(evidence)
    )


def headlines(evidence: Evidence) -> tuple[str, ...]:
    """What is said in the summary of the figures that there are."""
    rules = (rule for rule in RULES if rule.figure in evidence.answers)
    return tuple(said for rule in rules for said in rule.summary(evidence))
