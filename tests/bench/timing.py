"""What is asked over HTTP, beside the statements that it sends to Postgres, run by themselves."""

import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import asyncpg
import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from app.kit.db import SERVER_SETTINGS
from app.kit.settings import Settings

_PATIENCE = 120.0

Statement = tuple[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Ask:
    """Something to ask for, and the statements that it takes; none: they are not timed."""

    what: str
    path: str
    headers: Mapping[str, str]
    statements: Sequence[Statement] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    follows: bool = False  # on others that have warmed all that it needs


@dataclass(frozen=True, slots=True)
class Timed:
    """How long an answer took, over HTTP and as bare statements; nought: they were not timed."""

    what: str
    http: float
    sql: float

    @property
    def ratio(self) -> float:
        """How much of the answer's time the database needs by itself."""
        return self.sql / self.http

    def __str__(self) -> str:
        return f"{1000 * self.http:,.0f} ms | {f'{self.ratio:.2f}' if self.sql else ''}"


async def timed(
    address: str, settings: Settings, asks: Sequence[Ask], *, rounds: int
) -> Sequence[Timed]:
    """Every answer, over HTTP and bare in turns; medians of the seconds they took."""
    unhurried = {**SERVER_SETTINGS, "statement_timeout": "0"}
    connection = await asyncpg.connect(settings.asyncpg_dsn, server_settings=unhurried)
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE) as client:
        found = [await _one(ask, client, connection, rounds=rounds) for ask in asks]
    await connection.close()
    return found


async def _one(
    ask: Ask,
    client: httpx.AsyncClient,
    connection: "asyncpg.Connection[asyncpg.Record]",
    *,
    rounds: int,
) -> Timed:
    async def over_http() -> None:
        answer = await client.get(ask.path, params=ask.params, headers=ask.headers)
        answer.raise_for_status()

    async def bare() -> None:
        for text, values in ask.statements:
            await connection.fetch(text, *values)

    if not ask.follows:
        await over_http()  # once for plans and pages, uncounted
    took = [(await _seconds(over_http), await _seconds(bare)) for _ in range(rounds)]
    http, sql = zip(*took, strict=True)
    return Timed(ask.what, median(http), median(sql) if ask.statements else 0)


async def _seconds(act: Callable[[], Coroutine[Any, Any, None]]) -> float:
    begun = time.perf_counter()
    await act()
    return time.perf_counter() - begun


@contextmanager
def listening(engine: AsyncEngine) -> Iterator[list[Statement]]:
    """The statements that are sent to Postgres while this lasts, as they are sent."""
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
