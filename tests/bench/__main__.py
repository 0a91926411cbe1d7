"""`make bench`: everything is measured in one run, in turns, and told in one table of ratios."""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

import asyncpg

from tests.bench import load, statements
from tests.bench.load import Measured, Requests
from tests.bench.stand import CONNECTIONS, Server, Stand

ROUNDS = 3
SECONDS = 3
REFERENCES = 2000


@dataclass(frozen=True, slots=True)
class Aim:
    """A ratio that has to be reached, or a size not to be passed."""

    what: str
    got: float
    aim: float
    at_most: bool = False
    decides: bool = True  # the outcome of the run; times by the clock are only told

    @property
    def is_met(self) -> bool:
        return self.got <= self.aim if self.at_most else self.got >= self.aim

    def __str__(self) -> str:
        sign, word = ("≤" if self.at_most else "≥"), ("met" if self.is_met else "MISSED")
        return f"{self.what:52}{sign} {self.aim:<8g}{self.got:>8.2f}  {word}"


@dataclass
class Bench:
    """What is measured, each against each."""

    stand: Stand
    servers: Mapping[str, Server]
    first: int
    last: int
    references: Sequence[str]
    got: dict[str, list[Measured]] = field(default_factory=lambda: defaultdict(list))

    def run(self) -> None:
        """Measure everything once in each round, so that a slow minute slows all alike."""
        for number in range(ROUNDS):
            for measure in self._measures(number):
                measure()

    def rate(self, what: str) -> float:
        return median(one.per_second for one in self.got[what])

    def p99(self, what: str) -> float:
        return median(one.p99_ms for one in self.got[what])

    def _measures(self, number: int) -> Sequence[Callable[[], None]]:
        submit = Requests(
            ["/v1/feedback"],
            self._by("portal") | {"Content-Type": "application/json"},
            json.dumps(statements.BODY),
        )
        reader = self._by("contact_centre")
        one = Requests([f"/v1/feedback/{each}" for each in self.references], reader)
        fifty = Requests(["/v1/feedback?limit=50"], reader)
        nothing = Requests(["/v1/nothing"], reader)
        intake, variables = statements.intake()
        varying = {"n": "0", "first": statements.first_id(number)}
        return (
            lambda: self._postgres("intake, pgbench", intake, {**variables, **varying}),
            lambda: self._http("intake", "service", submit),
            lambda: self._http("intake, tutorial", "tutorial", submit),
            lambda: self._http("empty", "empty", nothing),
            lambda: self._http("empty, bare", "bare", nothing),
            lambda: self._http("read", "service", one),
            lambda: self._postgres("read, pgbench", statements.by_key(self.first, self.last)),
            lambda: self._http("list", "service", fifty),
            lambda: self._postgres("list, pgbench", statements.fifty(self.first, self.last)),
        )

    def _by(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.stand.keys[role]}"}

    def _http(self, what: str, server: str, requests: Requests) -> None:
        measured = load.over_http(
            self.servers[server].address,
            requests,
            seconds=SECONDS,
            script=self.stand.folder / "script.lua",
        )
        self.got[what].append(measured)

    def _postgres(self, what: str, text: str, variables: Mapping[str, str] | None = None) -> None:
        measured = load.at_postgres(
            self.stand.program("pgbench"),
            self.stand.url,
            text,
            clients=CONNECTIONS,
            seconds=SECONDS,
            script=self.stand.folder / "script.sql",
            variables=variables,
        )
        self.got[what].append(measured)


def main() -> int:
    """Measure, print the table, and fail where a ratio is missed."""
    with Stand() as stand, ExitStack() as stack:
        asyncio.run(stand.found())
        first, last, references = asyncio.run(_cases(stand.url))
        servers = {
            "service": stack.enter_context(stand.serving()),
            "tutorial": stack.enter_context(stand.serving("tests.bench.tutorial")),
            "empty": stack.enter_context(stand.serving("tests.bench.empty")),
            "bare": stack.enter_context(stand.serving("tests.bench.bare")),
        }
        bench = Bench(stand, servers, first, last, references)
        bench.run()
        aims = _aims(bench)
        for what, measured in bench.got.items():
            rates = ", ".join(f"{one.per_second:,.0f}" for one in measured)
            _say(f"{what:52}{rates} a second; p99 {bench.p99(what):.0f} ms")
    for aim in aims:
        _say(str(aim))
    return 0 if all(aim.is_met for aim in aims if aim.decides) else 1


def _aims(bench: Bench) -> Sequence[Aim]:
    rate, service = bench.rate, bench.servers["service"]
    return (
        Aim("intake / pgbench", rate("intake") / rate("intake, pgbench"), 0.30),
        Aim("intake / tutorial way", rate("intake") / rate("intake, tutorial"), 4),
        Aim(
            "intake p99 at 32 connections, ms", bench.p99("intake"), 40, at_most=True, decides=False
        ),
        Aim("empty authenticated request / bare route", rate("empty") / rate("empty, bare"), 0.5),
        Aim("read one / pgbench", rate("read") / rate("read, pgbench"), 0.08),
        Aim("list 50 / pgbench", rate("list") / rate("list, pgbench"), 0.10),
        Aim("resident after the bench, MB", service.resident_megabytes, 100, at_most=True),
        Aim("worker start, s", service.start_seconds, 2, at_most=True, decides=False),
    )


async def _cases(url: str) -> tuple[int, int, list[str]]:
    connection = await asyncpg.connect(url)
    ends = await connection.fetchrow('SELECT min(id) AS first, max(id) AS last FROM core."case"')
    assert ends
    rows = await connection.fetch(
        'SELECT reference FROM core."case" ORDER BY random() LIMIT $1', REFERENCES
    )
    await connection.close()
    return ends["first"], ends["last"], [row["reference"] for row in rows]


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # it is what the bench is for


if __name__ == "__main__":
    sys.exit(main())
