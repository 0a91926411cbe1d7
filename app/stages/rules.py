"""How a stage in hand is worked: extended, answered, remedied."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from app.cases.occasion import Occasion
from app.cases.record import (
    ExtensionFacts,
    Record,
    RemedyFacts,
    StageFacts,
)
from app.cases.vocabulary import (
    Closure,
    Status,
)
from app.cases.workflow import Act
from app.kit.problem import Problem
from app.stages.schemas import (
    ExtensionIn,
    OutcomeIn,
    RemediesIn,
    RemedyIn,
)
from app.stages.settling import StageNotInHand, end_stage, settled


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
