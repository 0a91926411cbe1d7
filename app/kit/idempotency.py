"""The same request sent twice does its work once, and is answered the same both times.

A key belongs to one client and one operation. Its row is written first in the transaction that
does the work, so key and work are kept together or not at all; a second request with the same key
waits on the unique index until the first has committed, and is then given the first one's answer.
It locks the row that it reads: whoever has a lock to its name commits as a writer does, so that the
answer waits, like the first one, until a standby has what it tells of.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Header, Response
from pydantic import BaseModel, StringConstraints
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from app.kit.db import sqlstate
from app.kit.problem import Problem
from app.kit.tables import OPS, table_of

_LOCK_NOT_AVAILABLE = "55P03"
_PATTERN = r"^[\x21-\x7e]{1,128}$"
_MEANING = (
    "A name for this request, unique for this key holder and operation, such as a UUID. "
    "Sent again with the same body, the request does nothing and is answered as it was."
)


class Idempotency(SQLModel, table=True):
    """A request that has been answered, and with what."""

    __tablename__ = "idempotency"
    __table_args__ = (OPS,)

    client: str = Field(sa_type=sa.Text, primary_key=True)
    operation: str = Field(sa_type=sa.Text, primary_key=True)
    key: str = Field(sa_type=sa.Text, primary_key=True)
    fingerprint: bytes = Field(sa_type=sa.LargeBinary)
    case_id: int | None = Field(default=None, sa_type=sa.BigInteger)
    status: int | None = Field(default=None, sa_type=sa.Integer)
    body: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    etag: str | None = Field(default=None, sa_type=sa.Text)
    location: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(
        sa_column=sa.Column(
            sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now(), index=True
        )
    )


_ROWS = table_of(Idempotency)
_TAKING = insert(_ROWS).on_conflict_do_nothing().returning(sa.literal(1))
_AGAIN = "Send the same request again in a second."


class IdempotencyKeyMissing(Problem):
    """A request that creates something came without a name to recognise its repeats by."""

    status = HTTPStatus.BAD_REQUEST
    title = "An Idempotency-Key is needed"


class KeyReused(Problem):
    """The key names another request."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This Idempotency-Key was sent with another body"


class StillWorking(Problem):
    """The first request with this key has not been answered yet."""

    status = HTTPStatus.CONFLICT
    title = "The first request with this Idempotency-Key is still being worked on"
    sends = ("Retry-After",)

    @property
    def headers(self) -> dict[str, str]:
        """When the answer should be there."""
        return {"Retry-After": "1"}


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer given before, to be given again byte for byte."""

    status: int
    body: bytes
    etag: str | None
    location: str | None

    def response(self) -> Response:
        """The answer again, marked as a replay."""
        headers = {"Idempotency-Replayed": "true"}
        if self.etag is not None:
            headers["ETag"] = self.etag
        if self.location is not None:
            headers["Location"] = self.location
        return Response(self.body, self.status, headers, media_type="application/json")


_HeaderKey = Annotated[
    Annotated[str, StringConstraints(pattern=_PATTERN, max_length=128)] | None,
    Header(alias="Idempotency-Key", description=_MEANING),
]


async def _required(key: _HeaderKey = None) -> str:
    if key is None:
        raise IdempotencyKeyMissing(
            "Send an Idempotency-Key header: 1 to 128 visible ASCII characters, such as a UUID."
        )
    return key


RequiredKey = Annotated[str, Depends(_required)]
OptionalKey = _HeaderKey


def fingerprint(model: BaseModel, *about: str) -> bytes:
    """What makes two requests the same: the validated body, and what the path is about."""
    # Without what is as it would be by itself: a repeat may meet a release that knows more fields.
    digest = hashlib.sha256(model.model_dump_json(exclude_defaults=True).encode())
    for part in about:
        digest.update(b"\x00" + part.encode())
    return digest.digest()


async def claim(
    session: AsyncSession, *, client: str, operation: str, key: str, fingerprint: bytes
) -> Kept | None:
    """Take the key for this transaction, or say what its first request was answered.

    The first statement of a transaction that does work under a key. Raises `KeyReused` when the
    key names another body, `StillWorking` when the first request outlasts the lock timeout.
    """
    named = {"client": client, "operation": operation, "key": key, "fingerprint": fingerprint}
    try:
        taken = (await session.execute(_TAKING, named)).scalar()
    except DBAPIError as error:
        if sqlstate(error) == _LOCK_NOT_AVAILABLE:
            raise StillWorking(_AGAIN) from None
        raise
    if taken:
        return None
    reading = _first(client, operation, key).with_for_update(read=True, key_share=True)
    first = (await session.execute(reading)).one()
    return replay(*first, fingerprint=fingerprint)


async def answered(
    session: AsyncSession, *, client: str, operation: str, key: str, fingerprint: bytes
) -> Kept | None:
    """What the first request with this key was answered; none, and nothing taken, if none was."""
    first = (await session.execute(_first(client, operation, key))).one_or_none()
    return None if first is None else replay(*first, fingerprint=fingerprint)


def _first(client: str, operation: str, key: str) -> sa.Select[Any]:
    return sa.select(
        _ROWS.c.fingerprint, _ROWS.c.status, _ROWS.c.body, _ROWS.c.etag, _ROWS.c.location
    ).where(_named(client, operation, key))


def replay(
    first: bytes,
    status: int | None,
    body: bytes | None,
    etag: str | None,
    location: str | None,
    *,
    fingerprint: bytes,
) -> Kept:
    """The answer kept for a key, unless the body it now comes with is another."""
    if first != fingerprint:
        raise KeyReused("Use a new key for a new request, or send the first body again.")
    if status is None or body is None:
        raise StillWorking(_AGAIN)
    return Kept(status=status, body=body, etag=etag, location=location)


async def keep(
    session: AsyncSession,
    *,
    client: str,
    operation: str,
    key: str,
    status: int,
    body: bytes,
    etag: str | None = None,
    location: str | None = None,
) -> None:
    """Keep the answer with the work: the last statement before the commit."""
    await session.execute(
        sa.update(_ROWS)
        .where(_named(client, operation, key))
        .values(status=int(status), body=body, etag=etag, location=location)
    )


async def forget(session: AsyncSession, *, before: datetime, most: int) -> int:
    """Forget the oldest answers given before a moment, at most so many; say how many it were.

    A request sent again after that is a new one.
    """
    oldest = (
        sa.select(_ROWS.c.client, _ROWS.c.operation, _ROWS.c.key)
        .where(_ROWS.c.created_at < before)
        .order_by(_ROWS.c.created_at)
        .limit(most)
    )
    named = sa.tuple_(_ROWS.c.client, _ROWS.c.operation, _ROWS.c.key)
    gone = await session.execute(sa.delete(_ROWS).where(named.in_(oldest)).returning(sa.literal(1)))
    return len(gone.all())


def _named(client: str, operation: str, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(_ROWS.c.client == client, _ROWS.c.operation == operation, _ROWS.c.key == key)
