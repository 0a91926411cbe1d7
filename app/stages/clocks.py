"""Why a stage is due when it is: every day since it started, and what became of it."""

from datetime import date

from app.cases.record import Record, StageFacts
from app.cases.schemas import ExtensionOut
from app.procedures.reference import ReferenceData
from app.procedures.vocabulary import Verdict
from app.stages.schemas import ClockDay, ClockOut, ClockVerdict
from app.stages.settling import StageNotInHand, stage_rule


def explain(record: Record, number: int, council: ReferenceData, *, today: date) -> ClockOut:
    """A stage's clock, day by day from the day it started to its due day or its answer.

    Raises StageNotInHand where the case has no such stage.
    """
    stage = record.stages.get(number)
    if stage is None:
        raise StageNotInHand(f"There is no stage {number}.", stages=sorted(record.stages))
    calendar = council.calendar_of(stage.calendar_version)
    last = max(day for day in (stage.due_on, stage.closed_on, stage.started_on) if day)
    rule = stage_rule(stage, council)
    return ClockOut(
        stage=number,
        procedure=stage.procedure,
        procedure_since=stage.procedure_since,
        calendar_version=stage.calendar_version,
        clock_starts=rule.clock_starts,
        started_on=stage.started_on,
        respond_within=stage.respond_within,
        extend_by_at_most=rule.timescale.extend_by_at_most,
        base_due_on=stage.base_due_on,
        extensions=[ExtensionOut.model_validate(e) for e in record.extensions if e.stage == number],
        due_on=stage.due_on,
        closed_on=stage.closed_on,
        working_days_taken=stage.working_days_taken,
        verdict=_verdict(stage, today),
        days=[
            ClockDay(day=d.day, number=d.number, counted=d.counted, why_not=d.why_not)
            for d in calendar.explain(stage.started_on, last)
        ],
    )


def _verdict(stage: StageFacts, today: date) -> Verdict | ClockVerdict:
    if stage.verdict is not None:
        return stage.verdict
    overdue = stage.due_on is not None and today > stage.due_on
    return ClockVerdict.open_overdue if overdue else ClockVerdict.open_in_time
