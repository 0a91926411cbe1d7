"""When a stage is due, and whether it kept its time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.procedures.timescales import ExtensionTooLong, Timescale
from app.procedures.vocabulary import Verdict
from app.procedures.workdays import WorkingCalendar

SPRING = WorkingCalendar(
    "spring", date(2026, 3, 1), date(2026, 7, 1), {date(2026, 4, 3): "Good Friday"}
)
TEN_AND_TEN = Timescale(respond_within=10, extend_by_at_most=10)
NO_LIMIT = Timescale(respond_within=None, extend_by_at_most=0)
STARTED = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("extended_by", "due"),
    [
        pytest.param(0, date(2026, 4, 16), id="as it stands, over Good Friday"),
        pytest.param(1, date(2026, 4, 17), id="by one day"),
        pytest.param(10, date(2026, 4, 30), id="by all that is allowed"),
    ],
)
def test_a_reply_is_due(extended_by: int, due: date) -> None:
    assert TEN_AND_TEN.due_on(STARTED, SPRING, extended_by=extended_by) == due


def test_an_extension_past_what_is_allowed_is_refused() -> None:
    with pytest.raises(ExtensionTooLong) as refused:
        TEN_AND_TEN.due_on(STARTED, SPRING, extended_by=11)
    assert refused.value.members == {"at_most": 10, "asked": 11}


@pytest.mark.parametrize(
    ("closed", "extended_by", "verdict"),
    [
        pytest.param(date(2026, 4, 1), 0, Verdict.within_target, id="the same day"),
        pytest.param(date(2026, 4, 16), 0, Verdict.within_target, id="on the due day"),
        pytest.param(date(2026, 4, 17), 0, Verdict.late, id="a day late"),
        pytest.param(date(2026, 4, 18), 2, Verdict.within_extension, id="a Saturday, extended"),
        pytest.param(date(2026, 4, 20), 2, Verdict.within_extension, id="on the extended day"),
        pytest.param(date(2026, 4, 21), 2, Verdict.late, id="past the extension"),
        pytest.param(date(2026, 4, 16), 2, Verdict.within_target, id="extended, not needed"),
    ],
)
def test_a_closed_stage_is_judged(closed: date, extended_by: int, verdict: Verdict) -> None:
    assert TEN_AND_TEN.verdict(STARTED, closed, SPRING, extended_by=extended_by) == verdict


def test_a_saturday_after_a_due_friday_is_late() -> None:
    two_days = Timescale(respond_within=2, extend_by_at_most=0)
    assert two_days.due_on(date(2026, 4, 8), SPRING) == date(2026, 4, 10)
    assert two_days.verdict(date(2026, 4, 8), date(2026, 4, 10), SPRING) == Verdict.within_target
    assert two_days.verdict(date(2026, 4, 8), date(2026, 4, 11), SPRING) == Verdict.late


def test_a_stage_closed_before_the_calendar_ends_is_judged_though_its_due_day_is_unknown() -> None:
    started, closed = date(2026, 6, 29), date(2026, 6, 30)
    assert TEN_AND_TEN.verdict(started, closed, SPRING) == Verdict.within_target


DAYS = st.dates(SPRING.covers_from, date(2026, 5, 1))


@given(DAYS, st.integers(0, 40), st.integers(1, 15), st.integers(0, 10))
def test_a_verdict_agrees_with_the_due_days(
    started: date, took: int, limit: int, extended_by: int
) -> None:
    timescale = Timescale(respond_within=limit, extend_by_at_most=10)
    closed = started + timedelta(days=took)
    base = timescale.due_on(started, SPRING)
    extended = timescale.due_on(started, SPRING, extended_by=extended_by)
    assert base is not None
    assert extended is not None
    expected = Verdict.late
    if closed <= extended:
        expected = Verdict.within_extension
    if closed <= base:
        expected = Verdict.within_target
    assert timescale.verdict(started, closed, SPRING, extended_by=extended_by) == expected
    assert timescale.within_target(started, closed, SPRING) == (closed <= base)


def test_without_a_fixed_limit_nothing_is_due_and_nothing_is_late() -> None:
    assert NO_LIMIT.due_on(STARTED, SPRING) is None
    assert NO_LIMIT.verdict(STARTED, date(2026, 6, 30), SPRING) == Verdict.no_limit
    assert NO_LIMIT.within_target(STARTED, date(2026, 6, 30), SPRING) is None


def test_the_target_takes_no_notice_of_extensions() -> None:
    assert TEN_AND_TEN.within_target(STARTED, date(2026, 4, 16), SPRING) is True
    assert TEN_AND_TEN.within_target(STARTED, date(2026, 4, 17), SPRING) is False
