"""Which counts lie within others, whatever figures and facts they are of. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.cases.vocabulary import EscalationDecision, FeedbackType
from app.stats.cells import Cell
from app.stats.counted import Code
from app.stats.cuts import DECISION, FEEDBACK_TYPE, SERVICE, SOURCE_SYSTEM, STAGE
from app.stats.fact import Cut, Fact
from app.stats.facts.feedback import FEEDBACK
from app.stats.facts.open import OPEN_CASES, OPEN_STAGES
from app.stats.facts.stages import ESCALATIONS, LATER_STAGES


@dataclass(frozen=True, slots=True)
class _Kind:
    """Counts of a fact by certain codes, one of which may be given."""

    fact: Fact
    names: frozenset[str]
    only: frozenset[tuple[str, Code]] = frozenset()

    def has(self, cell: Cell) -> bool:
        """Whether a count is of this kind."""
        return cell.fact == self.fact.name and cell.names == self.names and self.only <= cell.codes


def _kind(fact: Fact, *cuts: Cut, **only: Code) -> _Kind:
    return _Kind(fact, frozenset(cut.name for cut in cuts), frozenset(only.items()))


_AMONG = (
    (
        _kind(
            FEEDBACK, SERVICE, SOURCE_SYSTEM, FEEDBACK_TYPE, feedback_type=FeedbackType.complaint
        ),
        _kind(FEEDBACK, SERVICE),
    ),
    (_kind(OPEN_STAGES, SERVICE, STAGE), _kind(OPEN_CASES, SERVICE, FEEDBACK_TYPE)),
    (
        _kind(ESCALATIONS, STAGE, DECISION, decision=EscalationDecision.accepted),
        _kind(LATER_STAGES, STAGE),  # on the day of the request, where that starts the clock
    ),
)
"""Counts of which all is among others: complaints among feedback, stages in hand among open
complaints, and requests that were accepted among the stages that they led to, or nearly."""


def contained(counts: Mapping[Cell, int]) -> list[tuple[Sequence[Cell], Cell]]:
    """Counts of which all is among another, and that other; of two nearly the same, the more."""
    found: list[tuple[Sequence[Cell], Cell]] = []
    for those, all_of_it in _AMONG:
        candidates = [cell for cell in counts if those.has(cell)]
        for every in filter(all_of_it.has, counts):
            some = [cell for cell in candidates if _beside(cell, every)]
            over = sum(counts[cell] for cell in some) > counts[every]
            if some and not over:
                found.append((some, every))
            elif len(some) == 1:
                found.append(([every], some[0]))
    return found


def _beside(one: Cell, other: Cell) -> bool:
    """Whether two counts are of the same days, under the same codes as far as both have them."""
    frames = one.fact != other.fact or one.frame == other.frame
    return frames and one.days == other.days and one.under(other.names) == other.under(one.names)
