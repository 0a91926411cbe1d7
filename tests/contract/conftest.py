"""A service of its own for whoever tries all of it, with the demonstration's callers."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from pydantic import SecretStr
from schemathesis.python import asgi
from schemathesis.specs.openapi.schemas import OpenApiSchema
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool
from starlette.types import Send as StarletteSend

import app
from app.demo.roles import admit
from app.kit.settings import Mode, Settings
from app.main import KEY_ENV, create_app
from tests.contract.trial import CONFIG, Caller, Trial

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)

for _found in walk_packages(app.__path__, "app."):
    if not _found.name.endswith("__main__"):  # which would run it
        # Hypothesis takes some values from the modules it finds: were one imported on demand only,
        # what is tried after would be another each time.
        import_module(_found.name)

# As schemathesis has them.
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
CallerOf = Callable[[str], Caller]
TrialOf = Callable[[str], Trial]


@pytest.fixture(scope="session")
async def tried_settings(server: Any, settings: Settings) -> Settings:
    url = await server.copy()
    contact = "mailto:security@council.example"
    changed = {"database_url": SecretStr(url), "security_contact": contact}
    return settings.model_copy(update=changed)


@pytest.fixture(scope="session")
async def tried_keys(tried_settings: Settings) -> dict[str, str]:
    engine = create_async_engine(tried_settings.sqlalchemy_url, poolclass=NullPool)
    async with AsyncSession(engine) as session, session.begin():
        made = await admit(
            session,
            env=KEY_ENV[Mode.production],
            pepper=tried_settings.pepper.get_secret_value().encode(),
            now=NOW,
        )
    await engine.dispose()
    return made


class KeptRunning:
    """The service, started once: schemathesis would stop and start it between any two tests."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._running: AsyncExitStack | None = None
        self._over = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or say that the service has started or stopped."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, cast("StarletteSend", send))
            return
        await receive()
        if self._running is None:
            self._running = AsyncExitStack()
            await self._running.enter_async_context(self._app.router.lifespan_context(self._app))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._over:
            await self._running.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    def stop(self) -> None:
        """Stop it in the thread that it runs in."""
        self._over = True
        with asgi.get_client(self):
            asgi.shutdown_lifespans()


@pytest.fixture(scope="session")
def service(tried_settings: Settings) -> Iterator[KeptRunning]:
    """The service, in a thread of its own."""
    one = KeptRunning(create_app(tried_settings, clock=lambda: NOW))
    yield one
    one.stop()


@pytest.fixture(autouse=True)
def durable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the tests' Postgres for a durable one, while its readiness is tried here."""
    monkeypatch.setattr("app.kit.health.faults", lambda _state: [])


@pytest.fixture(scope="session")
def described(service: KeptRunning) -> OpenApiSchema:
    """The service as it describes itself."""
    config = schemathesis.Config.from_dict(CONFIG)
    return schemathesis.openapi.from_asgi("/openapi.json", service, config=config)


@pytest.fixture
def caller_of(described: OpenApiSchema, tried_keys: dict[str, str]) -> CallerOf:
    """Who calls in a role of the demonstration."""
    return lambda role: Caller(described, tried_keys[role])


@pytest.fixture(scope="session")
def reports() -> dict[bool, Mapping[str, Any]]:
    """A report that was published, and one that was not, once they are there."""
    return {}


@pytest.fixture
def trial_of(caller_of: CallerOf, reports: dict[bool, Mapping[str, Any]]) -> TrialOf:
    """Who tries operations in a role of the demonstration."""
    return lambda role: Trial(caller_of(role), caller_of("admin"), NOW.date(), reports)
