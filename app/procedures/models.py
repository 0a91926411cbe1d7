"""Tables of procedures, categories, remedy kinds and bank holidays: dated data, not code."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from app.kit.tables import CORE, one_of
from app.procedures.vocabulary import ClockStart


class Procedure(SQLModel, table=True):
    """A complaints procedure, such as the children's statutory one."""

    __tablename__ = "procedure"
    __table_args__ = (CORE,)

    slug: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    position: int = Field(sa_type=sa.Integer)


class ProcedureVersion(SQLModel, table=True):
    """A procedure as it stood from one day until another (half-open)."""

    __tablename__ = "procedure_version"
    __table_args__ = (CheckConstraint("until IS NULL OR until > since", name="period"), CORE)

    procedure: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="core.procedure.slug")
    since: date = Field(primary_key=True)
    until: date | None
    basis: str = Field(sa_type=sa.Text)  # the law or policy it rests on


class ProcedureStage(SQLModel, table=True):
    """What a version of a procedure allows a stage: limits in working days."""

    __tablename__ = "procedure_stage"
    __table_args__ = (
        one_of("clock_starts", ClockStart),
        ForeignKeyConstraint(
            ["procedure", "procedure_since"],
            ["core.procedure_version.procedure", "core.procedure_version.since"],
        ),
        CheckConstraint("number BETWEEN 1 AND 3", name="number_range"),
        CheckConstraint("respond_within > 0", name="respond_within_positive"),
        CheckConstraint("extend_by_at_most >= 0", name="extend_by_not_negative"),
        CORE,
    )

    procedure: str = Field(sa_type=sa.Text, primary_key=True)
    procedure_since: date = Field(primary_key=True)
    number: int = Field(sa_type=sa.Integer, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    clock_starts: str = Field(sa_type=sa.Text)
    respond_within: int | None = Field(sa_type=sa.Integer)  # none: no fixed limit
    extend_by_at_most: int = Field(sa_type=sa.Integer)
    request_within: int | None = Field(sa_type=sa.Integer)  # to ask for this stage


class Category(SQLModel, table=True):
    """A subject category; its meaning is data, since names mislead."""

    __tablename__ = "category"
    __table_args__ = (CheckConstraint("until IS NULL OR until > since", name="period"), CORE)

    slug: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    meaning: str = Field(sa_type=sa.Text)
    since: date
    until: date | None
    position: int = Field(sa_type=sa.Integer)


class RemedyKind(SQLModel, table=True):
    """A kind of remedy, and the Ombudsman's group it belongs to."""

    __tablename__ = "remedy_kind"
    __table_args__ = (CORE,)

    slug: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    ombudsman_group: str = Field(sa_type=sa.Text)
    financial: bool
    position: int = Field(sa_type=sa.Integer)


class CalendarVersion(SQLModel, table=True):
    """A list of bank holidays as it was known; a stage keeps the version that judged it."""

    __tablename__ = "calendar_version"
    __table_args__ = (CheckConstraint("covers_until > covers_from", name="period"), CORE)

    version: str = Field(sa_type=sa.Text, primary_key=True)
    division: str = Field(sa_type=sa.Text)
    covers_from: date
    covers_until: date  # half-open
    loaded_at: datetime


class BankHoliday(SQLModel, table=True):
    """A day that is not a working day, in one version of the calendar."""

    __tablename__ = "bank_holiday"
    __table_args__ = (CORE,)

    version: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="core.calendar_version.version"
    )
    day: date = Field(primary_key=True)
    title: str = Field(sa_type=sa.Text)


class ReferenceVersion(SQLModel, table=True):
    """Which load of reference data is in force: a number that rises with every change."""

    __tablename__ = "reference_version"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), CORE)

    id: int = Field(default=1, sa_type=sa.Integer, primary_key=True)
    version: int = Field(sa_type=sa.Integer)
    calendar_version: str = Field(sa_type=sa.Text, foreign_key="core.calendar_version.version")
