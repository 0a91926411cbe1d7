"""R13: the clock at its worst moments, and one that is set back and forward between acts.

London's two clock changes, the turn of the year and of the financial year, and a leap day; then
acts on cases whose service is told one time after another. The cases come by imports, sixty in one
request and in every state, so that each costs little more than the acts that are tried on it.
"""

import asyncio
import inspect
import textwrap
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import strategies as st

from app.cases import record
from app.cases.record import Record
from app.cases.reference import number_in
from tests.conftest import MORNING, MovableClock
from tests.desk import ACCEPT, Desk, patiently
from tests.faults.conftest import Tally, pick
from tests.faults.examples import carried_out
from tests.faults.prepared import STATES, prepared

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(900, 7_200))]

BATCH = 50  # cases that are judged together
EXAMPLES = pick(2_000, 50_000)

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
PAGES = ("", "/history", "/people", "/likely-repeats", "/stages/1/clock")
WRONG = """
    WITH line AS (
        SELECT case_id, since, until, lead(since) OVER (PARTITION BY case_id ORDER BY seq) AS next
        FROM core.standing WHERE case_id = ANY ($1)
    ), entry AS (
        SELECT case_id, version, row_number() OVER (PARTITION BY case_id ORDER BY version) AS due
        FROM audit.entry WHERE case_id = ANY ($1)
    )
    SELECT case_id, 'what it was does not follow day upon day' AS what
    FROM line WHERE until IS DISTINCT FROM next OR until < since
    UNION ALL SELECT case_id, 'a stage ended before it began'
    FROM core.stage WHERE case_id = ANY ($1) AND closed_on < started_on
    UNION ALL SELECT case_id, 'its history has a gap' FROM entry WHERE version <> due
"""

Act = tuple[int, tuple[str, Mapping[str, Any]]]  # so many minutes off, and what is done then
minutes = st.one_of(
    st.sampled_from([0, 5, -5, 60, -60, 1_440, -1_440]), st.integers(-60 * 1_440, 60 * 1_440)
)
act = st.tuples(minutes, st.sampled_from([*ACTS, *(act for act in ACTS if act[0] in USUAL)]))


@dataclass(frozen=True, slots=True)
class Plan:
    """A case in some state, what is done to it at which times, and which page is then read."""

    state: str
    acts: Sequence[Act]
    page: str


plans = st.builds(
    Plan,
    st.sampled_from(sorted(STATES)),
    st.lists(act, min_size=1, max_size=4),
    st.sampled_from(PAGES),
)


@dataclass
class Watch:
    """A service, its clock, and a look at what it keeps of cases."""

    desk: Desk
    clock: MovableClock
    look: "asyncpg.Connection[asyncpg.Record]"
    cases: Mapping[str, AsyncIterator[str]]  # of each state
    seen: Counter[str] = field(default_factory=Counter)

    async def carry_out(self, batch: Sequence[Plan]) -> None:
        """Carry out one plan after another, and judge what is kept of all."""
        of = {number_in(await self._one(plan)): plan for plan in batch}
        self.seen["examples"] += len(of)
        found = await self.look.fetch(WRONG, list(of))
        assert not found, [(row["what"], of[row["case_id"]]) for row in found]

    async def _one(self, plan: Plan) -> str:
        """Set the clock before each act; then read a page."""
        self.clock.set(MORNING)
        reference, version = await anext(self.cases[plan.state]), len(STATES[plan.state]) + 1
        for offset, (path, body) in plan.acts:
            self.clock.set(MORNING + timedelta(minutes=offset))
            told = {"If-Match": f'"{version}"', "Idempotency-Key": str(uuid.uuid4())}
            answer = await patiently(partial(self.desk.send, reference, path, body, **told))
            self.seen[str(answer.status_code)] += 1
            assert answer.status_code in {200, 409}, (answer.text, plan)
            version += answer.is_success
        page = await patiently(partial(self.desk.get, f"/v1/feedback/{reference}{plan.page}"))
        no_stage = page.status_code == 409 and plan.page.endswith("clock")
        assert page.status_code == 200 or no_stage, (page.text, plan)
        return reference


@pytest.fixture
async def watch(
    desk: Desk, clock: MovableClock, staff: Mapping[str, dict[str, str]], database_url: str
) -> AsyncIterator[Watch]:
    look = await asyncpg.connect(database_url)
    cases = {state: prepared(desk.client, staff["admin"], state) for state in STATES}
    yield Watch(desk, clock, look, cases)
    await look.close()


def run(watch: Watch, loop: asyncio.AbstractEventLoop, examples: int) -> None:
    batches = st.lists(plans, min_size=BATCH, max_size=BATCH)
    carried_out(batches, watch.carry_out, loop, times=examples // BATCH)


def test_a_clock_that_is_set_back_and_forward_leaves_a_history_that_holds(
    watch: Watch, loop: asyncio.AbstractEventLoop, tally: Tally
) -> None:
    with tally.watching(watch.seen):
        run(watch, loop, EXAMPLES)
    seen = watch.seen
    tally.sum_up(examples=seen["examples"], done=seen["200"], refused=seen["409"], wrong=0)
    assert seen["examples"] >= EXAMPLES
    assert seen["200"] > EXAMPLES // 2


def test_a_service_that_trusts_its_clock_is_found_out(
    watch: Watch, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = textwrap.dedent(inspect.getsource(Record._restand))
    assert "if on < current.since:" in careful
    trusting = dict(vars(record))
    exec(careful.replace("if on < current.since:", "if False:"), trusting)  # noqa: S102  # as above
    monkeypatch.setattr(Record, "_restand", trusting["_restand"])
    with pytest.raises(AssertionError, match=r"internal-error|day upon day"):
        run(watch, loop, 200)
