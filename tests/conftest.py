"""A throwaway Postgres, a database from a migrated template, the service on it, and its callers."""

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from fcntl import LOCK_EX, flock
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from coverage import Coverage
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.access.commands import LONGEST_LIFE, add_client, issue_key
from app.access.principal import Scope
from app.demo.filling import COUNCIL_FILE
from app.demo.roles import admit
from app.kit import migrate
from app.kit.embedded import Embedded
from app.kit.settings import Mode, Settings
from app.main import KEY_ENV, create_app
from app.procedures.commands import load_council
from app.reports.document import Report
from app.reports.pictures import Pictures
from app.stats.charts.drawing import Kind

RUN_FOLDER = "COUNCIL_TESTS_FOLDER"  # one for all workers of a run
SERVER = "TEST_DATABASE_URL"  # an administrator's address; without it the embedded Postgres is used
PEPPER = "a pepper that is long enough for tests"
MORNING = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
TABLES = """
    SELECT c.oid::regclass::text AS name FROM pg_class AS c
    WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text = ANY ('{core,pii,audit,ops}')
"""


DRAWN_FOR = ("app.reports.freezing.pictures", "app.reports.router.pictures")


class NewDatabase(Protocol):
    """Makes a database that a test has to itself, and gives its address."""

    async def __call__(self, *, empty: bool = False) -> str: ...


MakeKey = Callable[..., Awaitable[str]]
Fill = Callable[[str], Awaitable[None]]


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder before any worker starts, and let nothing out of this machine."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="council-tests-")
        Path(folder).chmod(0o711)  # as root, Postgres' own user must pass through it
        os.environ[RUN_FOLDER] = folder
    sys.addaudithook(_stay_at_home)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the run left."""
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(RUN_FOLDER))
        if url := os.environ.get(SERVER):
            asyncio.run(Server(url, folder).forget())
        shutil.rmtree(folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what may take longest, so that no worker is left alone with it at the end.

    On a server that is given, run only what asks for it: to all else it makes no difference.
    """
    items.sort(key=_may_take, reverse=True)
    if os.environ.get(SERVER):
        asking = {item for item in items if _asks_for_server(item)}
        config.hook.pytest_deselected(items=[item for item in items if item not in asking])
        items[:] = [item for item in items if item in asking]


def _asks_for_server(item: pytest.Item) -> bool:
    asks = "server" in getattr(item, "fixturenames", ())
    return asks and not item.get_closest_marker("once")


def _may_take(item: pytest.Item) -> float:
    """The seconds that a test asks for; none for most, nor for faults, whose order is chosen."""
    given = None if item.get_closest_marker("fault") else item.get_closest_marker("timeout")
    return float(given.args[0]) if given else 0.0


