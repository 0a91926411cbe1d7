"""Tables of what officers write in reports, and of reports as they were published. Insert-only."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.kit.tables import CORE, one_of
from app.reports.vocabulary import FileForm, Place
from app.stats.answer import Disclosure


def _number() -> Column[int]:
    return Column(sa.BigInteger, sa.Identity(always=False), primary_key=True)


def _codes() -> Column[list[str]]:
    return Column(ARRAY(sa.Text), nullable=False)


class ReportText(SQLModel, table=True):
    """What an officer wrote in a report. The newest of a place holds; none takes it out again."""

    __tablename__ = "report_text"
    __table_args__ = (
        one_of("place", Place),
        CheckConstraint("text <> ''", name="says_something"),
        Index("ix_report_text_place", "year", "services", "place", "name", "id"),
        CORE,
    )

    id: int | None = Field(default=None, sa_column=_number())
    year: str = Field(sa_type=sa.Text)
    services: list[str] = Field(sa_column=_codes())  # in order; none: the whole council
    place: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)  # of the section, or the slug of the figure
    text: str | None = Field(sa_type=sa.Text)
    author: str = Field(sa_type=sa.Text)  # as the report names them
    officer: str = Field(sa_type=sa.Text)
    client: str = Field(sa_type=sa.Text)
    written_at: datetime


class Publication(SQLModel, table=True):
    """A report as it was proposed for publication, byte for byte. Published once it is confirmed.

    `document` is canonical JSON; `cases` says which cases each of its rows counted.
    """

    __tablename__ = "publication"
    __table_args__ = (
        one_of("disclosure", Disclosure),
        CheckConstraint("version > 0", name="version_counts_from_one"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256_length"),
        CheckConstraint("octet_length(cases_sha256) = 32", name="cases_sha256_length"),
        UniqueConstraint("year", "services", "version"),
        UniqueConstraint("id", "proposed_by"),
        CORE,
    )

    id: int | None = Field(default=None, sa_column=_number())
    year: str = Field(sa_type=sa.Text)
    services: list[str] = Field(sa_column=_codes())  # in order; none: the whole council
    version: int = Field(sa_type=sa.Integer)
    disclosure: str = Field(sa_type=sa.Text)
    as_of: datetime  # the moment that its figures are true for
    document: str = Field(sa_type=sa.Text)
    sha256: bytes = Field(sa_type=sa.LargeBinary)
    cases: str = Field(sa_type=sa.Text)
    cases_sha256: bytes = Field(sa_type=sa.LargeBinary)
    proposed_by: str = Field(sa_type=sa.Text)
    proposed_at: datetime
    client: str = Field(sa_type=sa.Text)


class Confirmation(SQLModel, table=True):
    """That a second officer let a report out; from then on it is published, for ever."""

    __tablename__ = "publication_confirmation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["publication_id", "proposed_by"],
            ["core.publication.id", "core.publication.proposed_by"],
        ),
        CheckConstraint("lower(confirmed_by) <> lower(proposed_by)", name="second_person"),
        CORE,
    )

    publication_id: int = Field(sa_type=sa.BigInteger, primary_key=True)
    proposed_by: str = Field(sa_type=sa.Text)
    confirmed_by: str = Field(sa_type=sa.Text)
    confirmed_at: datetime
    client: str = Field(sa_type=sa.Text)


class Withdrawal(SQLModel, table=True):
    """That a report which was proposed will not be published, and why; the proposal is kept."""

    __tablename__ = "publication_withdrawal"
    __table_args__ = (CheckConstraint("reason <> ''", name="says_why"), CORE)

    publication_id: int = Field(
        sa_type=sa.BigInteger, primary_key=True, foreign_key="core.publication.id"
    )
    reason: str = Field(sa_type=sa.Text)
    withdrawn_by: str = Field(sa_type=sa.Text)
    withdrawn_at: datetime
    client: str = Field(sa_type=sa.Text)


class PublishedFile(SQLModel, table=True):
    """A publication in a form for readers, made once from its document."""

    __tablename__ = "publication_file"
    __table_args__ = (
        one_of("form", FileForm),
        CheckConstraint("octet_length(sha256) = 32", name="sha256_length"),
        CORE,
    )

    publication_id: int = Field(
        sa_type=sa.BigInteger, primary_key=True, foreign_key="core.publication.id"
    )
    form: str = Field(sa_type=sa.Text, primary_key=True)
    content: bytes = Field(sa_type=sa.LargeBinary)
    sha256: bytes = Field(sa_type=sa.LargeBinary)
