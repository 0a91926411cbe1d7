"""Which keys there are, and the ring of them that each process keeps in memory."""

import asyncio
import hmac
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from app.access.keys import may_be_ours, parsed, secret_hash
from app.access.principal import Principal
from app.kit.clock import Clock
from app.kit.db import AsyncpgPool, connection, unavailable
from app.kit.metrics import Look
from app.kit.problem import Unavailable
from app.kit.shared import Shared

# A revoked key must be refused within 30 s. A ring is read again after 15 s; while the database
# cannot answer, the last ring serves until 25 s, and after that nobody is let in.
FRESH_FOR = timedelta(seconds=15)
USABLE_FOR = timedelta(seconds=25)
WAIT_SECONDS = 0.5  # for the ring to be read, while there is one that may be used
PAUSE_SECONDS = 1.0  # after a failure, before the database is asked again
_STRANGERS = 1024

_EVERY_KEY = """
    SELECT k.id, k.secret_hash, k.expires_at, k.revoked_at, c.slug, c.scopes, c.services
    FROM ops.api_key AS k JOIN ops.client AS c ON c.slug = k.client
"""

LAST_KEY = Look(
    what="keys",
    sql="""
    SELECT extract(epoch FROM min(last))::float8 AS last_key_expires_timestamp_seconds
    FROM (SELECT max(expires_at) AS last FROM ops.api_key
          WHERE revoked_at IS NULL GROUP BY client) AS each
    """,
    means={
        "last_key_expires_timestamp_seconds": "When the first client is left without a live key."
    },
)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key as it is kept: enough to recognise its secret, not to make it."""

    secret_hash: bytes
    expires_at: datetime
    revoked_at: datetime | None
    principal: Principal


Ring = Mapping[str, HeldKey]
Load = Callable[[], Coroutine[Any, Any, Ring]]


async def every_key(pool: AsyncpgPool) -> Ring:
    """All keys ever made, live or not: tens, rarely hundreds."""
    async with connection(pool) as held:
        rows = await held.fetch(_EVERY_KEY)
    return {
        row["id"]: HeldKey(
            secret_hash=row["secret_hash"],
            expires_at=row["expires_at"],
            revoked_at=row["revoked_at"],
            principal=Principal(
                client=row["slug"],
                scopes=frozenset(row["scopes"]),
                services=None if row["services"] is None else frozenset(row["services"]),
            ),
        )
        for row in rows
    }


class KeyRing:
    """Every key there is, read whole from the database at most every 15 seconds.

    Because dead keys are on the ring too, a key that is not there is either invented, which its
    own tag gives away, or has just been made, and then the ring is read at once. So a caller with
    a bad key can make us ask the database for nothing, and remember nothing.
    """

    def __init__(self, load: Load, *, env: str, pepper: bytes, clock: Clock) -> None:
        self._load = load
        self._env = env
        self._pepper = pepper
        self._clock = clock
        self._ring: Ring = {}
        self._read_at: datetime | None = None
        self._failed_at = float("-inf")
        self._reading = Shared(self._read)
        self._strangers: dict[str, None] = {}

    async def holder(self, text: str) -> HeldKey | None:
        """The kept key that a sent key opens, dead or alive; none for anything else."""
        key = parsed(text)
        if key is None or key.env != self._env:
            return None
        held = (await self._current()).get(key.id) or await self._just_made(key.id)
        if held is None:
            return None
        hashed = secret_hash(key.secret, pepper=self._pepper)
        return held if hmac.compare_digest(hashed, held.secret_hash) else None

    async def of_id(self, key_id: str) -> HeldKey | None:
        """The kept key of that id, dead or alive."""
        return (await self._current()).get(key_id) or await self._just_made(key_id)

    def now(self) -> datetime:
        """The time by which keys expire."""
        return self._clock()

    async def _current(self) -> Ring:
        if self._older_than(USABLE_FOR):
            await self._reading.get()
        elif self._older_than(FRESH_FOR):
            with suppress(TimeoutError):  # then it is read all the same, for those who come later
                await asyncio.wait_for(self._reading.get(), WAIT_SECONDS)
        return self._ring

    async def _just_made(self, key_id: str) -> HeldKey | None:
        if key_id in self._strangers or not may_be_ours(key_id, pepper=self._pepper):
            return None
        was_read = await self._reading.get_anew()
        held = self._ring.get(key_id)
        if held is None and was_read:
            self._remember_stranger(key_id)
        return held

    def _older_than(self, age: timedelta) -> bool:
        if self._read_at is None:
            return True
        # A clock set back would otherwise keep an old ring for as long as it was set back.
        return not timedelta(0) <= self._clock() - self._read_at < age

    async def _read(self) -> bool:
        """Bring the ring up to date; false when only the last one could be had."""
        asked_at = self._clock()
        try:
            self._ring = await self._loaded()
        except Unavailable:
            if self._older_than(USABLE_FOR):
                raise
            return False
        self._read_at = asked_at
        return True

    async def _loaded(self) -> Ring:
        if monotonic() - self._failed_at < PAUSE_SECONDS:
            raise unavailable()  # it could not answer a moment ago: do not make callers queue
        try:
            return await self._load()
        except Unavailable:
            self._failed_at = monotonic()
            raise

    def _remember_stranger(self, key_id: str) -> None:
        if len(self._strangers) >= _STRANGERS:
            self._strangers.pop(next(iter(self._strangers)))
        self._strangers[key_id] = None
