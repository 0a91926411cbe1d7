"""A release beside the next one: a database that is ahead is served, one that is behind is not."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from app.kit import revision
from app.kit.clock import system_clock
from app.kit.settings import Settings
from app.main import create_app
from tests.conftest import NewDatabase

LATER, EARLIER = "9999", "0000"


@pytest.fixture
async def app(settings: Settings, new_database: NewDatabase) -> AsyncIterator[FastAPI]:
    """The service on a database of its own, whose revision a test may change."""
    url = SecretStr(await new_database())
    one = create_app(settings.model_copy(update={"database_url": url}), clock=system_clock)
    async with one.router.lifespan_context(one):
        yield one


async def faults(app: FastAPI, at: str) -> list[str]:
    """What the service says of its readiness, on a database at a revision."""
    connection = await asyncpg.connect(app.state.settings.asyncpg_dsn)
    await connection.execute("UPDATE public.alembic_version SET version_num = $1", at)
    await connection.close()
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        found: list[str] = (await client.get("/readyz")).json().get("faults", [])
    return found


async def test_a_database_that_lacks_a_migration_is_not_served(app: FastAPI) -> None:
    assert "migrations" in await faults(app, EARLIER)
    assert "run `council-feedback migrate`" in str(revision.complaint(EARLIER))


async def test_a_database_that_the_next_release_has_migrated_is_served_on(app: FastAPI) -> None:
    assert "migrations" not in await faults(app, LATER)
    assert revision.complaint(LATER) is None


def test_revisions_are_numbers_of_one_length_so_that_their_order_is_known() -> None:
    names = sorted(path.name for path in (revision.SCRIPTS / "versions").glob("[0-9]*.py"))
    assert names
    assert all(name[:4].isdigit() and name[4] == "_" for name in names)
    assert names[-1][:4] == revision.head()
