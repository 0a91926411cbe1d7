"""How a complaint goes through its stages: opened, extended, answered, escalated, ended."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any

from app.cases.occasion import Occasion
from app.cases.record import (
    DayNotPossible,
    EscalationFacts,
    ExtensionFacts,
    Record,
    RemedyFacts,
    StageFacts,
)
from app.cases.vocabulary import (
    Closure,
    EscalationDecision,
    FeedbackType,
    Finding,
    NoFindingReason,
    Status,
)
from app.cases.workflow import Act, IllegalMove
from app.kit.problem import Problem
from app.procedures.reference import ProcedureRules, ReferenceData, StageRule
from app.procedures.vocabulary import ClockStart
from app.stages.schemas import (
    ClosureIn,
    CorrectionIn,
    Decision,
    EscalationDecisionIn,
    EscalationIn,
    ExtensionIn,
    OutcomeIn,
    RemediesIn,
    RemedyIn,
    ReopeningIn,
    WithdrawalIn,
)


class StageNotInHand(Problem):
    """The case has no stage of that number, or it is not the one in hand."""

    status = HTTPStatus.CONFLICT
    title = "The case has no such stage in hand"


class NoNextStage(Problem):
    """The procedure ends here; the Ombudsman is the next step."""

    status = HTTPStatus.CONFLICT
    title = "The procedure has no further stage"


class NoSuchEscalation(Problem):
    """No request for a further stage of that number awaits a decision."""

    status = HTTPStatus.CONFLICT
    title = "No such request awaits a decision"


class NotAnswered(Problem):
    """The case's last stage was never answered, so there is nothing to escalate from."""

    status = HTTPStatus.CONFLICT
    title = "The last stage has not been answered"


class TooLateToExtend(Problem):
    """An extension is agreed before the due day has passed, not after."""

    status = HTTPStatus.CONFLICT
    title = "The due day has passed"


class MoneyDoesNotFit(Problem):
    """An amount goes with a financial remedy, and only with one."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The amount does not fit the kind of remedy"


class ClosureNotOffered(Problem):
    """The case's system of record does not close cases in that way."""

    status = HTTPStatus.CONFLICT
    title = "The case cannot be closed in that way"


def stage_rule(stage: StageFacts, council: ReferenceData) -> StageRule:
    """What the version of the procedure that governs this stage allows it."""
    return _procedure_of(stage, council).stage(stage.number)


def _procedure_of(stage: StageFacts, council: ReferenceData) -> ProcedureRules:
    return council.procedure_on(stage.procedure, stage.procedure_since)


def settled(record: Record, stage: StageFacts, council: ReferenceData) -> StageFacts:
    """The stage with its clock worked out anew: day 0, due days and, once closed, its verdict."""
    rule = stage_rule(stage, council)
    timescale, calendar = rule.timescale, council.calendar_of(stage.calendar_version)
    started = _day_zero(record, stage, rule)
    extended_by = sum(e.working_days for e in record.extensions if e.stage == stage.number)
    base_due = timescale.due_on(started, calendar)
    stage = replace(
        stage,
        started_on=started,
        respond_within=timescale.respond_within,
        base_due_on=base_due,
        due_on=timescale.due_on(started, calendar, extended_by=extended_by),
    )
    if stage.closed_on is None:
        return replace(stage, verdict=None, working_days_taken=None, within_target=None)
    received = record.case.clock_from if stage.number == 1 else started
    return replace(
        stage,
        verdict=timescale.verdict(started, stage.closed_on, calendar, extended_by=extended_by),
        working_days_taken=calendar.between(started, stage.closed_on),
        within_target=timescale.within_target(received, stage.closed_on, calendar),
    )


def _day_zero(record: Record, stage: StageFacts, rule: StageRule) -> date:
    """The day that starts a stage's clock.

    Where the clock waits for an acknowledgement that was not recorded, the request starts it:
    a council is never given time that nobody can show.
    """
    facts = record.case
    asked_on = facts.clock_from if stage.number == 1 else stage.requested_on or stage.started_on
    match rule.clock_starts:
        case ClockStart.acceptance:
            return stage.started_on
        case ClockStart.acknowledgement if stage.number == 1 and facts.acknowledged_on:
            return max(facts.acknowledged_on, asked_on)
        case _:
            return asked_on


def open_stage(
    record: Record,
    number: int,
    procedure: ProcedureRules,
    occasion: Occasion,
    *,
    requested_on: date | None = None,
    handler: str | None = None,
) -> None:
    """Open a stage of a complaint and settle its clock."""
    if not procedure.has_stage(number):
        raise NoNextStage(
            f"{procedure.name} has no stage {number}: tell the person about the Ombudsman.",
            last_stage=len(procedure.stages),
        )
    stage = StageFacts(
        number=number,
        procedure=procedure.slug,
        procedure_since=procedure.since,
        calendar_version=occasion.council.calendar.version,
        started_on=occasion.on,
        respond_within=None,
        base_due_on=None,
        due_on=None,
        requested_on=requested_on,
        handler=handler,
    )
    record.stages[number] = settled(record, stage, occasion.council)


