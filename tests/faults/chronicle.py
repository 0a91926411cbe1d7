"""What many clients did to few cases, and when: judged against the one order of their versions.

The version of a case orders its changes. So no solver is needed to say whether a history can have
happened one act at a time: versions are unique and without gaps, an act that was over before
another began has the lower one, and whoever was refused for a stale version had been overtaken.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

REFUSED_BY_RULE = 409
STALE = 412


@dataclass(frozen=True, slots=True)
class Done:
    """One act: on which version it was decided, how it was answered, and from when until when."""

    case: str
    officer: str  # one of its own, so that its line of history can be told from all others
    sent: int
    begun: float
    ended: float
    status: int
    version: int  # that it led to, or that it was refused for


@dataclass
class Chronicle:
    """Every act that was answered."""

    first: Mapping[str, int]  # the version of each case before all of it
    acts: list[Done] = field(default_factory=list)

    def judge(self, history: Mapping[str, Sequence[tuple[int, str]]]) -> list[str]:
        """Everything that cannot be, given the lines of history of each case in the end."""
        by_case = defaultdict(list)
        for act in self.acts:
            by_case[act.case].append(act)
        return [
            f"{case}: {wrong}"
            for case, acts in by_case.items()
            for wrong in _wrong(self.first[case], acts, history[case])
        ]


def _wrong(first: int, acts: list[Done], history: Sequence[tuple[int, str]]) -> Iterator[str]:
    done = sorted((act for act in acts if act.status < 300), key=lambda act: act.version)
    versions = [act.version for act in done]
    if versions != list(range(first + 1, first + 1 + len(done))):
        yield f"versions are not unique and without gaps: {_first_break(versions)}"
    if sorted(history) != [(act.version, act.officer) for act in done]:
        yield "the history is not what was acknowledged"
    yield from (
        f"version {act.version} overwrote {act.sent}" for act in done if act.version != act.sent + 1
    )
    yield from _out_of_order(done)
    yield from _unjustified(acts, done)


def _first_break(versions: list[int]) -> str:
    return next(
        (f"{one}, then {two}" for one, two in pairwise(versions) if two != one + 1), "start"
    )


def _out_of_order(done: list[Done]) -> Iterator[str]:
    """Acts with a higher version that were over before one with a lower version began."""
    earliest_end = float("inf")
    for act in reversed(done):
        if earliest_end < act.begun:
            yield f"version {act.version} began after a later one had ended"
        earliest_end = min(earliest_end, act.ended)


def _unjustified(acts: list[Done], done: list[Done]) -> Iterator[str]:
    overtaken = {act.version: act.begun for act in done}
    for act in acts:
        if act.status == STALE and overtaken.get(act.sent + 1, float("inf")) > act.ended:
            yield f"refused at version {act.sent}, which nobody had overtaken"
