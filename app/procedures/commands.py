"""Loading a council: the one act that changes reference data."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.kit.problem import Problem
from app.kit.tables import table_of
from app.procedures.council_file import read_council
from app.procedures.council_rows import Row, TableRows, rows_of
from app.procedures.council_shape import CalendarIn
from app.procedures.models import BankHoliday, CalendarVersion, ReferenceVersion


class LoadedDataMissing(Problem):
    """A file that would take away, or rewrite, what cases may already rest on."""

    status = HTTPStatus.CONFLICT
    title = "The file leaves out or rewrites what is already loaded"

    def __init__(self, conflicts: Sequence[str]) -> None:
        self.conflicts = list(conflicts)
        super().__init__(
            "Nothing was loaded. Codes and versions stay in the file for ever: end them with a"
            " date instead. A changed list of bank holidays needs a new version.",
            conflicts=self.conflicts,
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, in rows."""

    version: int  # of the reference data, afterwards
    calendar_version: str
    added: int
    changed: int
    removed: int

    @property
    def anything(self) -> bool:
        """Whether the file said anything new."""
        return bool(self.added or self.changed or self.removed)


@dataclass(slots=True)
class _Changes:
    added: int = 0
    changed: int = 0
    removed: int = 0


async def load_council(session: AsyncSession, text: str) -> Loaded:
    """Make the reference data what a council's file says, or change nothing and say why not.

    Loading the same file again changes nothing. Raises `BadCouncilFile` for errors in the file,
    and `LoadedDataMissing` where it leaves out or rewrites what cases may rest on.
    """
    council = read_council(text)
    before = await _hold(session)
    changes, conflicts = _Changes(), []
    for wanted in rows_of(council):
        conflicts += await _settle(session, wanted, changes)
    conflicts += await _settle_calendar(session, council.calendar, changes)
    if conflicts:
        raise LoadedDataMissing(conflicts)
    version = await _number(session, before, council.calendar.version, changes)
    return Loaded(
        version, council.calendar.version, changes.added, changes.changed, changes.removed
    )


async def _hold(session: AsyncSession) -> Row | None:
    """Let one load run at a time; what was in force until now, if anything."""
    table = table_of(ReferenceVersion)
    await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('council load'))"))
    found = (await session.execute(select(table))).mappings().one_or_none()
    return dict(found) if found else None


async def _settle(session: AsyncSession, wanted: TableRows, changes: _Changes) -> list[str]:
    """Add and change rows of one table; conflicts are the rows that cannot be left out."""
    table = table_of(wanted.table)
    keys = [column.name for column in table.primary_key]
    there = {_key(row, keys): row for row in await _rows(session, table)}
    asked = {_key(row, keys): row for row in wanted.rows}
    new = [row for key, row in asked.items() if key not in there]
    if new:
        await session.execute(insert(table), new)
    for key, row in asked.items():
        if key in there and there[key] != row:
            await session.execute(update(table).where(_is(table, keys, row)).values(row))
            changes.changed += 1
    gone = [row for key, row in there.items() if key not in asked]
    changes.added += len(new)
    if not wanted.removable:
        return [f"{table.name} {' '.join(str(row[key]) for key in keys)}" for row in gone]
    for row in gone:
        await session.execute(delete(table).where(_is(table, keys, row)))
    changes.removed += len(gone)
    return []


async def _settle_calendar(
    session: AsyncSession, calendar: CalendarIn, changes: _Changes
) -> list[str]:
    """Keep a calendar under its version for ever; stages are judged by the one they name."""
    versions, holidays = table_of(CalendarVersion), table_of(BankHoliday)
    same = versions.c.version == calendar.version
    kept = (await session.execute(select(versions).where(same))).mappings().one_or_none()
    if kept is not None:
        query = select(holidays.c.day, holidays.c.title).where(
            holidays.c.version == calendar.version
        )
        days = {row.day: row.title for row in await session.execute(query)}
        heading = calendar.model_dump(exclude={"days"})
        unchanged = days == calendar.days and all(kept[k] == v for k, v in heading.items())
        return [] if unchanged else [f"calendar_version {calendar.version}"]
    heading = calendar.model_dump(exclude={"days"})
    await session.execute(insert(versions).values(**heading, loaded_at=func.clock_timestamp()))
    rows = [
        {"version": calendar.version, "day": day, "title": title}
        for day, title in calendar.days.items()
    ]
    await session.execute(insert(holidays), rows)
    changes.added += 1 + len(rows)
    return []


async def _number(
    session: AsyncSession, before: Row | None, calendar_version: str, changes: _Changes
) -> int:
    """The number of this load: one higher if anything is different now."""
    same_calendar = before is not None and before["calendar_version"] == calendar_version
    differs = changes.added or changes.changed or changes.removed or not same_calendar
    if before is not None and not differs:
        return int(before["version"])
    number = 1 if before is None else int(before["version"]) + 1
    values = {"version": number, "calendar_version": calendar_version}
    await session.execute(
        postgresql.insert(table_of(ReferenceVersion))
        .values(id=1, **values)
        .on_conflict_do_update(index_elements=[col(ReferenceVersion.id)], set_=values)
    )
    return number


async def _rows(session: AsyncSession, table: Table) -> list[Row]:
    return [dict(row) for row in (await session.execute(select(table))).mappings()]


def _key(row: Row, keys: list[str]) -> tuple[Any, ...]:
    return tuple(row[key] for key in keys)


def _is(table: Table, keys: list[str], row: Row) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[key] == row[key] for key in keys))
