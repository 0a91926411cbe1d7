"""Which counts of some answers are sums of others. Pure.

A count by fewer codes is the sum of those by more, in whichever figure either stands; and one
that leaves out less, or lies about another, is that other and what there is besides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from app.stats.among import contained
from app.stats.answer import Answer
from app.stats.cells import ENDED_AS, REASON, Cell, Places
from app.stats.counted import Code
from app.stats.cuts import ACTIVITY, CLOSURE_REASON, SERVICE
from app.stats.facts.endings import ENDINGS
from app.stats.facts.feedback import (
    FEEDBACK,
    FEEDBACK_PER_ACTIVITY,
    NOT_SET_AGAINST_ANYTHING,
)
from app.stats.suppression import Sum
from app.stats.untold import UNTOLD_SLUGS

BESIDES = "besides"


@dataclass(frozen=True, slots=True)
class _Family:
    """Counts that are all there are under the same cuts: each thing counted is in one of them."""

    cells: tuple[Cell, ...]
    shared: frozenset[tuple[str, Code]]  # the codes of its filters, which all of them have
    services: tuple[str, ...]  # the services that it covers; none: all

    def sums(self, names: frozenset[str], wholes: Iterable[Cell]) -> Iterator[Sum[Cell]]:
        """The wholes, of codes under these names, that members make up."""
        if not {name for name, _ in self.shared} <= names < self.cells[0].names:
            return
        parts: dict[frozenset[tuple[str, Code]], list[Cell]] = defaultdict(list)
        for cell in self.cells:
            parts[cell.under(names)].append(cell)
        for whole in wholes:
            if whole.codes in parts and self._covers(whole):
                yield Sum(tuple(parts[whole.codes]), whole)

    def _covers(self, whole: Cell) -> bool:
        if whole.service is None:
            return whole.services == self.services
        return not self.services or whole.service in self.services


class Linked:
    """Every count of some answers but noughts, once; and every sum that holds between them.

    Counts that no answer says, but that are what is left between two that it does, are among
    them: whoever is told both is told those.
    """

    def __init__(self, answers: Sequence[Answer]) -> None:
        told = _counts(one for one in answers if one.figure.slug not in UNTOLD_SLUGS)
        said = told | _counts(one for one in answers if one.figure.slug in UNTOLD_SLUGS)
        itself = {cell: cell.itself for cell in said}
        self.counts = {itself[cell]: count for cell, count in said.items()}
        families = [family for answer in answers for family in _families(answer)]
        by_codes = (*_by_codes(said, families), *_per_activity(said))
        by_rest = [self._by_rest(*each) for each in contained(self.counts)]
        by_reasons = [self._by_reasons(less, more) for less, more in _nested(self.counts)]

        def by_itself(one: Sum[Cell]) -> Sum[Cell]:
            parts = (itself.get(part, part) for part in one.parts)
            return Sum(tuple(dict.fromkeys(parts)), itself.get(one.whole, one.whole))

        every = dict.fromkeys(map(by_itself, (*by_codes, *by_rest, *by_reasons)))
        self.sums = [one for one in every if one.parts != (one.whole,)]
        self.untold = self.counts.keys() - {itself[cell] for cell in told}
        """Those that no figure says."""

        self.of_some_days = {
            itself[cell]
            for cell in said
            if cell.fact == FEEDBACK_PER_ACTIVITY.name and not _of_all_days(cell, said)
        }
        """Counts beside an activity whose volume is not known for all of their days."""

    def _by_rest(self, some: Sequence[Cell], every: Cell) -> Sum[Cell]:
        """A count is those of some of it, and what there is besides."""
        rest = replace(every, codes=every.codes | {(BESIDES, "the rest")})
        self.counts[rest] = self.counts[every] - sum(self.counts[one] for one in some)
        return Sum((*some, rest), every)

    def _by_reasons(self, less: Cell, more: Cell) -> Sum[Cell]:
        """A count is one that leaves out more, and what that leaves out besides."""
        reasons = range(len(more.leaves_out), len(less.leaves_out))
        besides = {at: one for at in reasons if (one := _left_out(less, at))}
        parts = [less, *(one for one in besides.values() if one in self.counts)]
        unsaid = [less.leaves_out[at] for at, one in besides.items() if one not in self.counts]
        if unsaid:
            rest = replace(less, codes=less.codes | {(REASON, f"left out as {unsaid}")})
            self.counts[rest] = self.counts[more] - sum(self.counts[one] for one in parts)
            parts.append(rest)
        return Sum(tuple(parts), more)


def _counts(answers: Iterable[Answer]) -> dict[Cell, int]:
    return {
        cell: line["count_before" if before else "count"]
        for answer in answers
        for lines in (answer.rows, answer.totals)
        for before in _periods(answer)
        for line, cell in Places(answer).counted(lines, before=before)
    }


def _periods(answer: Answer) -> tuple[bool, ...]:
    """Whether it is about the year before: it is not, and may be so besides."""
    return (False, True) if answer.compared_with else (False,)


def _families(answer: Answer) -> Iterator[_Family]:
    places = Places(answer)
    groups = [
        [cell for _, cell in places.counted(lines, before=before)]
        for lines in (answer.rows, answer.totals)
        for before in _periods(answer)
    ]
    filters = {one.cut.name for one in answer.figure.population.where}
    for group in groups:
        together: dict[object, list[Cell]] = defaultdict(list)
        for cell in group:
            together[cell.frame, cell.under(filters)].append(cell)
        for cells in together.values():
            yield _Family(tuple(cells), cells[0].under(filters), answer.services)


def _by_codes(cells: Iterable[Cell], families: Iterable[_Family]) -> Iterator[Sum[Cell]]:
    alike: dict[tuple[object, ...], dict[frozenset[str], list[Cell]]] = defaultdict(dict)
    for cell in cells:
        alike[cell.frame].setdefault(cell.names, []).append(cell)
    for family in families:
        for names, wholes in alike[family.cells[0].frame].items():
            yield from family.sums(names, wholes)


def _nested(cells: Iterable[Cell]) -> list[tuple[Cell, Cell]]:
    """Counts of the same, of which the first leaves out more."""
    alike: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in cells:
        alike[replace(cell, leaves_out=())].append(cell)
    return [
        (less, more)
        for group in alike.values()
        for less, more in permutations(group, 2)
        if less.leaves_out[: len(more.leaves_out)] == more.leaves_out
    ]


def _left_out(cell: Cell, at: int) -> Cell | None:
    """What is left out of a count for one of its reasons; none where nothing could be."""
    reason, codes = cell.leaves_out[at], dict(cell.codes)
    if cell.fact == ENDINGS.name and CLOSURE_REASON.name in codes and reason in ENDED_AS:
        return None  # it ended as something else
    codes[REASON] = reason
    return replace(cell, codes=frozenset(codes.items()), leaves_out=cell.leaves_out[:at]).itself


def _per_activity(cells: Mapping[Cell, int]) -> Iterator[Sum[Cell]]:
    for cell in cells:
        if cell.fact == FEEDBACK_PER_ACTIVITY.name and _of_all_days(cell, cells):
            same = _without_activity(cell)
            if same in cells:
                yield Sum((cell,), same)


def _of_all_days(cell: Cell, cells: Mapping[Cell, int]) -> bool:
    whole = replace(cell, codes=cell.under({SERVICE.name, ACTIVITY.name}))
    return cells.get(whole) == cells.get(_without_activity(whole))


def _without_activity(cell: Cell) -> Cell:
    codes = frozenset((name, code) for name, code in cell.codes if name != ACTIVITY.name)
    reasons = tuple(one for one in cell.leaves_out if one != NOT_SET_AGAINST_ANYTHING.code)
    return replace(cell, fact=FEEDBACK.name, codes=codes, leaves_out=reasons)
