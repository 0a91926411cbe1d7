"""An upgrade without downtime, rehearsed: `python -m tests.drills.upgrade`.

This release serves twenty requests a second. The next one widens the tables, starts beside it and
takes over; the one after that takes away what is no longer used. Nobody may notice: no answer but
what was asked for, and no lock that anyone waits two seconds for. `--careless` rehearses a
migration that holds a table, which must be caught.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from tests.drills.cluster import Site, site
from tests.drills.council import found
from tests.drills.ledger import faults, kept_in
from tests.drills.releases import CARELESS, CONTRACT, EXPAND, next_release
from tests.drills.service import Service, migrate
from tests.drills.traffic import RATE, Traffic, flowing

PAUSE = 5.0  # seconds that each state lasts
LEAVING = 1.0  # seconds a load balancer needs to learn that an instance leaves
LONGEST_WAIT = 2.0  # seconds that anybody may wait for a lock
POLITE = 0.001  # the share of answers that may be 503
_WAITING = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float8
    FROM pg_locks WHERE NOT granted
"""
_BEGUN = time.monotonic()


def say(words: str) -> None:
    """Tell how far it is."""
    print(f"{time.monotonic() - _BEGUN:6.1f} s  {words}", flush=True)  # noqa: T201  # a program


@dataclass
class Rehearsal:
    """An upgrade in progress."""

    place: Site
    url: str
    traffic: Traffic
    running: ExitStack
    services: dict[str, Service] = field(default_factory=dict)
    longest_wait: float = 0.0

    async def start(self, name: str, source: Path) -> None:
        """Start a release beside the one that runs."""
        service = Service(self.url, source=source)
        self.services[name] = await asyncio.to_thread(self.running.enter_context, service)
        self.traffic.instances[name] = service.address
        say(f"{name} serves too")
        await asyncio.sleep(PAUSE)

    async def leave(self, name: str) -> None:
        """Send an instance nothing more, and tell it to stop."""
        del self.traffic.instances[name]
        await asyncio.sleep(LEAVING)
        code = await asyncio.to_thread(self.services[name].stop)
        say(f"{name} has left, with code {code}")
        await asyncio.sleep(PAUSE)

    async def migrate(self, source: Path, what: str) -> None:
        """Apply a release's migration while others serve."""
        begun = time.monotonic()
        await asyncio.to_thread(migrate, self.url, source=source)
        say(f"{what} in {time.monotonic() - begun:.1f} s")
        await asyncio.sleep(PAUSE)

    async def watch_locks(self) -> None:
        """Note the longest wait for a lock."""
        connection = await asyncpg.connect(self.url)
        try:
            while not self.traffic.enough:
                waited = await connection.fetchval(_WAITING)
                self.longest_wait = max(self.longest_wait, waited)
                await asyncio.sleep(0.1)
        finally:
            await connection.close()

    async def judge(self) -> Iterator[str]:
        """What was wrong."""
        traffic = self.traffic
        answered = sum(traffic.answers.values())
        polite = max(1, answered * POLITE)
        slowest = sorted(traffic.seconds)[int(len(traffic.seconds) * 0.99)]
        said = ", ".join(f"{what} {n:,}" for what, n in sorted(traffic.answers.items()))
        shared = ", ".join(f"{name} {n:,}" for name, n in traffic.by_instance.items())
        say(f"{answered:,} requests: {said}; answered by {shared}")
        say(f"p99 {slowest * 1000:.0f} ms; longest wait for a lock {self.longest_wait:.2f} s")
        lost = list(faults(traffic.sent, await kept_in(self.url), datetime.now(UTC)))
        wrong = {
            f"{traffic.failures} answers that were not what was asked for": traffic.failures,
            f"{traffic.answers['503']} answers of 503": traffic.answers["503"] > polite,
            f"waited {self.longest_wait:.1f} s for a lock": self.longest_wait > LONGEST_WAIT,
            f"{len(lost)} faults in what was kept": lost,
        }
        return (words for words, is_so in wrong.items() if is_so)


@asynccontextmanager
async def rehearsal(place: Site) -> AsyncIterator[Rehearsal]:
    """This release, serving."""
    url = place.cluster("primary").url()
    keys = await found(url)
    with ExitStack() as running:
        service = running.enter_context(Service(url))
        async with flowing(keys, this=service.address) as traffic:
            one = Rehearsal(place, url, traffic, running, {"this": service})
            async with asyncio.TaskGroup() as watching:
                watching.create_task(one.watch_locks())
                say(f"this release serves {RATE} requests a second")
                await asyncio.sleep(PAUSE)
                yield one
                traffic.enough = True


async def upgrade(place: Site) -> list[str]:
    """Widen, change over, take away."""
    widened = next_release(place.folder / "next", EXPAND)
    narrowed = next_release(place.folder / "after", CONTRACT, of=widened)
    async with rehearsal(place) as one:
        await one.migrate(widened, "the next release's migration is applied")
        await one.start("next", widened)
        await one.leave("this")
        await one.migrate(narrowed, "the migration of the release after it is applied")
        await one.start("after", narrowed)
        await one.leave("next")
    return list(await one.judge())


async def careless(place: Site) -> list[str]:
    """A migration that holds a table while it works."""
    source = next_release(place.folder / "next", CARELESS)
    async with rehearsal(place) as one:
        await one.migrate(source, "a careless migration is applied")
    return list(await one.judge())


def main() -> None:
    """Rehearse, and end with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--careless", action="store_true", help="A migration that holds a table.")
    act = careless if parser.parse_args().careless else upgrade
    with site() as place:
        wrong = asyncio.run(act(place))
    for words in wrong:
        say(f"WRONG: {words}")
    say("the rehearsal failed" if wrong else "nobody noticed")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
