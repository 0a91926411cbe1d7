"""What the database counted for a figure, before it is given names and put in order. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from typing import TypeAlias

Code: TypeAlias = str | int
"""What a row is keyed by under one cut: a slug, a listed word, a month, a stage's number."""

Key: TypeAlias = tuple[Code, ...]
"""A row's codes, in the order of its figure's cuts."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many, and the first and last day of them."""

    count: int = 0
    first: date | None = None
    last: date | None = None

    def __add__(self, other: "Tally") -> "Tally":
        firsts = [day for day in (self.first, other.first) if day]
        lasts = [day for day in (self.last, other.last) if day]
        return Tally(self.count + other.count, min(firsts, default=None), max(lasts, default=None))


@dataclass(frozen=True, slots=True)
class Total:
    """One whole: what was considered, what was left out and why, and what was counted."""

    count: int
    considered: int
    left_out: Mapping[str, int]
    parts: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the database counted for one figure."""

    rows: Mapping[Key, int]
    totals: Mapping[Key, Total]
    quantities: Mapping[Key, Mapping[str, float | None]]  # of rows and of wholes


def change_in_percent(now: Fraction, before: Fraction) -> int | None:
    """By how much something rose or fell, as a share of what it was; none from nothing.

    A rise and a fall of the same size print the same number: the size is rounded half up, and
    then given its sign.
    """
    if not before:
        return None
    size = percent_of(abs(now - before), before)
    return size if now >= before else -size


def percent_of(part: Fraction, whole: Fraction) -> int:
    """The exact fraction rounded half up to a whole per cent."""
    return half_up(100 * part / whole)


def half_up(number: Fraction) -> int:
    """The nearest whole number; of two, the higher."""
    return floor(number + Fraction(1, 2))


def percent_in_hundredths(count: int, volume: int) -> float:
    """The exact fraction rounded half up to a hundredth of a per cent."""
    return (20_000 * count + volume) // (2 * volume) / 100


def percent(count: int, denominator: int) -> int | None:
    """The exact fraction rounded half up to a whole per cent; none of nothing.

    Integer arithmetic, since `round()` takes halves to the even neighbour.
    """
    return (200 * count + denominator) // (2 * denominator) if denominator else None
