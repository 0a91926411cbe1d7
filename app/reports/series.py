"""What was counted of one thing in each of several years, and how it changed. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.kit.clock import london_day
from app.reports.words import listed, spelled, year
from app.stats.answer import Answer
from app.stats.counted import Key, change_in_percent
from app.stats.measures import Line
from app.stats.period import FinancialYear

SMALL = 20
"""A share of fewer than these says little: one more or less is five per cent."""


@dataclass(frozen=True, slots=True)
class Point:
    """How many there were in a year."""

    year: str
    count: int
    part: str = ""  # what is covered of the year, in words, where that is not all of it

    @property
    def when(self) -> str:
        """The days that it is of."""
        return self.part or f"in {self.year}"


@dataclass(frozen=True, slots=True)
class Change:
    """How many there were, and how many there are."""

    what: str
    was: Point
    now: Point

    @property
    def percent(self) -> int | None:
        """By how much of what it was it changed, as the statistics reckon it; none from nothing."""
        change = change_in_percent(Fraction(self.now.count), Fraction(self.was.count))
        return change if change is None else abs(change)

    @property
    def is_small(self) -> bool:
        """Whether it changed from so few that a percentage says little."""
        return self.was.count < SMALL

    @property
    def is_none(self) -> bool:
        """Whether there are as many as there were."""
        return self.was.count == self.now.count

    @property
    def is_of_nothing(self) -> bool:
        """Whether there were none and are none."""
        return not self.was.count and not self.now.count

    @property
    def is_of_unlike_days(self) -> bool:
        """Whether one is of a part of its year.

        No two years have the same part: what is covered has no gap.
        """
        return bool(self.was.part or self.now.part)

    @property
    def moved(self) -> str:
        """Which way it went."""
        return "increased" if self.now.count > self.was.count else "decreased"

    @property
    def beside(self) -> str:
        """The change as a part of a sentence about how many there are now."""
        was = f"in {self.was.year} ({self.was.count:,})"
        if self.is_none:
            return f"the same as {was}"
        more = "higher" if self.now.count > self.was.count else "lower"
        if self.is_small:
            return f"{more} than {was}"
        return f"{self.percent}% {more} than {was}"


@dataclass(frozen=True, slots=True)
class Series:
    """How many there were of one thing, year by year, the report's year being the last."""

    what: str
    points: tuple[Point, ...]

    @property
    def now(self) -> Point:
        """The report's year."""
        return self.points[-1]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The report's year beside each year before, the nearest first."""
        return tuple(Change(self.what, was, self.now) for was in reversed(self.points[:-1]))

    @property
    def change(self) -> Change | None:
        """From the year before, if there is one."""
        return self.changes[0] if self.changes else None

    @property
    def change_before(self) -> Change | None:
        """What the change was a year earlier, if that can be told without a word of caution."""
        if not self.is_of_whole_years:
            return None
        was, then = self.points[-3:-1]
        change = Change(self.what, was, then)
        return None if change.is_none or change.is_small else change

    @property
    def earlier(self) -> str:
        """The report's year beside those before the one before it, in a sentence."""
        return listed([change.beside for change in self.changes[1:]])

    @property
    def is_of_whole_years(self) -> bool:
        """Whether there are several years before, and all can be set beside each other."""
        others = self.points[:-2]  # besides the report's year and the one before it
        return bool(others) and not any(point.part for point in self.points)

    @property
    def number(self) -> str:
        """How many years there are."""
        return spelled(len(self.points))

    @property
    def top(self) -> str:
        """The years in which there were most, with how many."""
        return _told(self.highest)

    @property
    def bottom(self) -> str:
        """The years in which there were fewest, with how many."""
        return _told(self.lowest)

    @property
    def highest(self) -> tuple[Point, ...]:
        """The years in which there were most."""
        most = max(point.count for point in self.points)
        return tuple(point for point in self.points if point.count == most)

    @property
    def lowest(self) -> tuple[Point, ...]:
        """The years in which there were fewest."""
        fewest = min(point.count for point in self.points)
        return tuple(point for point in self.points if point.count == fewest)


def series(answer: Answer, lines: Sequence[Line], what: Callable[[Line], str]) -> Iterator[Series]:
    """A series for each combination of codes besides the year, where all of it can be told.

    Years before the first in which anything was counted are not of the series.
    """
    apart = [cut for cut in answer.figure.by if cut != "year" and lines and cut in lines[0]]
    found: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        found.setdefault(tuple(line[cut] for cut in apart), []).append(line)
    begun, parts = began(answer), _parts(answer)
    for years in found.values():
        told = [line for line in years if line["year"] >= begun]
        keys = [_whole(answer, line) for line in told]
        counts = [line["count"] for line in told]
        if told and None not in counts and parts.keys() >= set(keys):
            named = (year(line["year"]) for line in told)
            points = map(Point, named, counts, (parts[key] for key in keys))
            yield Series(what(told[0]), tuple(points))


def _told(points: Sequence[Point]) -> str:
    each = " each" if len(points) > 1 else ""
    return f"{listed([point.year for point in points])} ({points[0].count:,}{each})"


def began(answer: Answer) -> str:
    """The first year in which anything was counted; the last one if nothing ever was."""
    years: list[str] = [whole["year"] for whole in answer.totals if whole["count"] != 0]
    return min(years, default=str(answer.period.year))


def _parts(answer: Answer) -> Mapping[Key, str]:
    """What each whole covers of its year, as a series tells it; none that covers nothing."""
    years = {str(each): each for each in answer.period.years}
    tomorrow = london_day(answer.as_of) + timedelta(days=1)
    return {
        _whole(answer, whole): _part(whole, years[whole["year"]], tomorrow)
        for whole in answer.totals
        if whole["since"]
    }


def _part(whole: Line, of: FinancialYear, tomorrow: date) -> str:
    name = year(str(of))
    match whole["since"], whole["until"]:
        case of.since, of.until:
            return ""
        case of.since, until if until == tomorrow:
            return f"so far in {name}"
    return f"in the part of {name} that was collected"


def _whole(answer: Answer, line: Line) -> Key:
    return tuple(line[cut] for cut in answer.figure.measure.of)
