"""An act tried on a case, and every report counted with it and without it; then it is taken back.

All of it is one transaction that sees one moment and is never committed. The act itself, and the
lock that it takes, go with a savepoint; what it changes is counted before that.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.principal import Principal
from app.cases.acting import occasion_of
from app.cases.commands import hold, save, unchanged
from app.cases.doing import Rule, do
from app.cases.record import Record
from app.cases.schemas import ActIn
from app.kit import db
from app.kit.clock import Now, london_day
from app.kit.conditional import IfMatch, version_in
from app.previews.moves import Move, moves
from app.previews.tellings import Telling, drafts, published
from app.procedures.queries import Council
from app.procedures.reference import ReferenceData
from app.reports.evidence import Evidence
from app.reports.queries import FIGURES
from app.stats.disclosure import Rules
from app.stats.period import EARLIEST, FinancialYear
from app.stats.traces import Trace, moved, traced


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act would move: in which reports; in how many nothing; how many are not shown."""

    moved: Sequence[Move]
    unmoved: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One act on one case, tried and taken back."""

    session: AsyncSession
    if_match: str | None
    now: datetime
    council: ReferenceData
    rules: Rules

    async def of(self, reference: str, asked: ActIn, rule: Rule, *, by: Principal) -> Effect:
        """What the act would move; it is refused for whatever the act would be refused for."""
        reports, withheld = await published(self.session, by=by)
        async with self.session.begin_nested() as trial:
            found = await hold(self.session, reference, by=by, version=version_in(self.if_match))
            was, record = unchanged(found.record), found.record
            do(record, rule, occasion_of(asked, by, now=self.now, council=self.council))
            years = self._years(was, record)
            tellings = [*reports, *drafts(years, by=by)]
            before = [await self._trace(telling, was) for telling in tellings]
            await save(self.session, was, record, now=self.now)
            after = [await self._trace(telling, was) for telling in tellings]
            traces = zip(tellings, before, after, strict=True)
            affected = [(telling, slugs) for telling, *two in traces if (slugs := moved(*two))]
            with_it = [await self._told(*each) for each in affected]
            await trial.rollback()
        without = [await self._told(*each) for each in affected]
        pairs = zip(affected, without, with_it, strict=True)
        found_moves = [moves(telling, *two) for (telling, _), *two in pairs]
        told = [move for move in found_moves if move.figures]
        return Effect(moved=told, unmoved=len(tellings) - len(told), withheld=withheld)

    async def _trace(self, telling: Telling, record: Record) -> Trace:
        return await traced(self.session, telling.askings(self.now), record.case.id)

    async def _told(self, telling: Telling, slugs: Collection[str]) -> Evidence:
        figures = [figure for figure in FIGURES if figure.slug in slugs]
        return await telling.told(
            self.session, self.council, figures=figures, now=self.now, rules=self.rules
        )

    def _years(self, *records: Record) -> Sequence[FinancialYear]:
        """The financial years that a case has anything to do with, up to this one."""
        today = london_day(self.now)
        days = {day for record in records for day in _days(record) if EARLIEST <= day <= today}
        return sorted({FinancialYear.of(day) for day in (*days, today)})


def _days(record: Record) -> Iterator[date]:
    """Every day on which something happened to a case, or is due."""
    parts = [asdict(record.case), *map(asdict, record.stages.values())]
    for part in (*parts, *map(asdict, record.escalations)):
        yield from (day for name, day in part.items() if name.endswith("_on") and day)


async def _rehearsal(
    request: Request, session: db.Rehearsal, now: Now, council: Council, if_match: IfMatch = None
) -> Rehearsal:
    return Rehearsal(session, if_match, now, council, request.app.state.disclosure)


Tried = Annotated[Rehearsal, Depends(_rehearsal, scope="function")]


def doing(act: Callable[..., None], *asked: object) -> Rule:
    """A rule of some room as it is done to a record: with what was asked, on its occasion."""
    return lambda record, occasion: act(record, *asked, occasion)
