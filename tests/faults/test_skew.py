"""R13: the clock of a whole process is set five minutes ahead, five behind, and back an hour.

The service runs as it ships, under `faketime`, while clients hand in feedback and write notes.
Nobody may notice: nothing fails, nothing acknowledged is lost; and a key that is revoked after the
clock was set back ends as soon as any other.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.faults.conftest import Tally, pick
from tests.faults.crowd import Crowd
from tests.faults.installation import Installation, installed

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(600, 1_800))]

STEPS = (0, 300, -300, 0, -3_600)  # seconds off; the last is where it stays
ROUNDS = pick(1, 20)
REFUSED_WITHIN = 30.0  # what `council-feedback keys revoke` promises
REVOKED = "UPDATE ops.api_key SET revoked_at = now() WHERE client = 'reporting'"
RECORDED = "SELECT min(recorded_at), max(recorded_at) FROM audit.entry WHERE act = 'receive'"
ANOTHER_DAY = "day-not-possible"  # to whom midnight in London comes twice, it is not denied


def library() -> Path:
    """The library that tells a program another time."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        pytest.fail("No clock can be set without faketime: apt-get install faketime.")
    return found[0]


class Setting:
    """How far off the service's clock is, which it looks up whenever a second begins."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, seconds: int) -> None:
        self._file.write_text(f"{seconds:+d}\n")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "0",  # in whole seconds, and it looks after one more
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # it does not jump when a clock is set
        }


async def seconds_to_refuse(installation: Installation) -> float:
    """How long a key goes on being accepted once it has been revoked."""
    role = installation.role("reporting")
    async with httpx.AsyncClient(base_url=installation.address, headers=role, timeout=15) as client:
        assert (await client.get("/v1/stats/figures")).status_code == 200
        async with installation.database() as connection:
            await connection.execute(REVOKED)
        begun = time.monotonic()
        while time.monotonic() - begun < REFUSED_WITHIN:
            if (await client.get("/v1/stats/figures")).status_code == 401:
                break
            await asyncio.sleep(0.25)
        return time.monotonic() - begun


async def skewed(tmp_path: Path, tally: Tally, broken: str | None = None) -> tuple[float, Crowd]:
    """Set the clock again and again under load, and have what was kept judged."""
    clock = Setting(tmp_path / "clock")
    async with installed(broken=broken, spares=0, environment=clock.environment) as installation:
        role = installation.role("customer_relations")
        begun = datetime.now(UTC)
        async with Crowd(installation.address, role, patience=0.2) as crowd:
            for off in STEPS * (1 if broken else ROUNDS):
                clock.set(off)
                await asyncio.sleep(1.5)
                await crowd.acknowledged(more=40)
                tally.progress(f"{off:+d} s: {crowd.ledger.acknowledged} acknowledged")
            refused_after = await seconds_to_refuse(installation)
            await crowd.finish()
        async with installation.database() as connection:
            findings = await crowd.ledger.compare(connection)
            span = await connection.fetchrow(RECORDED)
        errors = installation.errors()
    assert span is not None
    assert span[0] < begun - timedelta(minutes=50), "the clock was never set back"
    assert span[1] > begun + timedelta(minutes=4), "the clock was never set forward"
    surprises = [one for one in crowd.surprises if ANOTHER_DAY not in one]
    assert not findings, findings[:20]
    assert not surprises, surprises[:20]
    assert not errors, errors[:20]
    return refused_after, crowd


async def test_a_clock_that_is_set_is_noticed_by_nobody(tmp_path: Path, tally: Tally) -> None:
    seconds, crowd = await skewed(tmp_path, tally)
    tally.sum_up(
        steps=len(STEPS) * ROUNDS,
        intakes=crowd.ledger.acknowledged,
        notes=crowd.ledger.noted,
        cut_off=crowd.ledger.cut_off,
        key_refused_after=f"{seconds:.1f}s",
    )
    assert seconds < REFUSED_WITHIN
    assert crowd.ledger.cut_off == 0


async def test_a_service_that_trusts_its_clock_is_found_out(tmp_path: Path, tally: Tally) -> None:
    seconds, _ = await skewed(tmp_path, tally, broken="keeps_old_keys")
    assert seconds >= REFUSED_WITHIN
