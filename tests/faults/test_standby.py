"""What is acknowledged is on a standby too, also where a repeat is acknowledged.

Postgres is told to wait for a standby that is not there. An intake is stored here and not there, so
whoever hands it in is told to come again; and however often they do, nobody is told that it is kept
until the standby has it. The same for an act that is done to a case, and for a report proposed.
"""

import asyncio
import uuid
from collections.abc import Mapping

import asyncpg
import httpx
import pytest

from tests.desk import ACCEPT, COMPLAINT
from tests.faults.conftest import Tally, pick
from tests.faults.installation import Installation, installed

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(600, 1_800))]

REPEATS = pick(1, 20)
COMMITS = "SELECT pg_logical_emit_message(true, 'tests', '')"  # it writes, and changes nothing
REPORT = "/v1/reports/annual/2023-24/publications"


async def wait_for_standby(one: Installation, name: str) -> None:
    """Have every commit wait for a standby of this name, or for none."""
    async with one.database("postgres") as connection:
        await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        await connection.execute("SELECT pg_reload_conf()")
        await heeded(connection, waits=bool(name))


async def heeded(connection: "asyncpg.Connection[asyncpg.Record]", *, waits: bool) -> None:
    """Commit until a commit waits, or does not: the server heeds what it is told a moment later."""
    async with asyncio.timeout(30):
        while True:
            try:
                await connection.execute(COMMITS, timeout=0.5)
            except TimeoutError:
                if waits:
                    return
            else:
                if not waits:
                    return


async def told(*kinds: str, broken: str | None = None) -> Mapping[str, list[int]]:
    """What each is told, time after time: alone, and in the end where no standby is waited for."""
    async with (
        installed(broken=broken, spares=0) as one,
        httpx.AsyncClient(
            base_url=one.address, headers=one.role("customer_relations"), timeout=30
        ) as client,
    ):
        before = await client.post("/v1/feedback", json=COMPLAINT, headers=a_key())
        triage = f"/v1/feedback/{before.json()['reference']}/triage"
        requests = {
            "intake": ("/v1/feedback", COMPLAINT, a_key()),
            "act": (triage, ACCEPT, {**a_key(), "If-Match": '"1"'}),
            "proposal": (REPORT, {"disclosure": "exact"}, {**a_key(), **one.role("admin")}),
        }

        async def status(kind: str) -> int:
            path, body, headers = requests[kind]
            return (await client.post(path, json=body, headers=headers)).status_code

        await wait_for_standby(one, "away")
        found = [await asyncio.gather(*map(status, kinds)) for _ in range(1 + REPEATS)]
        await wait_for_standby(one, "")
        found.append(await asyncio.gather(*map(status, kinds)))
        return {kind: list(statuses) for kind, *statuses in zip(kinds, *found, strict=True)}


def a_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


async def test_nothing_is_acknowledged_that_the_standby_does_not_have(tally: Tally) -> None:
    found = await told("intake", "act", "proposal")
    tally.sum_up(**found)
    in_vain = [503] * (1 + REPEATS)
    assert found == {"intake": [*in_vain, 201], "act": [*in_vain, 200], "proposal": [*in_vain, 201]}


async def test_a_service_that_only_reads_the_first_answer_is_found_out(tally: Tally) -> None:
    found = await told("intake", broken="reads_first_answer")
    tally.sum_up(**found)
    assert found["intake"] == [503, *[201] * (1 + REPEATS)]
