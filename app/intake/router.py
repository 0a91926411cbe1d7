"""Handing in feedback, its receipt, and likely repeats, over HTTP."""

import hashlib
import hmac
from base64 import b32encode
from http import HTTPStatus
from typing import Annotated

from fastapi import Header, Request, Response

from app.access.guard import CaseReader, Receiver, Router
from app.cases.acting import NAMED, Reference
from app.cases.queries import CaseNotFound, case_id_of
from app.cases.reference import number_in, reference_of
from app.intake import commands, queries, rules
from app.intake.schemas import FeedbackIn, LikelyRepeats, Receipt, ReceiptStatus
from app.kit.answers import Links, gives
from app.kit.clock import Now, london_day
from app.kit.conditional import etag
from app.kit.db import Read
from app.kit.idempotency import IdempotencyKeyMissing, KeyReused, RequiredKey, StillWorking
from app.kit.paging import CursorSecret
from app.kit.problem import Problem, refuses
from app.organisation.structure import TeamElsewhere, UnknownService, UnknownSystem, UnknownTeam
from app.procedures.queries import Council
from app.procedures.reference import UnknownCategory
from app.procedures.workdays import CalendarExhausted

router = Router(prefix="/v1/feedback", tags=["feedback"])

_TOKEN_BYTES = 20


def receipt_token(secret: bytes, reference: str) -> str:
    """What a receipt's holder shows to see how the case stands. Not stored: it is computed."""
    digest = hmac.digest(secret, b"receipt:" + reference.encode(), hashlib.sha256)
    return b32encode(digest[:_TOKEN_BYTES]).decode().lower()


_FROM_HERE: Links = {
    "read_receipt": {**NAMED, "Receipt-Token": "$response.body#/receipt_token"},
    "read_case": NAMED,
    "read_likely_repeats": NAMED,
    "triage": {**NAMED, "If-Match": etag(1)},
}

Token = Annotated[
    str,
    Header(alias="Receipt-Token", min_length=1, max_length=64, description="As on the receipt."),
]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=Receipt,
    responses=gives("Location", "Idempotency-Replayed", status=HTTPStatus.CREATED, then=_FROM_HERE)
    | refuses(
        CalendarExhausted,
        IdempotencyKeyMissing,
        KeyReused,
        StillWorking,
        TeamElsewhere,
        UnknownCategory,
        UnknownService,
        UnknownSystem,
        UnknownTeam,
        commands.SystemReferenceTaken,
        rules.ChannelNeeded,
        rules.NotForThisKey,
        rules.ReceivedInTheFuture,
    ),
)
async def submit_feedback(
    asked: FeedbackIn,
    request: Request,
    by: Receiver,
    key: RequiredKey,
    secret: CursorSecret,
    council: Council,
    now: Now,
) -> Response:
    """Take in feedback and give a receipt. Sent again under its key, it is answered the same."""
    state = request.app.state
    number = await state.case_numbers.take()
    try:
        record = rules.take_in(asked, number, by=by, today=london_day(now), council=council)
    except Problem:  # of a repeat, perhaps: what was accepted yesterday may be refused today
        kept = await commands.repeated(state.pool, asked, by=by, key=key)
        if kept is None:
            raise
        return kept.response()
    case, reference = record.case, reference_of(record.case.id)
    step, due, said = rules.next_step(
        case.status, case.type, acknowledge_by=council.acknowledge_by(case.received_on), due_on=None
    )
    receipt = Receipt(
        reference=reference,
        type=case.type,
        received_on=case.received_on,
        registered_on=case.registered_on,
        status=case.status,
        next_step=step,
        next_step_says=said,
        by=due,
        receipt_token=receipt_token(secret, reference),
    )
    answer = receipt.model_dump_json()
    location = f"/v1/feedback/{reference}/receipt"
    kept = await commands.submit(
        state.intake,
        record,
        asked,
        by=by,
        key=key,
        answer=answer,
        location=location,
        now=now,
    )
    if kept is not None:
        return kept.response()
    state.metrics.acted(entry.act for entry in record.entries)
    headers = {"Location": location}
    return Response(answer, HTTPStatus.CREATED, headers, media_type="application/json")


@router.get("/{reference}/receipt", responses=refuses(CaseNotFound))
async def read_receipt(
    reference: Reference,
    token: Token,
    by: Receiver,
    session: Read,
    secret: CursorSecret,
    council: Council,
) -> ReceiptStatus:
    """What a resident may be told: where it stands, what happens next, and by when.

    Needs the receipt's token, and the key that the feedback came through.
    """
    number = number_in(reference)
    stands = await queries.how_it_stands(session, number) if number else None
    right = hmac.compare_digest(token.encode(), receipt_token(secret, reference).encode())
    if stands is None or not right or stands.client != by.client:
        raise CaseNotFound("No receipt of yours has that reference and token: read them again.")
    step, due, said = rules.next_step(
        stands.status,
        stands.type,
        acknowledge_by=council.acknowledge_by(stands.received_on),
        due_on=stands.due_on,
    )
    return ReceiptStatus(
        reference=reference,
        type=stands.type,
        received_on=stands.received_on,
        status=stands.status,
        next_step=step,
        next_step_says=said,
        by=due,
    )


@router.get("/{reference}/likely-repeats", responses=refuses(CaseNotFound))
async def read_likely_repeats(reference: Reference, by: CaseReader, session: Read) -> LikelyRepeats:
    """Cases that may be the same matter. A person decides; nothing is merged by itself."""
    case_id = await case_id_of(session, reference, by=by)
    return LikelyRepeats(items=await queries.likely_repeats(session, case_id, by=by))
