"""A folder with a database in it, and services on it that can be killed at any moment.

The database is the embedded one as it ships, durable; the harness holds its share of it, so that
killing a service does not stop Postgres, and either service or harness starts it again.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from socket import create_server

import asyncpg
import httpx
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.demo.filling import COUNCIL_FILE
from app.demo.roles import admit
from app.kit import migrate
from app.kit.clock import system_clock
from app.kit.embedded import DATABASE, Embedded
from app.kit.settings import Mode
from app.main import KEY_ENV
from app.procedures.commands import load_council
from tests.conftest import PEPPER, as_sqlalchemy
from tests.faults.service import STANDING_BY

PATIENCE = 60.0  # seconds after which a wait has failed; what is waited for takes far less

# Just before a commit, the window in which a service that answers too early loses what it said.
_WIDEN = """
CREATE SCHEMA faults;
CREATE FUNCTION faults.linger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON ops.idempotency
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION faults.linger();
GRANT USAGE ON SCHEMA faults TO PUBLIC;
"""


ROOT = Path(__file__).parents[2]


class Service:
    """One process of the service: standing by, then serving, then killed."""

    def __init__(self, log: Path, environment: Mapping[str, str], broken: str | None) -> None:
        with log.open("ab") as written:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.service", *([broken] if broken else [])],
                cwd=log.parent,  # away from a developer's .env
                env={**environment, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def serve(self) -> None:
        """Serve, once the app is loaded."""
        out, into = self._process.stdout, self._process.stdin
        assert out
        assert into
        said = await asyncio.to_thread(out.readline)
        assert said.strip() == STANDING_BY, f"it ended with {self._process.wait()}"
        into.write("serve\n")
        into.flush()

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        """End the process, and say with which code it did."""
        self._process.send_signal(how)
        code = self._process.wait(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        return code


class Installation:
    """A database and the services on it, one serving and some standing by to take over."""

    def __init__(
        self,
        folder: Path,
        *,
        broken: str | None = None,
        spares: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.log = folder / "service.log"
        self.postgres = Embedded(folder / "data")
        self.keys: Mapping[str, str] = {}
        self.kills = {"app": 0, "postgres": 0}
        self._broken = broken
        self._given = environment or {}
        self._spares = spares
        self._standing_by: list[Service] = []
        self._all: list[Service] = []
        self._serving: Service | None = None
        with create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def serving(self) -> Service:
        assert self._serving is not None
        return self._serving

    @property
    def postgres_log(self) -> Path:
        return next((self.folder / "data" / "postgres").rglob("postgres.log"))

    def role(self, name: str) -> dict[str, str]:
        """The headers of one of the demonstration's roles."""
        return {"Authorization": f"Bearer {self.keys[name]}", "Acting-Officer": "p.officer"}

    async def begin(self, *, widened: bool = False) -> None:
        """Make the database, with a council and keys in it, and serve."""
        self._stand_by()  # its modules load while the database is made
        await asyncio.to_thread(self.postgres.start)
        await migrate.upgrade(as_sqlalchemy(self.postgres.url))
        await self._found_council()
        if widened:
            async with self.database() as connection:
                await connection.execute(_WIDEN)
        await self.serve()
        await self.ready()

    def errors(self) -> list[str]:
        """What the services complained of that should never happen."""
        return [line for line in self.log.read_text().splitlines() if '"level": "error"' in line]

    async def serve(self) -> None:
        """Let the service that stands by serve, and have others stand by."""
        self._stand_by()
        self._serving = self._standing_by.pop(0)
        await self._serving.serve()

    async def ready(self) -> None:
        """Wait until the service says that all is well."""
        async with httpx.AsyncClient(base_url=self.address) as client, asyncio.timeout(PATIENCE):
            while True:
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    assert self.serving.lives, self.log.read_text()[-2000:]
                await asyncio.sleep(0.02)

    async def kill_app(self) -> None:
        """Kill the service, and let the next one serve."""
        self.serving.end()
        self.kills["app"] += 1
        await self.serve()

    def kill_postgres(self, how: signal.Signals = signal.SIGKILL) -> int:
        """End Postgres; the service, which watches over it, starts it again."""
        pid = self.postgres.pid
        assert pid is not None, "Postgres was not running"
        os.kill(pid, how)
        self.kills["postgres"] += how is signal.SIGKILL
        return pid

    @asynccontextmanager
    async def database(
        self, name: str = DATABASE
    ) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A way into the database beside the service, as its administrator."""
        url = self.postgres.admin_url.replace("/postgres?", f"/{name}?")
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            await connection.close()

    async def recovered(self) -> None:
        """Have Postgres running and the service well, whatever was done to them."""
        await asyncio.to_thread(self.postgres.revive)
        if not self.serving.lives:
            await self.serve()
        await self.ready()

    def end(self) -> None:
        """End whatever was started."""
        for service in self._all:
            if service.lives:
                service.end()
        self.postgres.stop()

    def _stand_by(self) -> None:
        while len(self._standing_by) <= self._spares:
            one = Service(self.log, self._environment(), self._broken)
            self._standing_by.append(one)
            self._all.append(one)

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "HOST", "PORT"}
        }
        return inherited | {
            "COUNCIL_FEEDBACK_DATA_DIR": str(self.folder / "data"),
            "COUNCIL_FEEDBACK_MODE": Mode.production,
            "COUNCIL_FEEDBACK_PEPPER": PEPPER,
            "COUNCIL_FEEDBACK_LOG_LEVEL": "WARNING",
            "PORT": str(self._port),
            **self._given,
        }

    async def _found_council(self) -> None:
        engine = create_async_engine(as_sqlalchemy(self.postgres.url), poolclass=NullPool)
        async with AsyncSession(engine) as session, session.begin():
            await load_council(session, COUNCIL_FILE.read_text())
            self.keys = await admit(
                session, env=KEY_ENV[Mode.production], pepper=PEPPER.encode(), now=system_clock()
            )
        await engine.dispose()


@asynccontextmanager
async def installed(*, widened: bool = False, **options: object) -> AsyncIterator[Installation]:
    """An installation that serves, and leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="council-faults-"))
    folder.chmod(0o711)
    one = Installation(folder, **options)  # type: ignore[arg-type]  # as its own arguments are
    try:
        await one.begin(widened=widened)
        yield one
    finally:
        await asyncio.to_thread(one.end)
        shutil.rmtree(folder)
