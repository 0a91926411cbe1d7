"""Acknowledging, triaging, reclassifying and allocating a case over HTTP."""

from fastapi import Response

from app.access.guard import CaseTriage, Router
from app.cases.acting import AS_IT_IS, NAMED, Act, Reference, case_or
from app.cases.occasion import Occasion
from app.cases.record import Record
from app.cases.schemas import CaseOut
from app.organisation.structure import TeamElsewhere, UnknownService, UnknownTeam
from app.procedures.reference import NoSuchProcedure, UnknownCategory
from app.triage import rules
from app.triage.schemas import AcknowledgementIn, AllocationIn, ReclassificationIn, TriageIn

router = Router(prefix="/v1/feedback/{reference}", tags=["casework"])


@router.post(
    "/acknowledgement",
    response_model=CaseOut,
    responses=case_or(rules.AlreadyAcknowledged, then={"triage": AS_IT_IS}),
)
async def acknowledge(
    reference: Reference, asked: AcknowledgementIn, by: CaseTriage, act: Act
) -> Response:
    """Note when and how the person was told that their feedback has arrived."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.acknowledge(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.post(
    "/triage",
    response_model=CaseOut,
    responses=case_or(
        rules.HasFinding,
        rules.ProcedureNeeded,
        rules.TypeIsFixed,
        NoSuchProcedure,
        TeamElsewhere,
        UnknownCategory,
        UnknownService,
        UnknownTeam,
        then={
            "allocate": AS_IT_IS,
            "answer": AS_IT_IS | {"stage": "1"},
            "extend": AS_IT_IS | {"stage": "1"},
            "read_clock": NAMED | {"stage": "1"},
        },
    ),
)
async def triage(reference: Reference, asked: TriageIn, by: CaseTriage, act: Act) -> Response:
    """Confirm or change what a case is and whose it is, and decide what happens to it."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.triage(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.post(
    "/reclassifications",
    response_model=CaseOut,
    responses=case_or(
        rules.AlreadyThat,
        rules.HasFinding,
        rules.TypeIsFixed,
        then={"triage": AS_IT_IS},
    ),
)
async def reclassify(
    reference: Reference, asked: ReclassificationIn, by: CaseTriage, act: Act
) -> Response:
    """Change a case between complaint, comment and compliment; counted once, by its type now."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.reclassify(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.post(
    "/allocations",
    response_model=CaseOut,
    responses=case_or(TeamElsewhere, UnknownService, UnknownTeam),
)
async def allocate(reference: Reference, asked: AllocationIn, by: CaseTriage, act: Act) -> Response:
    """Hand a case to another service or team."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.allocate(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)
