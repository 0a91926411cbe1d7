"""The tables as a question sees them: as they are, or by what was first, or is today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.stats.tables import CASE, ESCALATION, REMEDY, STAGE, STANDING


class TypeBasis(StrEnum):
    """By what feedback is now, or by what it was taken in as."""

    now = "now"
    at_receipt = "at-receipt"


class TeamBasis(StrEnum):
    """By the team that is recorded, or by today's equivalent of it."""

    recorded = "recorded"
    today = "today"


@dataclass(frozen=True, slots=True)
class Basis:
    """In which of several true ways cases are looked at."""

    type: TypeBasis = TypeBasis.now
    team: TeamBasis = TeamBasis.recorded
    teams_today: Mapping[str, str] = field(default_factory=dict)  # those that are others today


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The tables of cases, each with the columns that it has in the database.

    `standing` has every case once for each of some last days: what it was at the end of it
    (`at`), and which stage it had reached (`stage_reached`).
    """

    case: sa.FromClause
    stage: sa.FromClause
    remedy: sa.FromClause
    escalation: sa.FromClause
    standing: sa.FromClause
    today: date


def world(basis: Basis, *, today: date, last_days: Sequence[date]) -> World:
    """The tables as a basis has them."""
    return World(
        case=_otherwise(CASE, dict(CASE.c), basis),
        stage=STAGE,
        remedy=REMEDY,
        escalation=ESCALATION,
        standing=_standing(last_days, basis),
        today=today,
    )


_WHAT_STOOD = ("status", "type", "procedure", "category", "service", "team")


def _standing(last_days: Sequence[date], basis: Basis) -> sa.FromClause:
    """Cases as they stood at the end of some days."""
    days = sa.values(sa.column("at", sa.Date), name="last_day")
    days = days.data([(day,) for day in last_days or (date.min,)])
    stood = (STANDING.c.since <= days.c.at) & sa.or_(
        STANDING.c.until > days.c.at, STANDING.c.until.is_(None)
    )
    rows = sa.join(STANDING, days, stood).join(
        CASE, (STANDING.c.case_id == CASE.c.id) & (CASE.c.registered_on <= days.c.at)
    )
    columns: dict[str, sa.ColumnElement[Any]] = {
        **CASE.c,
        **{name: STANDING.c[name] for name in _WHAT_STOOD},
        "stage_reached": STANDING.c.stage,
        "at": days.c.at,
    }
    return _otherwise(rows, columns, basis)


def _otherwise(
    rows: sa.FromClause, columns: Mapping[str, sa.ColumnElement[Any]], basis: Basis
) -> sa.FromClause:
    """Cases by what they were at receipt, or by today's teams; as they are where neither."""
    seen = dict(columns)
    if basis.type is TypeBasis.at_receipt:
        seen["type"] = seen["type_at_receipt"]
    if basis.teams_today:
        seen["team"] = sa.case(basis.teams_today, value=seen["team"], else_=seen["team"])
    if rows is CASE and basis == Basis():
        return CASE
    return (
        sa.select(*(column.label(name) for name, column in seen.items()))
        .select_from(rows)
        .subquery()
    )
