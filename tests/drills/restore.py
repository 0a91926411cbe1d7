"""Backup and restore, rehearsed: `python -m tests.drills.restore --cases 5000`.

Clients hand in feedback and keep a log of what was acknowledged. A base backup is taken while they
do, and the WAL is archived. Then the server is lost with its disk, and restored in a new place to
a chosen second. Every acknowledgement before that second must be there, nothing may be invented,
and the figures must be those that were counted then.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from app.cases.reference import number_in
from tests.drills import crowd
from tests.drills.cluster import Cluster, Site, site
from tests.drills.council import Headers, found
from tests.drills.ledger import Sent, faults, kept_in
from tests.drills.service import Service

# What may have been given since the chosen second must not be given again: references are on
# receipts. The operations handbook has the same line.
JUMP = "SELECT setval('core.case_id_seq', (SELECT last_value FROM core.case_id_seq) + 1000000)"
_ARCHIVED = "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver"
SAMPLE = 50
_BEGUN = time.monotonic()


def say(words: str) -> None:
    """Tell how far it is."""
    print(f"{time.monotonic() - _BEGUN:6.1f} s  {words}", flush=True)  # noqa: T201  # a program


@dataclass(slots=True)
class Past:
    """What happened before the server was lost: the log, two moments, and the figures at one."""

    keys: Headers
    sent: list[Sent]
    amid: datetime  # a second in the thick of it
    chosen: datetime  # a second at which nobody was doing anything
    figures: dict[str, Any]


async def rehearse(place: Site, cases: int) -> Counter[str]:
    """The whole rehearsal: what was wrong, and how often."""
    archive, backup = place.place("archive"), place.folder / "backups" / "base"
    place.place("backups")
    primary = place.cluster("primary", **_archived(archive))
    past = await _live(primary, backup, cases)
    await _last_segment(primary)
    primary.lose()
    say(f"lost the server, with {len(past.sent):,} cases acknowledged; restoring {past.chosen}")
    begun = time.monotonic()
    restored = await primary.restored(
        "restored", backup=backup, archive=archive, moment=past.chosen.isoformat()
    )
    wrong = await _compare(restored, past, begun)
    wrong += await _controls(primary, restored, backup, archive, past)
    return Counter(wrong)


def _archived(archive: Path) -> dict[str, str]:
    return {
        "archive_mode": "on",
        "archive_timeout": "60s",
        "archive_command": f"test ! -f {archive}/%f && cp %p {archive}/%f.new"
        f" && mv {archive}/%f.new {archive}/%f",
    }


async def _live(primary: Cluster, backup: Path, cases: int) -> Past:
    """Work, back up in the middle of it, count, and work on."""
    keys = await found(primary.url())
    say(f"a council with its clients: {cases:,} cases to come")
    with Service(primary.url()) as service:
        async with crowd.at(service.address, keys) as clients:
            await clients.work(cases // 5)
            say("a fifth is in; base backup while they work on")
            backing = asyncio.to_thread(primary.copy_to, backup)
            await asyncio.gather(backing, clients.work(cases // 5))
            working = asyncio.create_task(clients.work(cases // 5))
            amid = await _next_second()
            await working
            figures = await clients.figures()
            chosen = await _next_second()
            say(f"counted {len(figures)} figures at the chosen second {chosen}")
            await clients.work(cases - len(clients.sent))
            return Past(keys, clients.sent, amid, chosen, figures)


async def _next_second() -> datetime:
    """Wait for the next whole second, and a little longer."""
    now = datetime.now(UTC)
    second = now.replace(microsecond=0) + timedelta(seconds=1)
    await asyncio.sleep((second - now).total_seconds() + 0.05)
    return second


async def _last_segment(primary: Cluster) -> None:
    """Have what was written last archived, as `archive_timeout` does within a minute."""
    connection = await asyncpg.connect(primary.admin_url)
    try:
        segment = await connection.fetchval("SELECT pg_walfile_name(pg_switch_wal())")
        async with asyncio.timeout(60):
            while await connection.fetchval(_ARCHIVED) < segment:  # noqa: ASYNC110  # no event
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def _compare(restored: Cluster, past: Past, begun: float) -> list[str]:
    """Hold the restored database, and the service on it, to what the clients know."""
    kept = await kept_in(restored.url())
    wrong = list(faults(past.sent, kept, past.chosen))
    promised = sum(bool(one.version_at(past.chosen)) for one in past.sent)
    say(f"{promised:,} acknowledged before then, {len(kept):,} restored")
    wrong += await _jump(restored, past)
    with Service(restored.url()) as service:
        say(f"serving again {time.monotonic() - begun:.1f} s after it was lost")
        async with crowd.at(service.address, past.keys) as clients:
            if await clients.figures() != past.figures:
                wrong.append("figures that differ")
            wrong += await _resume(clients, past)
    return wrong


async def _jump(restored: Cluster, past: Past) -> list[str]:
    """Leave out the references that may have been given since; without that some come again."""
    lost = [one for one in past.sent if not one.version_at(past.chosen)]
    newest = max(number_in(str(one.reference)) or 0 for one in lost)
    connection = await asyncpg.connect(restored.url())
    try:
        last = await connection.fetchval("SELECT last_value FROM core.case_id_seq")
        after = await connection.fetchval(JUMP)
    finally:
        await connection.close()
    say(f"references of {newest - last:,} receipts would have been given again; left out")
    return [] if last < newest < after else ["references that come again"]


async def _resume(clients: crowd.Crowd, past: Past) -> list[str]:
    """Clients send again what they have: what is there is known, what is not is taken, once."""
    there = [one for one in past.sent if one.version_at(past.chosen)][-SAMPLE:]
    lost = [one for one in past.sent if one.sent_at > past.chosen][:SAMPLE]
    before = {one.reference for one in past.sent}
    wrong = Counter[str]()
    for one in there:
        was = one.reference
        wrong["taken twice"] += not await clients.hand_in(one) or one.reference != was
    for one in lost:
        wrong["a reference given twice"] += await clients.hand_in(one) or one.reference in before
    say(f"sent again: {len(there)} known and {len(lost)} taken anew")
    return list(wrong.elements())


async def _controls(
    primary: Cluster, restored: Cluster, backup: Path, archive: Path, past: Past
) -> list[str]:
    """Restore to another moment: right for that one, and caught when taken for the chosen one."""
    other = await primary.restored(
        "other", backup=backup, archive=archive, moment=past.amid.isoformat()
    )
    kept = await kept_in(other.url())
    wrong = [f"amid the work: {fault}" for fault in faults(past.sent, kept, past.amid)]
    too_early = set(faults(past.sent, kept, past.chosen))
    if not too_early & {"acknowledged and lost", "an act that was acknowledged is lost"}:
        wrong.append("control: a restore that is too early is not caught")
    too_late = set(faults(past.sent, await kept_in(restored.url()), past.amid))
    if "invented" not in too_late:
        wrong.append("control: a restore that is too late is not caught")
    with Service(other.url()) as service:
        async with crowd.at(service.address, past.keys) as clients:
            if await clients.figures() == past.figures:
                wrong.append("control: other figures are not caught")
    say(f"restored the second {past.amid}, amid the work, too; taken for the other it is caught")
    return wrong


def main() -> None:
    """Rehearse, and end with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000)
    cases = parser.parse_args().cases
    with site() as place:
        wrong = asyncio.run(rehearse(place, cases))
    for fault, times in wrong.items():
        say(f"WRONG: {fault}: {times:,}")
    say("the rehearsal failed" if wrong else "nothing is wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
