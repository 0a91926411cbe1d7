"""Counts everything that a report is written from, in one snapshot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
from app.stats.public import made_public
from app.stats.queries import load_reference
from app.stats.question import Question

PAST_YEARS = 6
PAST = tuple(BY_SLUG[slug] for slug in TOLD_OF_EARLIER_YEARS)
FIGURES = tuple(BY_SLUG[slug] for chapter in CHAPTERS for slug in chapter.figures)


async def gather(
    session: AsyncSession,
    question: Question,
    council: ReferenceData,
    *,
    whole_council: bool,
    exact: bool,
    rules: Rules,
) -> Evidence:
    """Every figure of the report for a year, exact or as the rules allow the public to have it.

    What shows services apart is about those asked for. What does not is about the council as a
    whole, for comparison, if whoever asks may see all of it.
    """
    assert question.year is not None
    everywhere = Question(now=question.now, year=question.year)
    asks: dict[Question, list[Figure]] = defaultdict(list)  # one and the same of all services
    for figure in FIGURES:
        of_council = whole_council and "service" not in figure.by
        asks[everywhere if of_council else question].append(figure)
    answers = [one for ask, figures in asks.items() for one in await compute(session, figures, ask)]
    past = await compute(session, PAST, replace(question, years=PAST_YEARS))
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
    return {figure.slug: found[figure.slug] for figure in figures}
