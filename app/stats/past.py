"""The tables of cases as they stood at the end of a day, or of each of some days.

What was added later is left out by its own day; what was changed later is what the dated rows
say: `standing` for what a case is, `overwritten` for what an act took away or put right. Every
table has the columns that it has in the database, and the day (`at`).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from app.cases.vocabulary import OverwrittenPart
from app.stats.tables import CASE, ESCALATION, OVERWRITTEN, REMEDY, STAGE, STANDING

_STOOD = ("status", "type", "procedure", "category", "service", "team")
_OF_CASE = {
    "received_on": None,
    "acknowledged_on": "acknowledged_on",
    "channel": None,
    "closed_on": "closed_on",
    "closure": "closed_on",
    "no_finding_reason": "closed_on",
    "refusal_reason": "closed_on",
    "set_aside": "set_aside_on",
    "set_aside_on": "set_aside_on",
}
"""The facts of a case that standings do not hold, and the day that dates each, if one does."""

_ENDING = (
    "answered_on",
    "closed_on",
    "finding",
    "closure",
    "no_finding_reason",
    "verdict",
    "working_days_taken",
    "within_target",
)

Columns = dict[str, sa.ColumnElement[Any]]


def last_days(days: Sequence[date]) -> sa.FromClause:
    """Days as rows; without any there is one on which nothing had happened yet."""
    rows = sa.values(sa.column("at", sa.Date), name="last_day")
    return rows.data([(day,) for day in days or (date.min,)])


def cases(days: sa.FromClause) -> tuple[sa.FromClause, Columns]:
    """Every case registered by then, as it stood; and the stage it had reached."""
    at: sa.ColumnElement[date] = days.c.at
    stood = (STANDING.c.since <= at) & sa.or_(STANDING.c.until > at, STANDING.c.until.is_(None))
    was = _overwritten(days, OverwrittenPart.case, CASE, _OF_CASE)
    rows = (
        sa.join(STANDING, days, stood)
        .join(CASE, (STANDING.c.case_id == CASE.c.id) & (CASE.c.registered_on <= at))
        .outerjoin(was, (was.c.case_id == CASE.c.id) & (was.c.at == at))
    )
    columns: Columns = {**CASE.c, **{name: STANDING.c[name] for name in _STOOD}}
    facts = {name: _either(was, CASE, name) for name in _OF_CASE}
    for name, dated_by in _OF_CASE.items():
        columns[name] = sa.case((facts[dated_by] <= at, facts[name])) if dated_by else facts[name]
    return rows, {**columns, "stage_reached": STANDING.c.stage, "at": at}


def stages(seen: sa.FromClause, days: sa.FromClause) -> sa.FromClause:
    """Every stage that the cases had reached by then, its ending only if it had ended."""
    was = _overwritten(days, OverwrittenPart.stage, STAGE, STAGE.c.keys())
    now = sa.select(*STAGE.c, seen.c.at).join_from(
        STAGE, seen, (seen.c.id == STAGE.c.case_id) & (STAGE.c.number <= seen.c.stage_reached)
    )
    is_past = sa.exists().where(
        was.c.case_id == STAGE.c.case_id, was.c.number == STAGE.c.number, was.c.at == seen.c.at
    )
    then = sa.select(*(was.c[column.key] for column in STAGE.c), was.c.at).join_from(
        was,
        seen,
        (seen.c.id == was.c.case_id)
        & (seen.c.at == was.c.at)
        & (was.c.number <= seen.c.stage_reached),
    )
    both = sa.union_all(now.where(sa.not_(is_past)), then).subquery()
    ended = both.c.closed_on <= both.c.at
    return sa.select(
        *(
            sa.case((ended, column)).label(column.key) if column.key in _ENDING else column
            for column in both.c
        )
    ).subquery()


def remedies(days: sa.FromClause) -> sa.FromClause:
    """Every remedy agreed by then, those that have been taken away since among them."""
    was = _overwritten(days, OverwrittenPart.remedy, REMEDY, REMEDY.c.keys())
    now = sa.select(*REMEDY.c, days.c.at).where(
        REMEDY.c.agreed_on <= days.c.at,
        sa.not_(
            sa.exists().where(
                was.c.case_id == REMEDY.c.case_id,
                was.c.stage == REMEDY.c.stage,
                was.c.seq == REMEDY.c.seq,
                was.c.at == days.c.at,
            )
        ),
    )
    then = sa.select(*(was.c[column.key] for column in REMEDY.c), was.c.at).where(
        was.c.agreed_on <= was.c.at
    )
    return sa.union_all(now, then).subquery()


def escalations(days: sa.FromClause) -> sa.FromClause:
    """Every request made by then, decided only if it had been."""
    decided = ESCALATION.c.decided_on <= days.c.at
    later = {name: sa.case((decided, ESCALATION.c[name])) for name in ("decided_on", "decision")}
    columns: Columns = {**ESCALATION.c, **later}
    return (
        sa.select(*(column.label(name) for name, column in columns.items()), days.c.at)
        .where(ESCALATION.c.requested_on <= days.c.at)
        .subquery()
    )


def _overwritten(
    days: sa.FromClause, part: OverwrittenPart, table: sa.Table, names: Iterable[str]
) -> sa.Subquery:
    """What has been overwritten since each of the days, as it was at the end of it."""
    columns = [table.c[name] for name in names if name != "case_id"]
    was = (
        sa.func.jsonb_populate_record(
            sa.literal_column(f'NULL::{table.schema}."{table.name}"'), OVERWRITTEN.c.facts
        )
        .table_valued(*(sa.column(column.key, column.type) for column in columns))
        .lateral("was")
    )
    key = [days.c.at, OVERWRITTEN.c.case_id, OVERWRITTEN.c.stage]
    if part is OverwrittenPart.remedy:
        key.append(was.c.seq)
    return (
        sa.select(
            days.c.at,
            OVERWRITTEN.c.case_id,
            OVERWRITTEN.c.facts.label("kept"),
            *(was.c[column.key] for column in columns),
        )
        .select_from(sa.join(OVERWRITTEN, days, OVERWRITTEN.c.until > days.c.at))
        .join(was, sa.true())
        .where(OVERWRITTEN.c.part == part.value)
        .ext(distinct_on(*key))
        .order_by(*key, OVERWRITTEN.c.version, OVERWRITTEN.c.seq)
        .subquery()
    )


def _either(was: sa.FromClause, table: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    """A fact as it was, if it has been overwritten since; else as it is.

    What an earlier release did not keep, its acts could not overwrite.
    """
    return sa.case((was.c.kept.has_key(name), was.c[name]), else_=table.c[name])
