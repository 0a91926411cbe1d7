"""The ways figures are cut: for each, the closed list of its codes and what they are called."""

from collections.abc import Callable, Iterable, Mapping

from app.cases.filters import NO_SERVICE, NO_TEAM, NOT_RECORDED
from app.cases.vocabulary import (
    Channel,
    Closure,
    EscalationDecision,
    FeedbackType,
    Finding,
    NoFindingReason,
    RefusalReason,
)
from app.procedures.vocabulary import Verdict
from app.stats.bands import DAYS_OPEN, WORKING_DAYS_TAKEN
from app.stats.counted import Code
from app.stats.fact import Cut, Scope
from app.stats.faults import EVERY_FAULT, FaultCode
from app.stats.reference import Listed, Reference, in_force
from app.stats.times import days_of

CLOSED_WITHOUT_A_FINDING = "closed_without_a_finding"
WITHIN_TARGET, OUTSIDE_TARGET = "within_target", "outside_target"
OPEN_IN_TIME, OPEN_OVERDUE, NO_LIMIT = "open_in_time", "open_overdue", Verdict.no_limit.value
RESOLVED_EARLY, TAKEN_ON = NoFindingReason.resolved_early.value, "taken_on"
NO_PROCEDURE, NO_VOLUME = "no-procedure", "no-volume"
UNDECIDED = "undecided"
WITH_A_FINDING, NO_REFUSAL_REASON, NOT_TIMED = "with_a_finding", "no_refusal_reason", "not_timed"
STAGES = (1, 2, 3)

_Codes = Callable[[Scope, Mapping[str, Code]], Iterable[Code]]
_Names = Callable[[Reference], Mapping[str, str]]


def _always(*codes: Code) -> _Codes:
    return lambda _scope, _above: codes


def _named(listed: Callable[[Reference], Iterable[Listed]], **none: str) -> _Names:
    extra = {code.replace("_", "-"): name for code, name in none.items()}
    return lambda reference: {each.slug: each.name for each in listed(reference)} | extra


def _worded(words: Mapping[str, str]) -> _Names:
    return lambda _reference: words


def _in_force(listed: Callable[[Reference], Iterable[Listed]]) -> _Codes:
    return lambda scope, above: in_force(listed(scope.reference), days_of(scope, above))


def _services(scope: Scope, above: Mapping[str, Code]) -> Iterable[Code]:
    listed = scope.reference.services
    if scope.services:
        return [each.slug for each in listed if each.slug in scope.services]
    return in_force(listed, days_of(scope, above))


def _teams(scope: Scope, above: Mapping[str, Code]) -> Iterable[Code]:
    """The teams of a service on the list of a system; of every one, where none is named."""
    days = days_of(scope, above)
    services = [above["service"]] if "service" in above else _services(scope, above)
    systems = [system.slug for system in scope.reference.systems]
    if "source_system" in above:
        systems = [str(above["source_system"])]
    for system in systems:
        for service in services:
            for team in scope.reference.teams_listed(
                system=system, service=str(service), period=days
            ):
                yield scope.basis.teams_today.get(team, team)


def _activities(scope: Scope, above: Mapping[str, Code]) -> Iterable[Code]:
    days = days_of(scope, above)
    return [
        each.slug
        for each in scope.reference.activities
        if each.service == above.get("service", each.service)
        and days.overlaps(each.since, each.until)
    ]


