"""R19: clients that leave at any moment, two thousand times.

They close their connection in the middle of an intake, a list, a reading of personal data or a
figure: against the service as it ships, against the same behind a middleware of Starlette's, which
cancels what it wraps, and with the request's own task cancelled. In the end no connection to the
database is checked out and none idles in a transaction; and whoever sends what was cut off again
finds it done once.
"""

import asyncio
import json
import random
import secrets
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
import uvicorn
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import ASGIApp

from app.cases.queries import Lists, Page
from app.kit.settings import Settings
from app.main import create_app
from tests.conftest import MovableClock
from tests.faults.conftest import Tally, pick
from tests.faults.ledger import Ledger, Sent

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(600, 3_600))]

ABORTS = pick(2_000, 50_000)
AT_ONCE = 20
LONGEST = 0.08  # seconds before a client leaves; most requests take less
PEOPLE = [{"role": "complainant", "name": "Alex Example"}]
IDLE_IN_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state LIKE 'idle in transaction%'
"""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as bytes will be made of it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None = None

    def raw(self) -> bytes:
        body = json.dumps(self.body).encode() if self.body is not None else b""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: council.test"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += ["Content-Type: application/json"] if self.body is not None else []
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@dataclass
class Leavers:
    """Clients who ask and leave; the ledger has what they asked for."""

    role: Mapping[str, str]
    reference: str
    ledger: Ledger = field(default_factory=Ledger)
    sent: list[Request] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def request(self) -> Request:
        """Some request; those that change something go into the ledger."""
        here = f"/v1/feedback/{self.reference}"
        match secrets.randbelow(6):
            case 0:
                return Request("GET", f"{here}/people", self.role)
            case 1:
                figure = "/v1/stats/figures/feedback-over-time?year=2026-27"
                return Request("GET", figure, self.role)
            case 2:
                return Request("GET", "/v1/feedback", self.role)
            case _:
                sent = Sent(str(uuid.uuid4()), f"Cut off. {uuid.uuid4()}")
                self.ledger.feedback[sent.words] = sent
                headers = {**self.role, "Idempotency-Key": sent.key}
                body = {"type": "complaint", "channel": "phone", "narrative": sent.words}
                one = Request("POST", "/v1/feedback", headers, {**body, "people": PEOPLE})
                self.sent.append(one)
                return one

    async def leave(self, times: int, ask: Callable[[Request], Awaitable[None]]) -> None:
        """Ask and leave, several at once."""
        left = iter(range(times))

        async def one_after_another() -> None:
            for _ in left:
                await ask(self.request())
                self.seen["left"] += 1

        await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))

    async def send_again(self, client: AsyncClient) -> None:
        """What was cut off is sent again, and must be answered."""
        for begin in range(0, len(self.sent), AT_ONCE):
            some = self.sent[begin : begin + AT_ONCE]
            answers = await asyncio.gather(
                *(client.post(one.path, json=one.body, headers=one.headers) for one in some)
            )
            for one, answer in zip(some, answers, strict=True):
                assert answer.status_code == 201, answer.text
                assert one.body is not None
                sent = self.ledger.feedback[one.body["narrative"]]
                sent.answers.append(answer.content)
                sent.place = answer.json()["reference"]


def moment() -> float:
    return random.uniform(0, LONGEST)  # noqa: S311


class Server(uvicorn.Server):
    """Leaves the signals to the tests."""

    capture_signals = nullcontext  # type: ignore[assignment]


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[Callable[[Request], Awaitable[None]]]:
    """Serve on loopback; gives what sends a request there and leaves."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False)
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]

    async def ask(request: Request) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        raw = request.raw()
        writer.write(raw if random.random() < 0.7 else raw[: random.randrange(len(raw))])  # noqa: S311
        await asyncio.sleep(moment())
        writer.transport.abort()

    yield ask
    server.should_exit = True
    await serving


