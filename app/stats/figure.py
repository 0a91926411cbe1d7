"""What a figure is. A figure is declared as data, checked here, and counted by one engine."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import sqlalchemy as sa

from app.stats.counted import Counted
from app.stats.fact import Condition, Cut, Fact, Filter, Quantity, Reason, Scope

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NO_NUMBER = 1_000  # after every figure of the report


class Misdeclared(Exception):
    """A figure is declared in a way that the engine could not count truthfully."""


@dataclass(frozen=True, slots=True)
class Population:
    """Which of a fact's rows a figure counts, and which it leaves out, each for one reason.

    `where` says what is considered at all. What the fact always leaves out goes first; a row
    with several reasons goes under the first.
    """

    words: str
    where: tuple[Filter, ...] = ()
    leaves_out: tuple[Reason, ...] = ()

    @property
    def among(self) -> Condition:
        """What is considered at all."""
        return sa.and_(sa.true(), *(one.where for one in self.where))


@dataclass(frozen=True, slots=True)
class Share:
    """Each row's count as a share of a whole: the population under the cuts named by `of`.

    Besides, it may be shown as a share of a named part of the fact, or of the volume of the
    activity that it is cut by.
    """

    of: tuple[str, ...]
    part: str | None = None
    of_volume: bool = False


Note: TypeAlias = Callable[["Figure", Scope, Counted], Iterable[str]]
"""A remark that the data itself gives rise to; nothing is said where there is nothing to say."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A number someone publishes: what it means, what it counts, and how it is cut."""

    slug: str
    title: str
    means: str
    fact: Fact
    population: Population
    cuts: tuple[Cut, ...]
    measure: Share
    report_figures: tuple[int, ...] = ()  # in the source report, if it is one of those
    quantities: tuple[Quantity, ...] = ()
    years: int = 1  # how many financial years it covers unless asked otherwise
    notes: tuple[Note, ...] = ()
    definition_version: int = 1

    def __post_init__(self) -> None:
        """Refuse a declaration that could not be counted truthfully."""
        for fault in _faults(self):
            raise Misdeclared(f"{self.slug}: {fault}")

    @property
    def by(self) -> tuple[str, ...]:
        """The names of its cuts."""
        return tuple(cut.name for cut in self.cuts)

    @property
    def whole(self) -> str:
        """What its shares are shares of, in words."""
        measure, of = self.measure, " and ".join(self.measure.of).replace("_", " ")
        words = f"the population{f' of each {of}' if of else ''}, less what is left out"
        if measure.of_volume:
            return f"{words}; and, as `percent_of_volume`, the volume of the activity"
        part = measure.part
        return f"{words}; and, as `percent_of_{part}`, its {part}" if part else words

    @property
    def leaves_out(self) -> tuple[Reason, ...]:
        """Every reason to leave something out, the first that applies being the one."""
        return (*self.fact.leaves_out, *self.population.leaves_out)

    @property
    def over_years(self) -> bool:
        """Whether it sets several financial years side by side."""
        return "year" in self.by


def _faults(figure: Figure) -> Iterable[str]:
    if not _SLUG.fullmatch(figure.slug):
        yield "its slug is not kebab-case"
    if not (figure.title and figure.means.endswith(".") and figure.population.words):
        yield "it does not say what it means in a sentence"
    if figure.years > 1 and not figure.over_years:
        yield "it covers several years without showing them apart"
    yield from _faults_of_cuts(figure)
    yield from _faults_of_measure(figure)
    yield from _faults_of_reasons(figure)


def _faults_of_cuts(figure: Figure) -> Iterable[str]:
    names, of = figure.by, figure.measure.of
    if len(set(names)) != len(names):
        yield "it is cut twice by the same thing"
    for cut in (*figure.cuts, *(one.cut for one in figure.population.where)):
        if cut.of_day is None and cut not in figure.fact.cuts:
            yield f"{figure.fact.name} cannot be cut by {cut.name}"
    if names[: len(of)] != of or len(of) >= len(names):
        yield "the whole of its shares is not one of the first of its cuts"
    if figure.fact.stands and {cut.name for cut in figure.cuts if cut.of_day} - set(of):
        yield "what stands at the end of several stretches of time is no whole"


def _faults_of_measure(figure: Figure) -> Iterable[str]:
    of, name = figure.measure.of, figure.measure.part
    part = figure.fact.part(name) if name else None
    if name and part is None:
        yield f"{figure.fact.name} have no part called {name}"
    if part and part.cut != figure.by[-1]:
        yield f"shares of {part.name} are shown only where {part.cut} is the last of the cuts"
    if figure.measure.of_volume and not {"service", "activity"} <= set(of):
        yield "its whole is not that of a service and of what it did"
    if not {one.amount for one in figure.quantities} <= set(figure.fact.amounts):
        yield f"{figure.fact.name} have no such amount"


def _faults_of_reasons(figure: Figure) -> Iterable[str]:
    codes = [reason.code for reason in figure.leaves_out]
    if len(set(codes)) != len(codes):
        yield "it leaves out twice for the same reason"
    if not set(figure.population.leaves_out) <= {*figure.fact.leaves_out, *figure.fact.reasons}:
        yield f"{figure.fact.name} have no such reason to be left out"


def catalogued(themes: Sequence[Sequence[Figure]]) -> tuple[Figure, ...]:
    """Every theme's figures: those of the report in its order, then the others as declared.

    Slugs and figure numbers are unique.
    """
    declared = [each for theme in themes for each in theme]
    figures = sorted(declared, key=lambda f: f.report_figures or (_NO_NUMBER,))
    slugs = sorted(figure.slug for figure in figures)
    numbers = sorted(number for figure in figures for number in figure.report_figures)
    for names in (slugs, numbers):
        for one, next_one in pairwise(names):
            if one == next_one:
                raise Misdeclared(f"Two figures are called {one}.")
    return tuple(figures)
