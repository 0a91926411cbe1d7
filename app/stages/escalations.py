"""Asking for the next stage, and what is decided on it."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any

from app.cases.occasion import Occasion
from app.cases.record import (
    EscalationFacts,
    Record,
)
from app.cases.vocabulary import (
    Closure,
    EscalationDecision,
    Status,
)
from app.cases.workflow import Act
from app.kit.problem import Problem
from app.stages.schemas import (
    Decision,
    EscalationDecisionIn,
    EscalationIn,
)
from app.stages.settling import NoNextStage, open_stage, procedure_of


class NoSuchEscalation(Problem):
    """No request for a further stage of that number awaits a decision."""

    status = HTTPStatus.CONFLICT
    title = "No such request awaits a decision"


class NotAnswered(Problem):
    """The case's last stage was never answered, so there is nothing to escalate from."""

    status = HTTPStatus.CONFLICT
    title = "The last stage has not been answered"


def escalate(record: Record, asked: EscalationIn, occasion: Occasion) -> None:
    """Note that the person asks for the next stage; whether it opens is decided separately."""
    case, last = record.case, record.latest_stage
    if last is None or last.finding is None:
        if case.status in {Status.answered, Status.closed}:
            raise NotAnswered("Only a complaint that was answered with a finding can go further.")
    elif not procedure_of(last, occasion.council).has_stage(last.number + 1):
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


def decided(record: Record, decision: EscalationDecision, on: date) -> EscalationFacts:
    """The latest request, as it was before this decision was written on it."""
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
        request = decided(record, decision, occasion.on)
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
