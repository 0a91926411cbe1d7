"""Each figure over HTTP, beside the statements that it sends to Postgres, run by themselves."""

import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import asyncpg
import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.kit.clock import system_clock
from app.kit.db import SERVER_SETTINGS
from app.kit.settings import Settings
from app.stats.asking import FigureQuery
from app.stats.catalogue import FIGURES
from app.stats.engine import compute

YEAR = "2023-24"  # the fullest of the demonstration
_PATIENCE = 30.0

Statement = tuple[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Timed:
    """How long a figure took, over HTTP and as bare statements."""

    slug: str
    http: float
    sql: float

    @property
    def ratio(self) -> float:
        """How much of the answer's time the database needs by itself."""
        return self.sql / self.http

    def __str__(self) -> str:
        return f"{1000 * self.http:.0f} ms | {self.ratio:.2f}"


async def timed(
    address: str, settings: Settings, headers: Mapping[str, str], *, rounds: int
) -> Sequence[Timed]:
    """Every figure, over HTTP and bare in turns; medians of the seconds they took."""
    bare = await _statements(settings)
    connection = await asyncpg.connect(
        settings.asyncpg_dsn, server_settings={**SERVER_SETTINGS, "statement_timeout": "0"}
    )
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=_PATIENCE) as client:
        found = [
            await _one(slug, client, connection, statements, rounds=rounds)
            for slug, statements in bare.items()
        ]
    await connection.close()
    return found


async def _one(
    slug: str,
    client: httpx.AsyncClient,
    connection: "asyncpg.Connection[asyncpg.Record]",
    statements: Sequence[Statement],
    *,
    rounds: int,
) -> Timed:
    async def over_http() -> None:
        answer = await client.get(f"/v1/stats/figures/{slug}", params={"year": YEAR})
        answer.raise_for_status()

    async def bare() -> None:
        for text, values in statements:
            await connection.fetch(text, *values)

    await over_http()  # once for plans and pages, uncounted
    await bare()
    took = [(await _seconds(over_http), await _seconds(bare)) for _ in range(rounds)]
    http, sql = zip(*took, strict=True)
    return Timed(slug, median(http), median(sql))


async def _seconds(act: Callable[[], Coroutine[Any, Any, None]]) -> float:
    begun = time.perf_counter()
    await act()
    return time.perf_counter() - begun


async def _statements(settings: Settings) -> Mapping[str, Sequence[Statement]]:
    """What each figure sends to Postgres, as it is sent."""
    engine = create_async_engine(settings.sqlalchemy_url, poolclass=NullPool)
    question = FigureQuery(year=YEAR).question(now=system_clock(), services=())
    found: dict[str, Sequence[Statement]] = {}
    for figure in FIGURES:
        with _listening(engine) as sent:
            async with AsyncSession(engine) as session:
                await compute(session, [figure], question)
        found[figure.slug] = sent
    await engine.dispose()
    return found


@contextmanager
def _listening(engine: AsyncEngine) -> Iterator[list[Statement]]:
    sent: list[Statement] = []

    def note(
        _connection: object, _cursor: object, text: str, values: Sequence[object], *_: object
    ) -> None:
        sent.append((text, values))

    sa.event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine.sync_engine, "before_cursor_execute", note)
