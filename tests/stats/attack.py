"""What somebody can work out from a table with gaps: tried by every means that a small one bears.

Shares nothing with the service. A table is numbers under names, and sums that everybody knows to
hold; an attacker sees some of the numbers, and knows that every gap stands for at least one.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

Name: TypeAlias = Hashable
Table: TypeAlias = Mapping[Name, int]
Sums: TypeAlias = Sequence[tuple[Sequence[Name], Name]]


def recoverable(
    table: Table, sums: Sums, gaps: Collection[Name], *, at_most: Mapping[Name, int] | None = None
) -> set[Name]:
    """The gaps of which only one number can be: every way to fill them all in is tried.

    An attacker may be told more than the table says: what some gaps are at most.
    """
    found: dict[Name, set[int]] = {name: set() for name in gaps}
    top = 1 + 2 * max(table.values())
    low = {name: 1 if name in found else number for name, number in table.items()}
    high = {name: top if name in found else number for name, number in table.items()}
    for filled in _filled(sums, low, {**high, **(at_most or {})}):
        for name, numbers in found.items():
            numbers.add(filled[name])
        if all(len(numbers) > 1 for numbers in found.values()):
            break
    return {name for name, numbers in found.items() if len(numbers) < 2}


def _filled(sums: Sums, low: Table, high: Table) -> Iterator[Table]:
    """Every way to fill in the gaps, within what each can be, such that the sums hold."""
    low, high = dict(low), dict(high)
    while _narrowed(sums, low, high):
        pass
    if any(low[name] > high[name] for name in low):
        return
    loose = [name for name in low if low[name] < high[name]]
    if not loose:
        yield low
        return
    name = min(loose, key=lambda one: high[one] - low[one])
    for number in range(low[name], high[name] + 1):
        yield from _filled(sums, {**low, name: number}, {**high, name: number})


def _narrowed(sums: Sums, low: dict[Name, int], high: dict[Name, int]) -> bool:
    """Narrow what each gap can be by what the rest of every sum can be; whether anything gave."""
    before = (dict(low), dict(high))
    for parts, whole in sums:
        least, most = sum(low[name] for name in parts), sum(high[name] for name in parts)
        low[whole], high[whole] = max(low[whole], least), min(high[whole], most)
        for name in parts:
            floor = low[whole] - (most - high[name])
            ceiling = high[whole] - (least - low[name])
            least, most = least - low[name], most - high[name]
            low[name], high[name] = max(low[name], floor), min(high[name], ceiling)
            least, most = least + low[name], most + high[name]
    impossible = any(low[name] > high[name] for name in low)
    return not impossible and (low, high) != before


def spanned(of: Sequence[Sequence[int]], target: Sequence[int]) -> bool:
    """Whether a number is a combination of others, whatever the cases may be.

    Each number is a list: how much every kind of case adds to it.
    """
    rest = [Fraction(one) for one in target]
    for row in _echelon(of):
        at = next(place for place, one in enumerate(row) if one)
        if rest[at]:
            factor = rest[at] / row[at]
            rest = [one - factor * other for one, other in zip(rest, row, strict=True)]
    return not any(rest)


def _echelon(rows: Iterable[Sequence[int]]) -> list[list[Fraction]]:
    basis: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        rest = [Fraction(one) for one in row]
        for at, other in basis:
            if rest[at]:
                factor = rest[at] / other[at]
                rest = [one - factor * two for one, two in zip(rest, other, strict=True)]
        at = next((place for place, one in enumerate(rest) if one), -1)
        if at >= 0:
            basis.append((at, rest))
    return [row for _, row in basis]
