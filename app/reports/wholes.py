"""A whole and its parts, from the largest: what was told most often, and of how many. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.reports.evidence import Evidence
from app.reports.series import SMALL
from app.reports.words import listed, mentioned
from app.stats.answer import Answer
from app.stats.counted import Code
from app.stats.measures import Line

_NAMED = 3
"""How many places are named; those that share the last of them are named too."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a whole."""

    code: Any
    name: str
    count: int
    percent: int | None
    line: Line

    @property
    def in_numbers(self) -> str:
        """Its count and its share, for brackets; the share alone may be withheld."""
        return f"{self.count:,}" if self.percent is None else f"{self.count:,}, {self.percent}%"

    @property
    def share(self) -> str:
        """Its count, and its share in brackets."""
        return f"{self.count:,}" if self.percent is None else f"{self.count:,} ({self.percent}%)"


@dataclass(frozen=True, slots=True)
class Whole:
    """The rows of one whole that can be told, those with most first."""

    line: Line
    who: str
    count: int
    places: tuple[Place, ...]
    rest: Place | None  # what is under none of the names of the list, such as "No team"
    is_partly_hidden: bool

    @property
    def is_small(self) -> bool:
        """Whether there are so few that a share says little."""
        return self.count < SMALL

    @property
    def is_several(self) -> bool:
        """Whether anything can be said of its parts: of a single case, nothing is."""
        return self.count > 1 and bool(self.told)

    @property
    def of_how_many(self) -> str:
        """How many there are, called small where they are."""
        return f"{self.count:,} (a small number)" if self.is_small else f"{self.count:,}"

    @property
    def told(self) -> tuple[Place, ...]:
        """The parts that there are any of."""
        return tuple(place for place in self.places if place.count)

    @property
    def absent(self) -> tuple[Place, ...]:
        """The parts that there are none of."""
        return tuple(place for place in self.places if not place.count)

    @property
    def absence(self) -> str:
        """The names of what there is none of."""
        return listed([place.name for place in self.absent], last=" or ")

    @property
    def ranked(self) -> tuple[tuple[Place, ...], ...]:
        """The first few places, those of equal count together."""
        found: list[tuple[Place, ...]] = []
        for _, tied in groupby(self.told, key=lambda place: place.count):
            if sum(len(some) for some in found) < _NAMED:
                found.append(tuple(tied))
        return tuple(found)

    @property
    def first(self) -> tuple[Place, ...]:
        """What there is most of; several where they are as many."""
        return self.ranked[0] if self.told else ()

    @property
    def in_order(self) -> str:
        """The first few in a sentence, ties told as ties."""
        return listed([tie(some) for some in self.ranked], last=", then ")

    @property
    def in_full(self) -> str:
        """Every part that there is any of, the largest first."""
        return listed([f"{place.share} {place.name}" for place in self.told])


def tie(places: Sequence[Place]) -> str:
    """Parts that have the same place."""
    names = listed([place.name for place in places])
    count, *share = places[0].in_numbers.split(", ")
    each = " each" if len(places) > 1 else ""
    return f"{names} ({', '.join([count + each, *share])})"


def wholes(answer: Answer) -> Iterator[Whole]:
    """The wholes of an answer that anything is counted in and that can be told."""
    of, last = answer.figure.measure.of, answer.figure.cuts[-1]
    within: dict[tuple[Code, ...], list[Line]] = defaultdict(list)
    for line in answer.rows:
        within[tuple(line[cut] for cut in of)].append(line)
    for total in answer.totals:
        if not total["count"]:
            continue
        lines = within[tuple(total[cut] for cut in of)]
        shown = [_place(line, last.name) for line in lines if line["count"] is not None]
        places = sorted(shown, key=lambda place: -place.count)
        yield Whole(
            line=total,
            who=total.get("service_name", ""),
            count=total["count"],
            places=tuple(place for place in places if last.none is None or place.code != last.none),
            rest=next((place for place in places if place.code == last.none and place.count), None),
            is_partly_hidden=len(shown) < len(lines),
        )


def _place(line: Line, cut: str) -> Place:
    return Place(line[cut], mentioned(line, cut), line["count"], line["percent"], line)


def told_by(
    figure: str, found: Callable[[Answer], Iterable[Any]] = wholes
) -> Callable[[Evidence], Iterable[Any]]:
    """What a figure of the year tells of: its wholes, or what else is found in its answer."""
    return lambda evidence: found(evidence.answers[figure])
