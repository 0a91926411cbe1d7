"""The London day of an instant, against the rule by which Britain sets its clocks."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.clock import LONDON, london_day

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SINCE, UNTIL = datetime(1996, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001  # made UTC below

instants = st.datetimes(SINCE, UNTIL, timezones=st.just(UTC))
many = settings(max_examples=2_000)


def last_sunday(year: int, month: int) -> date:
    after = date(year, month + 1, 1)
    return after - (after.isoweekday() % 7 or 7) * DAY


def summer(year: int) -> tuple[datetime, datetime]:
    """From one o'clock UTC on the last Sunday of March to one o'clock on that of October."""
    at_one = time(1, tzinfo=UTC)
    since, until = last_sunday(year, 3), last_sunday(year, 10)
    return datetime.combine(since, at_one), datetime.combine(until, at_one)


def by_the_rule(instant: datetime) -> date:
    since, until = summer(instant.year)
    return (instant + HOUR if since <= instant < until else instant).date()


@many
@given(instants)
def test_the_london_day_is_an_hour_ahead_in_summer(instant: datetime) -> None:
    assert london_day(instant) == by_the_rule(instant)


@many
@given(instants, st.timedeltas(timedelta(0), 400 * DAY))
def test_days_never_run_backwards(instant: datetime, later: timedelta) -> None:
    assert london_day(instant) <= london_day(instant + later)


@many
@given(st.dates(SINCE.date(), UNTIL.date() - DAY))
def test_a_day_has_24_hours_but_for_two_in_a_year(day: date) -> None:
    begins, ends = (
        datetime.combine(one, time(0), tzinfo=LONDON).astimezone(UTC) for one in (day, day + DAY)
    )
    changes = {last_sunday(day.year, 3): 23, last_sunday(day.year, 10): 25}
    assert (ends - begins) / HOUR == changes.get(day, 24)
    assert (london_day(begins), london_day(ends)) == (day, day + DAY)
    assert london_day(begins - timedelta(microseconds=1)) == day - DAY
