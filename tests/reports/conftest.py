"""The annual report of the demonstration council, as the service gives it."""

from collections.abc import AsyncIterator

import pytest

from app.reports.document import Report
from app.reports.pictures import Pictures
from app.stats.charts.drawing import Kind
from tests.conftest import Server
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
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publications without their charts, which take seconds; a test that wants them says so."""

    async def nothing(_report: Report, _kind: Kind, *, needed: bool) -> Pictures:
        return {}

    monkeypatch.setattr("app.reports.freezing.pictures", nothing)
