"""Answers made fit for the public and for keys without `stats:full`: so that no two give one away.

What may be asked is what is the same whoever asks and however often: financial years that are
over, by the usual bases. And whatever is asked, the same counts are withheld, since what to
withhold is decided over every figure there is of what is counted, each year by itself and the
whole council together (docs/decisions/0009-small-numbers.md).
"""

from asyncio import to_thread
from collections import defaultdict
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import london_day
from app.kit.problem import Problem
from app.stats.answer import Answer
from app.stats.catalogue import FIGURES
from app.stats.cuts import SERVICE
from app.stats.disclosure import Rules, disclosed
from app.stats.engine import count
from app.stats.facts.feedback import FEEDBACK, FEEDBACK_PER_ACTIVITY
from app.stats.facts.open import OPEN_CASES, OPEN_STAGES
from app.stats.facts.stages import ESCALATIONS, LATER_STAGES
from app.stats.figure import Figure
from app.stats.period import FinancialYear
from app.stats.question import Question
from app.stats.untold import UNTOLD
from app.stats.world import TeamBasis, TypeBasis

_COUNT_THE_SAME = (
    {FEEDBACK.name, FEEDBACK_PER_ACTIVITY.name},
    {OPEN_CASES.name, OPEN_STAGES.name},
    {LATER_STAGES.name, ESCALATIONS.name},
)
"""Facts of which counts are sums of, the same as, or among those of another; others stand alone."""


class ExactCountsNeeded(Problem):
    """What is asked, set beside something else that is told, would give a small number away."""

    status = HTTPStatus.FORBIDDEN
    title = "That takes a key for exact counts"


async def made_public(
    session: AsyncSession, answers: Sequence[Answer], rules: Rules
) -> list[Answer]:
    """Some exact answers of one snapshot, in their order, as the public may have them.

    Refuses those that would give a small number away if set beside others that anybody can have.
    """
    for answer in answers:
        for parameter, why in _gives_away(answer):
            raise ExactCountsNeeded(
                f"`{parameter}` asked so takes a key with stats:full: {why}. Without it, ask "
                "about financial years that are over, as they are counted unless asked otherwise.",
                parameter=parameter,
                needs="stats:full",
            )
    beside = [
        counted
        for question, figures in _beside(answers)
        for counted in await count(session, figures, question)
    ]
    return await to_thread(disclosed, answers, rules, beside=beside)  # it may take a second


def _gives_away(answer: Answer) -> Iterator[tuple[str, str]]:
    """The parameters of an answer that say too much, and why."""
    few = "two ways to count, side by side, tell of the few that are counted otherwise"
    if answer.period.year is None:
        yield "since", "two periods that differ by a day tell of that day"
    elif len(answer.period.years) > 1 and not answer.figure.over_years:
        yield "since", "several years as one, less each of them by itself, tell of one year"
    elif answer.period.until > london_day(answer.as_of):
        yield "year", "what is added to a year that is not over could be told from day to day"
    if answer.basis.as_at:
        yield "as_at", "two days tell what changed between them"
    if answer.day != answer.figure.fact.days[0].basis:
        yield "date_basis", few
    if answer.basis.type is not TypeBasis.now:
        yield "type_basis", few
    if answer.basis.team is not TeamBasis.recorded:
        yield "team_basis", few
    if answer.services and not may_be_of_services(answer.figure):
        yield "service", "this figure is of the whole council; others show each service apart"


def may_be_of_services(figure: Figure) -> bool:
    """Whether the public is told a figure of some services, and not of the whole council alone.

    Set beside the whole council, one that does not show services apart would tell of the others.
    """
    return SERVICE in figure.cuts


def _beside(answers: Sequence[Answer]) -> Iterator[tuple[Question, list[Figure]]]:
    """Every figure of what these count, told or not, of the whole council, in each year."""
    counted: dict[FinancialYear, set[str]] = defaultdict(set)
    for answer in answers:
        for period in filter(None, (answer.period, answer.compared_with)):
            for year in period.years:
                counted[year] |= _counting_the_same(answer.figure.fact.name)
    for year, facts in sorted(counted.items()):
        question = Question(now=max(one.as_of for one in answers), year=year, years=1)
        yield question, [each for each in (*FIGURES, *UNTOLD) if each.fact.name in facts]


def _counting_the_same(fact: str) -> set[str]:
    return {fact}.union(*(facts for facts in _COUNT_THE_SAME if fact in facts))