def end_stage(
    record: Record,
    number: int,
    occasion: Occasion,
    *,
    finding: Finding | None = None,
    closure: Closure | None = None,
    no_finding_reason: NoFindingReason | None = None,
) -> None:
    """Close a stage with a finding or without one, and settle whether it kept its time."""
    stage = record.stages[number]
    if occasion.on < stage.started_on:
        raise DayNotPossible(
            f"Stage {number} started on {stage.started_on}; it cannot end on {occasion.on}.",
            started_on=stage.started_on.isoformat(),
        )
    answered = finding is not None or closure is Closure.question_answered
    ended = replace(
        stage,
        closed_on=occasion.on,
        answered_on=occasion.on if answered else None,
        finding=finding,
        closure=closure,
        no_finding_reason=no_finding_reason,
    )
    record.stages[number] = settled(record, ended, occasion.council)


def resettle(record: Record, council: ReferenceData) -> None:
    """Settle every stage anew, after a fact that its clock rests on was changed."""
    for number, stage in record.stages.items():
        record.stages[number] = settled(record, stage, council)


def take_up_anew(record: Record) -> None:
    """Take away the stage of a complaint that triage will open anew, and what hangs on it.

    No finding is lost by it: a complaint that has one is never triaged again. What was done
    before stays in the history.
    """
    record.stages.clear()
    record.extensions, record.remedies = [], []


def _in_hand(record: Record, number: int) -> StageFacts:
    stage = record.latest_stage
    if stage is None or stage.number != number or stage.closed_on is not None:
        now = stage.number if stage is not None and stage.closed_on is None else None
        raise StageNotInHand(f"Stage {number} is not in hand.", stage_in_hand=now)
    return stage


def extend(record: Record, number: int, asked: ExtensionIn, occasion: Occasion) -> None:
    """Give the stage in hand more working days, within what its procedure allows."""
    stage = _in_hand(record, number)
    if stage.due_on is not None and occasion.on > stage.due_on:
        raise TooLateToExtend(
            f"The reply was due on {stage.due_on}; an extension is agreed by then.",
            due_on=stage.due_on.isoformat(),
        )
    seq = 1 + sum(1 for e in record.extensions if e.stage == number)
    record.extensions.append(
        ExtensionFacts(
            number, seq, asked.working_days, asked.extension_reason, occasion.on, asked.told_on
        )
    )
    record.stages[number] = settled(record, stage, occasion.council)
    says = {
        "stage": number,
        "working_days": asked.working_days,
        "reason": asked.extension_reason,
        "due_on": record.stages[number].due_on,
    }
    record.change(Act.extend, on=occasion.on, by=occasion.by, text=asked.reason, says=says)


def answer(record: Record, number: int, asked: OutcomeIn, occasion: Occasion) -> None:
    """Answer the stage in hand with a finding and remedies, or close it without a finding."""
    stage = _in_hand(record, number)
    if asked.closure is Closure.question_answered:
        system = occasion.council.system(record.case.system_of_record)
        if system.reallocates_type:
            raise ClosureNotOffered(
                "A question is redirected or reclassified here; closing it as"
                " 'question_answered' belongs to systems that cannot change a case's type.",
                system=system.slug,
            )
    record.stages[number] = replace(stage, handler=asked.handler or stage.handler)
    end_stage(
        record,
        number,
        occasion,
        finding=asked.finding,
        closure=asked.closure,
        no_finding_reason=asked.no_finding_reason,
    )
    kinds = _add_remedies(record, number, asked.remedies, occasion)
    ended = record.stages[number]
    says = {"stage": number, "finding": asked.finding, "verdict": ended.verdict, "remedies": kinds}
    changes: dict[str, Any] = {}
    if asked.finding is None:
        changes = {
            "closed_on": occasion.on,
            "closure": asked.closure,
            "no_finding_reason": asked.no_finding_reason,
        }
    record.change(
        Act.answer,
        on=occasion.on,
        by=occasion.by,
        to=Status.answered if asked.finding else Status.closed,
        text=asked.reason,
        says={name: value for name, value in says.items() if value},
        **changes,
    )


def add_remedies(record: Record, number: int, asked: RemediesIn, occasion: Occasion) -> None:
    """Record remedies of a stage that were agreed after it was answered."""
    if number not in record.stages:
        raise StageNotInHand(f"There is no stage {number}.", stages=sorted(record.stages))
    kinds = _add_remedies(record, number, asked.remedies, occasion)
    record.change(
        Act.add_remedies,
        on=occasion.on,
        by=occasion.by,
        text=asked.reason,
        says={"stage": number, "remedies": kinds},
    )


