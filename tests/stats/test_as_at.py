"""As at a day in the past, every figure says what it said on that day."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.catalogue import FIGURES
from tests.conftest import MovableClock
from tests.desk import Desk
from tests.stats.doors import Callers, Line, _Living
from tests.stats.histories import LAST, TURNS, histories
from tests.stats.tables import Ask, Connection, Example, put
from tests.stats.test_oracle import HOW as ORACLE
from tests.stats.test_oracle import callers  # noqa: F401 - a fixture

Answer = Mapping[str, Any]
Emptying = Callable[[], Awaitable[None]]

pytestmark = pytest.mark.timeout(300)
HOW = settings(ORACLE, max_examples=ORACLE.max_examples // 10)  # each is asked many questions
SLUGS = [figure.slug for figure in FIGURES]
ASKED: tuple[dict[str, str], ...] = (
    {"since": "2021-04-01", "until": "2025-04-01"},
    {"since": "2024-01-15", "until": "2024-05-01", "service": "education"},
)
DAYS = st.integers(0, 160).map(lambda days: date(2024, 1, 20) + timedelta(days))


def on_their_days(history: Line) -> Line:
    """The same history, each act typed in on the day it counts for."""
    return {**history, "acts": [{**act, "typed_on": act["on"]} for act in history["acts"]]}


def by(day: date, history: Line) -> Line | None:
    """What was known of a history by the end of a day; none where it had not been registered."""
    if history["registered_on"] > day.isoformat():
        return None
    acts = [act for act in history["acts"] if act["on"] <= day.isoformat()]
    return {**history, "acts": acts}


async def everything(
    callers: Callers,  # noqa: F811 - the fixture
    **asked: str,
) -> dict[tuple[str, int], Answer]:
    """What every figure says, of some periods, but for what tells the two askings apart."""
    found: dict[tuple[str, int], Answer] = {}
    for slug in SLUGS:
        for number, period in enumerate(ASKED):
            response = await callers.client.get(
                f"/v1/stats/figures/{slug}", params={**period, **asked}, headers=callers.headers
            )
            assert response.status_code == 200, response.text
            answer = response.json()
            found[slug, number] = {
                part: [without_link(line) for line in answer[part]]
                for part in ("rows", "totals", "left_out")
            }
    return found


def without_link(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """A line but for where its cases are listed, which says as at which day it was asked."""
    return {name: value for name, value in line.items() if name != "cases"}


def unlike(then: Mapping[Any, Answer], now: Mapping[Any, Answer]) -> Iterator[str]:
    """Every line that was counted otherwise on that day."""
    for key, answer in then.items():
        for part, lines in answer.items():
            for was, said in zip(lines, now[key][part], strict=False):
                if was != said:
                    yield f"{key} {part}: on the day {was}, as at the day {said}"
            if len(lines) != len(now[key][part]):
                yield f"{key} {part}: {len(lines)} lines on the day, {len(now[key][part])} as at it"


@pytest.mark.once
@HOW
@given(
    lives=st.lists(histories(logged=True).map(on_their_days), min_size=8, max_size=14),
    days=st.lists(DAYS, min_size=2, max_size=3, unique=True).map(sorted),
)
async def test_what_was_answered_on_a_day_is_the_answer_as_at_it(
    callers: Callers,  # noqa: F811 - the fixture
    emptying: Emptying,
    lives: list[Line],
    days: list[date],
) -> None:
    await emptying()
    lived = Lived(lives)
    then = {}
    for day in days:
        await lived.up_to(day, callers)
        then[day] = await everything(callers)
    await lived.up_to(LAST, callers)
    for day in days:
        now = await everything(callers, as_at=day.isoformat())
        assert list(unlike(then[day], now)) == [], day


@pytest.mark.once
@HOW
@given(
    past=st.lists(histories(), min_size=20, max_size=30),
    days=st.lists(st.sampled_from(TURNS), min_size=2, max_size=2, unique=True),
)
async def test_what_an_import_up_to_a_day_came_to_is_the_answer_as_at_it(
    callers: Callers,  # noqa: F811 - the fixture
    emptying: Emptying,
    past: list[Line],
    days: list[date],
) -> None:
    await emptying()
    callers.clock.on(LAST)
    taken = await callers.bring_in(past)
    now = {day: await everything(callers, as_at=day.isoformat()) for day in days}
    for day in days:
        await emptying()
        callers.clock.on(day)
        known = [short for history in taken if (short := by(day, history))]
        if known:
            assert len(await callers.bring_in(known)) == len(known)
        then = await everything(callers)
        assert list(unlike(then, now[day])) == [], day


class Lived:
    """Histories that are lived through a day at a time."""

    def __init__(self, histories: list[Line]) -> None:
        self._lives = [_Living(history) for history in histories]
        self._steps = sorted(
            (act["typed_on"], place, number)
            for place, life in enumerate(self._lives)
            for number, act in enumerate(life.to_do)
        )

    async def up_to(self, day: date, callers: Callers) -> None:  # noqa: F811 - the fixture
        """Do everything that is to be done by the end of a day; it is that evening then."""
        while self._steps and self._steps[0][0] <= day.isoformat():
            typed_on, place, number = self._steps.pop(0)
            callers.clock.on(date.fromisoformat(typed_on))
            life = self._lives[place]
            if number == 0:
                await callers._log(life)
            else:
                await callers._do(life, life.to_do[number])
        callers.clock.on(day)


SEEN = Example(
    figure="",
    asked={},
    cases="""
    case | service   | registered | received   | migrated
    A    | education | 2024-01-15 | 2023-12-11 | yes
    B    | education | 2023-05-01 | 2023-05-01 | -
    """,
    standings="""
    case | status   | since      | until
    A    | received | 2023-12-11 | -
    B    | received | 2023-05-01 | -
    """,
    rows="",
)


async def test_what_cannot_be_known_of_a_day_is_said(database: Connection, ask: Ask) -> None:
    await put(database, SEEN)
    answer = await ask("complaints-by-month", year="2023-24", as_at="2023-12-31")
    assert answer["basis"]["as_at"] == "2023-12-31"
    assert sum(total["count"] for total in answer["totals"]) == 1
    (migrated,) = [note for note in answer["notes"] if "another system only later: 1." in note]
    assert migrated.startswith("Received by 31 December 2023, but migrated")
    (later,) = [note for note in answer["notes"] if "recorded here only later: 1." in note]
    assert later.startswith("Registered by 31 December 2023, but recorded here")
    before = await ask("complaints-by-month", year="2022-23", as_at="2023-04-30")
    assert (
        "Nothing is recorded of 30 April 2023: the first record is of 1 May 2023."
        in before["notes"]
    )


IMPOSSIBLE = {"since": "2026-10-01", "until": "2026-11-01"}


async def impossible(desk: Desk, as_at: str) -> int:
    """How many cases had impossible dates at the end of a day."""
    answer = await desk.get("/v1/stats/figures/data-quality", **IMPOSSIBLE, as_at=as_at)
    rows = answer.json()["rows"]
    return sum(row["count"] for row in rows if row["fault"] == "impossible_dates")


async def test_as_at_a_day_it_was_acknowledged_when_it_was_said_to_be(
    client: AsyncClient, staff: Mapping[str, dict[str, str]], clock: MovableClock, database_url: str
) -> None:
    desk = Desk(client, staff["admin"])
    clock.on(date(2026, 10, 10))
    reference = await desk.log(received_on="2026-10-01")
    await desk.do(reference, "acknowledgement", by="post", on="2026-10-03")
    for day, received in ((12, "2026-10-09"), (14, "2026-10-08")):
        clock.on(date(2026, 10, day))
        await desk.do(reference, "corrections", received_on=received, reason="The postmark.")
    connection = await asyncpg.connect(database_url)  # as the release before this one kept them
    await connection.execute("UPDATE core.overwritten SET facts = facts - 'acknowledged_on'")
    await connection.close()
    assert [await impossible(desk, f"2026-10-{day}") for day in (11, 13)] == [0, 1]
    clock.on(date(2026, 10, 16))
    await desk.do(reference, "corrections", acknowledged_on="2026-10-10", reason="The letter.")
    assert [await impossible(desk, f"2026-10-{day}") for day in (15, 16)] == [1, 0]


async def test_as_at_a_day_the_usual_year_is_the_one_that_was_over_then(ask: Ask) -> None:
    answer = await ask("outcomes", as_at="2024-03-31")
    assert answer["period"]["year"] == "2022-23"
    assert "Nothing is recorded of 31 March 2024: there is none." in answer["notes"]


@pytest.mark.parametrize("day", ["2026-10-02", "1990-03-31"])
async def test_a_day_that_nothing_can_be_known_of_is_refused(
    day: str, client: AsyncClient, keys: Mapping[str, dict[str, str]], clock: MovableClock
) -> None:
    refused = await client.get(
        "/v1/stats/figures/outcomes", params={"as_at": day}, headers=keys["reporting"]
    )
    assert (refused.status_code, refused.json()["parameter"]) == (422, "as_at")
