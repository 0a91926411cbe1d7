"""What alembic runs: every room's tables against the database it is handed."""

import asyncio
import importlib
import importlib.util
import pkgutil
from typing import Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import app
from app.kit import settings
from app.kit.migrate import ADVISORY_LOCK, SCHEMAS
from app.kit.tables import metadata


def import_tables() -> None:
    """Import every module that declares tables, so that `metadata` is complete."""
    importlib.import_module("app.kit.idempotency")
    for room in pkgutil.iter_modules(app.__path__, "app."):
        name = f"{room.name}.models"
        if room.ispkg and importlib.util.find_spec(name):
            importlib.import_module(name)


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether autogenerate looks at it: our schemas, and not those of others who share one."""
    return kind != "schema" or name in SCHEMAS


def plainly(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write SQLModel's own column types as what they are to Postgres."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def run(connection: Connection) -> None:
    """Apply revisions, each in a transaction of its own, one process at a time."""
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        include_name=ours,
        render_item=plainly,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def write_down() -> None:
    """Write what would be applied as SQL, for whoever wants to read it first: `--sql`."""
    context.configure(
        dialect_name="postgresql",
        target_metadata=metadata,
        literal_binds=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """Used by alembic's own command line, with the service's settings."""
    engine = create_async_engine(settings.load().sqlalchemy_url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)


import_tables()
handed = context.config.attributes.get("connection")
if context.is_offline_mode():
    write_down()
elif handed is None:
    asyncio.run(connect_and_run())
else:
    run(handed)
