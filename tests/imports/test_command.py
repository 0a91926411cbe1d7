"""`council-feedback import`, as it is typed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import PEPPER, NewDatabase
from tests.imports.past import ACCEPT, ANSWER, line, written

Start = Callable[..., "subprocess.Popen[str]"]
COUNT = 'SELECT count(*) FROM core."case"'


@pytest.fixture
async def database(new_database: NewDatabase) -> str:
    return await new_database()


@pytest.fixture
def hearing_interrupts() -> Iterator[None]:
    """A shell has what it runs in the background ignore interrupts, and so would the command."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def start(database: str, tmp_path: Path, hearing_interrupts: None) -> Start:
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "COUNCIL_FEEDBACK_MODE": "production",
        "COUNCIL_FEEDBACK_PEPPER": PEPPER,
        "COUNCIL_FEEDBACK_DATA_DIR": str(tmp_path / "data"),
    }

    def begin(*words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def run(start: Start, *words: str) -> tuple[int, str, str]:
    with start(*words) as process:
        said, complained = process.communicate(timeout=60)
    return process.returncode, said, complained


async def cases(database: str) -> int:
    connection = await asyncpg.connect(database)
    try:
        return int(await connection.fetchval(COUNT))
    finally:
        await connection.close()


async def test_a_file_is_brought_in_and_brought_in_again(
    start: Start, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "past.jsonl"
    file.write_bytes(written([line(ACCEPT, ANSWER), line(ACCEPT)]))
    code, said, complained = run(start, "import", str(file))
    assert (code, said.split()) == (0, ["2", "taken"]), complained
    code, said, _ = run(start, "import", str(file))
    assert (code, said.split()) == (0, ["2", "known", "and", "unchanged"])
    assert await cases(database) == 2


async def test_refused_lines_are_told_and_make_the_command_fail(
    start: Start, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "past.jsonl"
    file.write_bytes(written([line(), line(ANSWER)]))
    code, said, _ = run(start, "import", "--dry-run", str(file))
    assert code == 1
    assert said.splitlines() == [
        "line 2 /acts/0: Stage 1 is not in hand.",
        "A dry run: nothing was stored.",
        "        1 taken",
        "        1 refused",
    ]
    assert await cases(database) == 0
    code, said, _ = run(start, "import", str(file))
    assert code == 1
    assert "GET /v1/imports/1/rejects" in said
    assert await cases(database) == 1


async def test_a_table_is_known_by_its_name(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "past.CSV"
    file.write_text("system,reference\n")
    code, _, complained = run(start, "import", str(file))
    assert code == 1
    assert "missing: other_system" in complained


async def test_it_can_be_stopped_and_goes_on_where_it_stopped(
    start: Start, database: str, tmp_path: Path
) -> None:
    total = 3_000
    file = tmp_path / "past.jsonl"
    file.write_bytes(written([line(ACCEPT, ANSWER) for _ in range(total)]))
    look = await asyncpg.connect(database)
    with start("import", str(file)) as process:
        deadline = time.monotonic() + 60
        while not await look.fetchval(COUNT):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=60)
    await look.close()
    assert (process.returncode, "Stopped." in complained) == (1, True), complained
    stored = await cases(database)
    assert 0 < stored < total
    assert stored % 500 == 0
    code, said, _ = run(start, "import", str(file))
    assert (code, said.split()) == (0, ["3,000", "taken"])
    assert await cases(database) == total
