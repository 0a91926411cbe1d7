"""What sentences set beside what: whole years, none that was collected or told in part."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from app.kit.settings import Settings
from app.reports.months import months
from app.reports.parts import rates
from app.reports.sentences_of_volumes import CHANGE
from app.reports.series import series
from app.stats.answer import Answer
from app.stats.catalogue import BY_SLUG
from app.stats.measures import Line
from app.stats.period import FinancialYear, Period
from app.stats.world import Basis
from tests.conftest import MovableClock, NewDatabase
from tests.faults.house import administrator, serving
from tests.stats.tables import Example, put

pytestmark = pytest.mark.once

NO_MATCH = ": a part of a year is no match for another year, so no change is given."
LAST = FinancialYear(2026)


def day(text: str) -> date:
    return date.fromisoformat(text)


def answer(
    figure: str, rows: Sequence[Line], totals: Sequence[Line], *, years: int, as_of: str
) -> Answer:
    return Answer(
        figure=BY_SLUG[figure],
        period=Period.ending_with(LAST, years=years),
        day="registered",
        basis=Basis(),
        population="complaints",
        compared_with=None,
        rows=tuple(rows),
        totals=tuple(totals),
        left_out=(),
        notes=(),
        as_of=datetime.combine(day(as_of), datetime.min.time(), UTC),
    )


# A year, how much there was in it, and the days that were covered.
WAS = ("2025-26", 500, "2025-04-01", "2026-04-01")
LATE = ("2025-26", 500, "2025-10-01", "2026-04-01")
NOW = ("2026-27", 1_050, "2026-04-01", "2027-04-01")
SO_FAR = ("2026-27", 1_050, "2026-04-01", "2026-12-11")
ENDED = ("2026-27", 1_050, "2026-04-01", "2026-09-01")
GREW = "The number of complaints increased by 110% from 500 in 2025/26 to 1,050 in 2026/27."
IN_PART = "There were 500 complaints in the part of 2025/26 that was collected, and 1,050"
IN_ALL = "There were 500 complaints in 2025/26, and 1,050"


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (WAS, NOW, GREW),
        (LATE, NOW, f"{IN_PART} in 2026/27{NO_MATCH}"),
        (LATE, SO_FAR, f"{IN_PART} so far in 2026/27{NO_MATCH}"),
        (WAS, SO_FAR, f"{IN_ALL} so far in 2026/27{NO_MATCH}"),
        (WAS, ENDED, f"{IN_ALL} in the part of 2026/27 that was collected{NO_MATCH}"),
        (("2025-26", 500, None, None), NOW, None),
        (("2025-26", None, "2025-04-01", "2026-04-01"), NOW, None),
    ],
)
def test_only_a_whole_year_is_set_beside_a_whole_year(
    was: tuple[Any, ...], now: tuple[Any, ...], said: str | None
) -> None:
    totals = [
        {
            "year": year,
            "count": count,
            "since": since and day(since),
            "until": until and day(until),
        }
        for year, count, since, until in (was, now)
    ]
    as_of = "2026-12-10" if now is not NOW else "2027-05-01"
    counted = answer("feedback-over-time", (), totals, years=2, as_of=as_of)
    found = [
        next(case.words for case in CHANGE if case.when(it)).format(it=it)
        for it in series(counted, totals, lambda _: "complaints")
    ]
    assert found == ([said] if said else [])


@pytest.mark.parametrize(
    ("gap", "doubt", "running"),
    [(None, [], 3), (2024, [], 1), (2024, ["part_year"], 1), (2025, ["not_collected"], None)],
)
def test_months_run_back_to_the_first_year_that_cannot_be_told(
    gap: int | None, doubt: list[str], running: int | None
) -> None:
    years = [LAST.before(back) for back in (3, 2, 1, 0)]
    lines = [
        {
            "service": "education",
            "year": str(year),
            "month": f"{year.starts}-{month:02}",
            "count": None if (year.starts, month) == (gap, 5) and not doubt else _many(year, month),
            "not_comparable": doubt if (year.starts, month) == (gap, 5) else [],
        }
        for year in years
        for month in (4, 5)
    ]
    total = {"service": "education", "service_name": "Education", "count": 30}
    of_years = [
        {**total, "year": str(year), "since": year.since, "until": year.until} for year in years
    ]
    past = answer("complaints-by-month", lines, of_years, years=4, as_of="2027-05-01")
    now = answer("complaints-by-month", lines[-2:], of_years[-1:], years=1, as_of="2027-05-01")
    (found,) = months(now, past)
    change = found.most_changed
    assert (change.fewer_than if change else None) == running


def _many(year: FinancialYear, month: int) -> int:
    """Each May fewer than the one before; every April alike."""
    return 20 if month == 4 else 10 * (2030 - year.starts)


@pytest.mark.parametrize(("since", "rates_told"), [("2026-04-01", 1), ("2026-10-01", 0)])
def test_a_part_of_a_year_is_not_set_against_what_was_done_in_all_of_it(
    since: str, rates_told: int
) -> None:
    of = {"service": "education", "service_name": "Education", "activity": "pupils"}
    row = {
        "feedback_type": "complaint",
        "count": 40,
        "volume": 9_000,
        "percent_of_volume": 0.44,
        "activity_name": "Pupils",
    }
    total = {"count": 40, "since": day(since), "until": day("2027-04-01")}
    counted = answer("feedback-rates", [of | row], [of | total], years=1, as_of="2027-05-01")
    assert len(list(rates(counted))) == rates_told


@dataclass(frozen=True, slots=True)
class Late:
    """A council that has collected since 1 October 2025 only, with a database of its own."""

    client: AsyncClient
    headers: Mapping[str, str]

    async def report(self, year: str) -> Any:
        address = f"/v1/reports/annual/{year}?service=education"
        return (await self.client.get(address, headers=self.headers)).json()


@pytest.fixture
async def late(
    new_database: NewDatabase, settings: Settings, clock: MovableClock
) -> AsyncIterator[Late]:
    url = await new_database()
    connection = await asyncpg.connect(url)
    change = "UPDATE core.source_system SET collects_from = $2, collects_until = $3 WHERE slug = $1"
    first = day("2025-10-01")
    await connection.execute(change, "contact_us", first, first + timedelta(days=1))
    await connection.execute(change, "customer_feedback", first, None)
    await put(connection, Example(figure="", asked={}, cases=CASES, rows=""))
    async with serving(settings, clock, url=url) as (app, client):
        yield Late(client, await administrator(app))
    await connection.close()


HEAD = "case | service | registered\n"
CASES = HEAD + "\n".join(
    f"{number} | education | {'2025-11-03' if number < 20 else '2026-05-05'}"
    for number in range(62)
)


@pytest.mark.parametrize(
    ("today", "year", "now"),
    [("2027-05-01", "2026-27", "in 2026/27"), ("2026-12-10", "2026-27", "so far in 2026/27")],
)
async def test_a_year_that_was_collected_late_is_not_grown_from(
    late: Late, clock: MovableClock, today: str, year: str, now: str
) -> None:
    clock.on(day(today))
    report = await late.report(year)
    said = [line for one in report["sections"] for line in one["paragraphs"]]
    assert (
        "There were 20 complaints to Education in the part of 2025/26 that was collected, "
        f"and 42 {now}{NO_MATCH}"
    ) in said
    assert not any("110%" in line for line in said)


async def test_months_that_were_not_collected_are_not_told_as_empty(
    late: Late, clock: MovableClock
) -> None:
    clock.on(day("2027-05-01"))
    for year, said in (("2025-26", []), ("2026-27", ["registered in May 2026 (42)"])):
        report = await late.report(year)
        (months_of_it,) = [
            one["sentences"]
            for section in report["sections"]
            for one in section["exhibits"]
            if one["figure"] == "complaints-by-month"
        ]
        assert [line for line in months_of_it if "month that changed most" in line] == []
        assert all(any(words in line for line in months_of_it) for words in said)
        assert bool(months_of_it) is bool(said)
