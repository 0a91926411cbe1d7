"""What the service measures of itself, for Prometheus. One registry for each app.

Labels are codes of ours: routes as templates, kinds of acts and problems, names of pools and
figures. Nothing that a caller chose, no reference and nobody's name is ever a label or a value.
What has to be asked of the database is asked when somebody looks, and left out when it does not
answer in time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import Scope

from app.kit.clock import Clock
from app.kit.db import Database, connection

Means = Mapping[str, str]
Values = Mapping[str, float | None]
Ask = Callable[[], Awaitable[Values]]

LOOK_SECONDS = 1.0
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "council_feedback_"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_AGE = {"statistics_age_seconds": "How far behind now the replica with the statistics is."}

_log = structlog.get_logger("app")

# No second series for each counter, with when it was made.
disable_created_metrics()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Look:
    """A statement whose one row has gauges, and what they mean; a null is left out."""

    what: str
    sql: str
    means: Means


class Metrics:
    """Everything one app counts. Counting costs a few microseconds a request."""

    def __init__(self, *, version: str) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter(
            "requests", "Requests, by route and status.", "route", "method", "status"
        )
        self._seconds = self._histogram(
            "request_seconds", "How long requests took, by route.", "route", "method"
        )
        self.shed = self._counter("shed_requests", "Requests turned away at the door.", "lane")
        self.limited = self._counter(
            "limited_requests", "Requests refused because their caller asks too often.", "rate"
        )
        self._acts = self._counter("acts", "Acts on cases that were committed.", "act")
        self._problems = self._counter("problems", "Refusals and failures, by type.", "problem")
        self.figure_seconds = self._histogram(
            "figure_seconds", "How long a figure took to be counted.", "figure"
        )
        self.in_flight = 0
        self._gauge("in_flight_requests", "Requests under way.").set_function(
            lambda: self.in_flight
        )
        self._gauge("info", "The release that is running.", "version").labels(version).set(1)
        self._routes: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._asked: list[tuple[str, Means, Ask]] = []
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, means: str, *labels: str) -> Counter:
        return Counter(_PREFIX + name, means, labels, registry=self.registry)

    def _gauge(self, name: str, means: str, *labels: str) -> Gauge:
        return Gauge(_PREFIX + name, means, labels, registry=self.registry)

    def _histogram(self, name: str, means: str, *labels: str) -> Histogram:
        return Histogram(_PREFIX + name, means, labels, registry=self.registry, buckets=_SECONDS)

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that is over; `status` is 0 where no answer had begun."""
        route = getattr(scope.get("route"), "path_format", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        key = (route, method, status)
        found = self._routes.get(key)
        if found is None:
            said = str(status or "none")
            found = (
                self._requests.labels(route, method, said),
                self._seconds.labels(route, method),
            )
            self._routes[key] = found
        found[0].inc()
        found[1].observe(seconds)
        if (problem := scope.get("problem")) is not None:
            self._problems.labels(problem).inc()

    def acted(self, acts: Iterable[str]) -> None:
        """Count acts on a case whose transaction has been committed."""
        for act in acts:
            self._acts.labels(act).inc()

    def watch(self, database: Database, looks: Iterable[Look], *, clock: Clock) -> None:
        """Measure a database from now on: its pools, what is in it, and its replica's age."""
        self.registry.register(_Pools(database))
        self._asked = [(look.what, look.means, partial(_row, database, look.sql)) for look in looks]
        if database.has_replica:
            self._asked.append(("statistics", _AGE, partial(_age, database, clock)))

    async def text(self) -> bytes:
        """Everything measured, as Prometheus reads it."""
        found = CollectorRegistry()
        means = "Whether the database told of it in time; if not, its gauges are left out."
        readable = Gauge(f"{_PREFIX}readable", means, ["what"], registry=found)
        await asyncio.gather(*(_put(found, readable, *asked) for asked in self._asked))
        return generate_latest(self.registry) + generate_latest(found)


async def _put(
    registry: CollectorRegistry, readable: Gauge, what: str, means: Means, ask: Ask
) -> None:
    """Ask, and put what was answered in time into a registry."""
    readable.labels(what).set(0)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            found = await ask()
    except Exception as error:  # noqa: BLE001  # everything else measured is worth reading
        _log.warning("not_measured", error=type(error).__name__)
        return
    readable.labels(what).set(1)
    for gauge, value in found.items():
        if value is not None:
            Gauge(_PREFIX + gauge, means[gauge], registry=registry).set(value)


async def _row(database: Database, sql: str) -> Values:
    async with connection(database.pool) as held:
        return dict(await held.fetchrow(sql) or {})


async def _age(database: Database, clock: Clock) -> Values:
    replayed = await database.replayed()
    behind = 0.0 if replayed is None else (clock() - replayed).total_seconds()
    return {"statistics_age_seconds": max(behind, 0.0)}


class _Pools(Collector):
    """How many connections each pool may have, has, and has lent out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Count them as they are now."""
        family = GaugeMetricFamily(
            f"{_PREFIX}pool_connections",
            "Connections of a pool: the most it may have, open ones, and those in use.",
            labels=("pool", "state"),
        )
        for pool, counts in self._database.pools().items():
            for state, count in counts.items():
                family.add_metric((pool, state), count)
        yield family