SERVICE = Cut(
    name="service",
    means="the service that answers for it now",
    codes=_services,
    none=NO_SERVICE,
    shows_none=False,
    names=_named(lambda reference: reference.services, no_service="No service"),
)
TEAM = Cut(
    name="team",
    means="the team, in the order of the system's own list",
    codes=_teams,
    none=NO_TEAM,
    names=_named(lambda reference: reference.teams, no_team="No team"),
)
CATEGORY = Cut(
    name="category",
    means="the subject category, in the council's order",
    codes=_in_force(lambda reference: reference.categories),
    names=_named(lambda reference: reference.categories),
)
PROCEDURE = Cut(
    name="procedure",
    means="the procedure it is worked under",
    codes=lambda scope, _above: [each.slug for each in scope.reference.procedures],
    none=NO_PROCEDURE,
    names=_named(lambda reference: reference.procedures, no_procedure="No procedure"),
)
SOURCE_SYSTEM = Cut(
    name="source_system",
    means="the system the complaint is registered in",
    codes=_in_force(lambda reference: reference.systems),
    names=_named(lambda reference: reference.systems),
)
CHANNEL = Cut(
    name="channel",
    means="how the person first made contact",
    codes=_always(*Channel),
    none=NOT_RECORDED,
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
ACTIVITY = Cut(
    name="activity",
    means="what the service did in the period that the feedback is set against",
    codes=_activities,
    none=NO_VOLUME,
    shows_none=False,
    names=_named(lambda reference: reference.activities, no_volume="No volume recorded"),
)
OF_CASE = (SERVICE, TEAM, CATEGORY, PROCEDURE, SOURCE_SYSTEM, CHANNEL)
"""What anything that happens to a case can be cut by."""

STAGE = Cut(
    name="stage",
    means="the stage of the procedure",
    codes=_always(*STAGES),
    numbered=True,
)
LATER_STAGE = Cut(
    name="stage",
    means="the stage of the procedure that was accepted",
    codes=_always(*STAGES[1:]),
    numbered=True,
)
STAGE_ASKED_FOR = Cut(
    name="stage",
    means="the stage of the procedure that was asked for",
    codes=_always(*STAGES[1:]),
    numbered=True,
)
DECISION = Cut(
    name="decision",
    means="what became of the request",
    codes=_always(*EscalationDecision),
    none=UNDECIDED,
)
REMEDY = Cut(
    name="remedy",
    means="the kind of remedy",
    codes=lambda scope, _above: [each.slug for each in scope.reference.remedies],
    names=_named(lambda reference: reference.remedies),
)
OUTCOME = Cut(
    name="outcome",
    means="the finding, or that it was closed without one",
    codes=_always(*Finding),
    none=CLOSED_WITHOUT_A_FINDING,
)
CLOSURE_REASON = Cut(
    name="closure_reason",
    means="why it was closed without a finding",
    codes=_always(*NoFindingReason, Closure.withdrawn, Closure.question_answered, Closure.refused),
    besides=(Closure.reclassified,),
    none=WITH_A_FINDING,
    shows_none=False,
)
REFUSAL_REASON = Cut(
    name="refusal_reason",
    means="why it was not accepted",
    codes=_always(*RefusalReason),
    none=NO_REFUSAL_REASON,
    shows_none=False,
)
RESOLUTION = Cut(
    name="resolution",
    means="whether it was put right at first contact, or taken on as a complaint",
    codes=_always(RESOLVED_EARLY, TAKEN_ON),
    none=Closure.refused.value,
    shows_none=False,
)
VERDICT = Cut(
    name="verdict",
    means="whether stage 1 was closed within its target, extensions ignored",
    codes=_always(WITHIN_TARGET, OUTSIDE_TARGET),
    none=NO_LIMIT,
    shows_none=False,
)
TIMELINESS = Cut(
    name="timeliness",
    means="whether it was closed within its limit, within an extension agreed in time, or late",
    codes=_always(Verdict.within_target, Verdict.within_extension, Verdict.late),
    none=NO_LIMIT,
    shows_none=False,
)
DAYS_TAKEN = Cut(
    name="days_taken",
    means="how many working days it took",
    codes=_always(*WORKING_DAYS_TAKEN.names),
    none=NOT_TIMED,
    shows_none=False,
    names=_worded({**WORKING_DAYS_TAKEN.names, NOT_TIMED: "no time was taken"}),
)
CLOCK = Cut(
    name="clock",
    means="whether a stage that is open is still in time",
    codes=_always(OPEN_IN_TIME, OPEN_OVERDUE, NO_LIMIT),
)
AGE = Cut(
    name="age",
    means="how long it has been open, from the day of receipt",
    codes=_always(*DAYS_OPEN.names),
    names=_worded(DAYS_OPEN.names),
)
FAULT = Cut(
    name="fault",
    means="what is wrong with the record",
    codes=_always(*FaultCode),
    names=_worded({fault.code: fault.words for fault in EVERY_FAULT}),
)
