"""What a case is, whose it is, and what happens to it first."""

from http import HTTPStatus
from typing import Any

from app.cases.occasion import Occasion
from app.cases.record import Record
from app.cases.vocabulary import (
    Closure,
    FeedbackType,
    NoFindingReason,
    SetAside,
    Status,
)
from app.cases.workflow import Act, after
from app.kit.problem import Problem
from app.procedures.vocabulary import OUTSIDE_PROCESS
from app.stages.settling import end_stage, open_and_close, open_stage, resettle, take_up_anew
from app.triage.schemas import (
    AcknowledgementIn,
    AllocationIn,
    ReclassificationIn,
    TriageDecision,
    TriageIn,
)


class HasFinding(Problem):
    """A complaint that has a finding stays a complaint: its outcome is already counted."""

    status = HTTPStatus.CONFLICT
    title = "A complaint that has a finding cannot be reclassified"


class TypeIsFixed(Problem):
    """The case's system of record does not let a type be changed."""

    status = HTTPStatus.CONFLICT
    title = "The system of record does not change a case's type"


class AlreadyThat(Problem):
    """The case is already of that type."""

    status = HTTPStatus.CONFLICT
    title = "The case is already of that type"


class ProcedureNeeded(Problem):
    """A complaint is accepted under a procedure, which sets its time limits."""

    status = HTTPStatus.CONFLICT
    title = "A complaint needs a procedure to be accepted"


class AlreadyAcknowledged(Problem):
    """A case is acknowledged once."""

    status = HTTPStatus.CONFLICT
    title = "The case was acknowledged before"


def acknowledge(record: Record, asked: AcknowledgementIn, occasion: Occasion) -> None:
    """Note when and how the person was told; some procedures start their clock here."""
    if record.case.acknowledged_on is not None:
        raise AlreadyAcknowledged(
            f"It was acknowledged on {record.case.acknowledged_on}.",
            acknowledged_on=record.case.acknowledged_on.isoformat(),
        )
    record.change(
        Act.acknowledge,
        on=occasion.on,
        by=occasion.by,
        text=asked.reason,
        acknowledged_on=occasion.on,
        acknowledged_by=asked.by,
    )
    resettle(record, occasion.council)


def triage(record: Record, asked: TriageIn, occasion: Occasion) -> None:
    """Confirm or change what a case is, say whose it is, and decide what happens to it."""
    if asked.type is not None and asked.type is not record.case.type:
        _retype(record, asked.type, occasion, text=None)
    changes = _described(record, asked, occasion)
    match asked.decision:
        case TriageDecision.accept if record.case.type is FeedbackType.complaint:
            _accept(record, asked, occasion, changes)
        case TriageDecision.accept:
            _move(record, Act.record, asked, occasion, changes)
        case TriageDecision.refuse:
            ended = {"closure": Closure.refused, "refusal_reason": asked.refusal_reason}
            _move(record, Act.refuse, asked, occasion, {**changes, **ended})
        case TriageDecision.redirect_not_feedback:
            aside = {"set_aside": SetAside.not_feedback, "set_aside_on": occasion.on}
            _move(record, Act.redirect_not_feedback, asked, occasion, {**changes, **aside})
        case TriageDecision.redirect_outside_process:
            changes["category"] = OUTSIDE_PROCESS
            reason = NoFindingReason.outside_process
            _end_at_once(record, Act.redirect_outside_process, asked, occasion, changes, reason)
        case TriageDecision.resolve_early:
            reason = NoFindingReason.resolved_early
            _end_at_once(record, Act.resolve_early, asked, occasion, changes, reason)


def _described(record: Record, asked: TriageIn, occasion: Occasion) -> dict[str, Any]:
    """The facts that triage sets besides its decision, each looked up as of its day."""
    council, changes = occasion.council, placed(record, asked.service, asked.team, occasion)
    if asked.procedure is not None:
        changes["procedure"] = council.procedure_on(asked.procedure, occasion.on).slug
    if asked.category is not None:
        changes["category"] = council.category(asked.category, record.case.received_on).slug
    if asked.safeguarding is not None:
        changes["safeguarding"] = asked.safeguarding
    return changes


