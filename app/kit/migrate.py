"""Bring a database to the revision this release was written for.

Only the command line imports this: a worker that serves never loads alembic.
"""

import io
from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.kit.revision import SCRIPTS

SCHEMAS = frozenset({"core", "pii", "audit", "ops"})
ADVISORY_LOCK = 4_017_301_202  # any number that is ours alone


async def upgrade(sqlalchemy_url: str, to: str = "head") -> None:
    """Apply what is missing. Of two processes at once the second waits, and finds it done."""
    await _run(sqlalchemy_url, lambda config: command.upgrade(config, to))


async def downgrade(sqlalchemy_url: str, to: str) -> None:
    """Take revisions back."""
    await _run(sqlalchemy_url, lambda config: command.downgrade(config, to))


async def check(sqlalchemy_url: str) -> None:
    """Raise when the tables as declared and as migrated differ."""
    await _run(sqlalchemy_url, command.check)


async def _run(sqlalchemy_url: str, act: Callable[[Config], None]) -> None:
    def with_connection(connection: Connection) -> None:
        config = Config(stdout=io.StringIO())
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        act(config)

    engine = create_async_engine(sqlalchemy_url, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(with_connection)
    finally:
        await engine.dispose()
