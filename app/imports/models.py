"""Tables of the import: its runs, what they took, and what they could not take and why."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.imports.vocabulary import KEPT, Format, Result
from app.kit.tables import OPS, PII, one_of


class ImportRun(SQLModel, table=True):
    """One reading of a file of history. Its row moves on with each batch that is stored."""

    __tablename__ = "import_run"
    __table_args__ = (
        one_of("format", Format),
        Index("ix_import_run_digest", "digest", postgresql_where=sa.text("finished_at IS NULL")),
        OPS,
    )

    id: int | None = Field(
        default=None, sa_column=Column(sa.BigInteger, sa.Identity(always=False), primary_key=True)
    )
    source: str = Field(sa_type=sa.Text)  # the file's name
    format: str = Field(sa_type=sa.Text)
    digest: bytes | None = Field(sa_type=sa.LargeBinary)  # SHA-256 of a file that was at hand whole
    client: str = Field(sa_type=sa.Text)
    officer: str | None = Field(sa_type=sa.Text)
    started_at: datetime
    finished_at: datetime | None
    lines_read: int = Field(sa_type=sa.Integer)  # the last line that is settled
    taken: int = Field(sa_type=sa.Integer)
    unchanged: int = Field(sa_type=sa.Integer)
    linked: int = Field(sa_type=sa.Integer)
    differs: int = Field(sa_type=sa.Integer)
    refused: int = Field(sa_type=sa.Integer)


class ImportedCase(SQLModel, table=True):
    """What a case was imported from, so that the same line is known when it comes again."""

    __tablename__ = "imported_case"
    __table_args__ = (Index("ix_imported_case_run_id", "run_id"), OPS)

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="core.case.id")
    run_id: int = Field(sa_type=sa.BigInteger, foreign_key="ops.import_run.id")
    fingerprint: bytes = Field(sa_type=sa.LargeBinary)  # SHA-256 of the line but for its names


class ImportReject(SQLModel, table=True):
    """A line that was not taken, and every reason. The line itself may hold personal data."""

    __tablename__ = "import_reject"
    __table_args__ = (
        CheckConstraint(
            "result IN ({})".format(", ".join(f"'{r}'" for r in Result if r in KEPT)),
            name="result_listed",
        ),
        Index("ix_import_reject_names", "names", postgresql_using="gin"),
        Index("ix_import_reject_digest", "digest"),
        PII,
    )

    run_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="ops.import_run.id")
    line_number: int = Field(sa_type=sa.Integer, primary_key=True)
    result: str = Field(sa_type=sa.Text)
    names: list[str] = Field(sa_column=Column(ARRAY(sa.Text), nullable=False))
    problems: list[dict[str, Any]] = Field(sa_type=JSONB)  # codes and places, nobody's data
    digest: bytes = Field(sa_type=sa.LargeBinary)  # of the line, to know it when it comes again
    raw: str | None = Field(sa_type=sa.Text)  # the line; none once it was corrected and taken
    resolved_at: datetime | None
