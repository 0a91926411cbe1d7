"""The tables as a question sees them: as they are, or by what was first, or is today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.stats.tables import CASE, ESCALATION, REMEDY, STAGE


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
    """The tables of cases, each with the columns that it has in the database."""

    case: sa.FromClause
    stage: sa.FromClause
    remedy: sa.FromClause
    escalation: sa.FromClause


def world(basis: Basis) -> World:
    """The tables as a basis has them."""
    return World(case=_cases(basis), stage=STAGE, remedy=REMEDY, escalation=ESCALATION)


def _cases(basis: Basis) -> sa.FromClause:
    otherwise: dict[str, sa.ColumnElement[Any]] = {}
    if basis.type is TypeBasis.at_receipt:
        otherwise["type"] = CASE.c.type_at_receipt
    if basis.teams_today:
        otherwise["team"] = sa.case(basis.teams_today, value=CASE.c.team, else_=CASE.c.team)
    if not otherwise:
        return CASE
    columns = {**CASE.c, **otherwise}
    return sa.select(*(column.label(name) for name, column in columns.items())).subquery("seen")
