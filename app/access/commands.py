"""Making key holders and their keys, and taking keys back. Recording who was shown what."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.keys import Key, new_key, secret_hash
from app.access.models import ApiKey, Client, Disclosure
from app.access.principal import Principal, Scope
from app.kit.problem import Problem
from app.kit.tables import table_of

LONGEST_LIFE = timedelta(days=365)
LIVE_KEYS = 2

_CLIENTS = table_of(Client)
_KEYS = table_of(ApiKey)
_DISCLOSURES = table_of(Disclosure)


class ClientUnknown(Problem):
    """No key holder of that name."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such client"


class ClientExists(Problem):
    """A key holder of that name is there already."""

    status = HTTPStatus.CONFLICT
    title = "There is already a client of that name"


class TooManyKeys(Problem):
    """Two live keys are for changing from one to the next, not for handing out more."""

    status = HTTPStatus.CONFLICT
    title = "The client already has two live keys"


class KeyLivesTooLong(Problem):
    """A key must expire, within a year."""

    status = HTTPStatus.CONFLICT
    title = "A key lives between a moment and 365 days"


class KeyUnknown(Problem):
    """No key with that id."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such key"


async def add_client(
    session: AsyncSession,
    *,
    slug: str,
    name: str,
    scopes: Iterable[Scope],
    services: Iterable[str] | None = None,
    now: datetime,
) -> None:
    """Admit a system that may call this service, and say what it may do."""
    added = await session.execute(
        insert(_CLIENTS)
        .values(
            slug=slug,
            name=name,
            scopes=sorted({Scope(scope).value for scope in scopes}),
            services=None if services is None else sorted(set(services)),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(_CLIENTS.c.slug)
    )
    if added.scalar() is None:
        raise ClientExists(f"The client {slug} is there already; issue a key for it instead.")


async def issue_key(
    session: AsyncSession,
    *,
    client: str,
    env: str,
    pepper: bytes,
    now: datetime,
    lives: timedelta = LONGEST_LIFE,
) -> Key:
    """Make a key. What is returned is the only copy of its secret."""
    if not timedelta(0) < lives <= LONGEST_LIFE:
        raise KeyLivesTooLong(f"A key may live for at most {LONGEST_LIFE.days} days.")
    # The row lock makes two issuers at once take turns, so that neither counts without the other.
    held = sa.select(_CLIENTS.c.slug).where(_CLIENTS.c.slug == client).with_for_update()
    if (await session.execute(held)).scalar() is None:
        raise ClientUnknown(f"There is no client {client}; add it first.")
    if (await session.execute(_live_keys(client, now))).scalar_one() >= LIVE_KEYS:
        raise TooManyKeys(f"Revoke one of the keys of {client} first.")
    key = new_key(env, pepper=pepper)
    await session.execute(
        sa.insert(_KEYS).values(
            id=key.id,
            client=client,
            secret_hash=secret_hash(key.secret, pepper=pepper),
            created_at=now,
            expires_at=now + lives,
        )
    )
    return key


async def revoke_key(session: AsyncSession, *, key_id: str, now: datetime) -> None:
    """End a key. Every process refuses it within 30 seconds. Ending it again changes nothing."""
    known = await session.execute(
        sa.update(_KEYS)
        .where(_KEYS.c.id == key_id)
        .values(revoked_at=sa.func.coalesce(_KEYS.c.revoked_at, now))
        .returning(_KEYS.c.id)
    )
    if known.scalar() is None:
        raise KeyUnknown("No key has that id; the id is the third part of a key.")


async def record_disclosure(
    session: AsyncSession, *, to: Principal, case_id: int | None, what: str, now: datetime
) -> None:
    """Put on record that personal data was shown, and to whom; of no case: what an import left."""
    await session.execute(
        sa.insert(_DISCLOSURES).values(
            at=now, client=to.client, officer=to.officer, case_id=case_id, what=what
        )
    )


def _live_keys(client: str, now: datetime) -> sa.Select[int]:
    return (
        sa.select(sa.func.count())
        .select_from(_KEYS)
        .where(
            _KEYS.c.client == client,
            _KEYS.c.revoked_at.is_(None),
            _KEYS.c.expires_at > now,
        )
    )
