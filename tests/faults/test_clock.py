"""R13: the clock at its worst moments, and one that is set back and forward between acts.

London's two clock changes, the turn of the year and of the financial year, and a leap day; then
acts on a case whose service is told one time after another.
"""

import asyncio
import inspect
import textwrap
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.cases import record
from app.cases.record import Record
from app.cases.reference import number_in
from tests.conftest import MORNING, MovableClock
from tests.desk import ACCEPT, Desk
from tests.faults.conftest import Tally, pick

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(900, 7_200))]

EXAMPLES = pick(200, 5_000)
INTAKES = pick(400, 10_000)

# In UTC; London is an hour ahead from the last Sunday of March to the last of October.
MOMENTS = """
    2026-07-15T22:59:59 2026-07-15 2026-27  the last second of a summer's day
    2026-07-15T23:00:00 2026-07-16 2026-27  midnight in summer
    2026-07-15T23:30:00 2026-07-16 2026-27  half past midnight in summer
    2026-10-24T23:30:00 2026-10-25 2026-27  the day that has 25 hours begins
    2026-10-25T00:30:00 2026-10-25 2026-27  half past one, the first time
    2026-10-25T01:30:00 2026-10-25 2026-27  half past one, the second time
    2026-10-25T23:30:00 2026-10-25 2026-27  half past eleven, in winter again
    2026-12-31T23:59:59 2026-12-31 2026-27  the last second of a year
    2027-01-01T00:00:00 2027-01-01 2026-27  the first of the next
    2027-03-27T23:30:00 2027-03-27 2026-27  the last evening of winter
    2027-03-28T00:59:59 2027-03-28 2026-27  the second before one o'clock
    2027-03-28T01:00:00 2027-03-28 2026-27  two o'clock: half past one never comes
    2027-03-28T23:30:00 2027-03-29 2026-27  half past midnight, in summer again
    2027-03-31T22:59:59 2027-03-31 2026-27  the last second of a financial year
    2027-03-31T23:00:00 2027-04-01 2027-28  the first of the next
    2024-02-28T23:59:59 2024-02-28 2023-24  the day before a leap day
    2024-02-29T12:00:00 2024-02-29 2023-24  a leap day
"""
BY_MONTH = "/v1/stats/figures/complaints-by-month"


def moments() -> list[Any]:
    rows = [line.split(maxsplit=3) for line in MOMENTS.strip().splitlines()]
    return [
        pytest.param(datetime.fromisoformat(f"{at}+00:00"), day, year, id=words.strip())
        for at, day, year, words in rows
    ]


@pytest.fixture
def desk(client: AsyncClient, staff: Mapping[str, dict[str, str]]) -> Desk:
    return Desk(client, staff["customer_relations"])


@pytest.mark.parametrize(("at", "day", "year"), moments())
async def test_what_comes_in_counts_for_the_london_day(
    desk: Desk, clock: MovableClock, at: datetime, day: str, year: str
) -> None:
    clock.set(at)
    reference = await desk.log(service="education")
    case = await desk.read(reference)
    assert (case["received_on"], case["registered_on"]) == (day, day)
    assert (await desk.do(reference, "acknowledgement", by="email"))["acknowledged_on"] == day
    clock.move(hours=1)
    rows = (await desk.get(BY_MONTH, year=year)).json()["rows"]
    assert [row["month"] for row in rows if row["count"]] == [day[:7]]
    for other in {"2023-24", "2026-27", "2027-28"} - {year}:
        assert not any(
            row["count"] for row in (await desk.get(BY_MONTH, year=other)).json()["rows"]
        )


# ---------------------------------------------------------------- a clock that is set

