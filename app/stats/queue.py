"""The data-quality queue: each case with a fault once, all its faults, and how many there are.

It is listed from the rows that the figure `data-quality` counts, so that both mean the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.stats.asking import QueueQuery
from app.stats.catalogue import BY_SLUG
from app.stats.cuts import SERVICE, TEAM
from app.stats.fact import Condition, Cut, Expression, Filter, Scope
from app.stats.facts.faults import FAULTS
from app.stats.faults import FaultCode
from app.stats.period import EARLIEST, LATEST, Period
from app.stats.placed import COUNTED, happened, place
from app.stats.queries import load_reference
from app.stats.question import Question, QuestionRefused, asked, asked_period
from app.stats.tables import STAGE

Position: TypeAlias = tuple[str, str, int]
"""Where a line stands: by its due day if it is overdue, by the day registered, by its number."""

_FAULT, _OF_STAGE = sa.column("fault", sa.Text), sa.column("fault_of_stage", sa.Integer)
_FIGURE = BY_SLUG["data-quality"]
_ALWAYS = Period(EARLIEST, LATEST)
_NOT_DUE = sa.literal(date.max, sa.Date)
_WHOSE = ("case_id", "status", "feedback_type", "service", "team", "registered_on")


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, how many cases it has, and how many have each fault."""

    count: int
    by_fault: Mapping[str, int]
    lines: Sequence[Mapping[Any, Any]]
    following: Position | None  # the last line given out, if there are more


async def queue(
    session: AsyncSession,
    query: QueueQuery,
    *,
    services: Sequence[str],
    now: datetime,
    start: Position | None,
) -> Queue:
    """The cases with faults: those overdue first, the longest before; then as registered."""
    year, between = asked_period(query.year, since=query.since, until=query.until)
    question = Question(now=now, year=year, between=None if year else between or _ALWAYS)
    scope = asked(_FIGURE, question, await load_reference(session)).scope
    faults = _faults(scope, ((SERVICE, services), (TEAM, query.team)))
    by_fault = sa.select(faults.c.fault, sa.func.count()).group_by(faults.c.fault)
    lines = _lines(faults, query.fault, scope)
    order = [lines.c.due_on, lines.c.registered_on, lines.c.case_id]
    page = sa.select(lines).order_by(*order).limit(query.limit + 1)
    if start:
        page = page.where(sa.tuple_(*order) > sa.tuple_(*_read(start)))
    found = (await session.execute(page)).mappings().all()
    some = found[: query.limit]
    return Queue(
        count=(await session.execute(sa.select(sa.func.count()).select_from(lines))).scalar_one(),
        by_fault={row.fault: row[1] for row in await session.execute(by_fault)},
        lines=some,
        following=_position(some[-1]) if len(found) > len(some) else None,
    )


def _faults(scope: Scope, asked_for: Sequence[tuple[Cut, Sequence[str]]]) -> sa.Subquery:
    """What the figure counts under these codes, fault by fault."""
    columns: list[Expression] = [*map(sa.column, _WHOSE), _FAULT, _OF_STAGE]
    counted = place(_FIGURE.population, _FIGURE.leaves_out) == COUNTED
    return happened(FAULTS, scope, columns).where(counted, *_under(scope, asked_for)).subquery()


def _under(scope: Scope, asked_for: Sequence[tuple[Cut, Sequence[str]]]) -> Iterator[Condition]:
    for cut, codes in asked_for:
        known = cut.known(scope)
        if not set(codes) <= set(known):
            raise QuestionRefused(
                f"There is no such {cut.name}; `allowed` lists those that there are.",
                parameter=cut.name,
                allowed=known,
            )
        if codes:
            yield Filter(cut, tuple(codes)).where


def _lines(faults: sa.Subquery, wanted: Sequence[FaultCode], scope: Scope) -> sa.Subquery:
    """Each case once, with the stage that each of its faults is of, if it is of one."""
    whose = [faults.c[name] for name in _WHOSE]
    overdue = sa.select(sa.func.min(STAGE.c.due_on)).where(
        STAGE.c.case_id == faults.c.case_id,
        STAGE.c.closed_on.is_(None),
        STAGE.c.due_on < scope.today,
    )
    lines = sa.select(
        *whose,
        sa.func.coalesce(overdue.scalar_subquery(), _NOT_DUE).label("due_on"),
        sa.func.jsonb_object_agg(faults.c.fault, faults.c.fault_of_stage, type_=JSONB).label(
            "faults"
        ),
    ).group_by(*whose)
    if wanted:
        lines = lines.having(sa.func.bool_or(faults.c.fault.in_(wanted)))
    return lines.subquery()


def _position(line: Mapping[Any, Any]) -> Position:
    return line["due_on"].isoformat(), line["registered_on"].isoformat(), line["case_id"]


def _read(position: Position) -> Iterator[sa.ColumnElement[Any]]:
    due_on, registered_on, case_id = position
    yield sa.literal(date.fromisoformat(due_on), sa.Date)
    yield sa.literal(date.fromisoformat(registered_on), sa.Date)
    yield sa.literal(case_id, sa.BigInteger)
