"""R3: every command, with the Nth call to the database failing, for every N and in five ways.

The connection breaks before the call or after it, the server refuses to go on, or the answer does
not come in time, with the work done or not done. Whatever happens, the database holds all of the
command or nothing of it, the answer is the usual one or 503 with Retry-After, and the same request
sent again does the rest: the effect is there once.
"""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any

import pytest
from httpx import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.commands import add_client, issue_key, revoke_key
from app.access.principal import Scope
from app.cases import acting
from app.cases.reference import number_in
from app.demo.filling import COUNCIL_FILE
from app.kit import idempotency
from app.kit.settings import Settings
from app.main import KEY_ENV
from app.procedures.commands import load_council
from tests.conftest import PEPPER, MovableClock
from tests.faults.conftest import LONG, Tally
from tests.faults.driver import Fault, kinds
from tests.faults.prepared import DEEDS, Deed, held, prepared
from tests.faults.trials import Doing, Trial, Try, assert_passing
from tests.imports.past import line, written

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1_800)]


async def tries(trial: Trial, deed: Deed) -> AsyncIterator[Try]:
    """The act on one case after another."""
    async for reference in prepared(trial.client, trial.staff["admin"], deed.state):
        yield await on_case(trial, deed, reference)


async def on_case(trial: Trial, deed: Deed, reference: str) -> Try:
    key = str(uuid.uuid4())
    statement = 'SELECT version FROM core."case" WHERE reference = $1'
    version = await trial.look.fetchval(statement, reference)
    headers = {"Idempotency-Key": key, "If-Match": f'"{version}"'}

    async def send() -> Response:
        return await trial.client.post(
            f"/v1/feedback/{reference}/{deed.path}",
            json=dict(deed.body),
            headers={**trial.staff["customer_relations"], **headers},
        )

    async def look() -> list[str]:
        return await held(trial.look, number_in(reference) or 0)

    return Try(key, send, look)


async def every_failure_of(
    trial: Trial, name: str, tally: Tally, faults: Iterable[Fault] = Fault
) -> None:
    doing = Doing(trial, name, tries(trial, DEEDS[name]), HTTPStatus.OK)
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
