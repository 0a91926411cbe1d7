"""R12: the disk that holds the data is full, and later has room again.

The database lies on a disk of its own, of 64 MB, its write-ahead log elsewhere. While clients hand
in feedback and write notes, the rest of that disk is taken. From then on whatever has to be stored
is answered by 503 with Retry-After, by every way in, and whatever only reads is answered as ever.
Once there is room again all goes on by itself, and nothing acknowledged is lost.
"""

import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.kit.unprivileged import Runner
from tests.faults.conftest import Tally, pick
from tests.faults.crowd import Crowd
from tests.faults.installation import Installation, installed
from tests.faults.small_disk import fill, small_disk, until_full, words
from tests.imports.past import line, written

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(600, 1_800))]

SIZE = "64m"
TIMES = pick(2, 20)  # that it is filled and freed
MOVED = "ALTER DATABASE council_feedback SET TABLESPACE small"
READS = (
    "/v1/feedback?limit=20",
    "/v1/stats/figures/feedback-over-time?year=2026-27",
    "/v1/organisation/services",
    "/readyz",
)


@asynccontextmanager
async def installed_on(disk: Path, broken: str | None) -> AsyncIterator[Installation]:
    """An installation whose database, but not its log, lies on the disk."""
    async with installed(broken=broken, spares=0) as installation:
        installation.serving.end()
        runner: Runner = installation.postgres._place.runner
        space = disk / "space"
        space.mkdir(mode=0o700)
        runner.take(space)
        async with installation.database("postgres") as connection:
            await connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
            await connection.execute(MOVED)
            # Or it might make room just then, where there has to be none.
            await connection.execute("ALTER SYSTEM SET autovacuum = off")
            await connection.execute("SELECT pg_reload_conf()")
        await installation.serve()
        await installation.ready()
        yield installation


class Staff:
    """Somebody who tries everything while the disk is full."""

    def __init__(self, installation: Installation, client: httpx.AsyncClient) -> None:
        self.answers: Counter[str] = Counter()
        self.surprises: list[str] = []
        self._client = client
        self._role = installation.role("admin")

    async def stores(self, case: str) -> None:
        """Everything that needs room is turned away, and may come back."""
        feedback = {"type": "comment", "channel": "phone", "narrative": words("narrative")}
        history = [line(narrative=words("narrative"), reference=f"FULL-{uuid.uuid4()}")]
        version = (await self._client.get(case, headers=self._role)).headers["ETag"]
        for path, sent in (
            ("/v1/feedback", {"json": feedback}),
            (f"{case}/notes", {"json": {"text": words("note")}}),
            ("/v1/imports", {"content": written(history)}),
        ):
            kind = "application/json" if "json" in sent else "application/x-ndjson"
            key = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": version, "Content-Type": kind}
            answer = await self._client.post(path, headers={**self._role, **key}, **sent)
            self._count("stored", answer, 503)
            if "Retry-After" not in answer.headers:
                self.surprises.append(f"{answer.status_code} {path}: no Retry-After")

    async def reads(self, case: str) -> None:
        """Everything that needs none is answered."""
        for path in (*READS, case):
            self._count("read", await self._client.get(path, headers=self._role), 200)

    def _count(self, kind: str, answer: httpx.Response, expected: int) -> None:
        self.answers[f"{kind}_{answer.status_code}"] += 1
        if answer.status_code != expected:
            path = answer.request.url.path
            self.surprises.append(f"{answer.status_code} {path}: {answer.text}")


async def tried(tally: Tally, broken: str | None = None) -> tuple[list[str], Staff, Crowd]:
    """Fill the disk and free it, several times; everything that should not have been."""
    with small_disk(SIZE) as disk:
        async with (
            installed_on(disk, broken) as installation,
            httpx.AsyncClient(base_url=installation.address, timeout=15) as client,
        ):
            staff = Staff(installation, client)
            served = installation.serving
            role = installation.role("customer_relations")
            async with Crowd(installation.address, role, patience=0.2, word=words) as crowd:
                for _ in range(1 if broken else TIMES):
                    await crowd.acknowledged(more=20)
                    places = (sent.place for sent in crowd.ledger.feedback.values())
                    case = f"/v1/feedback/{next(filter(None, places))}"
                    rest = fill(disk)
                    await until_full(crowd)
                    for _ in range(5):
                        await staff.stores(case)
                        await staff.reads(case)
                    tally.progress(f"full at {crowd.ledger.acknowledged} acknowledged")
                    rest.unlink()
                    await crowd.acknowledged(more=20)
                await crowd.finish()
            assert installation.serving is served
            assert served.lives
            async with installation.database() as connection:
                findings = await crowd.ledger.compare(connection)
    return [*map(str, findings), *crowd.surprises, *staff.surprises], staff, crowd


async def test_with_a_full_disk_it_says_so_reads_on_and_recovers_by_itself(tally: Tally) -> None:
    wrong, staff, crowd = await tried(tally)
    tally.sum_up(
        times=TIMES,
        intakes=crowd.ledger.acknowledged,
        notes=crowd.ledger.noted,
        turned_away=crowd.ledger.turned_away,
        **staff.answers,
        wrong=len(wrong),
    )
    assert not wrong, "\n".join(wrong[:20])
    assert crowd.ledger.cut_off == 0
    assert staff.answers["stored_503"] >= 15


async def test_a_service_that_takes_a_full_disk_for_its_own_mistake_is_found_out(
    tally: Tally,
) -> None:
    wrong, _, _ = await tried(tally, broken="disk_full_is_final")
    tally.sum_up(wrong=len(wrong))
    assert any(one.startswith("500") for one in wrong)
