"""An import as the command line shows it: a bar while it goes on, and then what became of it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from app.cases.record import Author
from app.imports.commands import Import, Run, import_lines
from app.imports.knowledge import Verdict
from app.imports.vocabulary import KEPT, Format, Result
from app.kit.clock import system_clock
from app.kit.db import Database
from app.procedures.queries import load_reference

CLIENT = "import"
_PIECE = 64 * 1024
_SHOWN = 50  # lines not taken, of which the terminal tells why

_SAID = {
    Result.taken: "taken",
    Result.unchanged: "known and unchanged",
    Result.linked: "known and linked to a further name",
    Result.differs: "known with another history, and left alone",
    Result.refused: "refused",
}


@dataclass(slots=True)
class _Shown:
    """What the terminal shows while lines are read."""

    console: Console
    progress: Progress
    bar: TaskID
    not_taken: int = 0

    async def pieces(self, file: Path) -> AsyncIterator[bytes]:
        with await asyncio.to_thread(file.open, "rb") as opened:
            while piece := opened.read(_PIECE):
                yield piece
                self.progress.advance(self.bar, len(piece))

    def watch(self, _run: Run, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if verdict.result not in KEPT:
                continue
            self.not_taken += 1
            if self.not_taken <= _SHOWN:
                for fault in verdict.faults:
                    where = f" {fault.pointer}" if fault.pointer else ""
                    line = verdict.reading.raw.number
                    self.console.print(f"line {line}{where}: {fault.detail}", soft_wrap=True)


async def import_file(database: Database, file: Path, *, dry_run: bool) -> bool:
    """Bring in a file and tell what became of it; whether every line is in the database now.

    A file that was cut off before is gone on with where it stopped.
    """
    async with database.snapshots() as session:
        council = await load_reference(session)
    size, digest = await asyncio.to_thread(_measured, file)
    asked = Import(
        source=file.name,
        layout=Format.flat_csv if file.suffix.lower() == ".csv" else Format.json_lines,
        by=Author(CLIENT),
        dry_run=dry_run,
        digest=digest,
    )
    console = Console(highlight=False, markup=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(file.name, total=size)
        shown = _Shown(console, progress, bar)
        run = await import_lines(
            database.pool,
            shown.pieces(file),
            asked,
            council=council,
            clock=system_clock,
            watch=shown.watch,
        )
    _tell(console, run)
    return not any(run.counts[result] for result in KEPT)


def _measured(file: Path) -> tuple[int, bytes]:
    with file.open("rb") as opened:
        return file.stat().st_size, hashlib.file_digest(opened, "sha256").digest()


def _tell(console: Console, run: Run) -> None:
    if run.id is None:
        console.print("A dry run: nothing was stored.")
    for result, said in _SAID.items():
        if run.counts[result]:
            console.print(f"{run.counts[result]:>9,} {said}")
    if run.id is not None and any(run.counts[result] for result in KEPT):
        console.print(
            "Lines that were not taken are kept with their reasons:"
            f" GET /v1/imports/{run.id}/rejects. Correct them and import them again.",
            soft_wrap=True,
        )
