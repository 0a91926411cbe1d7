"""The reports whose figures an act could move: those published last, and those as they stand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.principal import Principal
from app.procedures.reference import ReferenceData
from app.reports.evidence import Evidence
from app.reports.publications import Found, find, listed, sees
from app.reports.queries import askings, gather
from app.stats.disclosure import Rules
from app.stats.figure import Figure
from app.stats.period import FinancialYear
from app.stats.question import Question
from app.stats.traces import Asking


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """A report of a year about some services: the version published last, or as it stands."""

    year: FinancialYear
    services: tuple[str, ...]
    whole_council: bool  # whether figures that show no services apart are of all of them
    publication: Found | None = None
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # as published

    def askings(self, now: datetime) -> list[Asking]:
        """Everything that it asks of figures."""
        return askings(self._question(now), whole_council=self.whole_council)

    async def told(
        self,
        session: AsyncSession,
        council: ReferenceData,
        *,
        figures: Sequence[Figure],
        now: datetime,
        rules: Rules,
    ) -> Evidence:
        """What would be told of some of its figures if it were counted now, in exact numbers."""
        return await gather(
            session,
            self._question(now),
            council,
            whole_council=self.whole_council,
            exact=True,
            rules=rules,
            figures=figures,
        )

    def _question(self, now: datetime) -> Question:
        return Question(now=now, year=self.year, services=self.services)


async def published(session: AsyncSession, *, by: Principal) -> tuple[list[Telling], int]:
    """The newest published version of every report that a key may see; and how many it may not."""
    newest: dict[tuple[str, tuple[str, ...]], Found] = {}
    for found in await listed(session, published=True):
        newest.setdefault((found.which.year, found.which.services), found)
    tellings = [
        _thawed(await find(session, found.which, published=True)) for found in newest.values()
    ]
    seen = [telling for telling in tellings if _sees(by, telling)]
    return seen, len(tellings) - len(seen)


def _thawed(found: Found) -> Telling:
    figures = json.loads(found.proposed.document)["figures"]
    year = FinancialYear.parse(found.which.year)
    assert year is not None
    return Telling(
        year=year,
        services=found.which.services,
        whole_council=not all(each["services"] for each in figures),
        publication=found,
        answers={each["answer"]["figure"]: each["answer"] for each in figures},
    )


def _sees(by: Principal, telling: Telling) -> bool:
    """Whether a key may see everything that a report tells of."""
    return sees(by, () if telling.whole_council else telling.services)


def drafts(years: Iterable[FinancialYear], *, by: Principal) -> Sequence[Telling]:
    """The reports of some years as they stand now, about all that a key may see."""
    services = () if by.services is None else tuple(sorted(by.services))
    return [Telling(year, services, whole_council=by.services is None) for year in years]
