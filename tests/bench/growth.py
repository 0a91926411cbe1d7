"""How cost grows: intake, one case, a list, every figure and the report, on ever more cases."""

import asyncio
from collections.abc import Mapping
from statistics import median

from tests.bench import asks, cases, figures, load
from tests.bench.stand import Stand
from tests.bench.telling import say

SIZES = (0, 100_000, 1_000_000)  # the demonstration as it is, and as so many
KINDS = (asks.INTAKE, asks.READ, asks.LIST)
ROUNDS = 3
SECONDS = 3
REFERENCES = 2000

Costs = Mapping[str, float]


def main() -> int:
    """Measure at every size, and print what each costs as so many times the first."""
    with Stand() as stand:
        asyncio.run(stand.found())
        first, last = asyncio.run(cases.ends(stand.url))
        found: list[Costs] = []
        sizes: list[int] = []
        for size in SIZES:
            there = cases.multiplied(
                stand.admin_url, stand.url, first=first, last=last, cases=size, schemas=cases.ALL
            )
            sizes.append(asyncio.run(there))
            found.append(_costs(stand))
            _tell(sizes, found)
    return 0


def _costs(stand: Stand) -> Costs:
    """Milliseconds a request, of each kind when 32 ask, of figures and reports when one does."""
    references = asyncio.run(cases.references(stand.url, some=REFERENCES))
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with stand.serving() as server:
        requests = asks.requests(server.address, stand.keys, references)
        for _ in range(ROUNDS):
            for kind in KINDS:
                measured = load.over_http(
                    server.address,
                    requests[kind],
                    seconds=SECONDS,
                    script=stand.folder / "script.lua",
                )
                took[kind].append(1000 / measured.per_second)
        timed = asyncio.run(figures.timed(server.address, stand, rounds=1))
    return {kind: median(each) for kind, each in took.items()} | {
        one.what: 1000 * one.http for one in timed
    }


def _tell(sizes: list[int], found: list[Costs]) -> None:
    heads = " | ".join(f"{size:,} cases" for size in sizes)
    say(f"\n| ms | {heads} |\n|---|{'---|' * len(sizes)}")
    for what, least in found[0].items():
        rest = " | ".join(
            f"{costs[what]:.1f} ({costs[what] / least:.1f} times)" for costs in found[1:]
        )
        say(f"| {what} | {least:.1f} | {rest} |" if rest else f"| {what} | {least:.1f} |")
