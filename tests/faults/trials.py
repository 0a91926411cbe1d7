"""The service on a driver that fails, and something done again and again with each call failing."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import asyncpg
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app.kit.settings import Settings
from app.main import create_app
from tests.conftest import MovableClock
from tests.faults.driver import Driver, Fault, wrapped

if TYPE_CHECKING:
    from tests.faults.conftest import Tally


@dataclass
class Trial:
    """The service on a driver that fails, a look into its database, and who calls."""

    app: FastAPI
    client: AsyncClient
    driver: Driver
    look: "asyncpg.Connection[asyncpg.Record]"
    staff: Mapping[str, Mapping[str, str]]
    seen: Counter[str] = field(default_factory=Counter)

    async def every_failure(
        self,
        attempt: Callable[[int, Fault], Awaitable[str]],
        tally: "Tally",
        name: str,
        faults: Iterable[Fault] = Fault,
        *,
        begin: int = 0,
    ) -> None:
        """Have each call fail in each way, until a command needs no more calls than were tried.

        Calls before `begin` are left alone.
        """
        for fault in faults:
            at = begin
            while at == begin or self.driver.fired:
                at += 1
                self.seen[await attempt(at, fault)] += 1
                self.nothing_is_left_open()
            assert at > begin + 1, f"nothing failed: {name}"
            self.seen["failures"] += at - begin - 1
        tally.progress(f"{name}: {dict(self.seen)}")

    async def done_now(self, send: Callable[[], Awaitable[Response]]) -> Response:
        """Send again, and have it done: the second time must do, as nothing fails any more."""
        self.app.state.keyring._failed_at = float("-inf")  # as after the second it asks to wait
        answer = await send()
        assert answer.is_success, answer.text
        return answer

    def nothing_is_left_open(self) -> None:
        engines = self.app.state.engine, self.app.state.stats_engine
        assert [engine.pool.checkedout() for engine in engines] == [0, 0]
        pool = self.app.state.pool
        assert pool.get_idle_size() == pool.get_size()


@dataclass(frozen=True, slots=True)
class Try:
    """One request under a key, and a look at what is held of what it does."""

    key: str
    send: Callable[[], Awaitable[Response]]
    held: Callable[[], Awaitable[Sequence[str]]]


@dataclass
class Doing:
    """An act that can be tried many times, and what it makes when nothing fails."""

    trial: Trial
    name: str
    tries: AsyncIterator[Try]
    status: HTTPStatus
    before: Sequence[str] = ()
    after: Sequence[str] = ()

    async def without_failure(self) -> None:
        """See what it makes."""
        one = await anext(self.tries)
        self.before = await one.held()
        answer = await one.send()
        assert answer.status_code == self.status, answer.text
        self.after = await one.held()
        assert self.after != self.before

    async def attempt(self, at: int, fault: Fault) -> str:
        """Do it with a failure; say whether all or nothing was done, and do the rest."""
        one = await anext(self.tries)
        with self.trial.driver.failing(at, fault):
            answer = await one.send()
        assert_passing(answer)
        now, kept = await one.held(), await self._kept(one.key)
        done = now == self.after
        where = f"{self.name}, call {at}: {fault}"
        assert done or now == self.before, f"half done: {where}"
        assert kept == ([self.status] if done else []), f"key apart from its work: {where}"
        assert done or not answer.is_success, f"acknowledged and not done: {where}"
        again = await self.trial.done_now(one.send)
        assert await one.held() == self.after, f"not once: {where}"
        assert not answer.is_success or again.content == answer.content, where
        return "all" if done else "nothing"

    async def _kept(self, key: str) -> list[int | None]:
        rows = await self.trial.look.fetch("SELECT status FROM ops.idempotency WHERE key = $1", key)
        return [row["status"] for row in rows]


def assert_passing(answer: Response) -> None:
    """It was done, or may be sent again."""
    if not answer.is_success:
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, answer.text
        assert int(answer.headers["Retry-After"]) >= 1


@asynccontextmanager
async def trying(
    settings: Settings, clock: MovableClock, staff: Mapping[str, Mapping[str, str]], url: str
) -> AsyncIterator[Trial]:
    """A service of one's own whose driver can be told to fail."""
    look = await asyncpg.connect(url)
    with wrapped() as driver:
        app = create_app(settings, clock=clock)
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=transport, base_url="http://council.test") as client,
        ):
            yield Trial(app, client, driver, look, staff)
    await look.close()
