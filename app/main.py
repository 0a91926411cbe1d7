"""Builds the app: settings, database, keys, routers, problem handlers. Knows every room."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import Receive, Scope, Send

from app.access import guard, sign_in
from app.access import router as access
from app.access.queries import LAST_KEY, KeyRing, every_key
from app.cases import router as cases
from app.cases.queries import Lists, open_cases
from app.imports import router as imports
from app.imports.queries import BACKLOG
from app.intake import router as intake
from app.intake.commands import CaseNumbers, open_intake
from app.kit import contact, docs, errors, health, middleware, openapi, pages, switchboard
from app.kit.admission import Door, Rate, Rates
from app.kit.clock import Clock, system_clock
from app.kit.db import STATS_POOL_SIZE, Database, attach, open_database
from app.kit.metrics import Metrics
from app.kit.settings import Mode, Settings
from app.organisation import router as organisation
from app.previews import router as previews
from app.procedures import router as procedures
from app.procedures.queries import CALENDAR, ReferenceCache
from app.reports import published, publishing, welcome
from app.reports import router as reports
from app.stages import router as stages
from app.stats import router as stats
from app.stats.disclosure import Rules
from app.triage import router as triage

ROOMS = (
    intake,
    triage,
    stages,
    cases,
    organisation,
    procedures,
    stats,
    reports,
    publishing,
    previews,
    imports,
    access,
)
OPEN_PATHS = frozenset({
    "/", "/livez", "/readyz", "/.well-known/security.txt",
    "/published/annual/{year}/{name}", "/published/annual/{year}/{about}/{version}",
    "/published/annual/{year}/{about}/{version}/reconciliation",
})  # fmt: skip
OPEN_PAGES = frozenset({
    "/docs", "/docs/openapi.json", "/docs/{asset}", "/openapi.json", "/sign-in", "/sign-out",
    "/style.css", "/published", "/published/annual/{year}",
})  # fmt: skip
OPEN_DOORS = (
    health.router,
    contact.router,
    docs.router,
    pages.router,
    sign_in.router,
    published.router,
    welcome.router,
)
LOOKS = (BACKLOG, CALENDAR, LAST_KEY)
VERSION = "0.1.0"  # as in pyproject.toml
KEY_ENV = {Mode.demonstration: "demo", Mode.production: "live"}
BODY_LIMITS = {"/v1/imports": 64 * 1024 * 1024}
SUMMARY = (
    "Takes in a council's customer feedback, works each case through its procedure,"
    " and answers for it in numbers that reconcile."
)
DESCRIPTION = (
    "Every call needs a key, as `Authorization: Bearer`; whatever changes a case names the officer"
    " (`Acting-Officer`) and the version it was decided on (`If-Match`, the `ETag` it was read"
    " with). What is refused is answered with a problem (RFC 9457): test its `type`. `/v1` only"
    " ever gains: expect new fields, and new values of lists, in what you read."
)
SERVER = {
    "url": "/",
    "description": "Where this description was found: in production, or a local demonstration.",
    "x-internal": True,  # for a council's own systems, not for whoever passes by
}
TAGS = (
    ("feedback", "Taking in complaints, comments and compliments; finding and reading cases."),
    ("casework", "What is done with a case, from acknowledgement to its end."),
    ("previews", "What an act would move in published figures, before it is done."),
    ("reference data", "Services, teams, categories, procedures and the calendar."),
    ("statistics", "Every figure, with its population, its parts and what it leaves out."),
    ("reports", "The annual report: every figure, its table, and what it says in sentences."),
    ("imports", "Bulk history."),
    ("service", "The service itself."),
)


class Service(FastAPI):
    """The app behind its door, with a description of every answer it can give."""

    _completed: dict[str, Any] | None = None
    door: Door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, if there is room for it."""
        await self.door(scope, receive, send)

    async def within(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that was let in."""
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The description, made again only when routes have been added."""
        document = super().openapi()
        if document is not self._completed:
            guard.describe(document, self.routes)
            self._completed = openapi.complete(document, guarded_by=guard.REFUSALS)
        return document


def create_app(settings: Settings, *, clock: Clock = system_clock) -> FastAPI:
    """The whole service, on the database the settings name. It connects when it starts."""
    return build((room.router for room in ROOMS), settings=settings, clock=clock)


def build(rooms: Iterable[APIRouter], *, settings: Settings, clock: Clock) -> FastAPI:
    """A service of these rooms."""
    metrics = Metrics(version=VERSION)
    app = Service(
        title="Council feedback",
        summary=SUMMARY,
        description=DESCRIPTION,
        version=VERSION,
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[SERVER],
        openapi_tags=[{"name": name, "description": means} for name, means in TAGS],
        openapi_url=None,
        middleware=middleware.stack(body_limits=BODY_LIMITS, metrics=metrics),
        lifespan=_lifespan,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.clock = clock
    app.state.metrics = metrics
    app.state.disclosure = Rules(below=settings.small_numbers_below)
    app.state.pepper = settings.pepper.get_secret_value().encode()
    app.door = Door(app.within, lane_of=_lane_of, rooms=_rooms(settings), metrics=metrics)
    app.state.rates = Rates(
        key=Rate("client", settings.rate, settings.burst),
        failures=Rate("failures", settings.failure_rate, settings.failure_burst),
        metrics=metrics,
    )
    app.state.security_contact = settings.security_contact
    errors.install(app)
    for router in (*rooms, *OPEN_DOORS):
        app.routes.extend(router.routes)  # as they are: `include_router` makes each a second time
    _refuse_open_doors(app)
    switchboard.install(app)
    return app


def _lane_of(scope: Scope) -> str | None:
    """Which room a request needs: by its address alone, before anything else is read."""
    path, posts = scope["path"], scope["method"] == "POST"
    if not path.startswith("/v1/"):
        return _lane_of_page(path)
    if path.startswith(("/v1/stats/", "/v1/reports/")):
        return "statistics"
    if posts and path == "/v1/feedback":
        return "intake"
    if path.endswith("/preview"):
        return "previews"
    return "bulk" if posts and path == "/v1/imports" else "work"


def _lane_of_page(path: str) -> str | None:
    if path == "/" or path.startswith(("/published", "/sign-in")):
        return "open"
    if path.startswith(("/docs", "/openapi.json")):
        return "docs"
    return None  # whoever asks how the service is must be answered, above all when it is full


def _rooms(settings: Settings) -> Mapping[str, int]:
    """How many requests of each kind may be in hand: the pools stay busy, and no queue is long."""
    pool = settings.pool_size
    return {
        "intake": settings.room_for_intake or 4 * pool,
        "work": settings.room_for_work or 4 * pool,
        "statistics": settings.room_for_statistics or 6 * STATS_POOL_SIZE,
        "bulk": settings.room_for_bulk or pool,
        "open": max(1, pool // 2),  # strangers leave connections to those who work
        "docs": 2 * pool,  # they need none, but are large: a page asks for six files at once
        "previews": max(1, pool // 4),  # so do those who try an act: figures take long
    }


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    database = await open_database(
        sqlalchemy_url=settings.sqlalchemy_url,
        asyncpg_dsn=settings.asyncpg_dsn,
        pool_size=settings.pool_size,
        replica_url=settings.stats_sqlalchemy_url,
    )
    attach(app, database)
    _measure(app, database)
    app.state.reference = ReferenceCache(database.snapshots)
    app.state.case_numbers = CaseNumbers(database.pool)
    app.state.intake = open_intake(database.pool)
    app.state.cases = open_cases(database.pool)
    app.state.lists = Lists(database.pool)
    app.state.keyring = KeyRing(
        lambda: every_key(database.pool),
        env=KEY_ENV[settings.mode],
        pepper=app.state.pepper,
        clock=app.state.clock,
    )
    try:
        yield
    finally:
        await database.close()


def _measure(app: FastAPI, database: Database) -> None:
    """Have the measurements say how the database stands, and what waits in it."""
    metrics: Metrics = app.state.metrics
    metrics.watch(database, LOOKS, clock=app.state.clock)


def _refuse_open_doors(app: FastAPI) -> None:
    """Stop the service from starting with an operation that anybody could call."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or context.path in OPEN_PATHS | OPEN_PAGES:
            continue
        if not isinstance(route, guard.GuardedRoute):
            raise TypeError(f"{context.path}: make its router with app.access.guard.Router")
        if not route.asks_for:
            raise TypeError(f"{context.path}: its handler asks for no key; see app.access.guard")
