"""Withdrawing, closing and reopening a case."""

from dataclasses import replace

from app.cases.occasion import Occasion
from app.cases.record import (
    Record,
)
from app.cases.vocabulary import (
    Closure,
    EscalationDecision,
    FeedbackType,
    Status,
)
from app.cases.workflow import Act
from app.procedures.reference import ReferenceData
from app.stages.escalations import decided
from app.stages.schemas import (
    ClosureIn,
    ReopeningIn,
    WithdrawalIn,
)
from app.stages.settling import end_stage, open_and_close, settled, take_up_anew


def withdraw(record: Record, asked: WithdrawalIn, occasion: Occasion) -> None:
    """End a case because the person no longer pursues it: a closing, never a finding."""
    case, stage = record.case, record.latest_stage
    if case.status is Status.escalation_requested:
        decided(record, EscalationDecision.withdrawn, occasion.on)
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
