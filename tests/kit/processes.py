"""Waiting for processes, and ending only those that a test started."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

PATIENCE = 100.0  # seconds after which a wait has failed; what is waited for takes far less


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that must happen soon."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether a process has ended, or is only waiting to be counted as ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that Postgres' own user may pass through, as root; pytest's folders are private."""
    folder = Path(tempfile.mkdtemp(prefix="council-own-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        stop_leftovers(folder)
        shutil.rmtree(folder)


def stop_leftovers(folder: Path) -> None:
    """Stop a Postgres that a failed test left on data under a folder."""
    for notes in folder.rglob("postmaster.pid"):
        pid = int(notes.read_text().split()[0])
        cwd = Path(f"/proc/{pid}/cwd")
        if not gone(pid) and cwd.readlink() == notes.parent:
            os.kill(pid, signal.SIGQUIT)
            until(partial(gone, pid))
