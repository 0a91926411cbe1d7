"""The tables as a question sees them: as they are or were, or by what was first, or is today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

import sqlalchemy as sa

from app.cases.vocabulary import Status
from app.stats import past
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
    as_at: date | None = None  # the day at whose end they are seen; none: now


@dataclass(frozen=True)
class World:
    """The tables of cases, each with the columns that it has in the database.

    `standing` has every case once for each of some last days: what it was at the end of it
    (`at`), and which stage it had reached; `standing_stage` those stages that were in hand.
    """

    basis: Basis
    today: date
    last_days: Sequence[date]

    @cached_property
    def case(self) -> sa.FromClause:
        """Cases by the basis."""
        if self.basis == Basis():
            return CASE
        if self.basis.as_at is None:
            return self._seen(CASE, dict(CASE.c))
        return self._seen(*past.cases(self._day))

    @cached_property
    def stage(self) -> sa.FromClause:
        """Their stages."""
        return STAGE if self.basis.as_at is None else past.stages(self.case, self._day)

    @cached_property
    def remedy(self) -> sa.FromClause:
        """The remedies of their stages."""
        return REMEDY if self.basis.as_at is None else past.remedies(self._day)

    @cached_property
    def escalation(self) -> sa.FromClause:
        """The requests for a further stage of them."""
        return ESCALATION if self.basis.as_at is None else past.escalations(self._day)

    @cached_property
    def standing(self) -> sa.FromClause:
        """Cases as they stood at the end of each of the last days."""
        return self._seen(*past.cases(self._ends))

    @cached_property
    def standing_stage(self) -> sa.FromClause:
        """Stages in hand at the end of each of the last days, as they stood."""
        case = self.standing
        in_hand = case.select().where(case.c.status == Status.in_stage.value).subquery()
        return past.stages(in_hand, self._ends)

    @property
    def _day(self) -> sa.FromClause:
        assert self.basis.as_at is not None
        return past.last_days([self.basis.as_at])

    @cached_property
    def _ends(self) -> sa.FromClause:
        return past.last_days(self.last_days)

    def _seen(self, rows: sa.FromClause, columns: past.Columns) -> sa.FromClause:
        """Cases by what they were at receipt, or by today's teams; as they are where neither."""
        seen = dict(columns)
        if self.basis.type is TypeBasis.at_receipt:
            seen["type"] = seen["type_at_receipt"]
        if self.basis.teams_today:
            team = seen["team"]
            seen["team"] = sa.case(self.basis.teams_today, value=team, else_=team)
        named = (column.label(name) for name, column in seen.items())
        # What is asked of it goes into it: else Postgres would lay out every case there is first.
        return sa.select(*named).select_from(rows).cte().prefix_with("NOT MATERIALIZED")
