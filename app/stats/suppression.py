"""Which numbers to withhold, so that no small one can be worked out from those that are told.

A small count is withheld. Where it is one of the parts of a sum, others have to go with it, or
it is what is left of the whole. A number is safe if there is another way to fill in what is
withheld: a *move* adds one to some withheld numbers and takes one from others, so that every sum
still holds, nothing withheld comes to nothing, and what is small stays small. Whoever has only
what is told cannot know which of the two it is. For each small count the cheapest move is looked
for, and whatever it touches is withheld: so every withheld number has a move that proves it safe.
Noughts are told and never move. The same counts in the same order always come to the same, in
whichever process and however their sums are said: two choices side by side would give away what
each withholds. Pure.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeAlias, TypeVar

C = TypeVar("C", bound=Hashable)

_TRIES = 2_000  # how far a move is looked for; beyond, all that could give a number away goes

Move: TypeAlias = Mapping[C, int]
"""The numbers that another way to fill in what is withheld makes greater or less by one."""


@dataclass(frozen=True, slots=True)
class Sum(Generic[C]):
    """Counts that come to another count."""

    parts: tuple[C, ...]
    whole: C


def withheld(
    counts: Mapping[C, int],
    sums: Collection[Sum[C]],
    *,
    below: int,
    besides: Collection[C] = (),
    untold: Collection[C] = (),
) -> frozenset[C]:
    """The counts not to tell: those from one up to `below`, and what would give them away.

    `besides` are withheld for another reason, and so are the `untold`, which nobody is told in
    any case, unless what they count is told as something else. Counts that no sum links do not
    touch each other.
    """
    cells = list(counts)  # by their numbers they are found much sooner than by all that they are
    at = {cell: number for number, cell in enumerate(cells)}
    numbered = {(tuple(sorted(at[part] for part in one.parts)), at[one.whole]) for one in sums}
    in_order = [Sum(*one) for one in sorted(numbered)]  # however often, and in whatever order said
    numbers = dict(enumerate(counts.values()))
    same = _equal(numbers, in_order)
    told = {same[at[cell]] for cell in counts if cell not in untold or not counts[cell]}
    hidden = {*(set(same.values()) - told), *(same[at[cell]] for cell in besides)}
    chosen = _withheld(_Linked(numbers, same, in_order, below), hidden)
    return frozenset(cell for cell in counts if same[at[cell]] in chosen)


def _withheld(linked: "_Linked[C]", besides: Collection[C]) -> frozenset[C]:
    small = [cell for cell in linked.cells if linked.small(cell)]
    hidden = {*small, *besides}
    safe: set[C] = set()
    for cell in sorted(small, key=lambda cell: linked.counts[cell]):
        if cell in safe:
            continue
        move = linked.cheapest(cell, hidden, strictly=True)
        if move:
            safe |= move.keys()
        else:  # then it is safe only from those who do not know which numbers are small
            move = linked.cheapest(cell, hidden, strictly=False) or linked.everything(cell)
        hidden |= move.keys()
    return frozenset(hidden)


def _equal(counts: Mapping[C, int], sums: Iterable[Sum[C]]) -> Mapping[C, C]:
    """For each count one that it equals, since noughts are all that there is besides."""
    same = {cell: cell for cell in counts}

    def first(cell: C) -> C:
        while same[cell] != cell:
            cell = same[cell]
        return cell

    for one in sums:
        parts = [cell for cell in one.parts if counts[cell]]
        if len(parts) == 1:
            same[first(parts[0])] = first(one.whole)
    return {cell: first(cell) for cell in counts}


def _terms(one: Sum[C], counts: Mapping[C, int], same: Mapping[C, C]) -> Mapping[C, int]:
    """How often each count is in a sum that comes to nothing."""
    terms = Counter(same[part] for part in one.parts if counts[part])
    terms[same[one.whole]] -= 1
    return {cell: times for cell, times in terms.items() if times}


class _Linked(Generic[C]):
    """Counts, of equal ones only the first, and the sums that hold between them."""

    def __init__(
        self, counts: Mapping[C, int], same: Mapping[C, C], sums: Iterable[Sum[C]], below: int
    ) -> None:
        self.counts, self._below = counts, below
        self.cells = list(dict.fromkeys(same.values()))
        self._terms: list[Mapping[C, int]] = []
        self._in: dict[C, list[int]] = {cell: [] for cell in self.cells}
        every = [_terms(one, counts, same) for one in sums]
        for terms in {frozenset(each.items()): each for each in every}.values():
            for cell in terms:
                self._in[cell].append(len(self._terms))
            self._terms.append(terms)

    def small(self, cell: C) -> bool:
        return 0 < self.counts[cell] < self._below

    def cheapest(self, cell: C, hidden: Collection[C], *, strictly: bool) -> Move[C] | None:
        """A move of a number that has the fewest others withheld for it, and of these the least."""
        turn, seen = count(), set[frozenset[tuple[C, int]]]()
        heap: list[tuple[int, int, int, int, dict[C, int]]] = []

        def consider(others: int, their_count: int, move: dict[C, int]) -> None:
            if (same := frozenset(move.items())) not in seen:
                seen.add(same)
                heappush(heap, (others, their_count, len(move), next(turn), move))

        for by in (1, -1):
            if self._may(cell, by, strictly=strictly):
                consider(0, 0, {cell: by})
        while heap and len(seen) < _TRIES:
            others, their_count, _, _, move = heappop(heap)
            mends = self._mends(move, strictly=strictly)
            if mends is None:
                return move
            for other, by in mends:
                new = other not in hidden
                size = self.counts[other] if new else 0
                consider(others + new, their_count + size, {**move, other: by})
        return None

    def everything(self, cell: C) -> Move[C]:
        """All that sums link a number to: one more of the same kind would change any of it."""
        found, waiting = {cell: 1}, [cell]
        while waiting:
            for number in self._in[waiting.pop()]:
                for other in self._terms[number]:
                    if self.counts[other] and other not in found:
                        found[other] = 1
                        waiting.append(other)
        return found

    def _may(self, cell: C, by: int, *, strictly: bool) -> bool:
        """Whether a number, nought being told, could be so; strictly: small or not as it is."""
        now = self.counts[cell]
        if not strictly or not now:
            return now > 0 and now + by > 0
        return now + by > 0 and (now + by < self._below) == (now < self._below)

    def _mends(self, move: Mapping[C, int], *, strictly: bool) -> list[tuple[C, int]] | None:
        """The next steps of a move: those that mend the sum that has the fewest; none if all hold.

        An empty list says that there is a sum that nothing can mend.
        """
        choices = [
            [
                (cell, by)
                for cell, by in self._against(number, off)
                if cell not in move and self._may(cell, by, strictly=strictly)
            ]
            for number, off in self._off(move)
        ]
        return min(choices, key=len, default=None)

    def _off(self, move: Mapping[C, int]) -> Iterator[tuple[int, int]]:
        """The sums that do not hold after a move, and by how much they are out."""
        off: dict[int, int] = {}
        for cell, by in move.items():
            for number in self._in[cell]:
                off[number] = off.get(number, 0) + by * self._terms[number][cell]
        return ((number, by) for number, by in off.items() if by)

    def _against(self, number: int, off: int) -> Iterator[tuple[C, int]]:
        return ((cell, -1 if off * times > 0 else 1) for cell, times in self._terms[number].items())
