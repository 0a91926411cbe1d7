"""R3: every command, with the Nth call to the database failing, for every N and in five ways.

The connection breaks before the call or after it, the server refuses to go on, or the answer does
not come in time, with the work done or not done. Whatever happens, the database holds all of the
command or nothing of it, the answer is the usual one or 503 with Retry-After, and the same request
sent again does the rest: the effect is there once.
"""

import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.commands import add_client, issue_key, revoke_key
from app.access.principal import Scope
from app.cases import acting
from app.cases.reference import number_in
from app.demo.filling import COUNCIL_FILE
from app.kit import idempotency
from app.kit.settings import Settings
from app.main import KEY_ENV, create_app
from app.procedures.commands import load_council
from tests.conftest import PEPPER, MovableClock
from tests.faults.conftest import LONG, Tally
from tests.faults.driver import Driver, Fault, kinds, wrapped
from tests.faults.prepared import DEEDS, Deed, held, prepared
from tests.imports.past import line, written

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1_800)]


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
        tally: Tally,
        name: str,
        faults: Iterable[Fault] = Fault,
    ) -> None:
        """Have each call fail in each way, until a command needs no more calls than were tried."""
        for fault in faults:
            at = 0
            while at == 0 or self.driver.fired:
                at += 1
                self.seen[await attempt(at, fault)] += 1
                self.nothing_is_left_open()
            self.seen["failures"] += at - 1
        tally.progress(f"{name}: {dict(self.seen)}")

    async def done_now(self, send: Callable[[], Awaitable[Response]]) -> Response:
        """Send again, and have it done: the second time must do, as nothing fails any more."""
        self.app.state.keyring._failed_at = float("-inf")  # as after the second it asks to wait
        answer = await send()
        assert answer.is_success, answer.text
        return answer

    def nothing_is_left_open(self) -> None:
        engine, pool = self.app.state.engine, self.app.state.pool
        assert engine.pool.checkedout() == 0
        assert pool.get_idle_size() == pool.get_size()


def assert_passing(answer: Response) -> None:
    if not answer.is_success:
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, answer.text
        assert int(answer.headers["Retry-After"]) >= 1


@asynccontextmanager
async def trying(
    settings: Settings, clock: MovableClock, staff: Mapping[str, Mapping[str, str]], url: str
) -> AsyncIterator[Trial]:
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


@pytest.fixture
async def trial(
    settings: Settings,
    clock: MovableClock,
    staff: Mapping[str, Mapping[str, str]],
    database_url: str,
    emptied: None,
) -> AsyncIterator[Trial]:
    async with trying(settings, clock, staff, database_url) as one:
        yield one


@dataclass
class Doing:
    """An act on cases of one state, and what it makes of them when nothing fails."""

    trial: Trial
    deed: Deed
    cases: AsyncIterator[str]
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    version: int = 0

    async def without_failure(self) -> None:
        reference, key = await anext(self.cases), str(uuid.uuid4())
        statement = 'SELECT version FROM core."case" WHERE reference = $1'
        self.version = await self.trial.look.fetchval(statement, reference)
        self.before = await self._held(reference)
        answer = await self._send(reference, key)
        assert answer.status_code == HTTPStatus.OK, answer.text
        self.after = await self._held(reference)

    async def attempt(self, at: int, fault: Fault) -> str:
        """Do it with a failure; say whether all or nothing was done, and do the rest."""
        trial = self.trial
        reference, key = await anext(self.cases), str(uuid.uuid4())
        with trial.driver.failing(at, fault):
            answer = await self._send(reference, key)
        assert_passing(answer)
        now, kept = await self._held(reference), await self._kept(key)
        done = now == self.after
        where = f"{self.deed.path}, call {at}: {fault}"
        assert done or now == self.before, f"half done: {where}"
        assert kept == ([HTTPStatus.OK] if done else []), f"key apart from its work: {where}"
        assert done or not answer.is_success, f"acknowledged and not done: {where}"
        again = await trial.done_now(lambda: self._send(reference, key))
        assert await self._held(reference) == self.after, f"not once: {where}"
        assert not answer.is_success or again.content == answer.content, where
        return "all" if done else "nothing"

    async def _send(self, reference: str, key: str) -> Response:
        headers = {"Idempotency-Key": key, "If-Match": f'"{self.version}"'}
        return await self.trial.client.post(
            f"/v1/feedback/{reference}/{self.deed.path}",
            json=dict(self.deed.body),
            headers={**self.trial.staff["customer_relations"], **headers},
        )

    async def _held(self, reference: str) -> list[str]:
        return await held(self.trial.look, number_in(reference) or 0)

    async def _kept(self, key: str) -> list[int | None]:
        rows = await self.trial.look.fetch("SELECT status FROM ops.idempotency WHERE key = $1", key)
        return [row["status"] for row in rows]


