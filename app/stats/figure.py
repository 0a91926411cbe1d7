"""What a figure is. A figure is declared as data, checked here, and counted by one engine."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any, TypeAlias

import sqlalchemy as sa

from app.stats.counted import Code, Counted
from app.stats.period import Period
from app.stats.reference import Reference

Condition: TypeAlias = sa.ColumnElement[bool]
Expression: TypeAlias = sa.ColumnElement[Any]

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Misdeclared(Exception):
    """A figure is declared in a way that the engine could not count truthfully."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one answer covers, as far as the lists of its rows depend on it."""

    reference: Reference
    period: Period
    day: "Day"
    services: tuple[str, ...]  # the services asked for; none means the whole council
    now: datetime
    today: date


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A way to divide what is counted; its list of codes is closed, in a declared order.

    `codes` gives that list for a scope, under the codes of the cuts before it (a team depends
    on service and system); what is counted outside the list still gets a row. `residual` is
    the code of "none of these". A cut by the day itself says how to reckon it (`of_day`), and
    `read` turns what the database holds into a code.
    """

    name: str
    means: str
    codes: Callable[[Scope, Mapping[str, Code]], Iterable[Code]]
    residual: Code | None = None
    names: Callable[[Reference], Mapping[str, str]] | None = None
    of_day: Callable[[sa.ColumnElement[date]], Expression] | None = None
    read: Callable[[Any], Code] | None = None

    def called(self, reference: Reference) -> Mapping[str, str]:
        """What its codes are called, for those that reference data names."""
        return self.names(reference) if self.names else {}


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """The day that decides whether something falls in a period."""

    basis: str
    words: str  # completes "complaints …": "registered in the period"
    column: sa.ColumnElement[date]


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """What is counted: rows, the day each happened, and the expressions it can be cut by.

    The first of `days` is the one that figures use unless asked otherwise. No expression under
    `cuts` is ever null, since the engine's totals rows use null for "any".
    """

    name: str
    rows: sa.FromClause
    days: tuple[Day, ...]
    service: sa.ColumnElement[str | None]
    cuts: Mapping[str, Expression]

    def day(self, basis: str | None) -> Day | None:
        """The day of that basis, or the usual one; none where the fact has no such day."""
        return next((day for day in self.days if basis in {None, day.basis}), None)


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """Why something that happened in the period is left out of a figure."""

    code: str
    words: str
    where: Condition


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Which of a fact's rows a figure counts, and which it leaves out, each for one reason.

    `among` says what is considered at all. A row with several reasons goes under the first.
    `tallies` are parts of what is counted that notes and second shares need to know.
    """

    words: str
    among: Condition
    leaves_out: tuple[Reason, ...]
    tallies: Mapping[str, Condition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartShare:
    """A second share, of a named part of the population, for the rows that lie within it."""

    name: str  # a tally of the population: its size is the denominator
    codes: tuple[Code, ...]  # of the last cut


@dataclass(frozen=True, slots=True)
class Share:
    """Each row's count as a share of a whole: the population under the cuts named by `of`."""

    of: tuple[str, ...]
    part: PartShare | None = None


Note: TypeAlias = Callable[["Figure", Scope, Counted], Iterable[str]]
"""A remark that the data itself gives rise to; nothing is said where there is nothing to say."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A number someone publishes: what it means, what it counts, and how it is cut."""

    slug: str
    report_figures: tuple[int, ...]
    title: str
    means: str
    fact: Fact
    population: Population
    cuts: tuple[Cut, ...]
    measure: Share
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
    def over_years(self) -> bool:
        """Whether it sets several financial years side by side."""
        return "year" in self.by


def _faults(figure: Figure) -> Iterable[str]:
    names, of, part = figure.by, figure.measure.of, figure.measure.part
    if not _SLUG.fullmatch(figure.slug):
        yield "its slug is not kebab-case"
    if not (figure.title and figure.means.endswith(".") and figure.population.words):
        yield "it does not say what it means in a sentence"
    if len(set(names)) != len(names):
        yield "it is cut twice by the same thing"
    for cut in figure.cuts:
        if cut.of_day is None and cut.name not in figure.fact.cuts:
            yield f"{figure.fact.name} cannot be cut by {cut.name}"
    if names[: len(of)] != of or len(of) >= len(names):
        yield "the whole of its shares is not one of the first of its cuts"
    if part and part.name not in figure.population.tallies:
        yield f"its population has no part called {part.name}"
    if figure.years > 1 and not figure.over_years:
        yield "it covers several years without showing them apart"
    codes = [reason.code for reason in figure.population.leaves_out]
    if len(set(codes)) != len(codes):
        yield "it leaves out twice for the same reason"


def catalogued(themes: Sequence[Sequence[Figure]]) -> tuple[Figure, ...]:
    """Every theme's figures in the order of the report; slugs and figure numbers are unique."""
    figures = sorted((each for theme in themes for each in theme), key=lambda f: f.report_figures)
    slugs = sorted(figure.slug for figure in figures)
    numbers = sorted(number for figure in figures for number in figure.report_figures)
    for names in (slugs, numbers):
        for one, next_one in pairwise(names):
            if one == next_one:
                raise Misdeclared(f"Two figures are called {one}.")
    return tuple(figures)
