"""Published reports, open to all: by version, or the newest; in every form, as it was frozen."""

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from app.kit.db import Read
from app.kit.pages import POLICY
from app.kit.problem import Unavailable, refuses
from app.kit.routing import Route
from app.reports import frozen
from app.reports.addresses import About, Name, Number, Version, Year
from app.reports.as_html import Edition
from app.reports.document import Report
from app.reports.publications import Found, PublicationNotFound, Which, find
from app.reports.reconciliation import KEY
from app.reports.schemas import DocumentOut
from app.reports.serving import AS_PAGE, FILES, READ_AS, answer_with
from app.stats.forms import Form, NotAcceptable, chosen, split

router = APIRouter(prefix="/published/annual/{year}", tags=["reports"], route_class=Route)

FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=300"  # a newer version may come


@router.get(
    "/{name}",
    operation_id="read_newest_published_report",
    response_model=DocumentOut,
    responses={**FILES, **refuses(PublicationNotFound, NotAcceptable, Unavailable)},
)
async def newest(year: Year, name: Name, session: Read, request: Request) -> Response:
    """The newest published report of a year about certain services, or the whole council."""
    about, suffix = split(name)
    found = await find(session, Which(year, frozen.services_in(about)), published=True)
    return await answer_with(found, session, request, suffix, kept=FOR_NOW)


@router.get(
    "/{about}/{version}",
    operation_id="read_published_report",
    response_model=DocumentOut,
    responses={**FILES, **refuses(PublicationNotFound, NotAcceptable, Unavailable)},
)
async def by_version(
    year: Year, about: About, version: Version, session: Read, request: Request
) -> Response:
    """A published report, byte for byte what it was when it was published."""
    number, suffix = split(version)
    which = Which(year, frozen.services_in(about), int(number))
    found = await find(session, which, published=True)
    return await answer_with(found, session, request, suffix, kept=FOR_EVER)


@router.get(
    "/{about}/{version}/reconciliation",
    operation_id="read_published_reconciliation",
    response_model=Report,
    responses={**AS_PAGE, **refuses(PublicationNotFound, NotAcceptable, Unavailable)},
)
async def reconciliation(
    year: Year, about: About, version: Number, session: Read, request: Request
) -> Response:
    """Every place of a published report where a reader could stumble, as it was published."""
    form = chosen(request, None, among=tuple(READ_AS))
    found = await find(session, Which(year, frozen.services_in(about), version), published=True)
    await session.close()  # to read it takes longer than to fetch it
    content = await run_in_threadpool(_stumbling, found, form)
    headers = {"Cache-Control": FOR_NOW, "Vary": "Accept", "Content-Security-Policy": POLICY}
    return Response(content, headers=headers, media_type=form.media_type)


def _stumbling(found: Found, form: Form) -> bytes:
    """That section of what was frozen, and no number of its own."""
    published = DocumentOut.model_validate_json(found.proposed.document)
    one = found.proposed
    edition = Edition(
        version=one.version,
        newest=frozen.address(one.year, one.services),
        disclosure=one.disclosure,
        sha256=one.sha256.hex(),
        suffixes=(),
    )
    return READ_AS[form](published.report.only(KEY), edition)
