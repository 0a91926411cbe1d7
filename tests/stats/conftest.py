"""Cases put straight into the tables, and figures asked over HTTP."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from tests.stats.tables import Ask, Asked, Connection


@pytest.fixture
async def database(database_url: str, emptied: None) -> AsyncIterator[Connection]:
    """A connection of its own to the shared database, each statement committed."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def ask(client: AsyncClient, keys: Mapping[str, dict[str, str]]) -> Ask:
    """Asks a figure as a reporting client does, and expects an answer."""

    async def asked(figure: str, **parameters: Asked) -> dict[str, Any]:
        response = await client.get(
            f"/v1/stats/figures/{figure}", params=parameters, headers=keys["reporting"]
        )
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    return asked
