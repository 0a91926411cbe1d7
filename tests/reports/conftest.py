"""The annual report of the demonstration council, as the service gives it."""

from collections.abc import AsyncIterator

import pytest

from app.reports.pictures import pictures
from tests.conftest import DRAWN_FOR, Server
from tests.stats.demonstration import Reader, fill, key, serving


@pytest.fixture(scope="package")
async def demonstration(server: Server) -> str:
    """A database with every case of the demonstration in it."""
    return await server.filled("demonstration", fill)


@pytest.fixture(scope="package")
async def reader(demonstration: str) -> AsyncIterator[Reader]:
    """Who reads reports, with every number told."""
    async with serving(demonstration) as client:
        yield Reader(client, await key(demonstration, "reporting"))


@pytest.fixture(autouse=True)
def _plain(undrawn: None) -> None:
    """No charts in reports; a test that wants them says so by `drawn`."""


@pytest.fixture
def drawn(_plain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts in reports after all."""
    for place in DRAWN_FOR:
        monkeypatch.setattr(place, pictures)
