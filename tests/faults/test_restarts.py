"""R7: Postgres is restarted under load, in order and at once.

Sixteen clients hand in feedback and write notes, and others read, while Postgres is told to stop
fast, and then immediately, as in a failover; the service, which watches over it, starts it again.
Nobody may be told anything but success or 503 with Retry-After, no connection to the service may
break, work goes on within five seconds, and nothing acknowledged is lost.
"""

import asyncio
import signal
import time
from functools import partial
from itertools import pairwise

import httpx
import pytest

from tests.faults.conftest import Tally, pick
from tests.faults.crowd import Crowd
from tests.faults.installation import Installation, installed
from tests.kit.processes import gone, until

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(600, 1_800))]

RESTARTS = (signal.SIGINT, signal.SIGQUIT) * pick(2, 20)
RECOVERED_WITHIN = 5.0
FIGURE = "/v1/stats/figures/feedback-over-time?year=2026-27"


class Readers:
    """Clients that list cases and ask for a figure, over and over."""

    def __init__(self, installation: Installation) -> None:
        self.surprises: list[str] = []
        self.answers = 0
        self._installation = installation

    async def read(self, path: str) -> None:
        address, role = self._installation.address, self._installation.role("customer_relations")
        async with httpx.AsyncClient(base_url=address, headers=role, timeout=15) as client:
            while True:
                try:
                    answer = await client.get(path)
                except httpx.TransportError as error:
                    self.surprises.append(repr(error))
                    continue
                self.answers += 1
                told_when = "Retry-After" in answer.headers
                if not answer.is_success and not (answer.status_code in {429, 503} and told_when):
                    self.surprises.append(f"{answer.status_code} {answer.text}")
                await asyncio.sleep(0.05)


def longest_pause(moments: list[float]) -> float:
    return max(later - sooner for sooner, later in pairwise(moments))


async def restarted(
    tally: Tally, broken: str | None = None
) -> tuple[list[float], Readers, Crowd, list[str]]:
    """Restart Postgres under load; the pauses, what clients were told, and what was lost."""
    pauses: list[float] = []
    async with installed(broken=broken, spares=0) as installation:
        readers = Readers(installation)
        reading = [
            asyncio.create_task(readers.read(path)) for path in ("/v1/feedback?limit=20", FIGURE)
        ]
        role = installation.role("customer_relations")
        async with Crowd(installation.address, role, patience=0.2) as crowd:
            for how in RESTARTS[: 2 if broken else None]:
                await crowd.acknowledged(more=30)
                told = time.monotonic()
                stopping = installation.kill_postgres(how)
                await asyncio.to_thread(until, partial(gone, stopping))
                await crowd.acknowledged(more=60)
                pauses.append(longest_pause([at for at in crowd.successes if at > told - 1]))
                tally.progress(f"{how.name}: nothing for {pauses[-1]:.1f} s")
            await crowd.finish()
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        async with installation.database() as connection:
            findings = await crowd.ledger.compare(connection)
    return pauses, readers, crowd, [*map(str, findings), *crowd.surprises, *readers.surprises]


async def test_a_restart_of_postgres_is_a_short_pause_and_nothing_else(tally: Tally) -> None:
    pauses, readers, crowd, wrong = await restarted(tally)
    tally.sum_up(
        restarts=len(pauses),
        longest_pause=f"{max(pauses):.1f}s",
        intakes=crowd.ledger.acknowledged,
        notes=crowd.ledger.noted,
        reads=readers.answers,
        turned_away=crowd.ledger.turned_away,
        cut_off=crowd.ledger.cut_off,
        wrong=len(wrong),
    )
    assert not wrong, "\n".join(wrong[:20])
    assert crowd.ledger.cut_off == 0
    assert crowd.ledger.turned_away > 0, "nobody noticed: the test would prove too little"
    # But for one: a disk that is busy with other things may hold up the recovery of Postgres.
    assert sorted(pauses)[-2] <= RECOVERED_WITHIN


async def test_a_service_that_takes_every_failure_for_its_own_is_found_out(tally: Tally) -> None:
    _, _, _, wrong = await restarted(tally, broken="failure_is_final")
    tally.sum_up(wrong=len(wrong))
    assert any(one.startswith("500") for one in wrong)
