"""R13: where a year ends, and where the list of bank holidays does.

Two services whose clocks disagree take feedback in across midnight: no reference is given twice,
and the two years share out all of it. Past the last bank holiday that is known nothing is promised.
"""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.demo.filling import COUNCIL_FILE
from app.intake import commands
from app.kit.settings import Settings
from app.procedures.commands import load_council
from tests.conftest import MovableClock, NewDatabase, as_sqlalchemy
from tests.desk import COMPLAINT, Desk, patiently
from tests.faults.conftest import Tally, pick
from tests.faults.house import administrator, serving

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(600, 7_200))]

INTAKES = pick(400, 10_000)
FIGURE = "/v1/stats/figures/feedback-over-time"
TURNS = {
    "the year": datetime(2026, 12, 31, 23, 59, 55, tzinfo=UTC),
    "the financial year": datetime(2027, 3, 31, 22, 59, 55, tzinfo=UTC),
}


async def taken_in(
    desks: Sequence[Desk], clocks: Sequence[MovableClock], many: int
) -> list[Mapping[str, Any]]:
    """Hand in feedback at several services at once, while their clocks go on unevenly."""
    receipts: list[Mapping[str, Any]] = []
    for _ in range(many // 40):
        bodies = [(desk, {**COMPLAINT, "service": "education"}) for desk in desks] * 20
        receipts += await asyncio.gather(*(_taken(desk, body) for desk, body in bodies))
        for clock in clocks:
            clock.move(seconds=random.choice([-1, 2, 3]))  # noqa: S311  # chance, not secrecy
    return receipts


async def _taken(desk: Desk, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A receipt, from a service that may be busy."""
    key = str(uuid.uuid4())
    answer = await patiently(lambda: desk.submit(body, key=key))
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def turned(
    settings: Settings, staff: Mapping[str, str], turn: datetime, tally: Tally
) -> list[Mapping[str, Any]]:
    """Two services whose clocks are some seconds apart, one of them started anew in between."""
    clocks = MovableClock(), MovableClock()
    for clock, ahead in zip(clocks, (0, 7), strict=True):
        clock.set(turn + timedelta(seconds=ahead))
    receipts: list[Mapping[str, Any]] = []
    async with serving(settings, clocks[0]) as (_, first):
        for _ in range(2):
            async with serving(settings, clocks[1]) as (_, second):
                desks = Desk(first, staff), Desk(second, staff)
                receipts += await taken_in(desks, clocks, INTAKES // 2)
                tally.progress(f"{len(receipts)} of {INTAKES} receipts")
        for clock in clocks:
            clock.set(turn + timedelta(days=1))
        desk = Desk(first, staff)
        for year in ("2026-27", "2027-28"):
            wanted = sum(_year(receipt["registered_on"]) == year for receipt in receipts)
            answer = await desk.get(FIGURE, year=year, years=1)
            assert sum(row["count"] for row in answer.json()["rows"]) == wanted, year
    return receipts


def _year(day: str) -> str:
    return "2026-27" if day < "2027-04-01" else "2027-28"


@pytest.mark.parametrize("name", TURNS)
async def test_no_reference_is_given_twice_at_the_turn_of(
    settings: Settings,
    staff: Mapping[str, dict[str, str]],
    emptied: None,
    tally: Tally,
    name: str,
) -> None:
    receipts = await turned(settings, staff["customer_relations"], TURNS[name], tally)
    references = {receipt["reference"] for receipt in receipts}
    days = Counter(receipt["registered_on"] for receipt in receipts)
    tally.sum_up(turn=name, intakes=len(receipts), references=len(references), **days)
    assert len(references) == len(receipts) >= INTAKES
    assert len(days) == 2, "all came on one side: the test would prove too little"


async def test_a_service_that_counts_anew_is_found_out(
    settings: Settings,
    staff: Mapping[str, dict[str, str]],
    emptied: None,
    tally: Tally,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anew = "SELECT 500000 + s AS nextval FROM generate_series(1, $1) AS s"
    monkeypatch.setattr(commands, "_NUMBERS", anew)
    with pytest.raises(AssertionError):
        await turned(settings, staff["customer_relations"], TURNS["the year"], tally)


# ---------------------------------------------------------------- where bank holidays end

LATER_LIST = {
    '-to-2028"': '-to-2029"',
    "covers_until = 2029-01-01": "covers_until = 2030-01-01",
}


async def load(url: str, text: str) -> None:
    engine = create_async_engine(as_sqlalchemy(url), poolclass=NullPool)
    async with AsyncSession(engine) as session, session.begin():
        await load_council(session, text)
    await engine.dispose()


async def test_past_the_last_bank_holiday_nothing_is_promised_until_a_later_list_is_loaded(
    new_database: NewDatabase, settings: Settings, clock: MovableClock
) -> None:
    url = await new_database()
    clock.on(date(2028, 12, 11))
    async with serving(settings, clock, url=url) as (app, client):
        desk = Desk(client, await administrator(app))
        reference = await desk.accepted()
        due = (await desk.read(reference))["stages"][0]["due_on"]
        assert due == "2028-12-27"

        clock.on(date(2029, 1, 5))
        refused = await desk.refused(reference, "stages/1/outcome", finding="upheld")
        assert refused["type"] == "/problems/calendar-exhausted"
        taken_in = await desk.submit(COMPLAINT)
        assert (taken_in.status_code, taken_in.json()["by"]) == (201, None)

        later = COUNCIL_FILE.read_text()
        for now, then in LATER_LIST.items():
            assert now in later
            later = later.replace(now, then)
        await load(url, later + '2028-12-18 = "Proclaimed late"\n2029-01-01 = "New Year"\n')
        app.state.reference._fresh_until = 0
        assert (await desk.read(reference))["stages"][0]["due_on"] == due
        case = await desk.do(reference, "stages/1/outcome", finding="upheld")
        stage = case["stages"][0]
        assert (stage["due_on"], stage["verdict"]) == (due, "late")
        explained = (await desk.get(f"/v1/feedback/{reference}/stages/1/clock")).json()
        assert explained["calendar_version"] == "england-and-wales-to-2028"
        counted = [line["day"] for line in explained["days"] if line["counted"]]
        assert "2028-12-18" in counted
        assert "2029-01-01" not in counted
        receipt = (await desk.submit(COMPLAINT)).json()
        assert receipt["by"] == "2029-01-10"