def _add_remedies(
    record: Record, number: int, remedies: list[RemedyIn], occasion: Occasion
) -> list[str]:
    seq = sum(1 for remedy in record.remedies if remedy.stage == number)
    for count, remedy in enumerate(remedies, start=seq + 1):
        kind = occasion.council.remedy(remedy.kind)
        if (remedy.pence is not None) and not kind.financial:
            raise MoneyDoesNotFit(
                f"A remedy of kind '{kind.slug}' carries no amount.", remedy=kind.slug
            )
        record.remedies.append(
            RemedyFacts(
                number, count, kind.slug, remedy.pence, occasion.on, remedy.due_on, remedy.done_on
            )
        )
    return [remedy.kind for remedy in remedies]


def escalate(record: Record, asked: EscalationIn, occasion: Occasion) -> None:
    """Note that the person asks for the next stage; whether it opens is decided separately."""
    case, last = record.case, record.latest_stage
    if last is None or last.finding is None:
        if case.status in {Status.answered, Status.closed}:
            raise NotAnswered("Only a complaint that was answered with a finding can go further.")
    elif not _procedure_of(last, occasion.council).has_stage(last.number + 1):
        raise NoNextStage("This procedure ends here: tell the person about the Ombudsman.")
    number = len(record.escalations) + 1
    to_stage = last.number + 1 if last else 1
    record.change(
        Act.escalate,
        on=occasion.on,
        by=occasion.by,
        text=asked.reason,
        says={"escalation": number, "to_stage": to_stage},
        closed_on=None,
        closure=None,
    )
    record.escalations.append(EscalationFacts(number, to_stage, occasion.on))


_DECIDED = {
    Decision.accepted: (Act.accept_escalation, EscalationDecision.accepted),
    Decision.refused: (Act.refuse_escalation, EscalationDecision.refused),
    Decision.resolved: (Act.resolve_escalation, EscalationDecision.resolved),
}


def _decide(record: Record, decision: EscalationDecision, on: date) -> EscalationFacts:
    request = record.escalations[-1]
    record.escalations[-1] = replace(request, decision=decision, decided_on=on)
    return request


def decide_escalation(
    record: Record, number: int, asked: EscalationDecisionIn, occasion: Occasion
) -> None:
    """Accept a request and open the next stage, refuse it, or note that it was resolved."""
    act, decision = _DECIDED[asked.decision]
    waiting = [e.number for e in record.escalations if e.decision is None]
    if record.escalations and number not in waiting:
        raise NoSuchEscalation(f"Request {number} awaits no decision.", awaiting=waiting)
    changes: dict[str, Any] = {}
    if record.case.status is Status.escalation_requested:
        request = _decide(record, decision, occasion.on)
        if decision is EscalationDecision.accepted:
            last = record.stages[request.to_stage - 1]
            procedure = occasion.council.procedure_on(last.procedure, occasion.on)
            open_stage(
                record,
                request.to_stage,
                procedure,
                occasion,
                requested_on=request.requested_on,
                handler=asked.handler,
            )
        elif decision is EscalationDecision.resolved:
            changes = {"closed_on": occasion.on, "closure": Closure.completed}
    record.change(
        act,
        on=occasion.on,
        by=occasion.by,
        text=asked.reason,
        says={"escalation": number},
        **changes,
    )


def withdraw(record: Record, asked: WithdrawalIn, occasion: Occasion) -> None:
    """End a case because the person no longer pursues it: a closing, never a finding."""
    case, stage = record.case, record.latest_stage
    if case.status is Status.escalation_requested:
        _decide(record, EscalationDecision.withdrawn, occasion.on)
    elif case.status is Status.received and case.type is FeedbackType.complaint:
        open_and_close(record, occasion, closure=Closure.withdrawn)
    elif stage is not None and stage.closed_on is None:
        end_stage(record, stage.number, occasion, closure=Closure.withdrawn)
    record.change(
        Act.withdraw,
        on=occasion.on,
        by=occasion.by,
        text=asked.reason,
        closed_on=occasion.on,
        closure=Closure.withdrawn,
    )


def open_and_close(
    record: Record,
    occasion: Occasion,
    *,
    closure: Closure,
    no_finding_reason: NoFindingReason | None = None,
    procedure: str | None = None,
) -> None:
    """Open stage 1 and close it the same day, for a complaint that ends before it is worked.

    It counts among the stage 1 complaints closed, so that those without a finding are not lost.
    Where no procedure was chosen yet, the council's first one in force governs it.
    """
    council, case = occasion.council, record.case
    slug = procedure or case.procedure or council.default_procedure(case.clock_from)
    open_stage(record, 1, council.procedure_on(slug, case.clock_from), occasion)
    end_stage(record, 1, occasion, closure=closure, no_finding_reason=no_finding_reason)


