"""What a stranger finds at the door: what this is, and the reports that are open to all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from app.kit.answers import named
from app.kit.clock import Now, london_day
from app.kit.db import Read
from app.kit.pages import page, page_answer, wants_page
from app.kit.problem import Unavailable, refuses
from app.kit.routing import Route
from app.kit.settings import Mode
from app.kit.shown import shown
from app.procedures.queries import NoCouncil, ReferenceCache
from app.procedures.reference import ReferenceData
from app.reports import frozen
from app.reports.addresses import Year
from app.reports.as_html import template
from app.reports.glance import HEIGHT, WIDTH, cards
from app.reports.publications import Found, glance_of, listed
from app.reports.words import listed as listing
from app.stats.period import last_complete_year

router = APIRouter(tags=["service"], route_class=Route)

_KEPT = "public, max-age=60"
_Text = Annotated[str, Field(max_length=500)]
_LINKS = {
    "documentation": "/docs",
    "openapi": "/openapi.json",
    "published": "/published",
    "ready": "/readyz",
}
_PAGE = {
    "text/html": {
        "schema": {"type": "string", "maxLength": 10_000_000},
        "example": '<!doctype html>\n<html lang="en-GB">',
    }
}


class Front(BaseModel):
    """What this is, and where to go on."""

    model_config = shown(
        {"name": "Council feedback", "about": "What it does.", "links": {**_LINKS}}
    )

    name: _Text
    about: _Text
    links: Annotated[Mapping[str, _Text], Field(max_length=10)]


@dataclass(frozen=True, slots=True)
class Line:
    """The newest report of a year about some services, and its earlier versions."""

    year: str
    address: str
    newest: str
    subject: str
    version: int
    confirmed_on: date
    disclosure: str
    older: Sequence[int]


@router.get(
    "/",
    operation_id="front",
    response_model=Front,
    responses={200: {"content": _PAGE, "headers": named("Vary")}, **refuses(Unavailable)},
)
async def front(request: Request, session: Read, now: Now) -> Response:
    """What this service is, the reports that are open to all, and where its description is."""
    if wants_page(request):
        return await _index(request, session, now)
    said = Front(name=request.app.title, about=request.app.summary, links=_LINKS)
    return JSONResponse(said.model_dump(), headers={"Vary": "Accept"})


@router.get("/published", include_in_schema=False)
async def every_report(request: Request, session: Read, now: Now) -> Response:
    """The page of all reports that are published."""
    return await _index(request, session, now)


@router.get("/published/annual/{year}", include_in_schema=False)
async def reports_of_year(year: Year, request: Request, session: Read, now: Now) -> Response:
    """The page of a year's reports."""
    return await _index(request, session, now, year=year)


async def _index(
    request: Request, session: AsyncSession, now: datetime, *, year: str | None = None
) -> Response:
    council = await _council(request)
    found = await listed(session, year=year, published=True)
    lines = list(_lines(found, council))
    last = lines[0] if lines else None
    body = template("index.html").render(
        council=council.council if council else None,
        about=request.app.summary,
        demonstration=request.app.state.settings.mode is Mode.demonstration,
        years=[(of, list(some)) for of, some in groupby(lines, key=lambda line: line.year)],
        newest=last,
        cards=list(cards(await glance_of(session, found[0]))) if last else [],
        size=(WIDTH, HEIGHT),
        draft_of=last_complete_year(london_day(now)),
    )
    title = f"Annual reports {year.replace('-', '/')}" if year else "Council feedback"
    return page_answer(page(title, body), cached=_KEPT)


async def _council(request: Request) -> ReferenceData | None:
    reference: ReferenceCache = request.app.state.reference
    try:
        return await reference.get()
    except NoCouncil:
        return None


def _lines(found: Sequence[Found], council: ReferenceData | None) -> Iterator[Line]:
    known = council.organisation.services if council else {}
    for (year, services), versions in groupby(
        found, key=lambda one: (one.proposed.year, one.proposed.services)
    ):
        newest, *older = versions
        assert newest.confirmed is not None  # only what is published was asked for
        names = [known[slug].name if slug in known else slug for slug in services]
        yield Line(
            year=year,
            address=frozen.address(year, services, newest.proposed.version),
            newest=frozen.address(year, services),
            subject=listing(names) if names else "The whole council",
            version=newest.proposed.version,
            confirmed_on=london_day(newest.confirmed.confirmed_at),
            disclosure=newest.proposed.disclosure,
            older=[one.proposed.version for one in older],
        )
