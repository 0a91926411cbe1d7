"""Working a complaint through its stages over HTTP."""

from typing import Annotated

from fastapi import Path, Response

from app.access.guard import CaseManager, CaseReader, Router
from app.cases.acting import AS_IT_IS, NAMED, Act, Reference, StageNumber, case_or
from app.cases.occasion import Occasion
from app.cases.queries import CaseNotFound, find
from app.cases.record import Record
from app.cases.schemas import CaseOut
from app.kit.clock import Now, london_day
from app.kit.db import Read
from app.kit.problem import refuses
from app.procedures.queries import Council
from app.procedures.reference import UnknownCategory, UnknownRemedy
from app.procedures.timescales import ExtensionTooLong
from app.procedures.workdays import CalendarExhausted
from app.stages import clocks, corrections, endings, escalations, rules, settling
from app.stages.schemas import (
    ClockOut,
    ClosureIn,
    CorrectionIn,
    EscalationDecisionIn,
    EscalationIn,
    ExtensionIn,
    OutcomeIn,
    RemediesIn,
    ReopeningIn,
    WithdrawalIn,
)

router = Router(prefix="/v1/feedback/{reference}", tags=["casework"])

_SAME_STAGE = {"stage": "$request.path.stage"}
RequestNumber = Annotated[int, Path(ge=1, le=1_000, description="The request's number, from 1.")]


@router.post(
    "/escalations",
    response_model=CaseOut,
    responses=case_or(
        settling.NoNextStage,
        escalations.NotAnswered,
        then={"decide_escalation": AS_IT_IS | {"request": "$response.body#/escalations/0/number"}},
    ),
)
async def request_escalation(
    reference: Reference, asked: EscalationIn, by: CaseManager, act: Act
) -> Response:
    """Note that the person asks for the next stage; whether it opens is decided separately."""

    def rule(record: Record, occasion: Occasion) -> None:
        escalations.escalate(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.post(
    "/escalations/{request}/decision",
    response_model=CaseOut,
    responses=case_or(
        settling.NoNextStage,
        escalations.NoSuchEscalation,
        then={"answer": AS_IT_IS | {"stage": "$response.body#/escalations/0/to_stage"}},
    ),
)
async def decide_escalation(
    reference: Reference,
    request: RequestNumber,
    asked: EscalationDecisionIn,
    by: CaseManager,
    act: Act,
) -> Response:
    """Accept a request and open the next stage, refuse it, or note that it was resolved before."""

    def rule(record: Record, occasion: Occasion) -> None:
        escalations.decide_escalation(record, request, asked, occasion)

    return await act.do(reference, asked, rule, by=by, about=request)


@router.post(
    "/stages/{stage}/extensions",
    response_model=CaseOut,
    responses=case_or(
        settling.StageNotInHand,
        rules.TooLateToExtend,
        ExtensionTooLong,
        CalendarExhausted,
        then={"answer": AS_IT_IS | _SAME_STAGE, "read_clock": NAMED | _SAME_STAGE},
    ),
)
async def extend(
    reference: Reference, stage: StageNumber, asked: ExtensionIn, by: CaseManager, act: Act
) -> Response:
    """Give the stage in hand more working days, within what its procedure allows."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.extend(record, stage, asked, occasion)

    return await act.do(reference, asked, rule, by=by, about=stage)


@router.post(
    "/stages/{stage}/outcome",
    response_model=CaseOut,
    responses=case_or(
        rules.ClosureNotOffered,
        rules.MoneyDoesNotFit,
        settling.StageNotInHand,
        UnknownRemedy,
        then={
            "add_remedies": AS_IT_IS | _SAME_STAGE,
            "request_escalation": AS_IT_IS,
            "correct": AS_IT_IS,
            "close": AS_IT_IS,
            "read_figure": {"slug": "outcomes"},
        },
    ),
)
async def answer(
    reference: Reference, stage: StageNumber, asked: OutcomeIn, by: CaseManager, act: Act
) -> Response:
    """Answer the stage in hand with a finding and remedies, or close it without a finding."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.answer(record, stage, asked, occasion)

    return await act.do(reference, asked, rule, by=by, about=stage)


@router.post(
    "/stages/{stage}/remedies",
    response_model=CaseOut,
    responses=case_or(rules.MoneyDoesNotFit, settling.StageNotInHand, UnknownRemedy),
)
async def add_remedies(
    reference: Reference, stage: StageNumber, asked: RemediesIn, by: CaseManager, act: Act
) -> Response:
    """Record remedies that were agreed after the stage was answered."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.add_remedies(record, stage, asked, occasion)

    return await act.do(reference, asked, rule, by=by, about=stage)


@router.post("/withdrawal", response_model=CaseOut, responses=case_or(then={"reopen": AS_IT_IS}))
async def withdraw(
    reference: Reference, asked: WithdrawalIn, by: CaseManager, act: Act
) -> Response:
    """End a case because the person no longer pursues it."""

    def rule(record: Record, occasion: Occasion) -> None:
        endings.withdraw(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.post("/closure", response_model=CaseOut, responses=case_or(then={"reopen": AS_IT_IS}))
async def close(reference: Reference, asked: ClosureIn, by: CaseManager, act: Act) -> Response:
    """Close a case on which nothing more is to be done."""

    def rule(record: Record, occasion: Occasion) -> None:
        endings.close(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.post("/reopening", response_model=CaseOut, responses=case_or())
async def reopen(reference: Reference, asked: ReopeningIn, by: CaseManager, act: Act) -> Response:
    """Take a closed case up again, where it left off."""

    def rule(record: Record, occasion: Occasion) -> None:
        endings.reopen(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.post(
    "/corrections",
    response_model=CaseOut,
    responses=case_or(corrections.NotAcknowledged, settling.StageNotInHand, UnknownCategory),
)
async def correct(reference: Reference, asked: CorrectionIn, by: CaseManager, act: Act) -> Response:
    """Put right a fact that was mis-keyed; what rests on it is settled again."""

    def rule(record: Record, occasion: Occasion) -> None:
        corrections.correct(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.get("/stages/{stage}/clock", responses=refuses(CaseNotFound, settling.StageNotInHand))
async def read_clock(
    reference: Reference,
    stage: StageNumber,
    by: CaseReader,
    session: Read,
    now: Now,
    council: Council,
) -> ClockOut:
    """Explain a stage's due day, day by day: which days counted, which did not and why."""
    found = await find(session, reference, by=by)
    return clocks.explain(found.record, stage, council, today=london_day(now))
