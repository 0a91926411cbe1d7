"""What there is to count: a table of things that happened, and the ways it can be cut."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

import sqlalchemy as sa

from app.stats.counted import Code
from app.stats.period import Period
from app.stats.reference import Reference
from app.stats.world import Basis, World

Condition: TypeAlias = sa.ColumnElement[bool]
Expression: TypeAlias = sa.ColumnElement[Any]

USUAL_PERCENTILE = 90


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """The day that decides whether something falls in a period."""

    basis: str
    words: str  # completes "complaints …": "registered in the period"
    column: str

    @property
    def expression(self) -> sa.ColumnElement[date]:
        """The day of a row."""
        return sa.column(self.column, sa.Date)


@dataclass(frozen=True, slots=True)
class Scope:
    """What one answer covers, as far as the lists of its rows depend on it."""

    reference: Reference
    period: Period
    day: Day
    services: tuple[str, ...]  # the services asked for; none means the whole council
    basis: Basis
    now: datetime
    today: date  # the day the answer is as at
    last_days: tuple[date, ...] = ()  # on which what stands is counted, if it stands

    @property
    def until_now(self) -> date:
        """The day after the last on which anything can have happened."""
        return self.today + timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A way to divide what is counted; its list of codes is closed, in a declared order.

    A fact has a column of its name. `codes` gives the list for a scope, under the codes of the
    cuts before it (a team depends on service and system); what is counted outside the list still
    gets a row. `none` is the code of "none of these"; it has a row always, or only where
    something is counted there (`shows_none`), as the codes `besides` the list do. A cut by the
    day itself says how to reckon it (`of_day`), and `read` turns what the database holds into a
    code.
    """

    name: str
    means: str
    codes: Callable[[Scope, Mapping[str, Code]], Iterable[Code]]
    none: Code | None = None
    shows_none: bool = True
    besides: tuple[Code, ...] = ()
    names: Callable[[Reference], Mapping[str, str]] | None = None
    numbered: bool = False  # whether its codes are numbers
    of_day: Callable[[sa.ColumnElement[date]], Expression] | None = None
    read: Callable[[Any], Code] | None = None

    def called(self, reference: Reference) -> Mapping[str, str]:
        """What its codes are called, for those that reference data names."""
        return self.names(reference) if self.names else {}

    def known(self, scope: Scope) -> list[Code]:
        """Every code that it has, whether or not the scope is about it."""
        codes = self.called(scope.reference) or self.codes(scope, {})
        none = [] if self.none is None else [self.none]
        return list(dict.fromkeys([*codes, *self.besides, *none]))

    def code(self, spelled: str) -> Code:
        """A code that came in as text."""
        return int(spelled) if self.numbered and spelled.isdecimal() else spelled

    def expression(self, day: Day) -> Expression:
        """A row's code; never null, since the engine's totals rows use null for "any"."""
        if self.of_day:
            return self.of_day(day.expression)
        column: Expression = sa.column(self.name)
        return column if self.none is None else sa.func.coalesce(column, sa.literal(self.none))


@dataclass(frozen=True, slots=True)
class Filter:
    """Only what has one of these codes under a cut; or, negated, none of them."""

    cut: Cut
    codes: tuple[Code, ...]
    negated: bool = False

    @property
    def where(self) -> Condition:
        """The filter in SQL, over the columns of a fact."""
        number = all(isinstance(code, int) for code in self.codes)
        column: Expression = sa.column(self.cut.name, sa.Integer() if number else sa.Text())
        within: Condition = column.in_([code if number else str(code) for code in self.codes])
        if self.cut.none in self.codes:
            within = within | column.is_(None)
        return within.is_not(sa.true()) if self.negated else within


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """Why something that happened in the period is left out of a figure."""

    code: str
    words: str
    where: Condition


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of what is counted, which notes need to know, or which shares are of.

    A share of it is shown for the rows that lie within it: those with `codes` under `cut`.
    """

    name: str
    where: Condition
    cut: str | None = None
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that a row may have besides being one: money, or days."""

    name: str
    means: str

    @property
    def column(self) -> sa.ColumnClause[int]:
        """The column of its name."""
        return sa.column(self.name, sa.BigInteger)


class How(StrEnum):
    """What is made of an amount."""

    sum = "sum"
    median = "median"
    percentile = "percentile"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What the amounts of what is counted come to: in all, in the middle, or for most.

    The median is the middle one, or lies halfway between the two in the middle. A percentile is
    the amount that so many in a hundred do not exceed: the 90th unless asked otherwise.
    """

    how: How
    amount: Amount
    at: int = USUAL_PERCENTILE

    @property
    def name(self) -> str:
        """What it is called in an answer."""
        return f"{self.how}_{self.amount.name}"

    def over(self, within: Condition, column: sa.ColumnElement[int]) -> Expression:
        """The quantity of the rows that are within, in SQL; none where no row has the amount."""
        share: sa.ColumnElement[float] = sa.literal_column(f"{self.at / 100:.2f}")
        match self.how:
            case How.sum:
                return sa.cast(sa.func.sum(column).filter(within), sa.BigInteger)
            case How.median:
                middle = sa.func.percentile_cont(sa.literal_column("0.5"))
                return middle.within_group(column).filter(within)
            case How.percentile:
                return sa.func.percentile_disc(share).within_group(column).filter(within)


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """What is counted: rows, the day each happened, what they can be cut by and left out for.

    The first of `days` is the one that figures use unless asked otherwise. What is set aside
    leaves every count (`leaves_out`); `reasons` are others that a figure may have. All of them
    are conditions on the columns of the rows. What stands rather than happens is counted as it
    stands at the end of the period, and of each stretch of it that is shown apart.
    """

    name: str
    means: str
    rows: Callable[[World], sa.Select[Any]]
    days: tuple[Day, ...]
    cuts: tuple[Cut, ...]
    leaves_out: tuple[Reason, ...]
    reasons: tuple[Reason, ...] = ()
    parts: tuple[Part, ...] = ()
    amounts: tuple[Amount, ...] = ()
    stands: bool = False
    by_type_at_receipt: bool = False  # whether it can be asked by what feedback was at receipt

    def day(self, basis: str | None) -> Day | None:
        """The day of that basis, or the usual one; none where the fact has no such day."""
        return next((day for day in self.days if basis in {None, day.basis}), None)

    def part(self, name: str) -> Part | None:
        """The part of that name, if it has one."""
        return next((part for part in self.parts if part.name == name), None)


def text(name: str) -> sa.ColumnClause[str]:
    """A column of codes of a fact."""
    return sa.column(name, sa.Text)
