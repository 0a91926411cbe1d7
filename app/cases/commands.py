"""Changing a case: held, put through a rule, saved with its history, in one transaction."""

from collections.abc import Mapping
from copy import copy
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.principal import Principal
from app.cases.models import Case, Entry, Overwritten, Remark
from app.cases.queries import Found, find
from app.cases.record import EntryFacts, OverwrittenFacts, Record
from app.cases.rows import CASE_COLUMNS, PARTS, Part
from app.kit.conditional import Stale, etag
from app.kit.db import will_count
from app.kit.tables import table_of

_CASE, _ENTRY = table_of(Case), table_of(Entry)
_OVERWRITTEN, _REMARK = table_of(Overwritten), table_of(Remark)


async def hold(session: AsyncSession, reference: str, *, by: Principal, version: int) -> Found:
    """Lock a case for a change that was decided on one version of it.

    Raises CaseNotFound, or Stale when it has been changed since.
    """
    found = await find(session, reference, by=by, hold=True)
    now_at = found.record.case.version
    if now_at != version:
        raise Stale(
            f"It stands at version {now_at} now. Read it again, decide again, and send that ETag.",
            etag=etag(now_at),
        )
    return found


def unchanged(record: Record) -> Record:
    """A copy to compare with after the rules have worked on the record."""
    before = copy(record)
    for part in PARTS:
        part.put(before, list(part.of(record)))
    before.entries, before.overwritten = [], []
    return before


async def save(session: AsyncSession, before: Record, after: Record, *, now: datetime) -> None:
    """Write what differs, and the entries. The version is compared once more as it is written."""
    changed = {
        name: getattr(after.case, name)
        for name in CASE_COLUMNS
        if getattr(after.case, name) != getattr(before.case, name)
    }
    written = await session.execute(
        sa.update(_CASE)
        .where(_CASE.c.id == before.case.id, _CASE.c.version == before.case.version)
        .values(**changed)
        .returning(_CASE.c.id)
    )
    if written.scalar() is None:
        raise Stale("It has just been changed. Read it again, decide again, and send its ETag.")
    case_id = after.case.id
    for part in reversed(PARTS):
        await _remove(session, part, case_id, before, after)
    for part in PARTS:
        await _put(session, part, case_id, before, after)
    await session.execute(
        sa.insert(_ENTRY), [entry_row(case_id, entry, now=now) for entry in after.entries]
    )
    if after.overwritten:
        rows = [overwritten_row(case_id, row) for row in after.overwritten]
        await session.execute(sa.insert(_OVERWRITTEN), rows)
    will_count(session, [entry.act for entry in after.entries])
    texts = [
        {"case_id": case_id, "version": entry.version, "text": entry.text}
        for entry in after.entries
        if entry.text is not None
    ]
    if texts:
        await session.execute(sa.insert(_REMARK), texts)


def entry_row(case_id: int, entry: EntryFacts, *, now: datetime) -> dict[str, Any]:
    """A line of history as its table wants it, days and codes as text."""
    return {
        "case_id": case_id,
        "version": entry.version,
        "act": entry.act,
        "happened_on": entry.happened_on,
        "recorded_at": now,
        "client": entry.author.client,
        "officer": entry.author.officer,
        "changes": {name: _said(value) for name, value in entry.changes.items()},
    }


def overwritten_row(case_id: int, row: OverwrittenFacts) -> dict[str, Any]:
    """What was overwritten as its table wants it, days and codes as text."""
    return {
        "case_id": case_id,
        "version": row.version,
        "seq": row.seq,
        "part": row.part,
        "stage": row.stage,
        "until": row.until,
        "facts": {name: _said(value) for name, value in row.facts.items()},
    }


def _said(value: object) -> object:
    """A value as history keeps it: numbers, truth and nothing as they are, the rest as text."""
    if value is None or isinstance(value, bool | int | list):
        return value
    return str(value)


def _by_key(part: Part, record: Record) -> Mapping[tuple[Any, ...], Any]:
    return {tuple(getattr(row, name) for name in part.key): row for row in part.of(record)}


def _where(part: Part, case_id: int, key: tuple[Any, ...]) -> list[sa.ColumnElement[bool]]:
    columns = table_of(part.table).c
    named = zip(part.key, key, strict=True)
    return [columns.case_id == case_id, *(columns[name] == value for name, value in named)]


async def _remove(
    session: AsyncSession, part: Part, case_id: int, before: Record, after: Record
) -> None:
    for key in _by_key(part, before).keys() - _by_key(part, after).keys():
        await session.execute(sa.delete(table_of(part.table)).where(*_where(part, case_id, key)))


async def _put(
    session: AsyncSession, part: Part, case_id: int, before: Record, after: Record
) -> None:
    table = table_of(part.table)
    was = _by_key(part, before)
    added = []
    for key, row in _by_key(part, after).items():
        if key not in was:
            added.append({"case_id": case_id, **asdict(row)})
        elif row != was[key]:
            await session.execute(
                sa.update(table).where(*_where(part, case_id, key)).values(**asdict(row))
            )
    if added:
        await session.execute(sa.insert(table), added)
