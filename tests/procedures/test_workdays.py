"""Working days: the vectors of the trade, and properties against a count day by day."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.procedures.council_file import as_reference, read_council
from app.procedures.workdays import CalendarExhausted, DayLine, WorkingCalendar

COUNCIL = Path(__file__).parents[2] / "app" / "demo" / "council.toml"
CALENDAR = as_reference(read_council(COUNCIL.read_text(encoding="utf-8"))).calendar
ONE_DAY = timedelta(days=1)
COUNTS = (3, 5, 10, 20, 25, 65)

VECTORS = """
    received   |  +3         |  +5         |  +10        |  +20        |  +25        |  +65
    2023-05-05 |  2023-05-11 |  2023-05-15 |  2023-05-22 |  2023-06-06 |  2023-06-13 |  2023-08-08
    2023-08-25 |  2023-08-31 |  2023-09-04 |  2023-09-11 |  2023-09-25 |  2023-10-02 |  2023-11-27
    2023-12-22 |  2023-12-29 |  2024-01-03 |  2024-01-10 |  2024-01-24 |  2024-01-31 |  2024-03-27
    2023-12-24 |  2023-12-29 |  2024-01-03 |  2024-01-10 |  2024-01-24 |  2024-01-31 |  2024-03-27
    2024-01-15 |  2024-01-18 |  2024-01-22 |  2024-01-29 |  2024-02-12 |  2024-02-19 |  2024-04-17
    2024-03-28 |  2024-04-04 |  2024-04-08 |  2024-04-15 |  2024-04-29 |  2024-05-07 |  2024-07-03
