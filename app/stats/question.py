"""What can be asked of a figure, and what is refused, with what is allowed instead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from math import prod

from app.kit.clock import london_day
from app.kit.problem import Problem
from app.stats.cuts import TEAM, TYPE_AT_RECEIPT
from app.stats.fact import Cut, Day, Scope
from app.stats.figure import Figure
from app.stats.lineage import equivalents
from app.stats.period import (
    EARLIEST,
    LATEST,
    LONGEST_YEARS,
    FinancialYear,
    Period,
    last_complete_year,
)
from app.stats.reference import Reference
from app.stats.times import DAY, WEEK, YEAR, last_days
from app.stats.world import Basis, TeamBasis, TypeBasis

MOST_LINES = 50_000


class QuestionRefused(Problem):
    """A question that a figure does not answer; the answer names what may be asked."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The figure cannot be asked that"


class FigureNotFound(Problem):
    """There is no figure of that name; the answer names those that there are."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such figure"


class DateBasis(StrEnum):
    """Which day decides, for a figure that counts by the day registered."""

    registered = "registered"
    received = "received"


class Comparison(StrEnum):
    """What an answer is set against."""

    previous_year = "previous-year"


@dataclass(frozen=True, slots=True)
class Question:
    """A period, in one of two ways or neither; services; and by which of several truths."""

    now: datetime
    year: FinancialYear | None = None
    years: int | None = None
    between: Period | None = None
    services: tuple[str, ...] = ()
    date_basis: DateBasis | None = None
    type_basis: TypeBasis = TypeBasis.now
    team_basis: TeamBasis = TeamBasis.recorded
    as_at: date | None = None
    compare: Comparison | None = None
    annualise: bool = False

    @property
    def today(self) -> date:
        """The day whose end is the last moment that the answer knows of."""
        return self.as_at or london_day(self.now)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A figure as a question asks for it, what it covers, and what it is set against."""

    figure: Figure
    scope: Scope
    before: Scope | None
    annualise: bool


def asked_period(
    year: str | None, *, since: date | None, until: date | None
) -> tuple[FinancialYear | None, Period | None]:
    """Read a period: a financial year, two days, or nothing."""
    if year is not None:
        if since or until:
            raise QuestionRefused(
                "Ask for `year`, or for `since` and `until`, not for both.", parameter="year"
            )
        found = FinancialYear.parse(year)
        if not found:
            raise QuestionRefused(
                "A financial year is written as its two calendar years, such as 2023-24.",
                parameter="year",
            )
        return found, None
    if since is None and until is None:
        return None, None
    if since is None or until is None:
        raise QuestionRefused(
            "`since` and `until` go together: the first day, and the day after the last.",
            parameter="until" if until is None else "since",
        )
    return None, _between(since, until)


def _between(since: date, until: date) -> Period:
    if not EARLIEST <= since < until <= LATEST:
        raise QuestionRefused(
            f"`since` must be before `until`, and both between {EARLIEST} and {LATEST}.",
            parameter="since",
        )
    period = Period(since, until)
    if len(period.years) > LONGEST_YEARS:
        raise QuestionRefused(
            f"A period has at most {LONGEST_YEARS} financial years.", parameter="until"
        )
    return period


def parameters(figure: Figure) -> tuple[str, ...]:
    """The names of what a figure may be asked with."""
    offered = {
        "date_basis": bool(_bases(figure)),
        "type_basis": _offers_type_basis(figure),
        "team_basis": TEAM in figure.cuts,
    }
    bases = (name for name, is_offered in offered.items() if is_offered)
    always = ("year", "years", "since", "until", "service")
    return (*always, *bases, "as_at", "compare", "annualise")


def asked(
    figure: Figure, question: Question, reference: Reference, *, to_read: bool = True
) -> Asked:
    """What a question asks of a figure; refuses what the figure, or the council, does not have.

    Unless nobody is `to_read` the answer, it may have no more lines than anybody can.
    """
    if question.years is not None and not figure.over_years:
        figure = side_by_side(figure)
    scope = _scope(figure, question, reference)
    _check_codes(figure, scope)
    if to_read:
        _check_size(figure, scope)
    before = _a_year_before(figure, scope) if question.compare else None
    if question.annualise and (before is None or figure.fact.stands):
        raise QuestionRefused(
            "`annualise` goes with `compare`, for what happens in a period: what stands at its "
            "end does not grow with its days.",
            parameter="annualise",
        )
    return Asked(figure, scope, before, annualise=question.annualise)


def _check_codes(figure: Figure, scope: Scope) -> None:
    for one in figure.population.where:
        known = one.cut.known(scope)
        if not set(one.codes) <= set(known):
            raise QuestionRefused(
                f"There is no such code of {one.cut.name}; `allowed` lists those that there are.",
                parameter="without" if one.negated else "where",
                allowed=known,
            )


