"""Database: one request, one transaction; reads are one snapshot; when the answer is "try again".

`Write` commits before the response leaves (FastAPI would otherwise commit after it, and a failed
commit would already have been answered with 2xx). `Read` is REPEATABLE READ and READ ONLY.
`Rehearsal` can change everything, and in the end nothing is changed.
`Pool` is asyncpg itself, for the hot paths whose one statement is the transaction.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import asyncpg
import sqlalchemy as sa
from fastapi import Depends, FastAPI, Request
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import AsyncAdaptedQueuePool

from app.kit.clock import Now
from app.kit.problem import Unavailable

AsyncpgRow: TypeAlias = asyncpg.Record
if TYPE_CHECKING:
    AsyncpgPool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    AsyncpgConnection: TypeAlias = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    _PlainConnection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    AsyncpgPool = asyncpg.Pool
    AsyncpgConnection = asyncpg.pool.PoolConnectionProxy
    _PlainConnection = asyncpg.Connection

# connect 3 s < statement 5 s < command 6 s < request 10 s: the innermost limit speaks first.
CONNECT_SECONDS = 3.0
COMMAND_SECONDS = 6.0
POOL_WAIT_SECONDS = 2.0
STATS_POOL_SIZE = 3
SERVER_SETTINGS: Mapping[str, str] = {
    "application_name": "council-feedback",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "jit": "off",
    "timezone": "UTC",
}

# SQLSTATEs after which the same request may be sent again: nothing was done, or it is not known.
TRY_AGAIN = frozenset({
    "25006",  # read-only transaction: a standby, until it is promoted
    "25P03",  # idle in transaction too long
    "40001",  # serialization failure
    "40003",  # whether the statement completed is not known
    "40P01",  # deadlock
    "53000", "53100", "53200", "53300", "53400",  # out of disk, memory, connections
    "55P03",  # lock not available in time
    "57014",  # cancelled: statement timeout
    "57P01", "57P02", "57P03", "57P04", "57P05",  # shutdown, crash, starting up, idle
})  # fmt: skip
_CONNECTION_CLASS = "08"
# No such database, table, column, function or type: on a replica that is behind.
_STILL_TO_COME = frozenset({"3D000", "42P01", "42703", "42883", "42704"})
_ASYNCPG = asyncpg_dialect()  # type: ignore[no-untyped-call]

# A replica that has replayed what the primary had written by now lacks nothing (null). Otherwise it
# is complete up to the last commit it has replayed: older than it may be, never newer. Without a
# commit since its start it has at least what its last checkpoint had.
_WRITTEN = "SELECT pg_current_wal_flush_lsn()::text"
_REPLAYED = sa.text("""
    SELECT CASE
        WHEN CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                  ELSE pg_current_wal_flush_lsn() END >= CAST(CAST(:written AS text) AS pg_lsn)
        THEN NULL
        ELSE coalesce(pg_last_xact_replay_timestamp(),
                      (SELECT checkpoint_time FROM pg_control_checkpoint()))
    END
""")
_WRITTEN_SECONDS = 0.5  # for the primary to say so; it may be busy, or away
_ACTS = "acts"
# What asyncpg says of a connection or pool that was shut; of one that broke and is asked again by
# who had it; and of a connection to which the server has spoken while it was idle, which it does
# only to say that it shuts it.
_GONE = re.compile(
    "clos(?:ed|ing)|released back to the pool|cannot switch to state|free connection holder"
)
_FAILURES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def is_passing(error: BaseException) -> bool:
    """Whether an error of the database passes by itself, so that the answer is 503, not 500."""
    if isinstance(error, PoolTimeoutError | OSError):
        return True  # no handler reaches for anything over a socket but the database
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return _GONE.search(str(error)) is not None  # any other misuse of it is our mistake
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return True  # a plan made before a migration; asyncpg has dropped it by now
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        cause = error.orig.__cause__ if error.orig is not None else None
        return cause is not None and is_passing(cause)
    code = getattr(error, "sqlstate", None)
    return isinstance(code, str) and (code in TRY_AGAIN or code.startswith(_CONNECTION_CLASS))


def sqlstate(error: DBAPIError | asyncpg.PostgresError) -> str | None:
    """The SQLSTATE the server gave, whichever library raised the error."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(orig, "sqlstate", None)
    return code if isinstance(code, str) else None


