"""R12: the disk that holds the write-ahead log is full, and later has room again.

The log lies on a small disk of its own, and the rest of that disk is taken while clients hand in
feedback and write notes. Without a log nothing can be kept, so Postgres panics, and cannot start
again. From then on everybody is answered by 503 with Retry-After, while the process itself lives.
Once there is room again the service, which watches over it, starts Postgres; all goes on by itself,
and nothing acknowledged is lost.
"""

import asyncio
import shutil
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.kit.unprivileged import Runner
from tests.faults.conftest import Tally, pick
from tests.faults.crowd import Crowd
from tests.faults.installation import PATIENCE, Installation, installed
from tests.faults.small_disk import fill, small_disk, until_full, words

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(600, 1_800))]

SIZE = "160m"
# Or Postgres itself, which keeps more for reuse the more it has used, would leave no room in time.
KEPT = ("ALTER SYSTEM SET min_wal_size = '32MB'", "ALTER SYSTEM SET max_wal_size = '64MB'")
TIMES = pick(1, 20)  # that it is filled and freed
READS = ("/v1/feedback?limit=20", "/v1/stats/figures/feedback-over-time?year=2026-27", "/readyz")
FEEDBACK = {"type": "comment", "channel": "phone", "narrative": "Nobody rang me back."}


@asynccontextmanager
async def installed_with_log_on(disk: Path, broken: str | None) -> AsyncIterator[Installation]:
    """An installation whose write-ahead log, but nothing else, lies on the disk."""
    # Widened, so that whenever the log fills up somebody is about to commit.
    async with installed(broken=broken, spares=0, widened=True) as installation:
        installation.serving.end()
        postgres = installation.postgres
        async with installation.database("postgres") as connection:
            for setting in KEPT:
                await connection.execute(setting)
        await asyncio.to_thread(postgres.stop)
        runner: Runner = postgres._place.runner
        log, moved = postgres._place.data / "pg_wal", disk / "log"
        shutil.copytree(log, moved)
        moved.chmod(0o700)
        for path in (moved, *moved.rglob("*")):
            runner.take(path)
        shutil.rmtree(log)
        log.symlink_to(moved)
        await asyncio.to_thread(postgres.start)
        await installation.serve()
        await installation.ready()
        yield installation


async def everybody_is_told_to_come_back(
    installation: Installation, answers: Counter[str]
) -> list[str]:
    """Ask for everything a few times; whatever was not 503 with Retry-After."""
    role = {**installation.role("admin"), "Idempotency-Key": str(uuid.uuid4())}
    wrong = []
    async with httpx.AsyncClient(base_url=installation.address, headers=role, timeout=15) as client:
        for _ in range(5):
            told = [await client.get(path) for path in READS]
            told.append(await client.post("/v1/feedback", json=FEEDBACK))
            for answer in told:
                answers[str(answer.status_code)] += 1
                if answer.status_code != 503 or "Retry-After" not in answer.headers:
                    wrong.append(f"{answer.status_code} {answer.request.url.path}: {answer.text}")
            alive = await client.get("/livez")
            if alive.status_code != 200:
                wrong.append(f"{alive.status_code} /livez")
    return wrong


async def fill_log(installation: Installation, disk: Path) -> Path:
    """Take whatever room is left on the disk, and in the pieces of the log made ahead."""
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        async with installation.database("postgres") as connection:
            while True:
                fill(disk)  # again and again: a checkpoint gives back what it needs no more
                await connection.execute("SELECT pg_switch_wal()")
                await asyncio.sleep(0.05)  # it does nothing unless something was written since
    return fill(disk)


def panics(installation: Installation) -> int:
    return installation.postgres_log.read_text().count("PANIC:")


async def tried(
    tally: Tally, broken: str | None = None
) -> tuple[list[str], Crowd, Counter[str], list[float]]:
    """Fill the disk and free it, several times; everything that should not have been."""
    wrong: list[str] = []
    answers: Counter[str] = Counter()
    pauses: list[float] = []
    loop = asyncio.get_running_loop()
    with small_disk(SIZE) as disk:
        async with installed_with_log_on(disk, broken) as installation:
            served = installation.serving
            role = installation.role("customer_relations")
            async with Crowd(installation.address, role, patience=0.2, word=words) as crowd:
                for _ in range(1 if broken else TIMES):
                    await crowd.acknowledged(more=20)
                    before = panics(installation)
                    rest = await fill_log(installation, disk)
                    await until_full(crowd)
                    assert panics(installation) > before, "the log was never full"
                    wrong += await everybody_is_told_to_come_back(installation, answers)
                    tally.progress(f"full at {crowd.ledger.acknowledged} acknowledged")
                    rest.unlink()
                    freed = loop.time()
                    async with asyncio.timeout(PATIENCE):
                        await crowd.acknowledged(more=20)
                    pauses.append(loop.time() - freed)
                    tally.progress(f"back after {pauses[-1]:.1f} s")
                await crowd.finish()
            assert installation.serving is served
            assert served.lives
            async with installation.database() as connection:
                findings = await crowd.ledger.compare(connection)
    return [*map(str, findings), *crowd.surprises, *wrong], crowd, answers, pauses


async def test_with_a_full_log_nothing_is_taken_and_all_goes_on_once_there_is_room(
    tally: Tally,
) -> None:
    wrong, crowd, answers, pauses = await tried(tally)
    tally.sum_up(
        times=TIMES,
        intakes=crowd.ledger.acknowledged,
        notes=crowd.ledger.noted,
        turned_away=crowd.ledger.turned_away,
        **{f"n{status}": count for status, count in answers.items()},
        back_after=f"{max(pauses):.1f}s",
        wrong=len(wrong),
    )
    assert not wrong, "\n".join(wrong[:20])
    assert crowd.ledger.cut_off == 0


async def test_a_service_that_acknowledges_before_it_has_stored_is_found_out(
    tally: Tally,
) -> None:
    wrong, _, _, _ = await tried(tally, broken="answer_before_commit")
    lost = sum(one.startswith("('lost'") for one in wrong)
    tally.sum_up(wrong=len(wrong), lost=lost)
    assert lost
