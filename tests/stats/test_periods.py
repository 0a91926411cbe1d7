"""Financial years, months and periods, in days."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stats.counted import Tally, percent
from app.stats.period import FinancialYear, Period, month_code, month_index

DAYS = st.dates(date(1991, 1, 1), date(2099, 1, 1))


@pytest.mark.parametrize(
    ("day", "year"),
    [
        pytest.param(date(2024, 3, 31), "2023-24", id="the last day"),
        pytest.param(date(2024, 4, 1), "2024-25", id="the first day"),
        pytest.param(date(2000, 1, 1), "1999-00", id="across the century"),
    ],
)
def test_a_day_is_of_a_financial_year(day: date, year: str) -> None:
    assert str(FinancialYear.of(day)) == year
    assert FinancialYear.parse(year) == FinancialYear.of(day)


@pytest.mark.parametrize("text", ["2023", "2023-25", "2023/24", "23-24", "0000-01", "9999-00"])
def test_what_is_no_financial_year_is_not_read_as_one(text: str) -> None:
    assert FinancialYear.parse(text) is None


@given(DAYS, st.integers(1, 4000))
def test_the_years_of_a_period_share_out_its_days(since: date, length: int) -> None:
    period = Period(since, since + timedelta(days=length))
    parts = [period.part_of(year) for year in period.years]
    assert (parts[0].since, parts[-1].until) == (period.since, period.until)
    assert all(before.until == after.since for before, after in pairwise(parts))
    assert (period.year is not None) == all(
        part == Period(year.since, year.until)
        for part, year in zip(parts, period.years, strict=True)
    )


@given(DAYS, st.integers(1, 800))
def test_the_months_of_a_period_hold_each_of_its_days(since: date, length: int) -> None:
    period = Period(since, since + timedelta(days=length))
    days = (since + timedelta(days=number) for number in range(length))
    assert tuple(dict.fromkeys(f"{day:%Y-%m}" for day in days)) == period.months
    assert month_code(month_index(since)) == period.months[0]


@pytest.mark.parametrize(
    ("count", "whole", "rounded"),
    [(43, 183, 23), (7, 57, 12), (7, 56, 13), (1, 200, 1), (1, 201, 0), (0, 5, 0), (0, 0, None)],
)
def test_a_percentage_is_the_exact_fraction_rounded_half_up(
    count: int, whole: int, rounded: int | None
) -> None:
    assert percent(count, whole) == rounded


def test_tallies_add_up_with_the_first_and_the_last_day_of_both() -> None:
    one = Tally(2, date(2024, 1, 16), date(2024, 1, 20))
    other = Tally(1, date(2024, 2, 1), date(2024, 2, 1))
    assert one + other + Tally() == Tally(3, date(2024, 1, 16), date(2024, 2, 1))
