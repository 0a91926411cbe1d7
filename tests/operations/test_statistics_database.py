"""Statistics from a database of their own: when it is away, and when it is the same."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from app.kit import doctor
from app.kit.settings import Settings
from app.main import create_app
from tests.conftest import MovableClock

Headers = Mapping[str, dict[str, str]]
FIGURE = "/v1/stats/figures/outcomes"


@asynccontextmanager
async def reading_from(
    url: str, settings: Settings, clock: MovableClock
) -> AsyncIterator[AsyncClient]:
    """The service, with its statistics from another address."""
    app = create_app(
        settings.model_copy(update={"stats_database_url": SecretStr(url)}), clock=clock
    )
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


async def test_without_its_database_statistics_say_when_to_ask_again_and_all_else_works(
    settings: Settings, clock: MovableClock, keys: Headers, client: AsyncClient
) -> None:
    ready = (await client.get("/readyz")).json()
    for nowhere in (
        "postgresql://nobody@127.0.0.1:9/nothing",
        "postgresql://nobody@/nothing?host=/nowhere",
        "postgresql://nobody:wrong@/nothing?host=%2Fnowhere",
    ):
        async with reading_from(nowhere, settings, clock) as lacking:
            answer = await lacking.get(FIGURE, headers=keys["reporting"])
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "5"
            assert answer.json()["type"] == "/problems/unavailable"
            found = (await lacking.get("/readyz")).json()
            assert found.get("faults") == ready.get("faults")  # those of a throwaway server
            listed = await lacking.get("/v1/feedback", headers=keys["customer_relations"])
            assert listed.status_code == 200


async def test_a_database_under_another_name_is_as_of_now(
    settings: Settings, clock: MovableClock, keys: Headers, database_url: str, emptied: None
) -> None:
    async with reading_from(database_url, settings, clock) as client:
        answer = await client.get(FIGURE, headers=keys["reporting"])
    assert datetime.fromisoformat(answer.json()["as_of"]) == clock.now


async def test_the_doctor_tells_of_both_databases(settings: Settings, database_url: str) -> None:
    both = settings.model_copy(update={"stats_database_url": SecretStr(database_url)})
    usual = await doctor.complaints(settings.asyncpg_dsn)  # those of a throwaway server
    assert await doctor.every_complaint(both) == usual
    nowhere = SecretStr("postgresql://jo:secret-word@127.0.0.1:9/nothing")
    *same, complaint = await doctor.every_complaint(
        settings.model_copy(update={"stats_database_url": nowhere})
    )
    assert same == usual
    assert complaint.startswith(
        "COUNCIL_FEEDBACK_STATS_DATABASE_URL names a database that does not"
    )
    assert "secret-word" not in complaint
    shown = dict(doctor.effective(both))
    assert shown["COUNCIL_FEEDBACK_STATS_DATABASE_URL"] == "(hidden)"
