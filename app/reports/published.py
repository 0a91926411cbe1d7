"""Published reports, open to all: by version, or the newest; in every form, as it was frozen."""

from fastapi import APIRouter, Request, Response

from app.kit.db import Read
from app.kit.problem import Unavailable, refuses
from app.kit.routing import Route
from app.reports import frozen
from app.reports.addresses import About, Name, Version, Year
from app.reports.publications import PublicationNotFound, Which, find
from app.reports.schemas import DocumentOut
from app.reports.serving import FILES, answer_with
from app.stats.forms import NotAcceptable, split

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
