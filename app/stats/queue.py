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
    lines = _lines(faults, query.fault)
    found = (await session.execute(_page(faults, lines, query.limit, start))).mappings().all()
    listed = [line for line in found if line["case_id"] is not None]
    some = listed[: query.limit]
    return Queue(
        count=found[0]["cases"],
        by_fault=found[0]["by_fault"],
        lines=some,
        following=_position(some[-1]) if len(listed) > len(some) else None,
    )


def _page(faults: sa.CTE, lines: sa.CTE, limit: int, start: Position | None) -> sa.Select[Any]:
    """The lines of a page, and one more, each with how many there are in all.

    One statement, since to find the faults takes longer than all that is made of them. Where the
    page has no line, it gives one row without a case.
    """
    each = sa.select(faults.c.fault, sa.func.count().label("times")).group_by(faults.c.fault)
    times = each.subquery()
    nothing = sa.literal({}, JSONB)
    totals = sa.select(
        sa.select(sa.func.count()).select_from(lines).scalar_subquery().label("cases"),
        sa.select(sa.func.coalesce(sa.func.jsonb_object_agg(times.c.fault, times.c.times), nothing))
        .scalar_subquery()
        .label("by_fault"),
    ).subquery()
    page = sa.select(lines).order_by(*_order(lines)).limit(limit + 1)
    if start:
        page = page.where(sa.tuple_(*_order(lines)) > sa.tuple_(*_read(start)))
    some = page.subquery()
    joined = totals.outerjoin(some, sa.true())
    return sa.select(totals, some).select_from(joined).order_by(*_order(some))


def _order(lines: sa.FromClause) -> tuple[Expression, Expression, Expression]:
    return lines.c.due_on, lines.c.registered_on, lines.c.case_id


def _faults(scope: Scope, asked_for: Sequence[tuple[Cut, Sequence[str]]]) -> sa.CTE:
    """What the figure counts under these codes, fault by fault."""
    columns: list[Expression] = [*map(sa.column, _WHOSE), _FAULT, _OF_STAGE]
    counted = place(_FIGURE.population, _FIGURE.leaves_out) == COUNTED
    return happened(FAULTS, scope, columns).where(counted, *_under(scope, asked_for)).cte("faults")


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


def _lines(faults: sa.CTE, wanted: Sequence[FaultCode]) -> sa.CTE:
    """Each case once, with the stage that each of its faults is of, if it is of one."""
    overdue = sa.func.min(faults.c.fault_of_stage).filter(
        faults.c.fault == FaultCode.overdue_and_unanswered.value
    )
    of_stages = sa.func.jsonb_object_agg(faults.c.fault, faults.c.fault_of_stage, type_=JSONB)
    whose = [faults.c[name] for name in _WHOSE]
    cases = sa.select(*whose, overdue.label("overdue"), of_stages.label("faults")).group_by(*whose)
    if wanted:
        cases = cases.having(sa.func.bool_or(faults.c.fault.in_(wanted)))
    case = cases.subquery()
    due = sa.select(STAGE.c.due_on).where(
        STAGE.c.case_id == case.c.case_id, STAGE.c.number == case.c.overdue
    )
    due_on = sa.func.coalesce(due.scalar_subquery(), _NOT_DUE).label("due_on")
    return sa.select(*(case.c[name] for name in _WHOSE), case.c.faults, due_on).cte("lines")


def _position(line: Mapping[Any, Any]) -> Position:
    return line["due_on"].isoformat(), line["registered_on"].isoformat(), line["case_id"]


def _read(position: Position) -> Iterator[sa.ColumnElement[Any]]:
    due_on, registered_on, case_id = position
    yield sa.literal(date.fromisoformat(due_on), sa.Date)
    yield sa.literal(date.fromisoformat(registered_on), sa.Date)
    yield sa.literal(case_id, sa.BigInteger)
