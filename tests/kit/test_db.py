"""One request is one transaction: committed before its answer, or nothing happened."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, MutableMapping
from socket import gaierror
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kit import db
from app.kit.clock import system_clock
from app.kit.db import connection, is_passing, open_database, sqlstate
from app.kit.problem import Unavailable
from app.kit.settings import Settings
from app.main import build

if TYPE_CHECKING:
    from tests.kit.conftest import Probe

NOTES = "/v1/probe/notes"
PAIRS = "/v1/probe/pairs"


async def test_what_was_answered_with_201_is_there(probe: "Probe") -> None:
    answer = await probe.client.post(NOTES, json={"word": "kept"})
    assert answer.status_code == 201
    assert await probe.words() == ["kept"]


@pytest.mark.parametrize(("word", "status"), [("doomed", 500), ("crossed", 503)])
async def test_a_commit_that_fails_after_the_handler_was_never_answered_with_2xx(
    probe: "Probe", word: str, status: int
) -> None:
    heads = [message async for message in answers(probe, word)]
    assert [message["status"] for message in heads] == [status]
    assert await probe.words() == []


async def test_a_commit_after_the_answer_is_caught_by_the_test_above(probe: "Probe") -> None:
    heads = [message async for message in answers(probe, "doomed", "/v1/probe/late-notes")]
    assert [message["status"] for message in heads] == [201]
    assert await probe.words() == []


async def answers(probe: "Probe", word: str, address: str = NOTES) -> Any:  # ASGI messages
    """Every head of an answer that the service sends, as it sends it."""
    sent: list[dict[str, Any]] = []

    async def listening(scope: Any, receive: Any, send: Any) -> None:  # ASGI
        async def heard(message: MutableMapping[str, Any]) -> None:
            sent.append(dict(message))
            await send(message)

        await probe.app(scope, receive, heard)

    transport = ASGITransport(listening, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await client.post(address, json={"word": word}, headers=probe.client.headers)
    for message in sent:
        if message["type"] == "http.response.start":
            yield message


async def test_a_request_cut_off_half_way_leaves_nothing(probe: "Probe") -> None:
    cut = asyncio.create_task(probe.client.post(PAIRS, json={"word": "cut"}))
    await probe.reached.wait()
    cut.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await cut
    assert await probe.words() == []
    assert probe.app.state.engine.pool.checkedout() == 0


async def test_a_request_cut_off_at_any_moment_leaves_all_or_nothing(probe: "Probe") -> None:
    probe.gate.set()
    for steps in range(40):
        cut = asyncio.create_task(probe.client.post(PAIRS, json={"word": f"{steps}"}))
        for _ in range(steps):
            await asyncio.sleep(0)
        cut.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await cut
    words = await probe.words()
    assert words == [f"{word.split()[0]} {n}" for word in words[::2] for n in (1, 2)]
    assert probe.app.state.engine.pool.checkedout() == 0


async def test_a_connection_killed_half_way_is_answered_503_and_leaves_nothing(
    probe: "Probe",
) -> None:
    request = asyncio.create_task(probe.client.post(PAIRS, json={"word": "killed"}))
    await probe.reached.wait()
    async with connection(probe.app.state.pool) as held:
        await held.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle in transaction'"
        )
    probe.gate.set()
    answer = await request
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert await probe.words() == []
    assert (await probe.client.post(NOTES, json={"word": "after"})).status_code == 201


async def test_every_way_into_the_database_waits_for_seconds_and_reads_are_snapshots(
    probe: "Probe",
) -> None:
    found = (await probe.client.get("/v1/probe/settings")).json()
    timeouts = {
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
        "jit": "off",
        "TimeZone": "UTC",
    }
    assert all(timeouts.items() <= way.items() for way in found.values())
    ways = {
        name: (way["transaction_isolation"], way["transaction_read_only"])
        for name, way in found.items()
    }
    assert ways == {
        "pool": ("read committed", "off"),
        "write": ("read committed", "off"),
        "read": ("repeatable read", "on"),
        "stats": ("repeatable read", "on"),
    }


async def test_where_only_reading_is_allowed_the_database_refuses_to_write(
    probe: "Probe",
) -> None:
    answer = await probe.client.get("/v1/probe/sneaky")
    assert answer.status_code == 503
    assert await probe.words() == []


async def test_a_pooled_connection_given_back_with_a_transaction_open_loses_it(
    probe: "Probe",
) -> None:
    pool = probe.app.state.pool
    async with connection(pool) as held:
        await held.execute("BEGIN; INSERT INTO probe.note (word) VALUES ('open')")
    assert await probe.words() == []


async def test_a_full_pool_is_answered_503_within_seconds(probe: "Probe") -> None:
    pool = probe.app.state.pool
    taken = [await pool.acquire() for _ in range(pool.get_max_size())]
    with pytest.raises(Unavailable):
        async with connection(pool):
            raise AssertionError("there was room")
    for one in taken:
        await pool.release(one)
    assert await probe.words() == []


async def test_a_full_engine_is_answered_503_within_seconds(probe: "Probe") -> None:
    engine = probe.app.state.engine
    taken = [await engine.connect() for _ in range(engine.pool.size())]
    answer = await probe.client.post(NOTES, json={"word": "no room"})
    for one in taken:
        await one.close()
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")


async def test_where_the_machine_of_the_database_has_gone_one_request_finds_it_out(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "COMMAND_SECONDS", 2.0)
    async with relayed(database_url) as (relay, url):
        as_sqlalchemy = url.replace("postgresql", "postgresql+asyncpg")
        database = await open_database(sqlalchemy_url=as_sqlalchemy, asyncpg_dsn=url, pool_size=5)

        async def ask(seconds: float = 0) -> None:
            async with connection(database.pool) as held:
                await held.execute(f"SELECT pg_sleep({seconds})")

        await asyncio.gather(*(ask(0.2) for _ in range(5)))
        assert database.pool.get_idle_size() == 5
        relay.another_takes_over()
        with pytest.raises(Unavailable):
            await ask()
        for _ in range(5):
            await ask()
        database.pool.terminate()


class Relay:
    """Between a client and Postgres. Where another machine takes over, nobody says good-bye."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._machine = 0

    def another_takes_over(self) -> None:
        """Say nothing more on connections made until now; new ones are as they should be."""
        self._machine += 1

    async def connect(self, theirs: asyncio.StreamReader, to_them: asyncio.StreamWriter) -> None:
        ours, to_us = await asyncio.open_unix_connection(self._socket)
        machine = self._machine

        async def pass_on(said: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            while heard := await said.read(65_536):
                if self._machine == machine:
                    to.write(heard)
            to.close()

        await asyncio.gather(pass_on(theirs, to_us), pass_on(ours, to_them))


@contextlib.asynccontextmanager
async def relayed(database_url: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to a database, and the address by which it is reached through it."""
    parts = urlsplit(database_url)
    (folder,) = parse_qs(parts.query)["host"]
    relay = Relay(f"{folder}/.s.PGSQL.5432")
    async with await asyncio.start_server(relay.connect, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        user = parts.netloc.rpartition("@")[0]
        yield relay, f"postgresql://{user}@127.0.0.1:{port}{parts.path}"


async def test_an_error_of_a_statement_comes_through_from_the_pool(probe: "Probe") -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        async with connection(probe.app.state.pool) as held:
            await held.execute("DO $$ BEGIN RAISE unique_violation; END $$")


async def test_values_never_show_in_an_error_of_the_database(probe: "Probe") -> None:
    async with probe.app.state.database.sessions() as session:
        with pytest.raises(DBAPIError) as error:
            await session.execute(text("SELECT 1 / (length(:name) - 9)"), {"name": "Mrs Smith"})
    assert "Smith" not in str(error.value)


async def test_the_code_of_an_error_is_found_whichever_library_raised_it(probe: "Probe") -> None:
    raising = "DO $$ BEGIN RAISE check_violation; END $$"
    async with probe.app.state.database.sessions() as session:
        with pytest.raises(DBAPIError) as one:
            await session.execute(text(raising))
    async with connection(probe.app.state.pool) as held:
        with pytest.raises(asyncpg.PostgresError) as two:
            await held.execute(raising)
    assert sqlstate(one.value) == sqlstate(two.value) == "23514"


async def test_the_service_starts_before_its_database_and_answers_503(
    settings: Settings,
) -> None:
    nowhere = settings.model_copy(
        update={"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")}
    )
    app = build([], settings=nowhere, clock=system_clock)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        assert (await client.get("/livez")).status_code == 200
        ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["faults"]) == (503, ["database"])


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InterfaceError("pool is closing"), True),
        (asyncpg.InterfaceError("… connection has been released back to the pool"), True),
        (asyncpg.InterfaceError("another operation is in progress"), False),
        (asyncpg.InternalClientError("cannot switch to state 2; another (6) is …"), True),
        (asyncpg.InternalClientError("something else"), False),
        (asyncpg.InvalidCachedStatementError("a migration went by"), True),
        (asyncpg.DeadlockDetectedError("x"), True),
        (asyncpg.AdminShutdownError("x"), True),
        (asyncpg.UniqueViolationError("x"), False),
        (ValueError("x"), False),
        (FileNotFoundError(), True),  # the Unix socket of a Postgres that is not there
        (gaierror(), True),
    ],
)
def test_which_errors_pass_by_themselves(error: BaseException, *, passing: bool) -> None:
    assert is_passing(error) is passing