def _statistics_unavailable() -> Unavailable:
    return Unavailable("The replica with the statistics does not answer just now.", retry_after=5)


def unavailable() -> Unavailable:
    """What to answer when the database cannot."""
    return Unavailable("The database cannot answer just now. Send the same request again.")


@dataclass(frozen=True, slots=True)
class Database:
    """Engines and pool of one process, with the sessions made from them."""

    engine: AsyncEngine
    stats_engine: AsyncEngine
    pool: AsyncpgPool
    sessions: async_sessionmaker[AsyncSession]
    snapshots: async_sessionmaker[AsyncSession]
    rehearsals: async_sessionmaker[AsyncSession]
    stats_snapshots: async_sessionmaker[AsyncSession]
    has_replica: bool

    async def replayed(self) -> datetime | None:
        """Up to when the statistics are complete, where they are behind: on a replica."""
        if not self.has_replica:
            return None
        written = await self._written()
        try:
            async with self.stats_engine.connect() as held:
                found: datetime | None = await held.scalar(_REPLAYED, {"written": written})
        except OSError as error:
            raise _statistics_unavailable() from error
        except DBAPIError as error:
            if is_passing(error):
                raise _statistics_unavailable() from error
            raise
        return found

    @asynccontextmanager
    async def statistics(self) -> AsyncIterator[AsyncSession]:
        """A snapshot that statistics are read from.

        Raises Unavailable where a replica lacks what the last migration has made: it is to come.
        """
        async with self.stats_snapshots() as session:
            try:
                yield session
            except DBAPIError as error:
                if self.has_replica and sqlstate(error) in _STILL_TO_COME:
                    raise _statistics_unavailable() from error
                raise

    async def _written(self) -> str | None:
        """How far the primary has written; nothing where it does not say so soon."""
        try:
            async with asyncio.timeout(_WRITTEN_SECONDS), connection(self.pool) as held:
                found: str | None = await held.fetchval(_WRITTEN)
        except (Unavailable, TimeoutError, asyncpg.PostgresError):
            return None
        return found

    def pools(self) -> Mapping[str, Mapping[str, int]]:
        """Of each pool: the most connections it may have, those open, and those in use."""
        direct = self.pool.get_size()
        return {
            "sessions": _counts(self.engine),
            "statistics": _counts(self.stats_engine),
            "direct": {
                "limit": self.pool.get_max_size(),
                "open": direct,
                "in_use": direct - self.pool.get_idle_size(),
            },
        }

    async def close(self) -> None:
        """Close every connection, the pool's after the statements it is running."""
        await self.engine.dispose()
        await self.stats_engine.dispose()
        await self.pool.close()


def _counts(engine: AsyncEngine) -> Mapping[str, int]:
    pool = engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    used = pool.checkedout()
    return {"limit": pool.size(), "open": pool.checkedin() + used, "in_use": used}


