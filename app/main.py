"""Builds the app: settings, database, keys, routers, problem handlers. Knows every room."""

import importlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.access.guard import GuardedRoute
from app.access.queries import KeyRing, every_key
from app.intake.commands import CaseNumbers
from app.kit import errors
from app.kit.clock import Clock, system_clock
from app.kit.db import attach, open_database
from app.kit.settings import Mode, Settings
from app.procedures.queries import ReferenceCache

ROOMS = (
    "intake",
    "triage",
    "stages",
    "cases",
    "organisation",
    "procedures",
    "stats",
    "imports",
)
KEY_ENV = {Mode.demonstration: "demo", Mode.production: "live"}


def create_app(settings: Settings, *, clock: Clock = system_clock) -> FastAPI:
    """The whole service, on the database the settings name. It connects when it starts."""
    app = FastAPI(
        title="Council feedback",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.clock = clock
    app.state.pepper = settings.pepper.get_secret_value().encode()
    errors.install(app)
    for router in _routers():
        app.include_router(router)
    _refuse_unguarded(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    database = await open_database(
        sqlalchemy_url=settings.sqlalchemy_url,
        asyncpg_dsn=settings.asyncpg_dsn,
        pool_size=settings.pool_size,
    )
    attach(app, database)
    app.state.reference = ReferenceCache(database.snapshots)
    app.state.case_numbers = CaseNumbers(database.pool)
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


def _routers() -> Iterator[APIRouter]:
    for room in ROOMS:
        if find_spec(f"app.{room}.router"):
            yield importlib.import_module(f"app.{room}.router").router


def _refuse_unguarded(app: FastAPI) -> None:
    """Stop a room from being opened by the wrong kind of router."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and not isinstance(route, GuardedRoute):
            raise TypeError(f"{context.path}: make its router with app.access.guard.Router")