def _stay_at_home(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse every connection and look-up that would leave this machine."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"  # else a unix socket
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_this_machine(host):
        raise RuntimeError(f"a test reached for {host!r}, outside this machine")


def _is_this_machine(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now

    def set(self, now: datetime) -> None:
        self.now = now

    def on(self, day: date) -> None:
        """Nine in the morning, UTC, of a day."""
        self.now = datetime.combine(day, MORNING.timetz())

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Server:
    """Where this run keeps its databases: each a copy of one migrated template."""

    def __init__(self, admin_url: str, folder: Path) -> None:
        self._admin_url = admin_url
        self._folder = folder
        self._made: list[str] = []

    def address(self, database: str) -> str:
        return urlunsplit(urlsplit(self._admin_url)._replace(path=f"/{database}"))

    async def template(self) -> None:
        """Make the template, unless another worker has."""
        await self._once("template", of="template0", fill=lay_down)

    async def copy(self, *, empty: bool = False, of: str = "template") -> str:
        """A database of its own: migrated and with reference data, or with nothing in it at all."""
        name = self._named(secrets.token_hex(4))
        source = "template0" if empty else self._named(of)
        await self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        self._made.append(name)
        return self.address(name)

    async def filled(self, name: str, fill: Fill) -> str:
        """A copy of a database that only the first worker to ask for it fills, given its address.

        Nothing may be connected to it when it has been filled.
        """
        await self._once(name, of=self._named("template"), fill=fill)
        return await self.copy(of=name)

    async def forget(self) -> None:
        """Drop what was copied, on a server that outlives the run."""
        for lock in self._folder.glob("*.lock"):
            await self._admin(f'DROP DATABASE IF EXISTS "{self._named(lock.stem)}"')

    async def _once(self, name: str, *, of: str, fill: Fill) -> None:
        with (self._folder / f"{name}.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            made = self._folder / f"{name}.made"
            if made.exists():
                return
            await self._admin(f'CREATE DATABASE "{self._named(name)}" TEMPLATE "{of}"')
            with unwatched():
                await fill(self.address(self._named(name)))
            made.touch()

    def _named(self, name: str) -> str:
        return f"{self._folder.name.replace('-', '_')}_{name}"

    async def clear(self) -> None:
        """Drop what this worker made."""
        for name in self._made:
            await self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._made.clear()

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self._admin_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def lay_down(url: str) -> None:
    """Migrate an empty database and load the demonstration council."""
    await migrate.upgrade(as_sqlalchemy(url))
    await load_demonstration_council(url)


async def load_demonstration_council(url: str) -> None:
    engine = create_async_engine(as_sqlalchemy(url), poolclass=NullPool)
    async with AsyncSession(engine) as session, session.begin():
        await load_council(session, COUNCIL_FILE.read_text())
    await engine.dispose()


@contextmanager
def unwatched() -> Iterator[None]:
    """Go without watching for coverage, which takes long and proves nothing of a preparation."""
    watching = Coverage.current()
    if watching:
        watching.stop()
    try:
        yield
    finally:
        if watching:
            watching.start()


def quoted(codes: Iterable[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def as_sqlalchemy(url: str) -> str:
    return url.replace("postgresql:", "postgresql+asyncpg:", 1)


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Server]:
    """The Postgres of this run, with its template made."""
    folder = Path(os.environ[RUN_FOLDER])
    with ExitStack() as stack:
        url = os.environ.get(SERVER)
        if not url:
            url = stack.enter_context(Embedded(folder, throwaway=True)).admin_url
        one = Server(url, folder)
        await one.template()
        yield one
        await one.clear()


@pytest.fixture(scope="session")
async def database_url(server: Server) -> str:
    """The database that most tests of this worker share; it is emptied of cases before each."""
    return await server.copy()


@pytest.fixture
def new_database(server: Server) -> NewDatabase:
    """Makes a database that a test has to itself."""
    return server.copy


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The service's settings on the shared database."""
    return Settings(
        database_url=SecretStr(database_url),
        mode=Mode.production,
        pepper=SecretStr(PEPPER),
        data_dir=tmp_path_factory.mktemp("data"),
    )


@pytest.fixture(scope="session")
def session_clock() -> MovableClock:
    """The clock of the shared app: one for the whole run, put back before each test."""
    return MovableClock()


@pytest.fixture(scope="session")
async def session_keys(settings: Settings, session_clock: MovableClock) -> Mapping[str, str]:
    """A key for each of the demonstration's roles."""
    engine = create_async_engine(settings.sqlalchemy_url, poolclass=NullPool)
    async with AsyncSession(engine) as session, session.begin():
        made = await admit(
            session,
            env=KEY_ENV[settings.mode],
            pepper=settings.pepper.get_secret_value().encode(),
            now=session_clock(),
        )
    await engine.dispose()
    return made


@pytest.fixture(scope="session")
async def session_app(
    settings: Settings, session_clock: MovableClock, session_keys: Mapping[str, str]
) -> AsyncIterator[FastAPI]:
    """The service, started once: building it for each test would take most of the time."""
    one = create_app(settings, clock=session_clock)
    async with one.router.lifespan_context(one):
        yield one


@pytest.fixture(scope="session")
async def emptying(
    database_url: str, session_keys: Mapping[str, str]
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Takes out of the shared database whatever was not there at first."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("SET session_replication_role = replica")  # triggers and keys sleep
    tables = [row["name"] for row in await connection.fetch(TABLES)]
    vacant = [name for name in tables if not await connection.fetchval(f"SELECT true FROM {name}")]
    held = [row["id"] for row in await connection.fetch("SELECT id FROM ops.api_key")]
    statements = "; ".join(
        [
            *(f"DELETE FROM {name}" for name in vacant),
            f"DELETE FROM ops.api_key WHERE id NOT IN ({quoted(held)})",
            f"DELETE FROM ops.client WHERE slug NOT IN ({quoted(session_keys)})",
        ]
    )

    async def empty() -> None:
        await connection.execute(statements)

    yield empty
    await connection.close()


@pytest.fixture
async def emptied(emptying: Callable[[], Awaitable[None]]) -> None:
    """The shared database with reference data and the roles' keys in it, and nothing else."""
    await emptying()


@pytest.fixture
def clock(session_clock: MovableClock) -> MovableClock:
    """The service's clock, on an autumn morning until the test moves it."""
    session_clock.set(MORNING)
    return session_clock


@pytest.fixture
def app(session_app: FastAPI, clock: MovableClock, emptied: None) -> FastAPI:
    """The service, with no case in it."""
    return session_app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Calls the service as a stranger; add one of `keys` to be somebody."""
    transport = ASGITransport(app=app)
    async with AsyncClient(transport=transport, base_url="http://council.test") as one:
        yield one


@pytest.fixture
def keys(session_keys: Mapping[str, str]) -> Mapping[str, dict[str, str]]:
    """For each role the header that says who calls."""
    return {role: {"Authorization": f"Bearer {key}"} for role, key in session_keys.items()}


@pytest.fixture
def staff(keys: Mapping[str, dict[str, str]]) -> Mapping[str, dict[str, str]]:
    """The same, with the officer who acts: what staff send with every change."""
    return {role: header | {"Acting-Officer": "p.officer"} for role, header in keys.items()}


@pytest.fixture
async def session(database_url: str, emptied: None) -> AsyncIterator[AsyncSession]:
    """A transaction on the shared database that is never committed."""
    engine = create_async_engine(as_sqlalchemy(database_url), poolclass=NullPool)
    async with AsyncSession(engine, expire_on_commit=False) as one:
        yield one
    await engine.dispose()


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports without their charts, which take seconds."""

    async def nothing(_report: Report, _kind: Kind, *, needed: bool = False) -> Pictures:
        return {}

    for place in DRAWN_FOR:
        monkeypatch.setattr(place, nothing)


@pytest.fixture
def make_key(app: FastAPI, clock: MovableClock, settings: Settings) -> MakeKey:
    """Makes a key for a new client with these scopes; without any, for the client named."""

    async def make(
        *scopes: Scope,
        client: str | None = None,
        services: Iterable[str] | None = None,
        lives: timedelta = LONGEST_LIFE,
    ) -> str:
        slug = client or f"client-{secrets.token_hex(4)}"
        env, pepper = KEY_ENV[settings.mode], app.state.pepper
        async with app.state.database.sessions.begin() as one:
            if scopes:
                await add_client(
                    one, slug=slug, name=slug, scopes=scopes, services=services, now=clock()
                )
            key = await issue_key(
                one, client=slug, env=env, pepper=pepper, now=clock(), lives=lives
            )
        return str(key)

    return make
