"""Tables of the organisation: who provides what, from when until when (half-open)."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.kit.tables import CORE, one_of
from app.organisation.vocabulary import LineageBasis, LineageKind

_PERIOD = "until IS NULL OR until > since"


class Council(SQLModel, table=True):
    """The one council that this installation serves."""

    __tablename__ = "council"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), CORE)

    id: int = Field(default=1, sa_type=sa.Integer, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    acknowledge_within: int = Field(sa_type=sa.Integer)  # working days
    demonstration: bool = False


class Directorate(SQLModel, table=True):
    """A part of the council that holds services."""

    __tablename__ = "directorate"
    __table_args__ = (CheckConstraint(_PERIOD, name="period"), CORE)

    slug: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    since: date
    until: date | None
    position: int = Field(sa_type=sa.Integer)


class Service(SQLModel, table=True):
    """What figures call a service, such as Children & Families."""

    __tablename__ = "service"
    __table_args__ = (CheckConstraint(_PERIOD, name="period"), CORE)

    slug: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    directorate: str = Field(sa_type=sa.Text, foreign_key="core.directorate.slug")
    since: date
    until: date | None
    position: int = Field(sa_type=sa.Integer)


class Team(SQLModel, table=True):
    """A team that answers feedback."""

    __tablename__ = "team"
    __table_args__ = (CheckConstraint(_PERIOD, name="period"), CORE)

    slug: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    since: date
    until: date | None
    position: int = Field(sa_type=sa.Integer)


class TeamPlacement(SQLModel, table=True):
    """Which service a team belongs to, from when until when."""

    __tablename__ = "team_placement"
    __table_args__ = (CheckConstraint(_PERIOD, name="period"), CORE)

    team: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="core.team.slug")
    service: str = Field(sa_type=sa.Text, foreign_key="core.service.slug")
    since: date = Field(primary_key=True)
    until: date | None


class TeamListing(SQLModel, table=True):
    """A team on the list of a source system, in that list's order."""

    __tablename__ = "team_listing"
    __table_args__ = (CORE,)

    source_system: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="core.source_system.slug"
    )
    team: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="core.team.slug")
    position: int = Field(sa_type=sa.Integer)


class TeamLineage(SQLModel, table=True):
    """That one team became another, and whether that is published or assumed."""

    __tablename__ = "team_lineage"
    __table_args__ = (one_of("kind", LineageKind), one_of("basis", LineageBasis), CORE)

    predecessor: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="core.team.slug")
    successor: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="core.team.slug")
    happened_on: date
    kind: str = Field(sa_type=sa.Text)
    basis: str = Field(sa_type=sa.Text)


class SourceSystem(SQLModel, table=True):
    """A system that cases are registered in, and what it collects."""

    __tablename__ = "source_system"
    __table_args__ = (
        CheckConstraint("collects_until IS NULL OR collects_until > collects_from", name="period"),
        CORE,
    )

    slug: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    collects_from: date
    collects_until: date | None  # half-open; the one system without it is the current one
    collects_channel: bool
    reallocates_type: bool  # whether a case's type can be changed in it
    position: int = Field(sa_type=sa.Integer)


class Activity(SQLModel, table=True):
    """How much of something a service did in a period: the denominator of a rate."""

    __tablename__ = "activity"
    __table_args__ = (CheckConstraint(_PERIOD, name="period"), CORE)

    service: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="core.service.slug")
    measure: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    since: date = Field(primary_key=True)
    until: date
    volume: int = Field(sa_type=sa.BigInteger)
