"""A Postgres of a rehearsal's own, as durable as a real one: with replicas, archive and restores.

It runs the programs that come with the service, on loopback, as the user the embedded one runs as.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg

from app.kit.embedded import Embedded
from app.kit.postmaster import Place, Postmaster
from app.kit.settings import kept_secret
from app.kit.unprivileged import runner_for
from tests.kit.processes import free_port, stop_leftovers

DATABASE = "council_feedback"
ROLE = "council"  # owns the database, and may no more than that
_RESTORING = "SELECT pg_is_in_recovery()"
PATIENCE = 60.0  # seconds after which a wait has failed; what is waited for takes far less

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "wal_keep_size": "256MB",
    "hot_standby": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class Site:
    """A folder for the clusters of one rehearsal, and the programs they run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runner = runner_for(None)
        self.programs = Embedded._programs(self.place("programs"), self.runner)
        self.clusters: list[Cluster] = []

    def place(self, name: str) -> Path:
        """A folder that Postgres may use."""
        path = self.folder / name
        path.mkdir(mode=0o700)
        self.runner.take(path)
        return path

    def cluster(self, name: str, **options: str) -> "Cluster":
        """A new cluster, empty and running."""
        made = Cluster(self, name, options)
        made.create()
        return made


@contextmanager
def site() -> Iterator[Site]:
    """A place for clusters; nothing is left of it, whatever happened there."""
    folder = Path(tempfile.mkdtemp(prefix="council-drill-"))
    folder.chmod(0o711)  # as root, Postgres' own user must pass through it
    made = Site(folder)
    try:
        yield made
    finally:
        for cluster in made.clusters:
            cluster.kill()
        shutil.rmtree(folder)


class Cluster:
    """One server, and what can be done to it."""

    def __init__(self, of: Site, name: str, options: Mapping[str, str]) -> None:
        self._site = of
        self.place = Place(of.place(name), of.programs, of.place(f"{name}-socket"), of.runner)
        self.port = free_port()
        fixed = {"port": str(self.port), "unix_socket_directories": str(self.place.socket)}
        self._options = {**_OPTIONS, **options, **fixed}
        self._postmaster = self._new_postmaster()
        of.clusters.append(self)

    def url(self, role: str = ROLE, database: str = DATABASE) -> str:
        """Where a program finds it."""
        secret = quote(self.place.password.read_text().strip())
        return f"postgresql://{role}:{secret}@127.0.0.1:{self.port}/{database}"

    @property
    def admin_url(self) -> str:
        """The same, for its administrator."""
        return self.url("postgres", "postgres")

    def create(self) -> None:
        """Make it, with an empty database and the role that owns it."""
        place = self.place
        secret = kept_secret(place.password)
        place.runner.take(place.password)
        place.call(
            "initdb",
            f"--pgdata={place.data}",
            f"--pwfile={place.password}",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
        )
        place.call(
            *("postgres", "--single", "-D", str(place.data), "postgres"),
            given=f"CREATE ROLE {ROLE} LOGIN PASSWORD '{secret}';\n"
            f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n",
        )
        self.start()

    def start(self) -> None:
        """Have it run and take connections, as what it is."""
        self._postmaster.run()

    def stop(self) -> None:
        """Stop it in order."""
        self._postmaster.end()

    def lose(self) -> None:
        """The machine is gone, with everything on its disk."""
        self.kill()
        shutil.rmtree(self.place.data)

    def kill(self) -> None:
        """End it as a crash does."""
        stop_leftovers(self.place.home)
        if self._postmaster._child is not None:
            self._postmaster._child.wait()

    def copy_to(self, folder: Path) -> None:
        """A base backup, taken while the cluster works."""
        self._back_up(folder, "--wal-method=none", "--manifest-checksums=SHA256")

    def replica(self, name: str) -> "Cluster":
        """A streaming replica of this one."""
        made = self._twin(name)
        self._back_up(made.place.data, "--write-recovery-conf", "--wal-method=stream")
        made.start()
        return made

    async def restored(self, name: str, *, backup: Path, archive: Path, moment: str) -> "Cluster":
        """A new cluster from a base backup and the archive, as this one was at a moment."""
        made = self._twin(name)
        shutil.copytree(backup, made.place.data)
        for path in (made.place.data, *made.place.data.rglob("*")):
            made.place.runner.take(path)
        (made.place.data / "recovery.signal").touch()
        made._options |= {
            "restore_command": f"cp {archive}/%f %p",
            "recovery_target_time": moment,
            "recovery_target_action": "promote",
        }
        made._postmaster = made._new_postmaster()
        made.start()  # ready to be read, while it is being restored
        await made._promoted()
        return made

    async def _promoted(self) -> None:
        connection = await asyncpg.connect(self.admin_url)
        try:
            async with asyncio.timeout(PATIENCE):
                while await connection.fetchval(_RESTORING):  # noqa: ASYNC110  # there is no event
                    await asyncio.sleep(0.05)
        finally:
            await connection.close()

    def _back_up(self, folder: Path, *how: str) -> None:
        source = f"--dbname={self.admin_url}"
        self.place.call("pg_basebackup", source, f"--pgdata={folder}", "--checkpoint=fast", *how)

    def _twin(self, name: str) -> "Cluster":
        made = Cluster(self._site, name, {})
        made.place.password.write_text(self.place.password.read_text())
        return made

    def _new_postmaster(self) -> Postmaster:
        return Postmaster(self.place, self._options, patience=PATIENCE)
