"""Which revision a database is at, and which one this release was written for."""

from pathlib import Path

import asyncpg

SCRIPTS = Path(__file__).parents[2] / "migrations"

_REVISION = "SELECT version_num FROM public.alembic_version"


def head() -> str:
    """The newest revision. It is kept in a file, so two branches conflict there, not in service."""
    return (SCRIPTS / "head.txt").read_text().strip()


async def current(
    connection: "asyncpg.Connection | asyncpg.Pool | asyncpg.pool.PoolConnectionProxy",
) -> str | None:
    """The revision a database is at; none when it has never been migrated."""
    try:
        found: str | None = await connection.fetchval(_REVISION)
    except asyncpg.UndefinedTableError:
        return None
    return found


def complaint(at: str | None) -> str | None:
    """What to tell about a database at a revision; nothing, if it is this release's."""
    if at == head():
        return None
    return (
        f"The tables are at revision {at or 'none'}, this release needs {head()}:"
        " run `council-feedback migrate`."
    )