def placed(
    record: Record, service: str | None, team: str | None, occasion: Occasion
) -> dict[str, Any]:
    """Where a case belongs from now on: a team brings its service, a new service drops the team."""
    council, case = occasion.council, record.case
    if team is not None:
        home = council.place(service=service, team=team, on=occasion.on)
        return {"service": home, "team": team}
    if service is not None:
        kept = case.team if service == case.service else None
        return {"service": council.service(service, occasion.on).slug, "team": kept}
    return {}


def _move(
    record: Record, act: Act, asked: TriageIn, occasion: Occasion, changes: dict[str, Any]
) -> None:
    ends = after(record.case.status, record.case.type, act) is Status.closed
    ended = {"closed_on": occasion.on} if ends else {}
    record.change(act, on=occasion.on, by=occasion.by, text=asked.reason, **{**changes, **ended})


def _accept(record: Record, asked: TriageIn, occasion: Occasion, changes: dict[str, Any]) -> None:
    """Accept a complaint: stage 1 opens, its clock running as the procedure says."""
    after(record.case.status, record.case.type, Act.accept)
    slug = changes.get("procedure") or record.case.procedure
    if slug is None:
        raise ProcedureNeeded(
            "Say under which procedure the complaint is accepted.",
            procedures=list(occasion.council.procedures),
        )
    procedure = occasion.council.procedure_on(slug, record.case.clock_from)
    open_stage(record, 1, procedure, occasion)
    _move(record, Act.accept, asked, occasion, changes)


def _end_at_once(
    record: Record,
    act: Act,
    asked: TriageIn,
    occasion: Occasion,
    changes: dict[str, Any],
    reason: NoFindingReason,
) -> None:
    """Close a complaint at triage with no finding; it keeps a stage 1 that says so."""
    after(record.case.status, record.case.type, act)
    open_and_close(
        record,
        occasion,
        closure=Closure.no_finding,
        no_finding_reason=reason,
        procedure=changes.get("procedure"),
    )
    ending = {"closure": Closure.no_finding, "no_finding_reason": reason}
    _move(record, act, asked, occasion, {**changes, **ending})


def reclassify(record: Record, asked: ReclassificationIn, occasion: Occasion) -> None:
    """Change what a case is. It keeps its day of receipt, and is counted once, by its type now."""
    if asked.type is record.case.type:
        raise AlreadyThat(f"The case is a {asked.type} already.", type=asked.type)
    _retype(record, asked.type, occasion, text=asked.reason)


_ENDING = (
    "closed_on",
    "closure",
    "no_finding_reason",
    "refusal_reason",
    "set_aside",
    "set_aside_on",
)


def _retype(record: Record, to: FeedbackType, occasion: Occasion, *, text: str | None) -> None:
    case = record.case
    if record.has_finding:
        raise HasFinding("Its outcome stands; correct or reopen the stage instead.")
    if not occasion.council.system(case.system_of_record).reallocates_type:
        raise TypeIsFixed(
            f"Cases of '{case.system_of_record}' keep the type they were received with.",
            system=case.system_of_record,
        )
    changes: dict[str, Any] = {"type": to}
    if to is FeedbackType.complaint:
        target = Status.received
        take_up_anew(record)
        changes |= {"clock_from": occasion.on, **dict.fromkeys(_ENDING)}
    elif case.status is Status.in_stage:
        target = Status.recorded
        stage = record.latest_stage
        if stage is not None and stage.closed_on is None:
            end_stage(record, stage.number, occasion, closure=Closure.reclassified)
    else:
        target = case.status
    record.change(Act.reclassify, on=occasion.on, by=occasion.by, to=target, text=text, **changes)


def allocate(record: Record, asked: AllocationIn, occasion: Occasion) -> None:
    """Hand a case to another service or team."""
    record.change(
        Act.allocate,
        on=occasion.on,
        by=occasion.by,
        text=asked.reason,
        **placed(record, asked.service, asked.team, occasion),
    )
