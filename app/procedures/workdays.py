"""Working days as the complaints regulations count them.

Not a working day: Saturday, Sunday, and every bank holiday of England and Wales (SI 2006/1738
reg 2). A council's own closure days, school holidays and training days do count. The day that
starts a clock is day 0 and never counts, whatever day of the week it is; day 1 is the next
working day. A reply is in time on or before its due day.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from http import HTTPStatus

from app.kit.problem import Problem

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class CalendarExhausted(Problem):
    """A day lies where no bank holidays have been loaded, so counting would be guessing."""

    status = HTTPStatus.CONFLICT
    title = "The calendar of bank holidays does not reach that day"


@dataclass(frozen=True, slots=True)
class DayLine:
    """One calendar day in the explanation of a due day."""

    day: date
    number: int | None  # 0 for the day that starts the clock, none for a day that does not count
    counted: bool
    why_not: str | None


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The bank holidays of one version of the calendar, and the period they are known for."""

    version: str
    covers_from: date
    covers_until: date  # half-open
    holidays: Mapping[date, str]  # the title of each
    _working_days: tuple[date, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay out the working days once; counting is then a search."""
        span = (self.covers_until - self.covers_from).days
        days = (self.covers_from + timedelta(days=n) for n in range(span))
        object.__setattr__(self, "_working_days", tuple(d for d in days if self.is_working(d)))

    def continued_by(self, later: "WorkingCalendar") -> "WorkingCalendar":
        """This list, and after its end what a later one knows: no day of its own is moved."""
        if not later.covers_from <= self.covers_until < later.covers_until:
            return self
        beyond = {d: why for d, why in later.holidays.items() if d >= self.covers_until}
        return replace(self, covers_until=later.covers_until, holidays={**self.holidays, **beyond})

    def is_working(self, day: date) -> bool:
        """Whether the day counts, by weekday and bank holiday alone."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def after(self, day: date, working_days: int) -> date:
        """Day number `working_days` (1 or more) of a clock whose day 0 is `day`."""
        if working_days < 1:
            message = f"A clock runs for 1 working day or more, not {working_days}."
            raise ValueError(message)
        self._check_covers(day)
        index = bisect_right(self._working_days, day) + working_days - 1
        if index >= len(self._working_days):
            raise self._exhausted()
        return self._working_days[index]

    def between(self, day: date, end: date) -> int:
        """How many working days come after `day`, up to and including `end`; 0 if none do."""
        self._check_covers(day)
        self._check_covers(end)
        counted = bisect_right(self._working_days, end) - bisect_right(self._working_days, day)
        return max(counted, 0)

    def explain(self, day: date, due: date) -> list[DayLine]:
        """Every calendar day from day 0 to the due day: which counted, and why others did not."""
        self._check_covers(day)
        self._check_covers(due)
        lines = [DayLine(day, number=0, counted=False, why_not="day 0: the clock starts after it")]
        number = 0
        for offset in range(1, (due - day).days + 1):
            this = day + offset * ONE_DAY
            counted = self.is_working(this)
            number += counted
            lines.append(DayLine(this, number if counted else None, counted, self._why_not(this)))
        return lines

    def _why_not(self, day: date) -> str | None:
        if day.weekday() >= SATURDAY:
            return "weekend"
        return self.holidays.get(day)

    def _check_covers(self, day: date) -> None:
        if not self.covers_from <= day < self.covers_until:
            raise self._exhausted()

    def _exhausted(self) -> CalendarExhausted:
        last = self.covers_until - ONE_DAY
        return CalendarExhausted(
            f"Bank holidays are known from {self.covers_from} to {last} only: load a later list.",
            calendar_version=self.version,
            covers_from=self.covers_from,
            covers_until=self.covers_until,
        )
