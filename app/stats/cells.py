"""Which count a number of an answer is, wherever it stands. Pure.

A count is known by what it counts: the fact, the days, the codes, and the reasons for which
something is left out of it. So the complaints of a service are one count, whether they are the
whole of a figure or a row of another. What is told of one is told of all.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from app.cases.vocabulary import Closure, NoFindingReason
from app.stats.answer import Answer
from app.stats.counted import Code
from app.stats.cuts import (
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
from app.stats.measures import Line
from app.stats.period import Period
from app.stats.times import GRAINS, YEAR, years_away

REASON = "reason"

ENDED_AS = {
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
        if (reason := codes.get(REASON)) in ENDED_AS:
            codes[CLOSURE_REASON.name] = ENDED_AS[str(reason)]
            del codes[REASON]
        if REFUSAL_REASON.name in codes:
            codes[CLOSURE_REASON.name] = Closure.refused
        if CLOSURE_REASON.name in codes:
            codes.pop(OUTCOME.name, None)
        if codes.get(CLOSURE_REASON.name) == Closure.refused and codes.get(STAGE.name) == 1:
            del codes[STAGE.name]
        first = self.leaves_out
        if CLOSURE_REASON.name in codes:  # what ended as one thing is left out as no other
            first = tuple(reason for reason in first if reason not in ENDED_AS)
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
