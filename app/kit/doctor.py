"""What is wrong with an installation, in words that say what to do."""

from collections.abc import AsyncIterator, Iterator

import asyncpg

from app.kit import revision
from app.kit.settings import Settings, env_name

OLDEST = 15  # major version of Postgres
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
_HIDDEN = frozenset({"pepper", "database_url", "stats_database_url"})
_SECONDS = 5
_NO_ENTRY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_STATS_URL = env_name("stats_database_url")
_UNTIL_THEN = "until it does, statistics answer 503."
_NO_REPLICA = "name a replica, or leave it out to read statistics where everything is written."
_SERVER = "SELECT (system_identifier, pg_postmaster_start_time())::text FROM pg_control_system()"


def effective(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every setting as it is in force; of a secret, only that there is one."""
    for field in type(settings).model_fields:
        value = getattr(settings, field)
        if value is not None and field in _HIDDEN:
            value = "(hidden)"
        yield env_name(field), "(none)" if value is None else str(value)


async def every_complaint(settings: Settings) -> list[str]:
    """What is wrong with the databases that the settings name."""
    found = await complaints(settings.asyncpg_dsn)
    if settings.stats_asyncpg_dsn:
        found += await stats_complaints(settings.stats_asyncpg_dsn, of=settings.asyncpg_dsn)
    return found


async def complaints(dsn: str) -> list[str]:
    """What is wrong with the database; nothing, if all is well."""
    try:
        connection = await asyncpg.connect(dsn, timeout=_SECONDS, command_timeout=_SECONDS)
    except _NO_ENTRY as error:
        return [f"The database does not let us in ({type(error).__name__}): check DATABASE_URL."]
    try:
        return [line async for line in _complaints(connection)]
    finally:
        await connection.close()


async def stats_complaints(dsn: str, *, of: str) -> list[str]:
    """What is wrong with the database that statistics are read from, a replica of another."""
    try:
        replica = await asyncpg.connect(dsn, timeout=_SECONDS, command_timeout=_SECONDS)
    except _NO_ENTRY as error:
        kind = type(error).__name__
        return [f"{_STATS_URL} names a database that does not let us in ({kind}): {_UNTIL_THEN}"]
    try:
        if await replica.fetchval("SELECT pg_is_in_recovery()") or await _is(replica, of):
            return []
    finally:
        await replica.close()
    return [f"{_STATS_URL} names a database that takes writes of its own: {_NO_REPLICA}"]


async def _is(server: "asyncpg.Connection[asyncpg.Record]", dsn: str) -> bool:
    """Whether this is the server at that address, by another name."""
    try:
        other = await asyncpg.connect(dsn, timeout=_SECONDS, command_timeout=_SECONDS)
    except _NO_ENTRY:
        return False
    try:
        return bool(await server.fetchval(_SERVER) == await other.fetchval(_SERVER))
    finally:
        await other.close()


async def _complaints(connection: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[str]:
    major = connection.get_server_version().major
    if major < OLDEST:
        yield f"The server is Postgres {major}; {OLDEST} or newer is needed."
    if await connection.fetchval("SELECT pg_is_in_recovery()"):
        yield "The server is a standby, which takes no writes: name the primary in DATABASE_URL."
    encoding = await connection.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        yield f"The database is in {encoding}; make one with ENCODING 'UTF8'."
    for name in _DURABLE:
        if await connection.fetchval("SELECT current_setting($1)", name) == "off":
            yield f"{name} is off: what was acknowledged may be lost in a crash. Turn it on."
    if behind := revision.complaint(await revision.current(connection)):
        yield behind
