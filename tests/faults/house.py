"""The service in this process, on a database of the tests'."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from app.demo.roles import admit
from app.kit.clock import Clock
from app.kit.settings import Settings
from app.main import KEY_ENV, create_app


@asynccontextmanager
async def serving(
    settings: Settings, clock: Clock, *, url: str | None = None
) -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """A service of one's own: on the tests' shared database, unless another is named."""
    there = {"database_url": SecretStr(url)} if url else {}
    app = create_app(settings.model_copy(update=there), clock=clock)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://council.test") as client,
    ):
        yield app, client


async def administrator(app: FastAPI) -> dict[str, str]:
    """The headers of somebody who may do anything, on a database that has no keys yet."""
    settings: Settings = app.state.settings
    async with app.state.database.sessions.begin() as session:
        keys = await admit(
            session,
            env=KEY_ENV[settings.mode],
            pepper=app.state.pepper,
            now=app.state.clock(),
        )
    return {"Authorization": f"Bearer {keys['admin']}", "Acting-Officer": "p.officer"}