def make_engine(url: str, *, pool_size: int) -> AsyncEngine:
    """An engine that waits seconds, never minutes, and never prints a bound value."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": COMMAND_SECONDS,
            "server_settings": dict(SERVER_SETTINGS),
        },
    )


class _Plain(_PlainConnection):
    """A pooled connection that costs no round trip to give back: single statements leave nothing.

    An open transaction is rolled back all the same.
    """

    def get_reset_query(self) -> str:
        return ""


async def open_database(
    *, sqlalchemy_url: str, asyncpg_dsn: str, pool_size: int, replica_url: str | None = None
) -> Database:
    """Make engines and pool. Connects lazily, so that the service starts before its database.

    `pool_size` is of the engine and of the pool, each. Statistics are read from the replica, if
    there is one.
    """
    engine = make_engine(sqlalchemy_url, pool_size=pool_size)
    stats_engine = make_engine(replica_url or sqlalchemy_url, pool_size=STATS_POOL_SIZE)
    pool = await asyncpg.create_pool(
        asyncpg_dsn,
        min_size=0,
        max_size=pool_size,
        connection_class=_Plain,
        timeout=CONNECT_SECONDS,
        command_timeout=COMMAND_SECONDS,
        server_settings=dict(SERVER_SETTINGS),
    )
    return Database(
        engine=engine,
        stats_engine=stats_engine,
        pool=pool,
        sessions=async_sessionmaker(engine, expire_on_commit=False),
        snapshots=_snapshots(engine),
        rehearsals=_rehearsals(engine),
        stats_snapshots=_snapshots(stats_engine),
        has_replica=replica_url is not None,
    )


def _snapshots(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return async_sessionmaker(reading, expire_on_commit=False)


def _rehearsals(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    trying = engine.execution_options(isolation_level="REPEATABLE READ")
    return async_sessionmaker(trying, expire_on_commit=False)


def attach(app: FastAPI, database: Database) -> None:
    """Give the app its database, under the names that the dependencies below look for."""
    app.state.database = database
    app.state.engine = database.engine
    app.state.stats_engine = database.stats_engine
    app.state.pool = database.pool


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _write(request: Request) -> AsyncIterator[AsyncSession]:
    async with _database(request).sessions.begin() as session:  # the only commit in the house
        yield session
    request.app.state.metrics.acted(session.info.get(_ACTS, ()))


def will_count(session: AsyncSession, acts: Iterable[str]) -> None:
    """Have acts counted once the transaction they are part of has been committed."""
    session.info.setdefault(_ACTS, []).extend(acts)


async def _read(request: Request) -> AsyncIterator[AsyncSession]:
    async with _database(request).snapshots() as session:
        yield session


async def _rehearsal(request: Request) -> AsyncIterator[AsyncSession]:
    async with _database(request).rehearsals() as session:  # never committed, so rolled back
        yield session


async def _stats_read(request: Request) -> AsyncIterator[AsyncSession]:
    async with _database(request).statistics() as session:
        yield session


async def _as_of(request: Request, now: Now) -> datetime:
    """Asked before the session takes its snapshot, so that what it says is in there."""
    replayed = await _database(request).replayed()
    return now if replayed is None else min(now, replayed)


async def _pool(request: Request) -> AsyncpgPool:
    return _database(request).pool


Write = Annotated[AsyncSession, Depends(_write, scope="function")]
Read = Annotated[AsyncSession, Depends(_read, scope="function")]
Rehearsal = Annotated[AsyncSession, Depends(_rehearsal, scope="function")]
StatsRead = Annotated[AsyncSession, Depends(_stats_read, scope="function")]
AsOf = Annotated[datetime, Depends(_as_of)]
"""The moment a statistic is true for: now, unless a replica is behind."""
Pool = Annotated[AsyncpgPool, Depends(_pool)]


def spelled(statement: sa.Select[*tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """A statement as asyncpg takes it: its text, and the values of its parameters in order."""
    compiled = statement.compile(dialect=_ASYNCPG, compile_kwargs={"render_postcompile": True})
    return compiled.string, [compiled.params[name] for name in compiled.positiontup or ()]


@asynccontextmanager
async def connection(pool: AsyncpgPool) -> AsyncIterator[AsyncpgConnection]:
    """A pooled asyncpg connection in autocommit: each statement is its own transaction.

    Raises `Unavailable` for what passes by itself; every other error of a statement comes through.
    """
    try:
        async with pool.acquire(timeout=POOL_WAIT_SECONDS) as held:
            try:
                yield held
            except TimeoutError:
                # Postgres would have spoken sooner: its machine has gone without a word. So have
                # the other connections, which would be found out one by one, each in that time.
                await pool.expire_connections()
                raise
    except _FAILURES as error:
        if isinstance(error, OSError) or is_passing(error):
            raise unavailable() from error
        raise
