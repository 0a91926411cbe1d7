"""A disk that is soon full, and what is needed to fill it."""

import asyncio
import os
import secrets
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd

BLOCK = b"\0" * 65_536
REFUSALS = 200  # in a row, until it counts as full


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A folder of memory, which only root can make."""
    with tempfile.TemporaryDirectory(prefix="council-disk-") as folder:
        Path(folder).chmod(0o711)
        place = Path(folder) / "small"
        place.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0711", "council-disk", place],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            pytest.fail(f"No small disk can be mounted; run this as root. {made.stderr.strip()}")
        try:
            yield place
        finally:
            subprocess.run(["umount", place], check=True)


def fill(disk: Path) -> Path:
    """Take whatever room is left, also what is given back meanwhile."""
    rest = disk / "rest"
    with rest.open("ab", buffering=0) as file:
        while os.statvfs(disk).f_bavail:
            with suppress(OSError):
                while file.write(BLOCK):
                    pass
    return rest


def words(field: str) -> str:
    """What a person says, long enough to need room; a name is short."""
    return secrets.token_hex(4_000) if field in {"narrative", "note"} else str(uuid.uuid4())


async def until_full(crowd: Crowd) -> None:
    """Wait until nobody is acknowledged any more: whatever room there was is used up too."""
    refused, acknowledged = crowd.ledger.turned_away, -1
    while crowd.ledger.turned_away < refused + REFUSALS:
        if acknowledged != crowd.ledger.acknowledged:
            refused, acknowledged = crowd.ledger.turned_away, crowd.ledger.acknowledged
        await asyncio.sleep(0.02)