ACTS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("acknowledgement", {"by": "email"}),
    ("triage", ACCEPT),
    ("allocations", {"service": "education"}),
    ("stages/1/extensions", {"working_days": 1, "extension_reason": "complexity"}),
    ("stages/1/outcome", {"finding": "upheld"}),
    ("stages/1/remedies", {"remedies": [{"kind": "apology"}]}),
    ("escalations", {"reason": "Not content."}),
    ("escalations/1/decision", {"decision": "accepted"}),
    ("reclassifications", {"type": "comment", "reason": "It is."}),
    ("corrections", {"stage": 1, "finding": "not_upheld", "reason": "Mis-keyed."}),
    ("notes", {"text": "Rang back."}),
    ("withdrawal", {}),
    ("closure", {}),
    ("reopening", {"reason": "More."}),
)
USUAL = ("acknowledgement", "triage", "stages/1/outcome", "escalations", "escalations/1/decision")
LINES = """
    SELECT s.since, s.until FROM core.standing AS s WHERE s.case_id = $1 ORDER BY s.seq
"""
STAGES = "SELECT started_on, coalesce(closed_on, started_on) FROM core.stage WHERE case_id = $1"
VERSIONS = "SELECT version FROM audit.entry WHERE case_id = $1 ORDER BY version"

minutes = st.one_of(
    st.sampled_from([0, 5, -5, 60, -60, 1_440, -1_440]), st.integers(-60 * 1_440, 60 * 1_440)
)
settings_of_the_clock = st.lists(
    st.tuples(minutes, st.sampled_from([*ACTS, *(act for act in ACTS if act[0] in USUAL)])),
    min_size=3,
    max_size=12,
)


@dataclass
class Watch:
    """A service, its clock, and a look at what it keeps of a case."""

    desk: Desk
    clock: MovableClock
    look: "asyncpg.Connection[asyncpg.Record]"
    seen: Counter[str] = field(default_factory=Counter)

    async def carry_out(self, plan: Sequence[tuple[int, tuple[str, Mapping[str, Any]]]]) -> None:
        """Set the clock before each act; then judge what is kept and what is read."""
        self.clock.set(MORNING)
        reference = await self.desk.log()
        for offset, (path, body) in plan:
            self.clock.set(MORNING + timedelta(minutes=offset))
            answer = await self.desk.send(reference, path, body)
            self.seen[str(answer.status_code)] += 1
            assert answer.status_code in {200, 409}, answer.text
        for path in ("", "/history", "/people", "/likely-repeats", "/stages/1/clock"):
            answer = await self.desk.get(f"/v1/feedback/{reference}{path}")
            assert answer.status_code == 200 or path.endswith("clock"), answer.text
            assert answer.status_code < 500, answer.text
        await self._judge(number_in(reference))

    async def _judge(self, case_id: int | None) -> None:
        lines = await self.look.fetch(LINES, case_id)
        assert all(one["until"] == two["since"] for one, two in pairwise(lines)), lines
        assert all(one["since"] <= (one["until"] or one["since"]) for one in lines), lines
        assert lines[-1]["until"] is None
        assert all(start <= end for start, end in await self.look.fetch(STAGES, case_id))
        versions = [row["version"] for row in await self.look.fetch(VERSIONS, case_id)]
        assert versions == list(range(1, len(versions) + 1))


@pytest.fixture
async def watch(desk: Desk, clock: MovableClock, database_url: str) -> AsyncIterator[Watch]:
    look = await asyncpg.connect(database_url)
    yield Watch(desk, clock, look)
    await look.close()


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def run(watch: Watch, loop: asyncio.AbstractEventLoop, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(settings_of_the_clock)
    def each(plan: Any) -> None:
        loop.run_until_complete(watch.carry_out(plan))

    each()


def test_a_clock_that_is_set_back_and_forward_leaves_a_history_that_holds(
    watch: Watch, loop: asyncio.AbstractEventLoop, tally: Tally
) -> None:
    run(watch, loop, EXAMPLES)
    tally.sum_up(examples=EXAMPLES, done=watch.seen["200"], refused=watch.seen["409"], wrong=0)
    assert watch.seen["200"] > EXAMPLES


def test_a_service_that_trusts_its_clock_is_found_out(
    watch: Watch, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = textwrap.dedent(inspect.getsource(Record._restand))
    assert "if on < current.since:" in careful
    trusting = dict(vars(record))
    exec(careful.replace("if on < current.since:", "if False:"), trusting)  # noqa: S102  # as above
    monkeypatch.setattr(Record, "_restand", trusting["_restand"])
    with pytest.raises(AssertionError):
        run(watch, loop, 200)
