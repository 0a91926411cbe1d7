"""Where the list of bank holidays ends: nobody is turned away, and no day is promised."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.demo.filling import COUNCIL_FILE
from app.kit.settings import Settings
from app.procedures.commands import load_council
from tests.conftest import MovableClock, NewDatabase, as_sqlalchemy
from tests.desk import ACCEPT, COMPLAINT, Desk
from tests.faults.house import administrator, serving
from tests.imports.past import Clerk, line

LAST_WORKING_DAYS = date(2028, 12, 28)  # a Thursday; three working days later is next year
BEYOND = date(2029, 1, 4)
LATER_LIST = (
    COUNCIL_FILE.read_text()
    .replace('"england-and-wales-to-2028"', '"england-and-wales-to-2029"')
    .replace("covers_until = 2029-01-01", "covers_until = 2030-01-01")
    + '2029-01-01 = "New Year\'s Day"\n'
)


class Installed:
    """A service with a database of its own, at the end of its calendar."""

    def __init__(self, url: str, settings: Settings, clock: MovableClock) -> None:
        self._url, self._settings, self._clock = url, settings, clock
        self._headers: dict[str, str] = {}

    @asynccontextmanager
    async def served(self) -> AsyncIterator[tuple[AsyncClient, Desk, Clerk]]:
        """The service, started anew, and those who work with it."""
        async with serving(self._settings, self._clock, url=self._url) as (app, client):
            self._headers = self._headers or await administrator(app)
            yield client, Desk(client, self._headers), Clerk(client, self._headers)

    async def load_later_list(self) -> None:
        engine = create_async_engine(as_sqlalchemy(self._url), poolclass=NullPool)
        async with AsyncSession(engine) as session, session.begin():
            await load_council(session, LATER_LIST)
        await engine.dispose()


@pytest.fixture
async def installed(
    new_database: NewDatabase, settings: Settings, clock: MovableClock
) -> Installed:
    clock.on(LAST_WORKING_DAYS)
    return Installed(await new_database(), settings, clock)


@pytest.mark.parametrize("today", [LAST_WORKING_DAYS, BEYOND])
async def test_feedback_is_taken_in_and_its_receipt_promises_no_day(
    installed: Installed, clock: MovableClock, today: date
) -> None:
    clock.on(today)
    async with installed.served() as (client, desk, _):
        answer = await desk.submit(COMPLAINT)
        assert answer.status_code == 201
        receipt = answer.json()
        token = {**desk.headers, "Receipt-Token": receipt["receipt_token"]}
        later = (await client.get(answer.headers["location"], headers=token)).json()
        for told in (receipt, later):
            assert (told["next_step"], told["by"]) == ("acknowledge", None)
            assert "cannot promise yet" in told["next_step_says"]
        assert (await desk.read(receipt["reference"]))["status"] == "received"


async def test_a_complaint_waits_for_the_next_list_and_is_then_promised_a_day(
    installed: Installed,
) -> None:
    async with installed.served() as (client, desk, _):
        answer = await desk.submit(COMPLAINT)
        reference = answer.json()["reference"]
        await desk.do(reference, "acknowledgement", by="email")
        refused = await desk.refused(reference, "triage", **ACCEPT)
        assert (refused["status"], refused["type"]) == (409, "/problems/calendar-exhausted")
        assert "load a later list" in refused["detail"]
    await installed.load_later_list()
    async with installed.served() as (client, desk, _):
        token = {**desk.headers, "Receipt-Token": answer.json()["receipt_token"]}
        later = (await client.get(answer.headers["location"], headers=token)).json()
        assert later["by"] == "2029-01-03"
        await desk.do(reference, "triage", **ACCEPT)


async def test_a_day_before_the_list_begins_is_refused(installed: Installed) -> None:
    async with installed.served() as (_, desk, _):
        answer = await desk.submit({**COMPLAINT, "service": None, "received_on": "2008-12-27"})
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/calendar-exhausted")


async def test_history_without_a_deadline_is_taken_and_the_rest_waits(
    installed: Installed, clock: MovableClock
) -> None:
    clock.on(BEYOND)
    days = {"received_on": "2028-12-28", "registered_on": "2028-12-28"}
    waiting = line({**ACCEPT, "act": "triage", "on": "2028-12-29"}, reference="LATE-2", **days)
    async with installed.served() as (_, _, clerk):
        assert (await clerk.one(line(reference="LATE-1", **days)))["result"] == "taken"
        assert set((await clerk.refused(waiting)).values()) == {"calendar-exhausted"}
    await installed.load_later_list()
    async with installed.served() as (_, _, clerk):
        await clerk.taken(waiting)
