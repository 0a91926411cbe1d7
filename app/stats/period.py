"""Periods that figures are counted over: half-open, in days, and by financial year."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

EARLIEST, LATEST = date(1990, 4, 1), date(2100, 4, 1)
"""No question goes beyond these days, so that no arithmetic on them can overflow."""

LONGEST_YEARS = 30

_YEAR = re.compile(r"(\d{4})-(\d{2})")
_APRIL = 4


@dataclass(frozen=True, slots=True, order=True)
class FinancialYear:
    """A council's year, 1 April to 31 March, named by the two calendar years it touches."""

    starts: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The financial year that a day falls in."""
        return cls(day.year if day.month >= _APRIL else day.year - 1)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read "2023-24"; none where the text is no financial year that a figure can have."""
        found = _YEAR.fullmatch(text)
        if not found:
            return None
        year = cls(int(found[1]))
        fits = EARLIEST.year <= year.starts < LATEST.year and str(year) == text
        return year if fits else None

    @property
    def since(self) -> date:
        """Its first day."""
        return date(self.starts, _APRIL, 1)

    @property
    def until(self) -> date:
        """The day after its last."""
        return date(self.starts + 1, _APRIL, 1)

    def before(self, count: int) -> "FinancialYear":
        """The year that many years earlier."""
        return FinancialYear(self.starts - count)

    def __str__(self) -> str:
        return f"{self.starts}-{(self.starts + 1) % 100:02}"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `since` up to, and not with, `until`."""

    since: date
    until: date

    @classmethod
    def ending_with(cls, year: FinancialYear, *, years: int = 1) -> Self:
        """That many whole financial years, of which `year` is the last."""
        return cls(year.before(years - 1).since, year.until)

    @property
    def last_day(self) -> date:
        """The last day inside it."""
        return self.until - timedelta(days=1)

    @property
    def years(self) -> tuple[FinancialYear, ...]:
        """The financial years it touches, whole or in part."""
        first, last = FinancialYear.of(self.since), FinancialYear.of(self.last_day)
        return tuple(FinancialYear(start) for start in range(first.starts, last.starts + 1))

    @property
    def year(self) -> FinancialYear | None:
        """Its last financial year, if it is made of whole ones."""
        whole = self.since == self.years[0].since and self.until == self.years[-1].until
        return self.years[-1] if whole else None

    @property
    def months(self) -> tuple[str, ...]:
        """The months it touches, such as "2023-09"."""
        first, last = month_index(self.since), month_index(self.last_day)
        return tuple(month_code(index) for index in range(first, last + 1))

    def overlaps(self, since: date, until: date | None) -> bool:
        """Whether it shares a day with another half-open period, which may have no end."""
        return since < self.until and (until is None or self.since < until)

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days

    @property
    def a_year_before(self) -> "Period":
        """The same days of the calendar, one year earlier."""
        return Period(moved(self.since, years=-1), moved(self.until, years=-1))

    def within(self, since: date, until: date | None) -> "Period | None":
        """What it shares with another half-open period, which may have no end; none if nothing."""
        shared = Period(max(self.since, since), min(self.until, until or self.until))
        return shared if shared.since < shared.until else None

    def part_of(self, year: FinancialYear) -> "Period":
        """The days that it shares with a financial year."""
        return Period(max(self.since, year.since), min(self.until, year.until))


def moved(day: date, *, years: int) -> date:
    """The same day of another year; the first of March for a 29 February that it does not have."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def month_index(day: date) -> int:
    """Months since the year 0; the engine's SQL counts the same number."""
    return day.year * 12 + day.month - 1


def month_code(index: int) -> str:
    """The name in answers of the month with that index, such as "2023-09"."""
    return f"{index // 12}-{index % 12 + 1:02}"


def year_code(starts: int) -> str:
    """The name in answers of the financial year that starts in a calendar year."""
    return str(FinancialYear(starts))


def last_complete_year(today: date) -> FinancialYear:
    """The last financial year that is over: what a figure is about unless asked otherwise."""
    return FinancialYear.of(today).before(1)
