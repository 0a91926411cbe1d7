"""Bringing in history over HTTP, and looking at what imports did and could not do."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from app.access.commands import record_disclosure
from app.access.guard import Importer, Router, ScopeMissing
from app.access.principal import Principal, Scope
from app.cases.record import Author
from app.imports import queries
from app.imports.commands import Import, Run, import_lines
from app.imports.described import FLAT_CSV, JSON_LINES, REQUEST_BODY
from app.imports.flat_csv import WrongHeader
from app.imports.knowledge import Verdict
from app.imports.queries import RunNotFound
from app.imports.schemas import (
    MAX_INT,
    MAX_LINES,
    MOST_TOLD,
    Counts,
    ImportOut,
    ImportQuery,
    LineOut,
    ProblemOut,
    RejectPage,
    RejectQuery,
    RunOut,
    RunPage,
)
from app.imports.vocabulary import Format, Result
from app.kit.answers import gives
from app.kit.clock import Now
from app.kit.db import Database, Pool, Read, Write
from app.kit.errors import UnsupportedMediaType
from app.kit.page import DEFAULT_LIMIT
from app.kit.paging import (
    Cursor,
    CursorRefused,
    CursorSecret,
    Limit,
    decode_cursor,
    encode_cursor,
    next_link,
)
from app.kit.problem import Problem, refuses
from app.procedures.queries import Council

router = Router(prefix="/v1/imports", tags=["imports"])

_ITS_RUN = {"run": "$response.body#/run/id"}
_LAYOUTS = {JSON_LINES: Format.json_lines, FLAT_CSV: Format.flat_csv}

RunNumber = Annotated[int, Path(ge=1, le=MAX_INT, description="The number of the import.")]


class UploadCutOff(Problem):
    """The file did not arrive whole; what came before stays."""

    status = HTTPStatus.BAD_REQUEST
    title = "The file was cut off"


class TooManyLines(Problem):
    """A file over HTTP is answered line by line, so it has an end; what came before stays."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The file has too many lines"


class WholeCouncilOnly(Problem):
    """A key that sees some services only cannot bring in history, which may be of any."""

    status = HTTPStatus.FORBIDDEN
    title = "The key is for some services only"


@router.post(
    "",
    response_model=ImportOut,
    openapi_extra=REQUEST_BODY,
    responses=gives(then={"read_import": _ITS_RUN, "list_rejects": _ITS_RUN})
    | refuses(TooManyLines, UnsupportedMediaType, UploadCutOff, WholeCouncilOnly, WrongHeader),
)
async def import_history(
    request: Request,
    options: Annotated[ImportQuery, Query()],
    by: Importer,
    pool: Pool,
    council: Council,
) -> Response:
    """Bring in history: what is new is taken, what is known is left, what cannot be is kept apart.

    Lines are stored some hundreds at a time, and each time for good. After a failure send the same
    file again: what was stored is `unchanged`, and the rest is taken. A line that is refused, or
    differs from what is known, is kept with its reasons until it is sent again and taken.
    """
    _for_whole_council(by)
    asked = Import(
        source=options.source,
        layout=_layout(request),
        by=Author(by.client, by.officer),
        dry_run=options.dry_run,
    )
    results: list[bytes] = []
    told = 0

    def watch(_run: Run, verdicts: Sequence[Verdict]) -> None:
        nonlocal told
        for verdict in verdicts:
            results.append(_result(verdict, with_problems=told < MOST_TOLD))
            told += len(results[-1])
        if len(results) > MAX_LINES:
            detail = f"Send at most {MAX_LINES} cases in one file; what was stored stays."
            raise TooManyLines(detail, limit=MAX_LINES)

    try:
        run = await import_lines(
            pool,
            request.stream(),
            asked,
            council=council,
            clock=request.app.state.clock,
            watch=watch,
        )
    except ClientDisconnect:
        raise UploadCutOff("Send the same file again: what was stored is known by now.") from None
    head = await _head(request, run)
    return StreamingResponse(_answer(head, results), media_type="application/json")