@dataclass
class Stage:
    """The service, with somebody who asks it and leaves."""

    app: FastAPI
    client: AsyncClient
    leavers: Leavers
    look: "asyncpg.Connection[asyncpg.Record]"

    async def cancelled(self, request: Request) -> None:
        """Ask, and cancel the very task that answers."""
        asking = asyncio.create_task(
            self.client.request(
                request.method, request.path, headers=request.headers, json=request.body
            )
        )
        await asyncio.sleep(moment())
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    async def left_open(self) -> dict[str, int]:
        """What is still in use, once whatever was under way has had time to end."""
        for _ in range(100):
            if not any((await self._open()).values()):
                break
            await asyncio.sleep(0.05)
        return await self._open()

    async def _open(self) -> dict[str, int]:
        return {
            "engine": self.app.state.engine.pool.checkedout(),
            "statistics": self.app.state.stats_engine.pool.checkedout(),
            "pool": self.app.state.pool.get_size() - self.app.state.pool.get_idle_size(),
            "idle_in_transaction": await self.look.fetchval(IDLE_IN_TRANSACTION),
        }


@pytest.fixture
async def stage(
    settings: Settings,
    clock: MovableClock,
    staff: Mapping[str, dict[str, str]],
    database_url: str,
    emptied: None,
) -> AsyncIterator[Stage]:
    app = create_app(settings, clock=clock)
    transport = ASGITransport(app, raise_app_exceptions=False)
    look = await asyncpg.connect(database_url)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://council.test") as client,
    ):
        leavers = Leavers(staff["customer_relations"], "")
        while not leavers.sent:
            leavers.request()
        await leavers.send_again(client)
        leavers.reference = next(iter(leavers.ledger.feedback.values())).place
        yield Stage(app, client, leavers, look)
    await look.close()


@pytest.mark.parametrize("how", ["as_shipped", "behind_a_middleware", "task_cancelled"])
async def test_who_leaves_at_any_moment_leaves_nothing_open(
    stage: Stage, tally: Tally, how: str
) -> None:
    times = ABORTS if how == "as_shipped" else ABORTS // 4
    with tally.watching(stage.leavers.seen):
        if how == "task_cancelled":
            await stage.leavers.leave(times, stage.cancelled)
        else:
            around = BaseHTTPMiddleware(stage.app, dispatch=_through)
            async with listening(stage.app if how == "as_shipped" else around) as ask:
                await stage.leavers.leave(times, ask)
                left_open = await stage.left_open()
    left_open = await stage.left_open()
    done = await stage.look.fetchval('SELECT count(*) FROM core."case"')
    await stage.leavers.send_again(stage.client)
    findings = await stage.leavers.ledger.compare(stage.look)
    intakes = len(stage.leavers.sent)
    tally.sum_up(how=how, aborts=times, intakes=intakes, done_all_the_same=done, **left_open)
    assert left_open == dict.fromkeys(left_open, 0)
    assert findings == []
    assert 0 < done < intakes, "none was cut off, or all: the test would prove too little"


async def _through(request: Any, call_next: Any) -> Any:
    return await call_next(request)


async def test_a_service_that_forgets_a_connection_is_found_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Lists.page

    async def forgetful(lists: Lists, **asked: Any) -> Page:
        """A list with a connection of its own, which it forgets when it is cancelled."""
        pool = stage.app.state.pool
        held = await pool.acquire(timeout=2)
        try:
            found = await page(lists, **asked)
        except Exception:
            await pool.release(held)
            raise
        await pool.release(held)
        return found

    monkeypatch.setattr(Lists, "page", forgetful)
    left_open: dict[str, int] = {}
    for _ in range(20):  # until one is cancelled while it has a connection, which it soon is
        await stage.leavers.leave(200, stage.cancelled)
        left_open = await stage.left_open()
        if left_open["pool"]:
            break
    for holder in stage.app.state.pool._holders:
        if holder._con is not None:
            holder._con.terminate()
    assert left_open["pool"] > 0
