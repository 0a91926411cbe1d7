"""Trying an act over HTTP: takes what the act takes, answers what would move, changes nothing.

It takes the act's own right and exact counts: what one case moves is a count of one.
"""

from app.access.guard import CaseManager, CaseTriage, ExactReader, Router
from app.cases.acting import CASE_REFUSALS, Reference, StageNumber
from app.kit.answers import Responses, gives
from app.kit.problem import Problem, refuses
from app.organisation.structure import TeamElsewhere, UnknownService, UnknownTeam
from app.previews.rehearsing import Tried, doing
from app.previews.schemas import PreviewOut
from app.procedures.reference import NoSuchProcedure, UnknownCategory, UnknownRemedy
from app.stages import corrections, endings, settling
from app.stages import rules as stages
from app.stages.schemas import CorrectionIn, OutcomeIn, RemediesIn, ReopeningIn
from app.triage import rules as triage
from app.triage.schemas import AllocationIn, ReclassificationIn, TriageIn

router = Router(prefix="/v1/feedback/{reference}", tags=["previews"])


_SAME_CASE = {"reference": "$request.path.reference", "If-Match": "$request.header.If-Match"}
_SAME_STAGE = _SAME_CASE | {"stage": "$request.path.stage"}


def preview_or(*refusals: type[Problem], of: str, where: dict[str, str] = _SAME_CASE) -> Responses:
    """What any preview answers: what would move, or a refusal of the act; and the act itself."""
    return gives(then={of: where}) | refuses(*CASE_REFUSALS, *refusals)


@router.post(
    "/triage/preview",
    response_model_exclude_unset=True,
    responses=preview_or(
        triage.HasFinding,
        triage.ProcedureNeeded,
        triage.TypeIsFixed,
        NoSuchProcedure,
        TeamElsewhere,
        UnknownCategory,
        UnknownService,
        UnknownTeam,
        of="triage",
    ),
)
async def preview_triage(
    reference: Reference, asked: TriageIn, by: CaseTriage, _exactly: ExactReader, tried: Tried
) -> PreviewOut:
    """What triaging a case would move in reports; nothing is changed."""
    return PreviewOut.of(await tried.of(reference, asked, doing(triage.triage, asked), by=by))


@router.post(
    "/reclassifications/preview",
    response_model_exclude_unset=True,
    responses=preview_or(
        triage.AlreadyThat, triage.HasFinding, triage.TypeIsFixed, of="reclassify"
    ),
)
async def preview_reclassification(
    reference: Reference,
    asked: ReclassificationIn,
    by: CaseTriage,
    _exactly: ExactReader,
    tried: Tried,
) -> PreviewOut:
    """What reclassifying a case would move in reports; nothing is changed."""
    return PreviewOut.of(await tried.of(reference, asked, doing(triage.reclassify, asked), by=by))


@router.post(
    "/allocations/preview",
    response_model_exclude_unset=True,
    responses=preview_or(TeamElsewhere, UnknownService, UnknownTeam, of="allocate"),
)
async def preview_allocation(
    reference: Reference, asked: AllocationIn, by: CaseTriage, _exactly: ExactReader, tried: Tried
) -> PreviewOut:
    """What handing a case to another service or team would move; nothing is changed."""
    return PreviewOut.of(await tried.of(reference, asked, doing(triage.allocate, asked), by=by))


@router.post(
    "/corrections/preview",
    response_model_exclude_unset=True,
    responses=preview_or(
        corrections.NotAcknowledged, settling.StageNotInHand, UnknownCategory, of="correct"
    ),
)
async def preview_correction(
    reference: Reference, asked: CorrectionIn, by: CaseManager, _exactly: ExactReader, tried: Tried
) -> PreviewOut:
    """What putting a fact right would move in reports; nothing is changed."""
    return PreviewOut.of(await tried.of(reference, asked, doing(corrections.correct, asked), by=by))


@router.post(
    "/reopening/preview",
    response_model_exclude_unset=True,
    responses=preview_or(of="reopen"),
)
async def preview_reopening(
    reference: Reference, asked: ReopeningIn, by: CaseManager, _exactly: ExactReader, tried: Tried
) -> PreviewOut:
    """What taking up a closed case again would move in reports; nothing is changed."""
    return PreviewOut.of(await tried.of(reference, asked, doing(endings.reopen, asked), by=by))


@router.post(
    "/stages/{stage}/outcome/preview",
    response_model_exclude_unset=True,
    responses=preview_or(
        stages.ClosureNotOffered,
        stages.MoneyDoesNotFit,
        settling.StageNotInHand,
        UnknownRemedy,
        of="answer",
        where=_SAME_STAGE,
    ),
)
async def preview_answer(
    reference: Reference,
    stage: StageNumber,
    asked: OutcomeIn,
    by: CaseManager,
    _exactly: ExactReader,
    tried: Tried,
) -> PreviewOut:
    """What answering the stage in hand would move in reports; nothing is changed."""
    rule = doing(stages.answer, stage, asked)
    return PreviewOut.of(await tried.of(reference, asked, rule, by=by))


@router.post(
    "/stages/{stage}/remedies/preview",
    response_model_exclude_unset=True,
    responses=preview_or(
        stages.MoneyDoesNotFit,
        settling.StageNotInHand,
        UnknownRemedy,
        of="add_remedies",
        where=_SAME_STAGE,
    ),
)
async def preview_remedies(
    reference: Reference,
    stage: StageNumber,
    asked: RemediesIn,
    by: CaseManager,
    _exactly: ExactReader,
    tried: Tried,
) -> PreviewOut:
    """What recording remedies would move in reports; nothing is changed."""
    rule = doing(stages.add_remedies, stage, asked)
    return PreviewOut.of(await tried.of(reference, asked, rule, by=by))
