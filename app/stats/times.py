"""Cuts by the day itself: financial year, quarter, month, week, day; and the days of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.stats.counted import Code
from app.stats.fact import Cut, Expression, Scope
from app.stats.period import (
    FinancialYear,
    Period,
    month_code,
    month_index,
    moved,
    year_code,
)

_WEEK, _DAY = timedelta(weeks=1), timedelta(days=1)
_QUARTER = 3  # months; April is the first of the year's first


@dataclass(frozen=True, slots=True)
class Grain:
    """Stretches of time of one length: those that touch a period, and the days of each."""

    name: str
    means: str
    codes: Callable[[Period], Iterable[str]]
    days: Callable[[str], Period]
    of_day: Callable[[sa.ColumnElement[date]], Expression]
    read: Callable[[Any], str]

    @property
    def cut(self) -> Cut:
        """The cut that shows each stretch apart."""
        return Cut(
            name=self.name,
            means=self.means,
            codes=lambda scope, above: self.codes(days_of(scope, above)),
            of_day=self.of_day,
            read=self.read,
        )


def _months_since_year_0(day: sa.ColumnElement[date]) -> sa.ColumnElement[int]:
    year, month = sa.func.date_part("year", day), sa.func.date_part("month", day)
    return sa.cast(year * 12 + month - 1, sa.Integer)


def _quarters(period: Period) -> Iterator[str]:
    first, last = (
        (month_index(day) - _QUARTER) // _QUARTER for day in (period.since, period.last_day)
    )
    return (_quarter_code(index) for index in range(first, last + 1))


def _quarter_code(index: int) -> str:
    """The name of a quarter, counted from April of the year 0."""
    return f"{year_code(index // 4)}-q{index % 4 + 1}"


def _mondays(period: Period) -> Iterator[str]:
    return _every(_WEEK, period.since - period.since.weekday() * _DAY, period.until)


def _every(step: timedelta, day: date, until: date) -> Iterator[str]:
    while day < until:
        yield day.isoformat()
        day += step


def _year(code: str) -> Period:
    year = FinancialYear(int(code[:4]))
    return Period(year.since, year.until)


def _quarter(code: str) -> Period:
    return _months(int(code[:4]) * 12 + _QUARTER * int(code[-1]), _QUARTER)


def _month(code: str) -> Period:
    return _months(int(code[:4]) * 12 + int(code[5:]) - 1, 1)


def _months(index: int, length: int) -> Period:
    first, until = (date(month // 12, month % 12 + 1, 1) for month in (index, index + length))
    return Period(first, until)


def _from(code: str, length: timedelta) -> Period:
    since = date.fromisoformat(code)
    return Period(since, since + length)


GRAINS: Mapping[str, Grain] = {
    grain.name: grain
    for grain in (
        Grain(
            "year",
            "the financial year, 1 April to 31 March",
            lambda period: [str(year) for year in period.years],
            _year,
            lambda day: (_months_since_year_0(day) - _QUARTER) // 12,
            year_code,
        ),
        Grain(
            "quarter",
            "the quarter of the financial year",
            _quarters,
            _quarter,
            lambda day: (_months_since_year_0(day) - _QUARTER) // _QUARTER,
            _quarter_code,
        ),
        Grain(
            "month",
            "the calendar month",
            lambda period: period.months,
            _month,
            _months_since_year_0,
            month_code,
        ),
        Grain(
            "week",
            "the week, by its Monday",
            _mondays,
            lambda code: _from(code, _WEEK),
            lambda day: sa.cast(sa.func.date_trunc("week", day), sa.Date),
            date.isoformat,
        ),
        Grain(
            "day",
            "the day",
            lambda period: _every(_DAY, period.since, period.until),
            lambda code: _from(code, _DAY),
            lambda day: day,
            date.isoformat,
        ),
    )
}
YEAR, QUARTER, MONTH, WEEK, DAY = (grain.cut for grain in GRAINS.values())


def years_away(cut: Cut, code: Code, *, years: int) -> Code:
    """The code of what lies some years later, under a cut by the day; under others the same."""
    grain = GRAINS.get(cut.name)
    if grain is None or not years:
        return code
    days = grain.days(str(code))
    since = moved(days.since, years=years)
    return next(iter(grain.codes(Period(since, since + _DAY))))


def whole_of(scope: Scope, codes: Mapping[str, Code]) -> Period:
    """The stretch of time that some codes name, though an answer may not cover all of it."""
    named = [GRAINS[name].days(str(code)) for name, code in codes.items() if name in GRAINS]
    return min(named, key=lambda days: days.length, default=scope.period)


def days_of(scope: Scope, codes: Mapping[str, Code]) -> Period:
    """The days of an answer that fall under some codes: those of its period, or a part of it."""
    period = scope.period
    for name, code in codes.items():
        if name in GRAINS:
            days = GRAINS[name].days(str(code))
            period = Period(max(period.since, days.since), min(period.until, days.until))
    return period


def last_days(period: Period, cuts: Iterable[Cut], *, today: date) -> tuple[date, ...]:
    """The last day of each stretch of time that is shown apart, as far as time has come.

    Of stretches within stretches, the shortest.
    """
    ends = (
        {grain.days(code).last_day for code in grain.codes(period)}
        for grain in (GRAINS[cut.name] for cut in cuts if cut.name in GRAINS)
    )
    days = max(ends, key=len, default={period.last_day})
    come = {min(day, period.last_day, today) for day in days}
    return tuple(sorted(day for day in come if day >= period.since))