"""


def vectors() -> list[tuple[date, int, date]]:
    table = [line.split("|") for line in VECTORS.strip().splitlines()[1:]]
    rows = [[date.fromisoformat(cell.strip()) for cell in row] for row in table]
    return [
        (received, count, due)
        for received, *dues in rows
        for count, due in zip(COUNTS, dues, strict=True)
    ]


@pytest.mark.parametrize(("received", "working_days", "due"), vectors())
def test_every_vector_of_the_trade_holds(received: date, working_days: int, due: date) -> None:
    assert CALENDAR.after(received, working_days) == due
    assert CALENDAR.between(received, due) == working_days


def test_the_table_of_vectors_is_whole() -> None:
    assert len(vectors()) == 36


def test_the_reported_year_has_250_working_days() -> None:
    assert CALENDAR.between(date(2023, 3, 31), date(2024, 3, 31)) == 250


@pytest.mark.parametrize(
    ("before", "next_working_day"),
    [
        pytest.param("2024-03-28", "2024-04-02", id="Easter 2024"),
        pytest.param("2026-04-02", "2026-04-07", id="Easter 2026"),
        pytest.param("2026-12-24", "2026-12-29", id="Boxing Day on a Saturday"),
        pytest.param("2027-12-24", "2027-12-29", id="Christmas on a Saturday"),
        pytest.param("2021-12-31", "2022-01-04", id="New Year on a Saturday"),
        pytest.param("2022-06-01", "2022-06-06", id="Platinum Jubilee"),
        pytest.param("2022-09-16", "2022-09-20", id="State Funeral"),
        pytest.param("2023-05-05", "2023-05-09", id="Coronation"),
        pytest.param("2012-06-01", "2012-06-06", id="Diamond Jubilee"),
        pytest.param("2020-05-07", "2020-05-11", id="VE day on a Friday"),
        pytest.param("2024-02-28", "2024-02-29", id="a leap day counts"),
        pytest.param("2024-02-29", "2024-03-01", id="after a leap day"),
        pytest.param("2028-02-28", "2028-02-29", id="the next leap day counts"),
    ],
)
def test_the_next_working_day_is_found(before: str, next_working_day: str) -> None:
    assert CALENDAR.after(date.fromisoformat(before), 1) == date.fromisoformat(next_working_day)


# ------------------------------------------------------------------------------ properties

days = st.dates(CALENDAR.covers_from, date(2027, 6, 30))
counts = st.integers(1, 120)


def by_hand(day: date, working_days: int) -> date:
    """Walk day by day: no search, no prepared list."""
    left = working_days
    while left:
        day += ONE_DAY
        if day.weekday() not in {5, 6} and day not in CALENDAR.holidays:
            left -= 1
    return day


@given(days, counts)
def test_counting_equals_a_walk_day_by_day(day: date, working_days: int) -> None:
    assert CALENDAR.after(day, working_days) == by_hand(day, working_days)


@given(days, counts)
def test_a_due_day_is_never_a_weekend_nor_a_bank_holiday(day: date, working_days: int) -> None:
    due = CALENDAR.after(day, working_days)
    assert due.weekday() < 5
    assert due not in CALENDAR.holidays


@given(days, counts, counts)
def test_days_counted_in_two_parts_add_up(day: date, some: int, more: int) -> None:
    in_parts = CALENDAR.after(CALENDAR.after(day, some), more)
    assert in_parts == CALENDAR.after(day, some + more)


@given(days, days, counts)
def test_a_later_start_is_never_due_earlier(one: date, other: date, working_days: int) -> None:
    earlier, later = sorted((one, other))
    assert CALENDAR.after(earlier, working_days) <= CALENDAR.after(later, working_days)


@given(days, counts)
def test_one_day_more_is_always_later(day: date, working_days: int) -> None:
    assert CALENDAR.after(day, working_days) < CALENDAR.after(day, working_days + 1)


@given(days, counts)
def test_the_days_between_are_those_that_were_counted(day: date, working_days: int) -> None:
    due = CALENDAR.after(day, working_days)
    assert CALENDAR.between(day, due) == working_days
    assert CALENDAR.between(day, due - ONE_DAY) == working_days - 1


@given(days, days)
def test_nothing_lies_between_a_day_and_one_before_it(one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    assert CALENDAR.between(later, earlier) == 0


@given(days, counts)
def test_an_explanation_lists_each_day_once_and_counts_to_the_due_day(
    day: date, working_days: int
) -> None:
    due = CALENDAR.after(day, working_days)
    lines = CALENDAR.explain(day, due)
    assert [line.day for line in lines] == [day + n * ONE_DAY for n in range((due - day).days + 1)]
    assert [line.number for line in lines if line.counted] == list(range(1, working_days + 1))
    assert lines[-1].number == working_days
    assert all((line.why_not is None) == line.counted for line in lines)


# --------------------------------------------------------------------- what is explained


def test_an_explanation_says_why_a_day_did_not_count() -> None:
    lines = CALENDAR.explain(date(2023, 5, 5), date(2023, 5, 9))
    assert lines == [
        DayLine(date(2023, 5, 5), 0, counted=False, why_not="day 0: the clock starts after it"),
        DayLine(date(2023, 5, 6), None, counted=False, why_not="weekend"),
        DayLine(date(2023, 5, 7), None, counted=False, why_not="weekend"),
        DayLine(date(2023, 5, 8), None, counted=False, why_not="Coronation of King Charles III"),
        DayLine(date(2023, 5, 9), 1, counted=True, why_not=None),
    ]


# ------------------------------------------------------------------------ where it ends


def test_a_due_day_past_the_list_is_not_promised() -> None:
    assert CALENDAR.after(date(2028, 12, 15), 8) == date(2028, 12, 29)
    with pytest.raises(CalendarExhausted) as refused:
        CALENDAR.after(date(2028, 12, 15), 9)
    assert refused.value.members["covers_until"] == date(2029, 1, 1)


@pytest.mark.parametrize("outside", [date(2011, 12, 31), date(2029, 1, 1)])
def test_a_day_outside_the_list_is_refused_everywhere(outside: date) -> None:
    inside = date(2020, 1, 1)
    for count in (
        lambda: CALENDAR.after(outside, 1),
        lambda: CALENDAR.between(outside, inside),
        lambda: CALENDAR.between(inside, outside),
        lambda: CALENDAR.explain(outside, inside),
        lambda: CALENDAR.explain(inside, outside),
    ):
        with pytest.raises(CalendarExhausted):
            count()


def test_a_clock_cannot_run_for_no_days() -> None:
    with pytest.raises(ValueError, match="1 working day or more"):
        CALENDAR.after(date(2024, 1, 15), 0)


def test_a_calendar_without_bank_holidays_knows_weekends() -> None:
    bare = WorkingCalendar("bare", date(2024, 1, 1), date(2025, 1, 1), {})
    assert bare.after(date(2024, 12, 24), 1) == date(2024, 12, 25)
    assert bare.after(date(2024, 12, 20), 1) == date(2024, 12, 23)


# ---------------------------------------------------------------- continued by a later list

FIRST = WorkingCalendar("first", date(2028, 1, 1), date(2029, 1, 1), {date(2028, 12, 25): "C"})
LATER = WorkingCalendar(
    "later",
    date(2012, 1, 1),
    date(2030, 1, 1),
    {date(2028, 7, 3): "proclaimed late", date(2028, 12, 25): "C", date(2029, 1, 1): "N"},
)


def test_a_list_goes_on_as_a_later_one_does_and_keeps_its_own_days() -> None:
    whole = FIRST.continued_by(LATER)
    assert (whole.version, whole.covers_from, whole.covers_until) == (
        "first",
        date(2028, 1, 1),
        date(2030, 1, 1),
    )
    assert whole.is_working(date(2028, 7, 3))
    assert not whole.is_working(date(2029, 1, 1))
    assert whole.between(date(2028, 12, 22), date(2029, 1, 2)) == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(LATER, FIRST, id="by one that ends before it"),
        pytest.param(
            FIRST,
            WorkingCalendar("apart", date(2029, 1, 2), date(2030, 1, 1), {}),
            id="by one that begins after its end",
        ),
    ],
)
def test_a_list_is_not_continued(one: WorkingCalendar, other: WorkingCalendar) -> None:
    assert one.continued_by(other) == one
