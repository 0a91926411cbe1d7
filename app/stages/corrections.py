"""Putting right what was mis-keyed, and settling again what rests on it."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any

from app.cases.occasion import Occasion
from app.cases.record import DayNotPossible, Record
from app.cases.workflow import Act, IllegalMove
from app.kit.problem import Problem
from app.stages.schemas import CorrectionIn
from app.stages.settling import StageNotInHand, resettle


class NotAcknowledged(Problem):
    """A day on which nothing was acknowledged cannot be corrected."""

    status = HTTPStatus.CONFLICT
    title = "The case has not been acknowledged"


def correct(record: Record, asked: CorrectionIn, occasion: Occasion) -> None:
    """Put right a fact that was mis-keyed, and settle again what rests on it."""
    changes: dict[str, Any] = {}
    if asked.channel is not None:
        changes["channel"] = asked.channel
    if asked.category is not None:
        changes["category"] = occasion.council.category(
            asked.category, record.case.received_on
        ).slug
    says = _correct_stage(record, asked, occasion.on)
    if asked.received_on is not None:  # last: it is judged by the corrected day of an answer too
        changes |= _received_on(record, asked.received_on)
    if asked.acknowledged_on is not None:
        received_on = changes.get("received_on", record.case.received_on)
        _check_acknowledged(record, asked.acknowledged_on, since=received_on, by=occasion.on)
        changes["acknowledged_on"] = asked.acknowledged_on
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


def _check_acknowledged(record: Record, acknowledged_on: date, *, since: date, by: date) -> None:
    if record.case.acknowledged_on is None:
        raise NotAcknowledged("There is no day to correct: acknowledge it, for the day it was.")
    if not since <= acknowledged_on <= by:
        raise DayNotPossible(
            f"The case was received on {since}, and had been acknowledged by {by}.",
            received_on=since.isoformat(),
        )


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
