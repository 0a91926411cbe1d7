"""The months of a year: the highest and what swelled it, the low ones, and those a year before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from app.kit.clock import london_day
from app.reports.series import Change, Point, began
from app.reports.words import earlier, listed, spelled
from app.stats.answer import Answer, Disclosure
from app.stats.labels import worded
from app.stats.measures import Line
from app.stats.period import Period

LOW = (2, 3)
"""A month is low with fewer than two thirds of what an average month had."""


@dataclass(frozen=True, slots=True)
class Month:
    """How many there were in a month of the year."""

    code: str  # 2023-09
    count: int

    @property
    def name(self) -> str:
        """September."""
        return worded("month", self.code).split()[0]


@dataclass(frozen=True, slots=True)
class Months:
    """A service's complaints by month, with the same months of the years before."""

    who: str
    now: tuple[Month, ...]
    before: Mapping[str, tuple[Month, ...]]  # by financial year, oldest first
    migrated: str  # how many were carried over from another system, in words
    migrated_in: str  # the month in which all of them were registered anew; else nothing

    @property
    def highest(self) -> tuple[Month, ...]:
        """Those with most."""
        most = max(each.count for each in self.now)
        return tuple(each for each in self.now if each.count == most)

    @property
    def peak(self) -> str:
        """Their names, with how many there were."""
        names = listed([worded("month", each.code) for each in self.highest])
        each = " each" if len(self.highest) > 1 else ""
        return f"{names} ({self.highest[0].count:,}{each})"

    @property
    def is_swollen(self) -> bool:
        """Whether the highest month is the one that migrated cases were registered in."""
        return self.migrated_in in {each.code for each in self.highest}

    @property
    def low(self) -> tuple[Month, ...]:
        """The low ones, the lowest first."""
        return _low(self.now)

    @property
    def lows(self) -> str:
        """The low ones by name, with how many each had."""
        return listed([f"{each.name} ({each.count:,})" for each in self.low])

    @property
    def are_low_every_year(self) -> bool:
        """Whether the same months were the lowest in every year before, too."""
        names = {each.name for each in self.low}
        return bool(names and self.before) and all(
            max(each.count for each in year if each.name in names)
            < min(each.count for each in year if each.name not in names)
            for year in self.before.values()
        )

    @property
    def years_before(self) -> str:
        """Every one of the earlier years."""
        return earlier(len(self.before))

    @property
    def most_changed(self) -> "MonthChange | None":
        """The month that changed most in number from the year before; none if several did."""
        if not self.before:
            return None
        last = {each.name: each for each in list(self.before.values())[-1]}
        apart = [(abs(each.count - last[each.name].count), each) for each in self.now]
        furthest = max(size for size, _ in apart)
        found = [each for size, each in apart if size == furthest]
        if len(found) != 1 or not furthest:
            return None
        (now,) = found
        earlier = [each for year in self.before.values() for each in year if each.name == now.name]
        return MonthChange(self, now, tuple(earlier))


@dataclass(frozen=True, slots=True)
class MonthChange:
    """A month beside the same month of the years before, oldest first."""

    of: Months
    now: Month
    earlier: tuple[Month, ...]

    @property
    def change(self) -> Change:
        """From the year before."""
        was = self.earlier[-1]
        return Change("complaints", _point(was), _point(self.now))

    @property
    def fewer_than(self) -> int:
        """In how many years running, back from the last, the same month had more."""
        more = takewhile(lambda each: self.now.count < each.count, reversed(self.earlier))
        return sum(1 for _ in more)

    @property
    def years_running(self) -> str:
        """The same in words."""
        return spelled(self.fewer_than)

    @property
    def is_swollen(self) -> bool:
        """Whether it is the month that migrated cases were registered in."""
        return self.now.code == self.of.migrated_in


def months(answer: Answer, past: Answer | None) -> Iterator[Months]:
    """The months of each service, where the year is over, was collected and can all be told."""
    if answer.period.until > london_day(answer.as_of):
        return
    for total in answer.totals:
        service = total["service"]
        lines = [line for line in answer.rows if line["service"] == service]
        before = _before(past, service, answer) if past else {}
        days = Period(total["since"], total["until"])
        whole = days == answer.period and all(line["count"] is not None for line in lines)
        if total["count"] and whole:
            now = tuple(_month(line) for line in lines)
            yield Months(total["service_name"], now, before, *_migrated(answer, service))


def _before(past: Answer, service: str, answer: Answer) -> Mapping[str, tuple[Month, ...]]:
    """The years that run up to it, back to the first of which not every month can be told."""
    first, found = began(past), dict[str, list[Line]]()
    for line in past.rows:
        if line["service"] == service and line["year"] >= first:
            found.setdefault(line["year"], []).append(line)
    running = takewhile(
        lambda year: year in found and all(map(_is_told, found[year])),
        (str(year) for year in reversed(past.period.years) if year != answer.period.year),
    )
    return {year: tuple(map(_month, found[year])) for year in reversed(list(running))}


def _is_told(line: Line) -> bool:
    """Whether a month is told, and was collected from its first day to its last."""
    return line["count"] is not None and not line["not_comparable"]


def _migrated(answer: Answer, service: str) -> tuple[str, str]:
    """How many were registered anew, and in which month: the public is told that some were."""
    for part in answer.parts:
        if part["service"] == service and part["part"] == "migrated":
            first, last = (f"{day:%Y-%m}" for day in (part["first"], part["last"]))
            exact = answer.disclosure is Disclosure.exact
            if first == last:
                return f"{part['count']:,} cases" if exact else "some cases", first
    return "", ""


def _low(months: Sequence[Month]) -> tuple[Month, ...]:
    part, of = LOW
    average = sum(each.count for each in months) / len(months)
    ascending = sorted(months, key=lambda each: each.count)
    return tuple(each for each in ascending if of * each.count < part * average)


def _month(line: Line) -> Month:
    return Month(line["month"], line["count"])


def _point(each: Month) -> Point:
    return Point(worded("month", each.code), each.count)