@router.get(
    "",
    responses=gives("Link", then={"read_import": {"run": "$response.body#/items/0/id"}})
    | refuses(CursorRefused, WholeCouncilOnly),
)
async def list_imports(
    by: Importer,
    session: Read,
    secret: CursorSecret,
    request: Request,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> RunPage:
    """Every import, newest first: what it did, and how much of what it left is still open."""
    _for_whole_council(by)
    start = decode_cursor(secret, cursor, client=by.client, filters={})
    before = int(start[0] or 0) if start else None
    found = await queries.runs(session, before=before, limit=limit + 1)
    following = None
    if len(found) > limit:
        position = (found[limit - 1].id,)
        following = encode_cursor(secret, position, client=by.client, filters={})
        response.headers["Link"] = next_link(request, following)
    return RunPage(items=found[:limit], next_cursor=following)


@router.get(
    "/{run}",
    responses=gives(then={"list_rejects": {"run": "$response.body#/id"}})
    | refuses(RunNotFound, WholeCouncilOnly),
)
async def read_import(run: RunNumber, by: Importer, session: Read) -> RunOut:
    """One import: what it did, and how much of what it left is still open."""
    _for_whole_council(by)
    return await queries.one_run(session, run)


@router.get(
    "/{run}/rejects",
    responses=gives("Link") | refuses(CursorRefused, RunNotFound, ScopeMissing, WholeCouncilOnly),
)
async def list_rejects(
    run: RunNumber,
    asked: Annotated[RejectQuery, Query()],
    by: Importer,
    session: Write,
    secret: CursorSecret,
    now: Now,
    request: Request,
    response: Response,
) -> RejectPage:
    """What an import did not take, and every reason, in order of the file.

    The lines themselves hold personal data: `raw` shows them to keys with `case:pii` only, and
    that they were shown is recorded.
    """
    _for_whole_council(by)
    if asked.raw and not by.may(Scope.case_pii):
        raise ScopeMissing("The lines take a key with case:pii.", scopes=[Scope.case_pii])
    filters = {"run": run, **asked.model_dump()}
    start = decode_cursor(secret, asked.cursor, client=by.client, filters=filters)
    await queries.one_run(session, run)
    found = await queries.rejects(
        session,
        run,
        resolved=asked.resolved,
        after=int(start[0] or 0) if start else 0,
        limit=asked.limit + 1,
        with_raw=asked.raw,
    )
    shown, following = found[: asked.limit], None
    if len(found) > asked.limit:
        position = (shown[-1].line,)
        following = encode_cursor(secret, position, client=by.client, filters=filters)
        response.headers["Link"] = next_link(request, following)
    if asked.raw and shown:
        what = f"import {run}, lines {shown[0].line} to {shown[-1].line}"
        await record_disclosure(session, to=by, case_id=None, what=what, now=now)
    return RejectPage(items=shown, next_cursor=following)


def _for_whole_council(by: Principal) -> None:
    if by.services is not None:
        raise WholeCouncilOnly("Use a key that sees every service.")


def _layout(request: Request) -> Format:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _LAYOUTS:
        raise UnsupportedMediaType(
            f"Send JSON Lines as {JSON_LINES}, or the flat form as {FLAT_CSV}.",
            accepts=", ".join(_LAYOUTS),
        )
    return _LAYOUTS[kind]


async def _head(request: Request, run: Run) -> ImportOut:
    counts = Counts(**{str(result): run.counts[result] for result in Result})
    shown = None
    if run.id is not None:
        database: Database = request.app.state.database
        async with database.snapshots() as session:
            shown = await queries.one_run(session, run.id)
    return ImportOut(dry_run=run.asked.dry_run, run=shown, counts=counts, results=[])


def _result(verdict: Verdict, *, with_problems: bool) -> bytes:
    """A line's result as JSON: of a large file there are many, and they wait until the end."""
    faults = verdict.faults if with_problems else ()
    line = LineOut(
        line=verdict.reading.raw.number,
        result=verdict.result,
        reference=verdict.known.reference if verdict.known else None,
        problems=[ProblemOut.model_validate(fault.shown()) for fault in faults],
    )
    return line.model_dump_json().encode()


def _answer(head: ImportOut, results: Sequence[bytes]) -> Iterator[bytes]:
    """The whole as JSON, its results last."""
    yield head.model_dump_json().encode().removesuffix(b"]}")
    for number, result in enumerate(results):
        yield b"," + result if number else result
    yield b"]}"
