"""The ways figures are cut: for each, the closed list of its codes and what they are called."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

import sqlalchemy as sa

from app.cases.filters import NO_SERVICE, NO_TEAM, NOT_RECORDED
from app.cases.vocabulary import Channel, FeedbackType, Finding
from app.stats.counted import Code
from app.stats.fact import Cut, Expression, Scope
from app.stats.period import month_code, year_code
from app.stats.reference import Listed, Reference, in_force

CLOSED_WITHOUT_A_FINDING = "closed_without_a_finding"
WITHIN_TARGET, OUTSIDE_TARGET = "within_target", "outside_target"
STAGES = (1, 2, 3)
UNDECIDED = "undecided"

_Codes = Callable[[Scope, Mapping[str, Code]], Iterable[Code]]
_Names = Callable[[Reference], Mapping[str, str]]


def _always(*codes: Code) -> _Codes:
    return lambda _scope, _above: codes


def _named(listed: Callable[[Reference], Iterable[Listed]], **residual: str) -> _Names:
    extra = {code.replace("_", "-"): name for code, name in residual.items()}
    return lambda reference: {each.slug: each.name for each in listed(reference)} | extra


def _services(scope: Scope, _above: Mapping[str, Code]) -> Iterable[Code]:
    listed = scope.reference.services
    if scope.services:
        return [each.slug for each in listed if each.slug in scope.services]
    return in_force(listed, scope.period)


def _teams(scope: Scope, above: Mapping[str, Code]) -> Iterable[Code]:
    system, service = str(above["source_system"]), str(above["service"])
    listed = scope.reference.teams_listed(system=system, service=service, period=scope.period)
    return (scope.basis.teams_today.get(team, team) for team in listed)


def _months_since_year_0(day: sa.ColumnElement[date]) -> sa.ColumnElement[int]:
    year, month = sa.func.date_part("year", day), sa.func.date_part("month", day)
    return sa.cast(year * 12 + month - 1, sa.Integer)


def _financial_year(day: sa.ColumnElement[date]) -> Expression:
    return (_months_since_year_0(day) - 3) // 12  # a year turns with its fourth month


SERVICE = Cut(
    name="service",
    means="the service that answers for it now",
    codes=_services,
    none=NO_SERVICE,
    shows_none=False,
    names=_named(lambda reference: reference.services, no_service="No service"),
)
YEAR = Cut(
    name="year",
    means="the financial year, 1 April to 31 March",
    codes=lambda scope, _above: [str(year) for year in scope.period.years],
    of_day=_financial_year,
    read=year_code,
)
MONTH = Cut(
    name="month",
    means="the calendar month",
    codes=lambda scope, _above: scope.period.months,
    of_day=_months_since_year_0,
    read=month_code,
)
FEEDBACK_TYPE = Cut(
    name="feedback_type",
    means="what the feedback is now, after any reclassification",
    codes=_always(*FeedbackType),
)
TYPE_AT_RECEIPT = Cut(
    name="type_at_receipt",
    means="what the feedback was taken in as",
    codes=_always(*FeedbackType),
)
CHANNEL = Cut(
    name="channel",
    means="how the person first made contact",
    codes=_always(*Channel),
    none=NOT_RECORDED,
)
STAGE = Cut(
    name="stage",
    means="the stage of the procedure",
    codes=_always(*STAGES),
)
LATER_STAGE = Cut(
    name="stage",
    means="the stage of the procedure that was accepted",
    codes=_always(*STAGES[1:]),
)
CATEGORY = Cut(
    name="category",
    means="the subject category, in the council's order",
    codes=lambda scope, _above: in_force(scope.reference.categories, scope.period),
    names=_named(lambda reference: reference.categories),
)
SOURCE_SYSTEM = Cut(
    name="source_system",
    means="the system the complaint is registered in",
    codes=lambda scope, _above: in_force(scope.reference.systems, scope.period),
    names=_named(lambda reference: reference.systems),
)
TEAM = Cut(
    name="team",
    means="the team, in the order of the system's own list",
    codes=_teams,
    none=NO_TEAM,
    names=_named(lambda reference: reference.teams, no_team="No team"),
)
REMEDY = Cut(
    name="remedy",
    means="the kind of remedy",
    codes=lambda scope, _above: [each.slug for each in scope.reference.remedies],
    names=_named(lambda reference: reference.remedies),
)
OUTCOME = Cut(
    name="outcome",
    means="the finding at stage 1, or that it was closed without one",
    codes=_always(*Finding),
    none=CLOSED_WITHOUT_A_FINDING,
)
VERDICT = Cut(
    name="verdict",
    means="whether stage 1 was closed within its target, extensions ignored",
    codes=_always(WITHIN_TARGET, OUTSIDE_TARGET),
)
