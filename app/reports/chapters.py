"""The parts of the annual report, in their order: what stands in each, as data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.reports import checklist, procedure, reconciliation
from app.reports.checklist import LEARNING
from app.reports.document import Table
from app.reports.evidence import Evidence
from app.reports.sentences import headlines


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section of the report: its heading, what is written in it, and its figures."""

    key: str
    title: str
    figures: tuple[str, ...] = ()
    paragraphs: Callable[[Evidence], Iterable[str]] = lambda _: ()
    tables: Callable[[Evidence], Iterable[Table]] = lambda _: ()


_WHAT_FEEDBACK_IS = (
    "A complaint is an expression of dissatisfaction that needs a response; a comment is a view or a suggestion; a compliment is praise. A question, or a request for a service, is not feedback and is in no figure.",
    "Feedback is counted once, by what it is now, in the financial year from 1 April to 31 March in which it was registered; outcomes, remedies and timescales in the year in which the stage ended. Every figure says what it counts and what it left out.",
    "Percentages are exact fractions rounded half up to a whole number, so those of one table may add up to 99 or 101.",
)

_LESSONS = (
    "What was learned from complaints, and what will be done, is written here by officers; the service records no lessons of its own.",
)

CHAPTERS = (
    Chapter("summary", "Summary", paragraphs=headlines),
    Chapter("feedback", "What feedback is", paragraphs=lambda _: _WHAT_FEEDBACK_IS),
    Chapter(
        "procedure",
        "How complaints are handled",
        paragraphs=procedure.paragraphs,
        tables=procedure.tables,
    ),
    Chapter(
        "volumes",
        "How much feedback there was",
        ("feedback-over-time", "feedback-by-service", "contact-methods"),
    ),
    Chapter(
        "complaints",
        "What complaints were about",
        (
            "complaints-by-month",
            "complaints-by-stage",
            "complaint-categories",
            "complaints-by-team",
        ),
    ),
    Chapter("outcomes", "How complaints ended", ("remedies", "outcomes", "timescales")),
    Chapter(
        "handling",
        "How complaints were handled",
        (
            "complaints-by-procedure",
            "escalations",
            "refusals",
            "closures",
            "early-resolutions",
            "financial-remedies",
            "timeliness",
            "days-taken",
            "open-stages",
            "open-complaints",
        ),
    ),
    Chapter("context", "Feedback in proportion", ("feedback-rates", "reclassifications")),
    Chapter("records", "The state of the records", ("data-quality",)),
    Chapter(LEARNING, "Lessons and improvement", paragraphs=lambda _: _LESSONS),
    Chapter("obligations", "What the report must show", tables=checklist.tables),
    Chapter(
        reconciliation.KEY,
        "Where a reader could stumble",
        paragraphs=reconciliation.paragraphs,
        tables=reconciliation.tables,
    ),
)