async def every_failure_of(
    trial: Trial, name: str, tally: Tally, faults: Iterable[Fault] = Fault
) -> None:
    deed = DEEDS[name]
    doing = Doing(trial, deed, prepared(trial.client, trial.staff["admin"], deed.state))
    await doing.without_failure()
    await trial.every_failure(doing.attempt, tally, name, faults)


async def test_every_act_is_done_whole_or_not_at_all_and_once(trial: Trial, tally: Tally) -> None:
    for turn, name in enumerate(DEEDS):
        await every_failure_of(trial, name, tally, Fault if LONG else kinds(turn))
    assert trial.seen["all"], "no failure came after a commit: the test would prove too little"
    tally.sum_up(acts=len(DEEDS), half_done=0, not_once=0, **trial.seen)


async def test_a_key_claimed_in_a_transaction_of_its_own_is_found_out(
    trial: Trial, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = idempotency.claim

    async def apart(session: AsyncSession, **named: Any) -> object:
        async with AsyncSession(session.bind) as other, other.begin():
            return await claim(other, **named)

    monkeypatch.setattr(acting, "claim", apart)
    with pytest.raises(AssertionError, match="key apart from its work"):
        await every_failure_of(trial, "note", tally)


INTAKE = {
    "type": "complaint",
    "channel": "phone",
    "service": "children-and-families",
    "desired_outcome": "A call.",
    "people": [{"role": "complainant", "name": "Alex Example", "email": "a@example.org"}],
}
BY_WORDS = "SELECT case_id FROM pii.narrative WHERE text = $1"


async def test_feedback_is_taken_in_whole_or_not_at_all_and_once(
    trial: Trial, tally: Tally
) -> None:
    wholes: list[list[str]] = []

    async def attempt(at: int, fault: Fault) -> str:
        words, key = str(uuid.uuid4()), str(uuid.uuid4())
        headers = {**trial.staff["contact_centre"], "Idempotency-Key": key}
        body = {
            **INTAKE,
            "narrative": words,
            "systems": [{"system": "contact_us", "reference": key}],
        }

        async def send() -> Response:
            return await trial.client.post("/v1/feedback", json=body, headers=headers)

        trial.app.state.case_numbers._left.clear()  # so that fetching numbers fails as well
        trial.app.state.reference._fresh_until = 0  # and reading the council anew
        with trial.driver.failing(at, fault):
            answer = await send()
        assert_passing(answer)
        done = await trial.look.fetch(BY_WORDS, words)
        assert len(done) == 1 or not answer.is_success
        again = await trial.done_now(send)
        (case,) = await trial.look.fetch(BY_WORDS, words)
        assert not done or done[0]["case_id"] == case["case_id"]
        assert number_in(again.json()["reference"]) == case["case_id"]
        rows = await held(trial.look, case["case_id"])
        wholes.append([row.replace(words, "") for row in rows])
        kept = await trial.look.fetch("SELECT case_id FROM ops.idempotency WHERE key = $1", key)
        assert [row["case_id"] for row in kept] == [case["case_id"]]
        return "all" if done else "nothing"

    await trial.every_failure(attempt, tally, "intake")
    assert all(one == wholes[0] for one in wholes)
    tally.sum_up(half_done=0, not_once=0, **trial.seen)


async def test_history_is_brought_in_batch_by_batch_and_once(trial: Trial, tally: Tally) -> None:
    async def attempt(at: int, fault: Fault) -> str:
        names = [f"BATCH-{uuid.uuid4()}" for _ in range(3)]
        body = written([line(reference=name) for name in names] + [{"type": "nonsense"}])
        headers = {**trial.staff["admin"], "Content-Type": "application/x-ndjson"}

        async def send() -> Response:
            return await trial.client.post("/v1/imports", content=body, headers=headers)

        trial.app.state.reference._fresh_until = 0
        with trial.driver.failing(at, fault):
            answer = await send()
        assert_passing(answer)
        done = await _imported(trial, names)
        assert done in {0, 3}
        assert done == 3 or not answer.is_success
        again = (await trial.done_now(send)).json()
        assert {one["result"] for one in again["results"][:3]} <= {"taken", "unchanged"}
        assert await _imported(trial, names) == 3
        return "all" if done else "nothing"

    await trial.every_failure(attempt, tally, "import")
    told = await trial.look.fetchval("SELECT sum(taken) FROM ops.import_run")
    assert told == await trial.look.fetchval("SELECT count(*) FROM ops.imported_case")
    tally.sum_up(half_done=0, not_once=0, **trial.seen)


async def _imported(trial: Trial, names: list[str]) -> int:
    statement = """
        SELECT count(*) FROM core.case_system AS s JOIN ops.imported_case AS i USING (case_id)
        WHERE s.reference = ANY ($1)
    """
    many: int = await trial.look.fetchval(statement, names)
    return many


async def in_one_transaction(
    trial: Trial, work: Callable[[AsyncSession], Awaitable[None]]
) -> Exception | None:
    """What a command of the command line does: its work, and then the commit."""
    try:
        async with trial.app.state.database.sessions.begin() as session:
            await work(session)
    except Exception as error:  # noqa: BLE001  # whatever the failing driver leads to
        return error
    return None


async def test_a_council_is_loaded_whole_or_not_at_all(trial: Trial, tally: Tally) -> None:
    text = COUNCIL_FILE.read_text()
    loads = 0

    async def attempt(at: int, fault: Fault) -> str:
        nonlocal loads
        loads += 1
        name = f"Example {loads}"
        changed = text.replace('name = "Example County Council"', f'name = "{name}"', 1)
        assert changed != text

        async def load(session: AsyncSession) -> None:
            await load_council(session, changed)

        before = await _council(trial)
        with trial.driver.failing(at, fault):
            failed = await in_one_transaction(trial, load)
        now = await _council(trial)
        done = now == (name, before[1] + 1)
        assert done or now == before
        assert done or failed
        assert await in_one_transaction(trial, load) is None
        assert await _council(trial) == (name, before[1] + 1)
        return "all" if done else "nothing"

    await trial.every_failure(attempt, tally, "council load", Fault if LONG else kinds(0))
    assert await in_one_transaction(trial, lambda session: _load(session, text)) is None
    tally.sum_up(half_done=0, not_once=0, **trial.seen)


async def _load(session: AsyncSession, text: str) -> None:
    await load_council(session, text)


async def _council(trial: Trial) -> tuple[str, int]:
    statement = "SELECT name, (SELECT version FROM core.reference_version) FROM core.council"
    row = await trial.look.fetchrow(statement)
    assert row is not None
    return row[0], row[1]


async def test_keys_are_made_and_ended_whole_or_not_at_all(
    trial: Trial, tally: Tally, clock: MovableClock, settings: Settings
) -> None:
    async def attempt(at: int, fault: Fault) -> str:
        slug, now = f"client-{uuid.uuid4().hex[:8]}", clock()
        made: list[str] = []

        async def admit(session: AsyncSession) -> None:
            await add_client(session, slug=slug, name=slug, scopes=[Scope.stats_read], now=now)
            env, pepper = KEY_ENV[settings.mode], PEPPER.encode()
            key = await issue_key(session, client=slug, env=env, pepper=pepper, now=now)
            await revoke_key(session, key_id=key.id, now=now)
            made.append(key.id)

        with trial.driver.failing(at, fault):
            failed = await in_one_transaction(trial, admit)
        rows = await trial.look.fetch(
            "SELECT id, revoked_at FROM ops.api_key WHERE client = $1", slug
        )
        clients = await trial.look.fetchval("SELECT count(*) FROM ops.client WHERE slug = $1", slug)
        done = [(row["id"], row["revoked_at"]) for row in rows] == [(one, now) for one in made[-1:]]
        assert (clients, len(rows)) in {(0, 0), (1, 1)}
        assert done or not rows
        assert rows or failed
        return "all" if rows else "nothing"

    await trial.every_failure(attempt, tally, "keys")
    tally.sum_up(half_done=0, **trial.seen)
