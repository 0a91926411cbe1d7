"""Answers as the public may have them: small numbers withheld, and what would give them away.

`disclosed(answers, rules)` takes every answer that is shown together (the figures of a report, or
one answer) and returns them in their order with `disclosure` "public". A withheld number is None;
the line whose count it was says `"suppressed": True`, and no other line has the word. So None
beside a count that is shown is a share or a change that would give another number away, unless
an exact answer has none there either; a nought is a nought.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from app.stats.answer import Answer, Disclosure
from app.stats.cells import Cell, Places
from app.stats.linked import Linked
from app.stats.measures import Line
from app.stats.suppression import withheld

_CHANGES = frozenset({"change", "percent_change", "annualised", "annualised_before"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What the public is not told: a count from one up to, and not with, `below`; and why not."""

    below: int = 5
    not_for_the_public: frozenset[str] = field(default=frozenset({"data-quality"}))
    """Figures that are about the council's records: none of their counts but noughts is told."""


def disclosed(
    answers: Sequence[Answer], rules: Rules, *, beside: Sequence[Answer] = ()
) -> list[Answer]:
    """The answers with everything withheld that might tell who is behind a small number.

    What is withheld in one of them is withheld in all, and nothing withheld can be worked out
    from what any of them tell, or from what is told of the same `beside` them. Of other answers
    nothing of the kind is promised.
    """
    every = [*beside, *answers]
    linked = Linked(every)
    internal = Linked([one for one in every if one.figure.slug in rules.not_for_the_public])
    besides = [*internal.counts, *linked.of_some_days]
    hidden = withheld(
        linked.counts, linked.sums, below=rules.below, besides=besides, untold=linked.untold
    )
    return [_Public(answer, hidden).answer for answer in answers]


class _Public:
    """One answer, and which counts are withheld."""

    def __init__(self, exact: Answer, hidden: Collection[Cell]) -> None:
        self._exact, self._hidden, self._places = exact, hidden, Places(exact)
        of = exact.figure.measure.of
        self._whole = {self._key(line, of): line for line in exact.totals}
        self._of, periods = of, (False, True) if exact.compared_with else (False,)
        self._gaps = {  # wholes in which something is withheld, now or before
            (self._key(line, of), before)
            for line in (*exact.rows, *exact.totals)
            for before in periods
            if self._is_hidden(line, before=before)
        }

    @property
    def answer(self) -> Answer:
        """The answer as it may be told."""
        exact = self._exact
        return replace(
            exact,
            rows=tuple(map(self._row, exact.rows)),
            totals=tuple(map(self._total, exact.totals)),
            left_out=tuple(map(_reason_only, exact.left_out)),
            notes=exact.public_notes,
            disclosure=Disclosure.public,
        )

    def _row(self, line: Line) -> Line:
        whole = self._whole[self._key(line, self._of)]
        untold = self._of_count(line)
        if self._is_hidden(whole):
            untold |= {"denominator", "percent"}
        if self._has_gaps(line):  # a rank, or a share of a part, is a sum in other words
            untold |= {"rank", *self._of_part}
        if self._exact.compared_with:
            if self._is_hidden(whole, before=True):
                untold |= {"denominator_before", "percent_before"}
            if self._has_gaps(line, before=True):
                untold |= {"rank_before"}
        return _without(line, untold, suppressed=self._is_hidden(line))

    def _total(self, line: Line) -> Line:
        untold = {"considered", *self._of_count(line)}
        if self._has_gaps(line):
            untold |= self._quantities
        return _without(line, untold, suppressed=self._is_hidden(line))

    def _of_count(self, line: Line) -> set[str]:
        """The numbers that go with a withheld count, and with that of a year before."""
        untold: set[str] = set()
        if self._is_hidden(line):
            untold |= {"count", "percent", "percent_of_volume", *self._quantities}
        if self._exact.compared_with:
            if self._is_hidden(line, before=True):
                untold |= {"count_before", "percent_before"}
            if untold:
                untold |= _CHANGES
        return untold

    @property
    def _quantities(self) -> set[str]:
        return {one.name for one in self._exact.figure.quantities}

    @property
    def _of_part(self) -> set[str]:
        part = self._exact.figure.measure.part
        return {f"percent_of_{part}", f"denominator_of_{part}"}

    def _is_hidden(self, line: Line, *, before: bool = False) -> bool:
        count = line["count_before" if before else "count"]
        return bool(count) and self._places.of(line, before=before).itself in self._hidden

    def _has_gaps(self, line: Line, *, before: bool = False) -> bool:
        return (self._key(line, self._of), before) in self._gaps

    @staticmethod
    def _key(line: Line, of: Sequence[str]) -> tuple[object, ...]:
        return tuple(line[name] for name in of)


def _reason_only(line: Line) -> Line:
    """Why something was left out, and whether anything was; never how many."""
    return _without(line, {"count"}, suppressed=True) if line["count"] else line


def _without(line: Line, untold: Collection[str], *, suppressed: bool) -> Line:
    told = {name: None if name in untold else value for name, value in line.items()}
    return told | ({"suppressed": True} if suppressed else {})
