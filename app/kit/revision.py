"""Which revision a database is at, and which one this release was written for.

A database may be ahead: while a newer release is rolled out, the one before it goes on serving,
since what a migration takes away has been unused for a whole release (docs/operations.md).
"""

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


def is_behind(at: str | None) -> bool:
    """Whether a database lacks what this release needs. Revisions are numbers, all as long."""
    return at is None or at < head()


def complaint(at: str | None) -> str | None:
    """What to tell about a database at a revision; nothing, if this release can use it."""
    if not is_behind(at):
        return None
    return (
        f"The tables are at revision {at or 'none'}, this release needs {head()}:"
        " run `council-feedback migrate`."
    )
