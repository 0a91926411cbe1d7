"""What a rule of a sentence is: what it is about, and what is said when."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.reports.evidence import Evidence

T = TypeVar("T")


def always(_about: Any) -> bool:  # noqa: ANN401  # whatever a sentence is about
    """Of everything else."""
    return True


@dataclass(frozen=True)
class Says(Generic[T]):
    """Words, under the name `it`, for what a condition holds of; without words nothing is said."""

    words: str
    when: Callable[[T], bool] = always


@dataclass(frozen=True)
class Rule(Generic[T]):
    """What is said of each thing that a figure tells of: sentences, each the first that applies."""

    figure: str
    about: Callable[[Evidence], Iterable[T]]
    says: tuple[tuple[Says[T], ...], ...] = ()
    headlines: tuple[tuple[Says[T], ...], ...] = ()  # said first, and in the summary too

    def sentences(self, evidence: Evidence) -> Iterator[str]:
        """All that it says, one thing after the other."""
        return self._said(evidence, (*self.headlines, *self.says))

    def summary(self, evidence: Evidence) -> Iterator[str]:
        """What of it the summary says."""
        return self._said(evidence, self.headlines)

    def _said(self, evidence: Evidence, sentences: Iterable[tuple[Says[T], ...]]) -> Iterator[str]:
        for it in self.about(evidence) if sentences else ():
            for cases in sentences:
                said = next((case.words for case in cases if case.when(it)), "")
                if said:
                    yield said.format(it=it)
