"""The tables that figures are counted from, as SQLAlchemy Core knows them."""

from typing import cast

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.cases.models import Case, Entry, Escalation, Overwritten, Remedy, Stage, Standing
from app.organisation.models import (
    Activity,
    Service,
    SourceSystem,
    Team,
    TeamLineage,
    TeamListing,
    TeamPlacement,
)
from app.procedures.models import Category, Procedure, RemedyKind


def _table(model: type[SQLModel]) -> sa.Table:
    return cast("sa.Table", sa.inspect(model).local_table)


CASE = _table(Case)
STAGE = _table(Stage)
REMEDY = _table(Remedy)
ESCALATION = _table(Escalation)
STANDING = _table(Standing)
ENTRY = _table(Entry)
OVERWRITTEN = _table(Overwritten)

SERVICE = _table(Service)
TEAM = _table(Team)
TEAM_PLACEMENT = _table(TeamPlacement)
TEAM_LINEAGE = _table(TeamLineage)
TEAM_LISTING = _table(TeamListing)
SOURCE_SYSTEM = _table(SourceSystem)
ACTIVITY = _table(Activity)
CATEGORY = _table(Category)
PROCEDURE = _table(Procedure)
REMEDY_KIND = _table(RemedyKind)
