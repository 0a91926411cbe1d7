"""`make bench`: everything is measured in one run, in turns, and told in tables of ratios.

`python -m tests.bench growth` measures how cost grows with cases instead, and takes longer.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from tests.bench import asks, cases, figures, growth, load, statements
from tests.bench.asks import INTAKE, LIST, NOTHING, READ
from tests.bench.figures import REPORT
from tests.bench.load import Measured, Requests
from tests.bench.stand import CONNECTIONS, Server, Stand
from tests.bench.telling import say
from tests.bench.timing import Timed

ROUNDS = 3
SECONDS = 3
REFERENCES = 2000
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Aim:
    """A ratio that has to be reached, or a size not to be passed; without an aim, only told."""

    what: str
    got: float
    aim: float | None = None
    at_most: bool = False
    decides: bool = True  # the outcome of the run; times by the clock are only told

    @property
    def is_met(self) -> bool:
        if self.aim is None:
            return True
        return self.got <= self.aim if self.at_most else self.got >= self.aim

    def __str__(self) -> str:
        if self.aim is None:
            return f"| {self.what} | | {self.got:.2f} | |"
        sign, word = ("≤" if self.at_most else "≥"), ("met" if self.is_met else "MISSED")
        return f"| {self.what} | {sign} {self.aim:g} | {self.got:.2f} | {word} |"


@dataclass
class Bench:
    """What is measured, each against each."""

    stand: Stand
    servers: Mapping[str, Server]
    first: int
    last: int
    requests: Mapping[str, Requests]
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
        intake, variables = statements.intake()
        varying = {"n": "0", "first": statements.first_id(number)}
        return (
            lambda: self._postgres("intake, pgbench", intake, {**variables, **varying}),
            lambda: self._http("intake", "service", INTAKE),
            lambda: self._http("intake, tutorial", "tutorial", INTAKE),
            lambda: self._http("empty", "empty", NOTHING),
            lambda: self._http("empty, bare", "bare", NOTHING),
            lambda: self._http("read", "service", READ),
            lambda: self._postgres("read, pgbench", statements.by_key(self.first, self.last)),
            lambda: self._http("list", "service", LIST),
            lambda: self._postgres("list, pgbench", statements.fifty(self.first, self.last)),
        )

    def _http(self, what: str, server: str, request: str) -> None:
        measured = load.over_http(
            self.servers[server].address,
            self.requests[request],
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
    """Measure, print the tables, and fail where a ratio is missed."""
    with Stand() as stand:
        asyncio.run(stand.found())
        with stand.serving():
            pass  # the first start compiles every module, as an installation would
        bench, aims = _in_turns(stand)
        few, many, megabytes = _counted(stand, bench)
    aims = [
        *aims,
        _of_report("demonstration", few),
        _of_report("1,000,000 cases", many),
        Aim("worker after every figure and report, MB", megabytes),
    ]
    for what, measured in bench.got.items():
        rates = ", ".join(f"{one.per_second:,.0f}" for one in measured)
        say(f"{what:20}{rates} a second; p99 {bench.p99(what):.0f} ms")
    say("\n| What | Aim | Got | |\n|---|---|---|---|")
    for aim in aims:
        say(str(aim))
    say(
        "\n| What | demonstration | of it SQL | 1,000,000 cases | of it SQL |"
        "\n|---|---|---|---|---|"
    )
    for one, same in zip(few, many, strict=True):
        say(f"| {one.what} | {one} | {same} |")
    return 0 if all(aim.is_met for aim in aims if aim.decides) else 1


def _in_turns(stand: Stand) -> tuple[Bench, Sequence[Aim]]:
    first, last = asyncio.run(cases.ends(stand.url))
    references = asyncio.run(cases.references(stand.url, some=REFERENCES))
    with ExitStack() as stack:
        servers = {
            "service": stack.enter_context(stand.serving()),
            "tutorial": stack.enter_context(stand.serving("tests.bench.tutorial")),
            "empty": stack.enter_context(stand.serving("tests.bench.empty")),
            "bare": stack.enter_context(stand.serving("tests.bench.bare")),
        }
        requests = asks.requests(servers["service"].address, stand.keys, references)
        bench = Bench(stand, servers, first, last, requests)
        bench.run()
        return bench, _aims(bench)


def _aims(bench: Bench) -> Sequence[Aim]:
    rate, service = bench.rate, bench.servers["service"]
    return (
        Aim(
            "intake / pgbench with the same statement",
            rate("intake") / rate("intake, pgbench"),
            0.30,
        ),
        Aim("intake / the tutorial way", rate("intake") / rate("intake, tutorial"), 4),
        Aim("empty request with a key / bare route", rate("empty") / rate("empty, bare"), 0.5),
        Aim("read one / pgbench by key", rate("read") / rate("read, pgbench"), 0.08),
        Aim("list 50 / pgbench's list", rate("list") / rate("list, pgbench"), 0.10),
        Aim(
            "intake p99 at 32 connections, ms", bench.p99("intake"), 40, at_most=True, decides=False
        ),
        Aim("worker after the rounds, MB", service.resident_megabytes, 100, at_most=True),
        Aim("worker start, s", service.start_seconds, 2, at_most=True, decides=False),
    )


def _of_report(cases: str, timed: Sequence[Timed]) -> Aim:
    """How much longer the whole report takes than the SQL that it sends."""
    (report,) = (one for one in timed if one.what == REPORT)
    return Aim(f"whole report / its SQL, {cases}", report.http / report.sql, 3, at_most=True)


def _counted(stand: Stand, bench: Bench) -> tuple[Sequence[Timed], Sequence[Timed], float]:
    """Every figure and the report on the demonstration, then on a million cases.

    And what the worker that answered them holds in the end, in megabytes.
    """
    with stand.serving() as server:
        few = asyncio.run(figures.timed(server.address, stand, rounds=ROUNDS))
        asyncio.run(
            cases.multiplied(
                stand.admin_url, stand.url, first=bench.first, last=bench.last, cases=MILLION
            )
        )
        many = asyncio.run(figures.timed(server.address, stand, rounds=1))
        return few, many, server.resident_megabytes


if __name__ == "__main__":
    sys.exit(growth.main() if sys.argv[1:] == ["growth"] else main())