def _check_size(figure: Figure, scope: Scope) -> None:
    """Refuse an answer that nobody could read, before anything is counted for it."""
    wholes = _most(figure.cuts[: len(figure.measure.of)], scope)
    lines = _most(figure.cuts, scope) + wholes * (1 + len(figure.leaves_out))
    if lines > MOST_LINES:
        raise QuestionRefused(
            f"The answer could have {lines} lines, and may have {MOST_LINES}: cut it by less, or "
            "ask about fewer days.",
            parameter="by",
            most=MOST_LINES,
        )


def _most(cuts: Sequence[Cut], scope: Scope) -> int:
    """How many combinations of codes there can be; stretches of time lie within one another."""
    stretches = sum(len(list(cut.codes(scope, {}))) for cut in cuts if cut.of_day)
    others = prod(len(cut.known(scope)) for cut in cuts if not cut.of_day)
    return others * max(stretches, 1)


def side_by_side(figure: Figure) -> Figure:
    """The same figure, each financial year of the period apart."""
    return replace(
        figure,
        cuts=(YEAR, *figure.cuts),
        measure=replace(figure.measure, of=(YEAR.name, *figure.measure.of)),
    )


def _a_year_before(figure: Figure, scope: Scope) -> Scope:
    if {cut.name for cut in figure.cuts} & {WEEK.name, DAY.name}:
        raise QuestionRefused(
            "Weeks and days have no counterpart in the year before: compare longer stretches.",
            parameter="compare",
        )
    period = scope.period.a_year_before
    if period.since < EARLIEST:
        raise QuestionRefused(f"No period begins before {EARLIEST}.", parameter="compare")
    return replace(scope, period=period, last_days=_last_days(figure, period, scope.today))


def _last_days(figure: Figure, period: Period, today: date) -> tuple[date, ...]:
    return last_days(period, figure.cuts, today=today) if figure.fact.stands else ()


def _scope(figure: Figure, question: Question, reference: Reference) -> Scope:
    known = [service.slug for service in reference.services]
    if not set(question.services) <= set(known):
        raise QuestionRefused(
            "There is no service of that code.", parameter="service", allowed=known
        )
    if question.as_at is not None and not EARLIEST <= question.as_at <= london_day(question.now):
        raise QuestionRefused(
            f"`as_at` is a day from {EARLIEST} to today: what is to come is not known.",
            parameter="as_at",
        )
    period, today = _period(figure, question), question.today
    return Scope(
        reference=reference,
        period=period,
        day=_day(figure, question.date_basis),
        services=tuple(slug for slug in known if slug in question.services),
        basis=_basis(figure, question, reference),
        now=question.now,
        today=today,
        last_days=_last_days(figure, period, today),
    )


def _period(figure: Figure, question: Question) -> Period:
    if question.between:
        if question.years is not None:
            raise QuestionRefused(
                "`years` goes with `year`, not with `since` and `until`.", parameter="years"
            )
        return question.between
    last = question.year or last_complete_year(question.today)
    period = Period.ending_with(last, years=question.years or figure.years)
    if period.since < EARLIEST:
        raise QuestionRefused(f"No period begins before {EARLIEST}.", parameter="years")
    return period


def _bases(figure: Figure) -> tuple[str, ...]:
    bases = tuple(day.basis for day in figure.fact.days)
    return bases if DateBasis.received in bases else ()


def _day(figure: Figure, basis: DateBasis | None) -> Day:
    day = figure.fact.day(basis)
    if day is None:
        usual = figure.fact.days[0]
        raise QuestionRefused(
            "`date_basis` is offered only where a figure counts by the day registered. "
            f"This one counts {figure.population.words} {usual.words}: the day of receipt would "
            "be another population.",
            parameter="date_basis",
            allowed=parameters(figure),
        )
    return day


def _offers_type_basis(figure: Figure) -> bool:
    return figure.fact.by_type_at_receipt and TYPE_AT_RECEIPT not in figure.cuts


def _basis(figure: Figure, question: Question, reference: Reference) -> Basis:
    if question.type_basis is TypeBasis.at_receipt and not _offers_type_basis(figure):
        why = (
            "This figure shows what feedback is now beside what it was at receipt."
            if figure.fact.by_type_at_receipt
            else "Stages, outcomes and remedies are those of what is a complaint now."
        )
        raise QuestionRefused(
            f"`type_basis` is not offered here. {why}",
            parameter="type_basis",
            allowed=parameters(figure),
        )
    if question.team_basis is TeamBasis.recorded:
        return Basis(type=question.type_basis, as_at=question.as_at)
    if TEAM not in figure.cuts:
        raise QuestionRefused(
            "`team_basis` is offered only where a figure is cut by team.",
            parameter="team_basis",
            allowed=parameters(figure),
        )
    became = equivalents(reference.lineage, question.today).items()
    return Basis(
        type=question.type_basis,
        team=TeamBasis.today,
        teams_today={team: now.team for team, now in became if now.team != team},
        as_at=question.as_at,
    )
