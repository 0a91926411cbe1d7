"""Where the numbers of answers are one and the same, and which are sums of others. Pure.

A count is known by what it counts: the fact, the days, the codes, and the reasons for which
something is left out of it. So the complaints of a service are one count, whether they are the
whole of a figure or a row of another; and a count by fewer codes is the sum of those by more, in
whichever figure either stands. What is told of one is told of all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from app.cases.vocabulary import Closure, NoFindingReason
from app.stats.answer import Answer
from app.stats.counted import Code
from app.stats.cuts import (
    ACTIVITY,
    CLOSURE_REASON,
    OUTCOME,
    REFUSAL_REASON,
    RESOLUTION,
    RESOLVED_EARLY,
    SERVICE,
    STAGE,
)
from app.stats.fact import Filter
from app.stats.facts.endings import ENDINGS
from app.stats.facts.feedback import (
    FEEDBACK,
    FEEDBACK_PER_ACTIVITY,
    NOT_SET_AGAINST_ANYTHING,
)
from app.stats.measures import Line
from app.stats.period import Period
from app.stats.suppression import Sum
from app.stats.times import GRAINS, YEAR, years_away

REASON = "reason"

_ENDED_AS = {
    "withdrawn": Closure.withdrawn,
    "question_answered": Closure.question_answered,
    "refused": Closure.refused,
}
"""Reasons to leave an ending out of outcomes that are reasons for a closure, too."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A count, known by what it counts: the same one wherever it stands."""

    fact: str
    seen: tuple[object, ...]  # by which day, and in which of several true ways
    days: Period
    services: tuple[str, ...]  # those it was asked of, where no code says which; none: all
    codes: frozenset[tuple[str, Code]]
    leaves_out: tuple[str, ...]  # the reasons for which something is not among what it counts

    @property
    def frame(self) -> tuple[object, ...]:
        """What counts must share to be sums of each other, whatever their codes."""
        return (self.fact, self.seen, self.days, self.leaves_out)

    @property
    def names(self) -> frozenset[str]:
        """The names of the cuts, or the filters, that it has a code under."""
        return frozenset(name for name, _ in self.codes)

    def under(self, names: Collection[str]) -> frozenset[tuple[str, Code]]:
        """Its codes under some of the names."""
        return frozenset(pair for pair in self.codes if pair[0] in names)

    @property
    def service(self) -> Code | None:
        """The service whose it is, if it is one's."""
        return dict(self.codes).get(SERVICE.name)

    @property
    def itself(self) -> "Cell":
        """The same count without what its codes say twice."""
        if self.fact != ENDINGS.name:
            return self
        codes = dict(self.codes)
        if codes.get(RESOLUTION.name) == RESOLVED_EARLY:
            codes[CLOSURE_REASON.name] = NoFindingReason.resolved_early
            del codes[RESOLUTION.name]
        if (reason := codes.get(REASON)) in _ENDED_AS:
            codes[CLOSURE_REASON.name] = _ENDED_AS[str(reason)]
            del codes[REASON]
        if REFUSAL_REASON.name in codes:
            codes[CLOSURE_REASON.name] = Closure.refused
        if CLOSURE_REASON.name in codes:
            codes.pop(OUTCOME.name, None)
        if codes.get(CLOSURE_REASON.name) == Closure.refused and codes.get(STAGE.name) == 1:
            del codes[STAGE.name]
        first = self.leaves_out
        if CLOSURE_REASON.name in codes:  # what ended as one thing is left out as no other
            first = tuple(reason for reason in first if reason not in _ENDED_AS)
        return replace(self, codes=frozenset(codes.items()), leaves_out=first)


def _code(only: Filter) -> Code:
    """What a filter lets through, as one code: that of a cut, if it is one."""
    if len(only.codes) == 1 and not only.negated:
        return only.codes[0]
    return f"{'none of' if only.negated else 'one of'} {sorted(map(str, only.codes))}"


class Places:
    """Which count each number of an answer is."""

    def __init__(self, answer: Answer) -> None:
        figure, basis = answer.figure, answer.basis
        self._answer, self._cuts = answer, figure.cuts
        self._fact = figure.fact.name
        self._seen = (answer.day, basis.type, basis.team, basis.as_at)
        self._filters = {(one.cut.name, _code(one)) for one in figure.population.where}
        self._leaves_out = tuple(reason.code for reason in figure.leaves_out)

    def of(self, line: Line, *, before: bool = False) -> Cell:
        """The count of a row or of a whole, or of the same a year before."""
        years = -1 if before else 0
        codes = {
            cut.name: years_away(cut, line[cut.name], years=years)
            for cut in self._cuts
            if cut.name in line
        }
        days = self._answer.compared_with if before else self._answer.period
        assert days is not None
        if YEAR.name in codes:
            year = GRAINS[YEAR.name].days(str(codes.pop(YEAR.name)))
            days = days.within(year.since, year.until) or year
        return Cell(
            fact=self._fact,
            seen=self._seen,
            days=days,
            services=() if SERVICE.name in codes else self._answer.services,
            codes=frozenset((*self._filters, *codes.items())),
            leaves_out=self._leaves_out,
        )

    def counted(
        self, lines: Iterable[Line], *, before: bool = False
    ) -> Iterator[tuple[Line, Cell]]:
        """The lines that count something, each with the count that it is."""
        name = "count_before" if before else "count"
        return ((line, self.of(line, before=before)) for line in lines if line[name])


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
        said = _counts(answers)
        self.counts = {cell.itself: count for cell, count in said.items()}
        families = [family for answer in answers for family in _families(answer)]
        by_codes = (*_by_codes(said, families), *_per_activity(said))
        by_reasons = [self._by_reasons(less, more) for less, more in _nested(self.counts)]
        self.sums = [
            Sum(parts, one.whole.itself)
            for one in dict.fromkeys((*by_codes, *by_reasons))
            if (parts := tuple(dict.fromkeys(cell.itself for cell in one.parts)))
            != (one.whole.itself,)
        ]
        self.of_some_days = {
            cell.itself
            for cell in said
            if cell.fact == FEEDBACK_PER_ACTIVITY.name and not _of_all_days(cell, said)
        }
        """Counts beside an activity whose volume is not known for all of their days."""

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
    if cell.fact == ENDINGS.name and CLOSURE_REASON.name in codes and reason in _ENDED_AS:
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
