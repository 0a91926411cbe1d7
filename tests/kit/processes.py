"""Waiting for processes, and ending only those that a test started."""

import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_server
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE = 100.0  # seconds after which a wait has failed; what is waited for takes far less


def until(happened: Callable[[], Found]) -> Found:
    """Wait for something that must happen soon, and give what it was."""
    deadline = time.monotonic() + PATIENCE
    while not (found := happened()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def free_port() -> int:
    """A port to listen on soon: below those that Linux gives to outgoing connections."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), create_server(("127.0.0.1", port)):
            return port


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


def working_under(folder: Path) -> list[int]:
    """The processes whose current directory is a folder, or in it. Nobody but us works there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is not ours
            if (process / "cwd").readlink().is_relative_to(folder.resolve()):
                found.append(int(process.name))
    return found


def stop_leftovers(folder: Path) -> None:
    """Stop what a test left at work under a folder: a Postgres, or the initdb that makes one."""

    def stopped() -> bool:
        left = working_under(folder)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        return not left

    until(stopped)
