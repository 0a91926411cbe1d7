"""What a report is written from: figures counted, the council as data, and officers' remarks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.procedures.reference import ReferenceData
from app.reports.document import Remark
from app.reports.words import listed
from app.stats.answer import Answer
from app.stats.figure import Figure
from app.stats.lineage import Link
from app.stats.period import FinancialYear


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a report is written from, as it was at one instant."""

    year: FinancialYear
    services: tuple[str, ...]  # none: every service
    reference: ReferenceData
    answers: Mapping[str, Answer]  # of the year, by the slug of each figure that may be told
    past: Mapping[str, Answer]  # of several years side by side, the last being the report's
    as_of: datetime
    remarks: Mapping[tuple[str, str], Sequence[Remark]] = field(default_factory=dict)
    """What officers wrote, by where it stands: a section and its key, or a figure and its slug."""
    lineage: Sequence[Link] = ()
    last: Sequence[Mapping[str, Any]] | None = None
    """Every answer of the report of the year before, as it was published; none if none was."""

    @property
    def subject(self) -> str:
        """The services that it is about."""
        known = self.reference.organisation.services
        names = [known[slug].name for slug in self.services]
        return listed(names) if names else "All services"

    @property
    def labels(self) -> Mapping[str, str]:
        """What each figure is called in the report."""
        return labels(answer.figure for answer in self.answers.values())


def labels(figures: Iterable[Figure]) -> Mapping[str, str]:
    """What figures are called: by the numbers they have, and the others by those that follow."""
    found: dict[str, str] = {}
    last = 0
    for figure in figures:
        numbers = figure.report_figures or (last + 1,)
        last = max(last, *numbers)
        plural = "s" if len(numbers) > 1 else ""
        found[figure.slug] = f"Figure{plural} {listed([str(number) for number in numbers])}"
    return found
