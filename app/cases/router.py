"""Finding and reading cases, their history and their people; notes and mistakes, over HTTP."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.access.commands import record_disclosure
from app.access.guard import CaseManager, CaseReader, PersonalReader, Router
from app.cases import queries, rules
from app.cases.acting import AS_IT_IS, NAMED, Act, Reference, case_or
from app.cases.filters import CaseQuery
from app.cases.occasion import Occasion
from app.cases.queries import CaseNotFound
from app.cases.record import Record
from app.cases.schemas import (
    CaseOut,
    CasePage,
    HistoryOut,
    NoteIn,
    PersonalOut,
    VoidIn,
)
from app.kit.answers import Links, gives
from app.kit.clock import Now
from app.kit.conditional import etag
from app.kit.db import Read, Write
from app.kit.paging import (
    CursorRefused,
    CursorSecret,
    decode_cursor,
    encode_cursor,
    next_link,
)
from app.kit.problem import refuses

router = Router(prefix="/v1/feedback", tags=["feedback"])

_READS = ("read_history", "read_people", "read_likely_repeats")
_ACTS = ("acknowledge", "triage", "reclassify", "allocate", "note", "correct", "withdraw", "void")
_FROM_A_CASE: Links = dict.fromkeys(_READS, NAMED) | dict.fromkeys(_ACTS, AS_IT_IS)


@router.get(
    "",
    response_model=CasePage,
    responses=gives("Link", then={"read_case": {"reference": "$response.body#/items/0/reference"}})
    | refuses(CursorRefused),
)
async def list_cases(
    asked: Annotated[CaseQuery, Query()],
    by: CaseReader,
    secret: CursorSecret,
    request: Request,
) -> Response:
    """Cases that meet every condition, newest first; only those that the key may see."""
    start = decode_cursor(secret, asked.cursor, client=by.client, filters=asked)
    before = int(start[0] or 0) if start else None
    lists: queries.Lists = request.app.state.lists
    page = await lists.page(by=by, asked=asked, before=before, limit=asked.limit)
    following, headers = "null", {}
    if page.last is not None:
        cursor = encode_cursor(secret, (page.last,), client=by.client, filters=asked)
        following, headers = f'"{cursor}"', {"Link": next_link(request, cursor)}
    body = f'{{"items":[{page.shown}],"next_cursor":{following}}}'
    return Response(body, headers=headers, media_type="application/json")


@router.post("/{reference}/notes", response_model=CaseOut, responses=case_or())
async def note(reference: Reference, asked: NoteIn, by: CaseManager, act: Act) -> Response:
    """Add words to a case's history; nothing else changes."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.note(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.post("/{reference}/void", response_model=CaseOut, responses=case_or())
async def void(reference: Reference, asked: VoidIn, by: CaseManager, act: Act) -> Response:
    """Set aside a case entered by mistake: it keeps its rows and leaves every count."""

    def rule(record: Record, occasion: Occasion) -> None:
        rules.void(record, asked, occasion)

    return await act.do(reference, asked, rule, by=by)


@router.get(
    "/{reference}",
    response_model=CaseOut,
    responses=gives("ETag", then=_FROM_A_CASE) | refuses(CaseNotFound),
)
async def read_case(reference: Reference, by: CaseReader, request: Request) -> Response:
    """One case with its stages, and what can be done to it now. No personal data."""
    found = await queries.shown(request.app.state.cases, reference, by=by)
    headers = {"ETag": etag(found.version)}
    return Response(found.body, headers=headers, media_type="application/json")


@router.get("/{reference}/history", responses=refuses(CaseNotFound))
async def read_history(reference: Reference, by: CaseReader, session: Read) -> HistoryOut:
    """Who did what to a case, when, and for which day it counts."""
    case_id = await queries.case_id_of(session, reference, by=by)
    return HistoryOut(reference=reference, items=await queries.history(session, case_id))


@router.get("/{reference}/people", responses=refuses(CaseNotFound))
async def read_people(
    reference: Reference, by: PersonalReader, session: Write, now: Now
) -> PersonalOut:
    """The people of a case, what they said, and the free text since. Being shown it is recorded."""
    case_id = await queries.case_id_of(session, reference, by=by)
    await record_disclosure(
        session, to=by, case_id=case_id, what="people, narrative, remarks", now=now
    )
    return await queries.personal(session, reference, case_id)
