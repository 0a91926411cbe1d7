"""What there was most of in each of several years, and whether it was always the same. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise, takewhile

from app.reports.wholes import Place, Whole, wholes
from app.reports.words import earlier, listed, year
from app.stats.answer import Answer


@dataclass(frozen=True, slots=True)
class Firsts:
    """The first places of a service in the years before the report's."""

    who: str
    years: tuple[tuple[str, Whole], ...]  # oldest first

    @property
    def number(self) -> str:
        """Every one of them."""
        return earlier(len(self.years))

    @property
    def first_two(self) -> str:
        """The two that were first in each of the years, where they are the same; else nothing."""
        pairs = {frozenset(place.name for place in _first(whole, 2)) for _, whole in self.years}
        names = _first(self.years[-1][1], 2)
        same = len(pairs) == 1 and len(names) == 2  # noqa: PLR2004  # the first two
        return listed([place.name for place in names]) if same else ""

    @property
    def always_first(self) -> str:
        """What was first in each of the years, where it was always the same; else nothing."""
        names = {tuple(place.name for place in whole.first) for _, whole in self.years}
        return names.pop()[0] if len(names) == 1 and all(len(name) == 1 for name in names) else ""

    @property
    def last_year(self) -> str:
        """The year before the report's."""
        return year(self.years[-1][0])

    @property
    def last(self) -> Whole:
        """What there was in it."""
        return self.years[-1][1]

    @property
    def told(self) -> str:
        """What was first, for each run of years in which it was the same."""
        runs = groupby(self.years, key=lambda one: tuple(place.name for place in one[1].first))
        return listed(
            [f"{listed(names)} ({_span([one for one, _ in some])})" for names, some in runs]
        )


def firsts(past: Answer) -> Iterator[Firsts]:
    """The first places of each service, in the years running up to the report's."""
    found: dict[str, dict[str, Whole]] = {}
    for whole in wholes(past):
        if whole.told and _is_comparable(whole):
            found.setdefault(whole.who, {})[whole.line["year"]] = whole
    years = [str(each) for each in reversed(past.period.years[:-1])]
    for service, told in found.items():
        running = list(takewhile(told.__contains__, years))
        if running:
            yield Firsts(service, tuple((each, told[each]) for each in reversed(running)))


def _is_comparable(whole: Whole) -> bool:
    """Whether all of it is told, and of a whole year."""
    return not whole.is_partly_hidden and not whole.first[0].line["not_comparable"]


def _first(whole: Whole, number: int) -> tuple[Place, ...]:
    """The first few places, if nothing shares the last of them."""
    apart = all(
        one.count > other.count for one, other in pairwise(whole.told[number - 1 : number + 1])
    )
    return whole.told[:number] if apart else ()


def _span(years: list[str]) -> str:
    first, last = year(years[0]), year(years[-1])
    return first if first == last else f"{first} to {last}"
