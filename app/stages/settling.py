"""A stage's two ends and the clock between them: opened, settled, ended."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus

from app.cases.occasion import Occasion
from app.cases.record import (
    DayNotPossible,
    Record,
    StageFacts,
)
from app.cases.vocabulary import (
    Closure,
    Finding,
    NoFindingReason,
)
from app.kit.problem import Problem
from app.procedures.reference import ProcedureRules, ReferenceData, StageRule
from app.procedures.vocabulary import ClockStart


class StageNotInHand(Problem):
    """The case has no stage of that number, or it is not the one in hand."""

    status = HTTPStatus.CONFLICT
    title = "The case has no such stage in hand"


class NoNextStage(Problem):
    """The procedure ends here; the Ombudsman is the next step."""

    status = HTTPStatus.CONFLICT
    title = "The procedure has no further stage"


def stage_rule(stage: StageFacts, council: ReferenceData) -> StageRule:
    """What the version of the procedure that governs this stage allows it."""
    return procedure_of(stage, council).stage(stage.number)


def procedure_of(stage: StageFacts, council: ReferenceData) -> ProcedureRules:
    """The version of the procedure that governs this stage."""
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

    Where the clock waits for an acknowledgement that was not recorded, or came only after the
    stage had ended, the request starts it: a council is never given time that nobody can show.
    """
    facts = record.case
    asked_on = facts.clock_from if stage.number == 1 else stage.requested_on or stage.started_on
    match rule.clock_starts:
        case ClockStart.acceptance:
            return stage.started_on
        case ClockStart.acknowledgement if stage.number == 1 and facts.acknowledged_on:
            too_late = stage.closed_on is not None and facts.acknowledged_on > stage.closed_on
            return asked_on if too_late else max(facts.acknowledged_on, asked_on)
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
