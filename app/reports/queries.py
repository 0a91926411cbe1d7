"""Counts everything that a report is written from, in one snapshot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.procedures.reference import ReferenceData
from app.reports.chapters import CHAPTERS
from app.reports.evidence import Evidence
from app.reports.publications import last_published, remarks_in
from app.reports.sentences import TOLD_OF_EARLIER_YEARS
from app.stats.answer import Answer
from app.stats.catalogue import BY_SLUG
from app.stats.disclosure import Rules
from app.stats.engine import compute
from app.stats.figure import Figure
from app.stats.public import made_public, may_be_of_services
from app.stats.queries import load_reference
from app.stats.question import Question
from app.stats.traces import Asking

PAST_YEARS = 6
PAST = tuple(BY_SLUG[slug] for slug in TOLD_OF_EARLIER_YEARS)
FIGURES = tuple(BY_SLUG[slug] for chapter in CHAPTERS for slug in chapter.figures)


def askings(
    question: Question, *, whole_council: bool, figures: Sequence[Figure] = FIGURES
) -> list[Asking]:
    """What a report asks of figures: about its year, and in the end about the years before.

    What shows services apart is about those asked for. What does not is about the council as a
    whole, for comparison, if whoever asks may see all of it.
    """
    everywhere = Question(now=question.now, year=question.year)
    asks: dict[Question, list[Figure]] = defaultdict(list)  # one and the same of all services
    for figure in figures:
        of_council = whole_council and "service" not in figure.by
        asks[everywhere if of_council else question].append(figure)
    before = [figure for figure in PAST if figure in figures]
    return [
        *((some, ask) for ask, some in asks.items()),
        (before, replace(question, years=PAST_YEARS)),
    ]


async def gather(
    session: AsyncSession,
    question: Question,
    council: ReferenceData,
    *,
    whole_council: bool,
    exact: bool,
    rules: Rules,
    figures: Sequence[Figure] = FIGURES,
) -> Evidence:
    """What a report of a year is written from, exact or as the rules allow the public to have it.

    Of all of its figures, or, for what is said of some of them, of those. What the public is told
    of the whole council only is left out where these services alone may be asked about.
    """
    assert question.year is not None
    if not (exact or whole_council):
        figures = [figure for figure in figures if may_be_of_services(figure)]
    asked = askings(question, whole_council=whole_council, figures=figures)
    *of_the_year, past = [await compute(session, *each) for each in asked]
    answers = [answer for some in of_the_year for answer in some]
    if not exact:
        both = await made_public(session, [*answers, *past], rules)
        answers, past = both[: len(answers)], both[len(answers) :]
    return Evidence(
        year=question.year,
        services=question.services,
        reference=council,
        answers=_in_order(answers, FIGURES),
        past=_in_order(past, PAST),
        as_of=question.now,
        remarks=await remarks_in(session, str(question.year), question.services),
        lineage=(await load_reference(session)).lineage,
        last=await last_published(session, question.year.before(1), question.services),
    )


def _in_order(answers: Iterable[Answer], figures: Iterable[Figure]) -> Mapping[str, Answer]:
    found = {answer.figure.slug: answer for answer in answers}
    return {figure.slug: found[figure.slug] for figure in figures if figure.slug in found}
