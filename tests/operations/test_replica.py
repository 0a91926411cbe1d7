"""Statistics from a streaming replica: never newer than they say, and never in anybody's way."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app.access.queries import USABLE_FOR
from app.kit import doctor
from app.kit.clock import system_clock
from app.kit.db import Database
from app.main import create_app
from tests.desk import COMPLAINT
from tests.drills.cluster import PATIENCE, Cluster, site
from tests.drills.council import Headers, found, settings_on
from tests.drills.crowd import this_year

pytestmark = pytest.mark.drill
FIGURE = "/v1/stats/figures/feedback-over-time"
LATER = "SELECT 1 FROM pg_database WHERE datname = 'later'"


async def until(so: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until it is so: Postgres tells nobody that it has replayed something."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await so():
                return
            await asyncio.sleep(0.05)


@dataclass
class Pair:
    """A primary with its replica, the service on both, and what the service acknowledged."""

    primary: Cluster
    replica: Cluster
    app: FastAPI
    client: AsyncClient
    keys: Headers
    acknowledged: list[datetime] = field(default_factory=list)

    async def submit(self) -> str:
        """Hand in feedback, which must be acknowledged."""
        headers = {**self.keys["contact_centre"], "Idempotency-Key": str(uuid.uuid4())}
        answer = await self.client.post("/v1/feedback", json=COMPLAINT, headers=headers)
        assert answer.status_code == 201, answer.text
        self.acknowledged.append(datetime.now(UTC))
        reference: str = answer.json()["reference"]
        return reference

    async def ask(self) -> Response:
        """Ask for the figure that counts everything registered this year."""
        return await self.client.get(f"{FIGURE}?years=1&year={this_year()}", headers=self.reader)

    async def has_answered(self) -> int:
        """The status of the figure once it is not 503 any more."""
        statuses: list[int] = []

        async def answered() -> bool:
            statuses.append((await self.ask()).status_code)
            return statuses[-1] != 503

        await until(answered)
        return statuses[-1]

    async def counted(self) -> tuple[int, datetime]:
        """How many the figure has, and as of when."""
        answer = await self.ask()
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return body["totals"][0]["count"], datetime.fromisoformat(body["as_of"])

    async def hides(self) -> bool:
        """Whether the figure lacks something that it says it has."""
        count, as_of = await self.counted()
        return count < sum(moment <= as_of for moment in self.acknowledged)

    async def catches_up(self) -> None:
        """Wait until the replica has everything that was acknowledged."""
        last = max(self.acknowledged, default=datetime.now(UTC))

        async def has_them() -> bool:
            return (await self.counted())[1] >= last

        await until(has_them)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """The replica stands still while this lasts."""
        await self.catches_up()
        await self.on_replica("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            await self.on_replica("SELECT pg_wal_replay_resume()")

    async def complaints(self) -> list[str]:
        """What the doctor says of the statistics' database."""
        return await doctor.stats_complaints(self.replica.url(), of=self.primary.url())

    @property
    def reader(self) -> Any:
        return self.keys["customer_relations"]

    async def on_replica(self, statement: str) -> Any:
        connection = await asyncpg.connect(self.replica.url("postgres"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="module")
def clusters() -> Iterator[tuple[Cluster, Cluster]]:
    with site() as place:
        primary = place.cluster("primary")
        yield primary, primary.replica("replica")


@pytest.fixture(scope="module")
async def keys(clusters: tuple[Cluster, Cluster]) -> Headers:
    return await found(clusters[0].url())


@pytest.fixture(scope="module")
async def pair(clusters: tuple[Cluster, Cluster], keys: Headers) -> AsyncIterator[Pair]:
    primary, replica = clusters
    app = create_app(settings_on(primary.url(), replica.url()), clock=system_clock)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        one = Pair(primary, replica, app, client, keys)
        assert await one.has_answered() == 200
        yield one


async def test_a_case_shows_in_the_figure_once_the_replica_has_it(pair: Pair) -> None:
    before, _ = await pair.counted()
    await pair.submit()
    await pair.catches_up()
    count, as_of = await pair.counted()
    assert count == before + 1
    assert datetime.now(UTC) - as_of < timedelta(seconds=10)
    assert not await pair.hides()


async def test_a_figure_is_as_of_now_when_nothing_has_been_written_for_long(pair: Pair) -> None:
    await pair.catches_up()
    behind = True
    for _ in range(20):  # for Postgres itself writes now and then, and the replica is behind
        await asyncio.sleep(0.1)
        asked = datetime.now(UTC)
        behind = behind and (await pair.counted())[1] < asked
    assert not behind


async def test_while_the_replica_stands_still_the_figure_says_as_of_when(pair: Pair) -> None:
    await pair.submit()
    async with pair.paused():
        before = await pair.counted()
        reference = await pair.submit()
        count, as_of = await pair.counted()
        assert count == before[0]
        assert as_of < pair.acknowledged[-1]
        assert not await pair.hides()
        # what is not a statistic knows of the case at once
        read = await pair.client.get(f"/v1/feedback/{reference}", headers=pair.reader)
        assert read.status_code == 200
    await pair.catches_up()
    assert (await pair.counted())[0] == before[0] + 1


async def test_a_build_that_says_now_whatever_the_replica_has_is_caught(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def everything(_: Database) -> None:
        return None

    async with pair.paused():
        await pair.submit()
        assert not await pair.hides()
        monkeypatch.setattr(Database, "replayed", everything)
        assert await pair.hides()


async def test_without_its_replica_only_the_statistics_stop(pair: Pair) -> None:
    await pair.catches_up()
    pair.replica.stop()
    try:
        answer = await pair.ask()
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert (await pair.client.get("/readyz")).status_code == 200
        await pair.submit()
        (complaint,) = await pair.complaints()
        assert complaint.endswith("until it does, statistics answer 503.")
        measured = await pair.client.get("/metrics", headers=pair.keys["admin"])
        assert 'council_feedback_readable{what="statistics"} 0.0' in measured.text
    finally:
        pair.replica.start()
    await pair.catches_up()
    assert not await pair.hides()
    assert await pair.complaints() == []


async def test_without_its_primary_the_figure_stays_for_as_long_as_the_keys_are_known(
    pair: Pair,
) -> None:
    await pair.submit()
    await pair.catches_up()
    stopped = datetime.now(UTC)
    pair.primary.stop()
    try:
        count, as_of = await pair.counted()
        assert as_of <= stopped
        assert count
        assert (await pair.client.get("/readyz")).status_code == 503
        pair.app.state.keyring._read_at -= USABLE_FOR  # as so much later
        assert (await pair.ask()).status_code == 503
    finally:
        pair.primary.start()
    pair.app.state.keyring._failed_at = float("-inf")  # as after the second it asks to wait
    await pair.submit()
    await pair.catches_up()


async def test_what_a_replica_has_not_heard_of_yet_is_answered_as_still_to_come(
    pair: Pair,
) -> None:
    names = {"role": "postgres", "database": "later"}
    connection = await asyncpg.connect(pair.primary.admin_url)
    await connection.execute("CREATE DATABASE later")
    await connection.close()

    async def is_there() -> bool:
        return await pair.on_replica(LATER) is not None

    await until(is_there)
    async with pair.paused():
        keys = await found(pair.primary.url(**names))
        settings = settings_on(pair.primary.url(**names), pair.replica.url(**names))
        app = create_app(settings, clock=system_clock)
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
        ):
            later = Pair(pair.primary, pair.replica, app, client, keys)
            told = [(await later.ask()).status_code for _ in range(3)]
            await pair.on_replica("SELECT pg_wal_replay_resume()")
            answered = await later.has_answered()
    assert (told, answered) == ([503] * 3, 200)


async def test_the_doctor_knows_a_replica_from_what_is_none(pair: Pair) -> None:
    itself = await doctor.stats_complaints(pair.primary.url(), of=pair.primary.url())
    assert itself == []
    async with pair.paused():
        await pair.submit()
        assert await pair.complaints() == []
    (stranger,) = await doctor.stats_complaints(
        pair.primary.url("postgres", "postgres"), of=pair.replica.url()
    )
    assert "takes writes of its own" in stranger
