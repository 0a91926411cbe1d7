"""R1, R2: service and Postgres killed again and again while feedback comes in.

Sixteen clients hand in feedback and write notes, each under an Idempotency-Key that it sends again
until it is acknowledged. Meanwhile the service is killed with SIGKILL, and every third time
Postgres instead. A trigger holds each commit back for 20 ms, so that whoever answers before the
commit is caught in between. Then the ledger of acknowledgements is compared with the database.

The same is done to services broken on purpose: each must be found out.
"""

import asyncio
import random
from collections.abc import Sequence

import pytest

from tests.faults.conftest import Tally, pick
from tests.faults.crowd import Crowd
from tests.faults.installation import Installation, installed
from tests.faults.ledger import Finding
from tests.kit.processes import until

pytestmark = pytest.mark.fault

INTAKES = pick(2_000, 20_000)
ROUNDS = pick(7, 75)
EVERY_THIRD = ("app", "app", "postgres") * ROUNDS + ("app",) * pick(1, 0)
# A service that is killed may have sent its COMMIT; a Postgres that is killed has not obeyed it.
MOSTLY_POSTGRES = ("postgres", "app", "postgres", "postgres") * pick(1, 3)
TURNS = 3  # to find a broken service out: whom a kill meets at the wrong moment is chance
LOST = frozenset({"lost", "elsewhere"})


async def kill_in_turn(
    installation: Installation, crowd: Crowd, tally: Tally, victims: Sequence[str]
) -> None:
    """Kill one victim after another, each once all has worked for a second or two."""
    for victim in victims:
        await crowd.acknowledged(more=5)
        await asyncio.sleep(random.uniform(1.0, 2.5))  # noqa: S311  # chance, not secrecy
        if victim == "postgres":
            # What is acknowledged meanwhile may have been on its way when the last was killed.
            await asyncio.to_thread(until, lambda: installation.postgres.pid is not None)
            installation.kill_postgres()
        else:
            await installation.kill_app()
        tally.progress(f"kills {installation.kills}, acknowledged {crowd.ledger.acknowledged}")


async def tried(
    tally: Tally, victims: Sequence[str], *, intakes: int = 0, broken: str | None = None
) -> tuple[Installation, Crowd, list[Finding]]:
    """Kill under load, recover, and say what the database then lacks or has too much of."""
    async with installed(widened=True, broken=broken) as installation:
        async with Crowd(installation.address, installation.role("customer_relations")) as crowd:
            await kill_in_turn(installation, crowd, tally, victims)
            await installation.recovered()
            await crowd.acknowledged(more=max(intakes - crowd.ledger.acknowledged, 1))
            await crowd.finish()
        async with installation.database() as connection:
            findings = await crowd.ledger.compare(connection)
        findings += [("surprise", said) for said in crowd.surprises]
        findings += [("error", line) for line in installation.errors()]
        return installation, crowd, findings


@pytest.mark.timeout(pick(900, 7_200))
async def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(tally: Tally) -> None:
    installation, crowd, findings = await tried(tally, EVERY_THIRD, intakes=INTAKES)
    ledger = crowd.ledger
    tally.sum_up(
        intakes=ledger.acknowledged,
        notes=ledger.noted,
        tries=ledger.tries,
        app_kills=installation.kills["app"],
        postgres_kills=installation.kills["postgres"],
        lost=sum(kind in LOST for kind, _ in findings),
        doubled=sum(kind == "doubled" for kind, _ in findings),
        other=sum(kind not in {*LOST, "doubled"} for kind, _ in findings),
    )
    assert not findings, "\n".join(map(str, findings[:50]))
    assert ledger.acknowledged >= INTAKES
    assert ledger.noted > 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("commit_after_answer", "lost"),
        ("key_in_second_transaction", "doubled"),
        ("answer_before_commit", "lost"),
    ],
)
async def test_a_service_that_is_broken_on_purpose_is_found_out(
    tally: Tally, broken: str, found: str
) -> None:
    for _ in range(TURNS):
        _, crowd, findings = await tried(tally, MOSTLY_POSTGRES, broken=broken)
        tally.sum_up(broken=broken, intakes=crowd.ledger.acknowledged, found=len(findings))
        if found in {kind for kind, _ in findings}:
            return
    pytest.fail(f"nothing was {found}")