def close(record: Record, asked: ClosureIn, occasion: Occasion) -> None:
    """Close a case on which nothing more is to be done."""
    record.change(
        Act.close,
        on=occasion.on,
        by=occasion.by,
        text=asked.reason,
        closed_on=occasion.on,
        closure=Closure.completed,
    )


def reopen(record: Record, asked: ReopeningIn, occasion: Occasion) -> None:
    """Take a closed case up again, where it left off."""
    to = _left_off(record)
    if record.case.status is Status.closed:
        _reopen_stage(record, to, occasion.council)
    record.change(
        Act.reopen,
        on=occasion.on,
        by=occasion.by,
        to=to,
        text=asked.reason,
        closed_on=None,
        closure=None,
        no_finding_reason=None,
        refusal_reason=None,
        set_aside=None,
        set_aside_on=None,
    )


def _left_off(record: Record) -> Status:
    """Where the case stood before it was closed, as far as it can stand there again."""
    before = next(s.status for s in reversed(record.standings) if s.status is not Status.closed)
    if record.case.type is not FeedbackType.complaint and before is not Status.received:
        return Status.recorded
    return Status.answered if before is Status.escalation_requested else before


def _reopen_stage(record: Record, to: Status, council: ReferenceData) -> None:
    """Take back the ending of a stage that ended without a finding."""
    stage = record.latest_stage
    if stage is None or stage.finding is not None:
        return
    if to is Status.received:
        take_up_anew(record)
    elif to is Status.in_stage:
        open_again = replace(
            stage, closed_on=None, answered_on=None, closure=None, no_finding_reason=None
        )
        record.stages[stage.number] = settled(record, open_again, council)


def correct(record: Record, asked: CorrectionIn, occasion: Occasion) -> None:
    """Put right a fact that was mis-keyed, and settle again what rests on it."""
    changes: dict[str, Any] = {}
    if asked.channel is not None:
        changes["channel"] = asked.channel
    if asked.category is not None:
        changes["category"] = occasion.council.category(
            asked.category, record.case.received_on
        ).slug
    if asked.received_on is not None:
        changes |= _received_on(record, asked.received_on)
    says = _correct_stage(record, asked, occasion.on)
    record.change(
        Act.correct, on=occasion.on, by=occasion.by, text=asked.reason, says=says, **changes
    )
    resettle(record, occasion.council)


def _received_on(record: Record, received_on: date) -> dict[str, Any]:
    """A corrected day of receipt: the first standing begins on it, and so may the clock."""
    case, first = record.case, record.standings[0]
    closed = (stage.closed_on for stage in record.stages.values())
    latest = min(filter(None, (case.registered_on, first.until, *closed)))
    if received_on > latest:
        raise DayNotPossible(
            f"The case was registered or changed on {latest}; it was received by then.",
            latest=latest.isoformat(),
        )
    record.standings[0] = replace(first, since=received_on)
    moved = {"received_on": received_on}
    # What was once a comment runs from the day it became a complaint.
    by_receipt = all(standing.type is case.type_at_receipt for standing in record.standings)
    return {**moved, "clock_from": received_on} if by_receipt else moved


def _correct_stage(record: Record, asked: CorrectionIn, on: date) -> dict[str, Any]:
    if asked.stage is None:
        return {}
    stage = record.stages.get(asked.stage)
    if stage is None or stage.closed_on is None:
        raise StageNotInHand(
            f"Stage {asked.stage} has not been closed: there is nothing to correct.",
            stages=sorted(record.stages),
        )
    if asked.finding is not None and stage.finding is None:
        raise IllegalMove(f"Stage {asked.stage} was closed without a finding: reopen it instead.")
    answered_on = asked.answered_on
    if answered_on is not None and not stage.started_on <= answered_on <= on:
        raise DayNotPossible(
            f"Stage {asked.stage} started on {stage.started_on}, and had been answered by {on}.",
            started_on=stage.started_on.isoformat(),
        )
    record.stages[asked.stage] = replace(
        stage,
        finding=asked.finding or stage.finding,
        closed_on=answered_on or stage.closed_on,
        answered_on=(answered_on or stage.answered_on) if stage.answered_on else None,
        timescale_excluded=asked.timescale_excluded or stage.timescale_excluded,
    )
    corrected = {
        "finding": asked.finding,
        "answered_on": asked.answered_on,
        "timescale_excluded": asked.timescale_excluded,
    }
    return {"stage": asked.stage, **{k: v for k, v in corrected.items() if v is not None}}
