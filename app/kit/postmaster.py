"""One Postgres on one folder of data: whether it runs, starting it, ending it."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.kit.unprivileged import Runner

STEP = 0.02  # seconds between two looks at what we wait for

_PROC = Path("/proc")
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of ours leaks into it
_STATUS_LINE = 8  # of postmaster.pid
_LOG_LIMIT = 5_000_000  # bytes


class CannotRun(Exception):
    """Postgres cannot be run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one Postgres lies, and whom it runs as."""

    home: Path
    programs: Path
    socket: Path
    runner: Runner

    @property
    def data(self) -> Path:
        """What Postgres itself keeps."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What Postgres has to say."""
        return self.home / "postgres.log"

    @property
    def password(self) -> Path:
        """The password of every role, made for this installation."""
        return self.home / "password"

    def call(self, program: str, *arguments: str, given: str = "") -> None:
        """Run one of Postgres' programs to its end."""
        with subprocess.Popen(  # noqa: S603  # our own program, with arguments of our own
            [self.programs / program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.home,
            env=_ENVIRONMENT,
            umask=0o077,
            start_new_session=True,
            **self.runner.arguments,
        ) as process:
            try:
                _, words = process.communicate(given.encode())
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)  # and what it has started itself
                raise
        if process.returncode:
            raise CannotRun(f"{program} failed: {words.decode(errors='replace').strip()}")


class Postmaster:
    """The process that runs on a place's data, whether or not it was started by us."""

    def __init__(self, place: Place, options: Mapping[str, str], *, patience: float) -> None:
        self._place = place
        self._options = options
        self._patience = patience
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process, if there is one."""
        pid = self._noted_pid()
        return pid if pid is not None and self._runs(pid) else None

    @property
    def is_ready(self) -> bool:
        """Whether Postgres has said that it takes connections: the eighth line it writes."""
        if self.pid is None:
            return False
        lines = self._notes()
        return len(lines) >= _STATUS_LINE and lines[_STATUS_LINE - 1].strip() == "ready"

    def run(self) -> None:
        """Have Postgres running and ready, whoever started it."""
        deadline = time.monotonic() + self._patience
        launched = False
        while not self.is_ready:
            if self.pid is None and not self._child_runs:
                # of a postmaster that was killed, the last children may still be leaving
                if launched and "still in use" not in self._last_words():
                    raise CannotRun(f"Postgres will not start: {self._last_words()}")
                self._forget_reused_pid()
                self._launch()
                launched = True
            if time.monotonic() > deadline:
                raise CannotRun(f"Postgres is not ready to serve yet: {self._last_words()}")
            time.sleep(STEP)

    def end(self) -> None:
        """Stop Postgres in order; if it does not, as in a crash, which it recovers from."""
        self._wait_until_it_says_who_it_is()
        pid = self.pid
        if pid is None:
            self._reap()
            return
        for how in (signal.SIGINT, signal.SIGQUIT):
            deadline = time.monotonic() + self._patience / 3
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
            while self._runs(pid) and time.monotonic() < deadline:
                time.sleep(STEP)
            if not self._runs(pid):
                self._reap()
                return
        raise CannotRun(f"Postgres (process {pid}) does not stop: {self._last_words()}")

    def leave(self) -> None:
        """Let Postgres run on for the others who use it."""
        if self._child is not None:
            self._child.returncode = 0  # or Python warns of a child that nobody waited for
            self._child = None

    def _wait_until_it_says_who_it_is(self) -> None:
        """One that was launched a moment ago is not to be taken for none, and left running."""
        deadline = time.monotonic() + self._patience / 3
        while self._child_runs and self.pid is None and time.monotonic() < deadline:
            time.sleep(STEP)

    @property
    def _child_runs(self) -> bool:
        """Whether the process that we started has not ended."""
        return self._child is not None and self._child.poll() is None

    def _reap(self) -> None:
        """Take note that what we started has ended, or Python warns of a child left behind."""
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout=STEP * 20)

    def _launch(self) -> None:
        log = self._place.log
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.rename(log.with_suffix(".log.1"))
        with log.open("ab") as written:
            self._child = subprocess.Popen(  # noqa: S603  # our own program and arguments
                [
                    self._place.programs / "postgres",
                    "-D",
                    self._place.data,
                    *(f"--{name}={value}" for name, value in self._options.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                cwd=self._place.home,
                env=_ENVIRONMENT,
                umask=0o077,
                start_new_session=True,  # a Ctrl-C at the terminal is for the service alone
                **self._place.runner.arguments,
            )

    def _notes(self) -> list[str]:
        """What Postgres has written down about itself, so that there is one on the data."""
        try:
            return (self._place.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _noted_pid(self) -> int | None:
        """The process that was to run on the data, whatever has become of it."""
        notes = self._notes()
        return int(notes[0]) if notes and notes[0].isdigit() else None

    def _runs(self, pid: int) -> bool:
        """Whether a process is Postgres on this data, and not another that got its number."""
        return _exists(pid, self._child) and (
            not _PROC.exists() or _folder_of(pid) == self._place.data
        )

    def _forget_reused_pid(self) -> None:
        """Keep Postgres from taking another program for itself; it cannot tell them apart."""
        pid = self._noted_pid()
        if pid is not None and _exists(pid, self._child):
            (self._place.data / "postmaster.pid").unlink()
            (self._place.socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _last_words(self) -> str:
        log = self._place.log
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return " ".join(lines[-3:]) or "it said nothing."


def _exists(pid: int, child: "subprocess.Popen[bytes] | None") -> bool:
    """Whether there is a process of that number, our own children counted out when they end."""
    if child is not None:
        child.poll()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # of another user
    return True


def _folder_of(pid: int) -> Path | None:
    """Where a process works: Postgres in its data. None for one that has ended, or is not ours."""
    try:
        return (_PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None
