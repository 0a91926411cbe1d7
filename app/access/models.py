"""Tables of key holders, their keys, and the record of who was shown personal data."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.kit.tables import AUDIT, OPS


class Client(SQLModel, table=True):
    """A system that calls this service, such as the council's web portal."""

    __tablename__ = "client"
    __table_args__ = (CheckConstraint("cardinality(scopes) > 0", name="may_do_something"), OPS)

    slug: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    scopes: list[str] = Field(sa_column=Column(ARRAY(sa.Text), nullable=False))
    services: list[str] | None = Field(
        default=None, sa_column=Column(ARRAY(sa.Text), nullable=True)
    )
    created_at: datetime


class ApiKey(SQLModel, table=True):
    """A key of a client. The secret itself is not kept, only its HMAC under the pepper."""

    __tablename__ = "api_key"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires_after_it_is_made"),
        CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash_length"),
        Index("ix_api_key_client", "client"),
        OPS,
    )

    id: str = Field(sa_type=sa.Text, primary_key=True)
    client: str = Field(sa_type=sa.Text, foreign_key="ops.client.slug")
    secret_hash: bytes = Field(sa_type=sa.LargeBinary)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class Disclosure(SQLModel, table=True):
    """That somebody was shown personal data, of a case or of what an import left. Insert-only."""

    __tablename__ = "disclosure"
    __table_args__ = (Index("ix_disclosure_case_id", "case_id"), AUDIT)

    id: int | None = Field(
        default=None, sa_column=Column(sa.BigInteger, sa.Identity(always=False), primary_key=True)
    )
    at: datetime
    client: str = Field(sa_type=sa.Text)
    officer: str | None = Field(default=None, sa_type=sa.Text)
    case_id: int | None = Field(default=None, sa_type=sa.BigInteger)  # none: of an import
    what: str = Field(sa_type=sa.Text)  # a field group, such as `people` or `narrative`
