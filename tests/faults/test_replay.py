"""R4: the same request under the same key, many times over, in any order and at once.

Feedback and notes are sent 1 to 50 times under one Idempotency-Key: together, one after another,
early and late, before and after the service has been started anew, now and then with another body
or by another client. Of each client and operation exactly one request has an effect; whoever sends
it again is answered byte for byte as the first was, and another body is refused.
"""

import asyncio
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from hypothesis import strategies as st

from app.cases import acting
from app.intake import commands
from app.kit.settings import Settings
from app.main import create_app
from tests.conftest import MovableClock
from tests.desk import Desk
from tests.faults.conftest import Tally, pick
from tests.faults.examples import carried_out

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(900, 14_400))]

EXAMPLES = pick(500, 10_000)
NOT_NOW = {HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE}
BODY = {"type": "complaint", "channel": "phone", "people": [{"role": "complainant", "name": "A"}]}
STORED = {
    "intake": "SELECT text FROM pii.narrative WHERE text = ANY ($1)",
    "note": "SELECT text FROM pii.remark WHERE text = ANY ($1)",
}


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose key it is, and for which operation: within a lane it names one request."""

    client: str
    operation: str


@dataclass(frozen=True, slots=True)
class Sending:
    """One time that a request is sent: with which of two bodies, and how late in its wave."""

    lane: Lane
    body: int
    delay: float


@dataclass(frozen=True, slots=True)
class Wave:
    """What is sent together, and whether the service is started anew before."""

    sendings: Sequence[Sending]
    restarted: bool


@st.composite
def plans(draw: st.DrawFn) -> list[Wave]:
    operations = draw(st.sampled_from([("intake",), ("note",), ("intake", "note")]))
    sending = st.builds(
        Sending,
        st.builds(
            Lane,
            st.sampled_from(["customer_relations"] * 5 + ["admin"]),
            st.sampled_from(operations),
        ),
        body=st.sampled_from([0] * 8 + [1]),
        delay=st.sampled_from([0, 0, 0.001, 0.004]),
    )
    many = draw(st.one_of(st.integers(1, 6), st.integers(1, 50)))
    left = draw(st.lists(sending, min_size=many, max_size=many))
    waves = []
    while left:
        width = draw(st.integers(1, len(left)))
        waves.append(Wave(left[:width], draw(st.sampled_from([False] * 4 + [True]))))
        left = left[width:]
    return waves


@dataclass
class Stage:
    """The service, which can be started anew, and a look into its database."""

    app: FastAPI
    staff: Mapping[str, Mapping[str, str]]
    look: "asyncpg.Connection[asyncpg.Record]"
    seen: Counter[str] = field(default_factory=Counter)
    running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        await self.running.enter_async_context(self.app.router.lifespan_context(self.app))
        transport = ASGITransport(self.app, raise_app_exceptions=False)
        client = AsyncClient(transport=transport, base_url="http://council.test")
        self.client = await self.running.enter_async_context(client)

    async def restart(self) -> None:
        """Have it forget whatever it kept in memory."""
        await self.running.aclose()
        await self.start()
        self.seen["restarts"] += 1

    async def carry_out(self, waves: Sequence[Wave]) -> None:
        """Send all of a plan, and then each body of each lane a last time; judge every answer."""
        self.seen["examples"] += 1
        self.seen["requests"] += sum(len(wave.sendings) for wave in waves)
        run = Run(self, key=str(uuid.uuid4()))
        for lane in {sending.lane for wave in waves for sending in wave.sendings}:
            await run.prepare(lane)
        for wave in waves:
            if wave.restarted:
                await self.restart()
            await asyncio.gather(*(run.send(sending) for sending in wave.sendings))
        for sending in {replace(one, delay=0) for wave in waves for one in wave.sendings}:
            answer = await run.send(sending)
            assert answer.status_code not in NOT_NOW, answer.text
        for lane in run.answers:
            await run.judge(lane)


@dataclass
class Run:
    """Everything sent under one key, and how it was answered."""

    stage: Stage
    key: str
    cases: dict[Lane, str] = field(default_factory=dict)
    answers: dict[Lane, list[tuple[str, Response]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    async def prepare(self, lane: Lane) -> None:
        """A case to write notes on, one for each client."""
        if lane.operation == "note":
            desk = Desk(self.stage.client, self.stage.staff[lane.client])
            self.cases[lane] = await desk.log()

    async def send(self, sending: Sending) -> Response:
        lane = sending.lane
        words = self._words(lane, sending.body)
        await asyncio.sleep(sending.delay)
        path, body = "/v1/feedback", {**BODY, "narrative": words}
        if lane.operation == "note":
            path, body = f"{path}/{self.cases[lane]}/notes", {"text": words}
        headers = {**self.stage.staff[lane.client], "Idempotency-Key": self.key, "If-Match": '"1"'}
        answer = await self.stage.client.post(path, json=body, headers=headers)
        self.answers[lane].append((words, answer))
        self.stage.seen[str(answer.status_code)] += 1
        return answer

    async def judge(self, lane: Lane) -> None:
        """One effect, one answer, and no other body beside it."""
        either = [self._words(lane, body) for body in (0, 1)]
        rows = await self.stage.look.fetch(STORED[lane.operation], either)
        assert len(rows) == 1, f"{len(rows)} effects of {lane}"
        winner: str = rows[0]["text"]
        right = [answer for words, answer in self.answers[lane] if words == winner]
        wrong = [answer for words, answer in self.answers[lane] if words != winner]
        told = [answer for answer in right if answer.is_success]
        assert told, f"done and never acknowledged: {lane}"
        assert len({_what_it_says(answer) for answer in told}) == 1, f"two answers to {lane}"
        assert sum("Idempotency-Replayed" not in answer.headers for answer in told) <= 1, lane
        for answer in right:
            assert answer.is_success or _may_come_back(answer), answer.text
        for answer in wrong:
            reused = answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
            assert reused or _may_come_back(answer), f"another body: {answer.status_code}"

    def _words(self, lane: Lane, body: int) -> str:
        return f"{self.key} of {lane.client}, {body}"


def _what_it_says(answer: Response) -> tuple[object, ...]:
    headers = answer.headers
    return answer.status_code, answer.content, headers.get("ETag"), headers.get("Location")


def _may_come_back(answer: Response) -> bool:
    return answer.status_code in NOT_NOW and "Retry-After" in answer.headers


@pytest.fixture
async def stage(
    settings: Settings,
    clock: MovableClock,
    staff: Mapping[str, Mapping[str, str]],
    database_url: str,
    emptied: None,
) -> AsyncIterator[Stage]:
    unhurried = settings.model_copy(update={"rate": 1_000_000, "burst": 1_000_000})
    look = await asyncpg.connect(database_url)
    one = Stage(create_app(unhurried, clock=clock), staff, look)
    await one.start()
    yield one
    await one.running.aclose()
    await look.close()


def run(stage: Stage, loop: asyncio.AbstractEventLoop, examples: int) -> None:
    carried_out(plans(), stage.carry_out, loop, times=examples)


def test_a_request_sent_many_times_has_one_effect_and_one_answer(
    stage: Stage, loop: asyncio.AbstractEventLoop, tally: Tally
) -> None:
    with tally.watching(stage.seen):
        run(stage, loop, EXAMPLES)
    tally.sum_up(**{f"n{name}" if name.isdigit() else name: n for name, n in stage.seen.items()})
    assert stage.seen["examples"] >= EXAMPLES
    assert stage.seen["422"] > 0
    assert stage.seen["restarts"] > 0


async def _by_anybody(pool: Any, record: Any, asked: Any, **named: Any) -> Any:
    return await _submit(pool, record, asked, **named | {"by": replace(named["by"], client="x")})


_submit = commands.submit


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("takes_any_body", "another body: 20[01]"),
        ("forgets_at_a_restart", r"([2-9]|\d\d) effects|/problems/stale"),
        ("asks_not_whose_key", "0 effects"),
    ],
)
def test_a_service_that_is_broken_on_purpose_is_found_out(
    stage: Stage,
    loop: asyncio.AbstractEventLoop,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    found: str,
) -> None:
    async def forgetting() -> None:
        await stage.look.execute("DELETE FROM ops.idempotency")
        await restart()

    restart = stage.restart
    match broken:
        case "takes_any_body":
            for module in (commands, acting):
                monkeypatch.setattr(module, "fingerprint", lambda *_: b"the same")
        case "forgets_at_a_restart":
            monkeypatch.setattr(stage, "restart", forgetting)
        case _:
            monkeypatch.setattr(commands, "submit", _by_anybody)
    with pytest.raises(AssertionError, match=found):
        run(stage, loop, 200)
