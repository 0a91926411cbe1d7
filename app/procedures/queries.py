"""Reads of the reference data: as one value, and kept in memory between reads."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlmodel import col

from app.kit.metrics import Look
from app.kit.problem import Unavailable
from app.kit.shared import Shared
from app.organisation.models import Council as CouncilRow
from app.organisation.queries import load_organisation
from app.organisation.structure import Period
from app.procedures.models import (
    BankHoliday,
    CalendarVersion,
    Category,
    Procedure,
    ProcedureStage,
    ProcedureVersion,
    ReferenceVersion,
    RemedyKind,
)
from app.procedures.reference import (
    CategoryFacts,
    ProcedureRules,
    ReferenceData,
    RemedyFacts,
    StageRule,
)
from app.procedures.schemas import CategoryOut
from app.procedures.timescales import Timescale
from app.procedures.vocabulary import ClockStart
from app.procedures.workdays import WorkingCalendar

FRESH_SECONDS = 5.0
_RETRY_SECONDS = 30
CALENDAR = Look(
    what="calendar",
    sql="""
    SELECT extract(epoch FROM c.covers_until)::float8 AS calendar_ends_timestamp_seconds
    FROM core.calendar_version AS c
    JOIN core.reference_version AS r ON r.calendar_version = c.version
    """,
    means={"calendar_ends_timestamp_seconds": "From when no deadline can be promised any more."},
)


class NoCouncil(Unavailable):
    """The service runs, but has not been told which council it serves."""

    title = "No council is loaded yet"


def no_council() -> NoCouncil:
    """What to answer before the first `council load`."""
    message = "Load one with `council-feedback council load FILE`."
    return NoCouncil(message, retry_after=_RETRY_SECONDS)


async def reference_version(session: AsyncSession) -> int | None:
    """The number of the load in force, or none before the first."""
    return await session.scalar(select(col(ReferenceVersion.version)))


async def load_reference(session: AsyncSession) -> ReferenceData:
    """The council as data, as the session's snapshot has it."""
    in_force = await session.scalar(select(ReferenceVersion))
    council = await session.scalar(select(CouncilRow))
    if in_force is None or council is None:
        raise no_council()
    calendars = await _calendars(session)
    calendar = calendars[in_force.calendar_version]
    return ReferenceData(
        version=in_force.version,
        council=council.name,
        acknowledge_within=council.acknowledge_within,
        organisation=await load_organisation(session),
        categories=await _categories(session),
        remedies=await _remedies(session),
        procedures=await _procedures(session),
        calendar=calendar,
        calendars={name: one.continued_by(calendar) for name, one in calendars.items()},
    )


async def _categories(session: AsyncSession) -> Mapping[str, CategoryFacts]:
    rows = await session.scalars(select(Category).order_by(col(Category.position)))
    return {r.slug: CategoryFacts(r.slug, r.name, Period(r.since, r.until)) for r in rows}


async def _remedies(session: AsyncSession) -> Mapping[str, RemedyFacts]:
    rows = await session.scalars(select(RemedyKind).order_by(col(RemedyKind.position)))
    return {r.slug: RemedyFacts(r.slug, r.name, r.financial) for r in rows}


async def _procedures(session: AsyncSession) -> Mapping[str, tuple[ProcedureRules, ...]]:
    stages: dict[tuple[str, date], list[StageRule]] = defaultdict(list)
    for row in await session.scalars(select(ProcedureStage).order_by(col(ProcedureStage.number))):
        rule = StageRule(
            row.number,
            row.name,
            ClockStart(row.clock_starts),
            Timescale(row.respond_within, row.extend_by_at_most),
            row.request_within,
        )
        stages[row.procedure, row.procedure_since].append(rule)
    query = (
        select(Procedure, ProcedureVersion)
        .join(ProcedureVersion, col(ProcedureVersion.procedure) == col(Procedure.slug))
        .order_by(col(Procedure.position), col(ProcedureVersion.since))
    )
    procedures: dict[str, tuple[ProcedureRules, ...]] = {}
    for procedure, version in await session.execute(query):
        rules = ProcedureRules(
            procedure.slug,
            procedure.name,
            Period(version.since, version.until),
            version.basis,
            tuple(stages[version.procedure, version.since]),
        )
        procedures[procedure.slug] = (*procedures.get(procedure.slug, ()), rules)
    return procedures


async def _calendars(session: AsyncSession) -> Mapping[str, WorkingCalendar]:
    days: dict[str, dict[date, str]] = defaultdict(dict)
    for holiday in await session.scalars(select(BankHoliday).order_by(col(BankHoliday.day))):
        days[holiday.version][holiday.day] = holiday.title
    return {
        row.version: WorkingCalendar(
            row.version, row.covers_from, row.covers_until, days[row.version]
        )
        for row in await session.scalars(select(CalendarVersion))
    }


async def categories(session: AsyncSession) -> list[CategoryOut]:
    """Every subject category in the council's order."""
    return [
        CategoryOut(
            category=row.slug,
            category_name=row.name,
            meaning=row.meaning,
            since=row.since,
            until=row.until,
        )
        for row in await session.scalars(select(Category).order_by(col(Category.position)))
    ]


class ReferenceCache:
    """The reference data of one process: it asks the database for news every few seconds only."""

    def __init__(
        self,
        snapshots: async_sessionmaker[AsyncSession],
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._snapshots = snapshots
        self._seconds = seconds
        self._kept: ReferenceData | None = None
        self._fresh_until = 0.0
        self._asked = Shared(self._news)

    async def get(self) -> ReferenceData:
        """The council as data, at most a few seconds old."""
        if self._kept is not None and self._seconds() < self._fresh_until:
            return self._kept
        return await self._asked.get()

    async def _news(self) -> ReferenceData:
        async with self._snapshots() as session:
            kept = self._kept
            if kept is None or await reference_version(session) != kept.version:
                kept = await load_reference(session)
        self._kept, self._fresh_until = kept, self._seconds() + FRESH_SECONDS
        return kept


async def _council(request: Request) -> ReferenceData:
    cache: ReferenceCache = request.app.state.reference
    return await cache.get()


Council = Annotated[ReferenceData, Depends(_council)]
"""The council as data, for a handler; it costs no database in the common case."""
