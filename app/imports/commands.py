"""Bringing history in: a file read line by line, judged by the rules, stored batch by batch.

What is stored stays, whatever happens to the rest. The same file can be sent again at any time:
what is known already is left as it is.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from app.cases.record import Author
from app.imports.batches import Storing, counted, store, unstorable
from app.imports.flat_csv import read_header
from app.imports.knowledge import Judgement, Knowledge, Verdict
from app.imports.lines import RawLine, raw_lines
from app.imports.queries import what_is_known
from app.imports.reading import Reading, read_flat, read_line
from app.imports.vocabulary import Format, Result
from app.kit.clock import Clock, london_day
from app.kit.db import AsyncpgConnection, AsyncpgPool, connection
from app.kit.problem import Unavailable
from app.procedures.reference import ReferenceData

BATCH = 500
_BATCH_BYTES = 4 * 1024 * 1024
_IN_ONE_GO = 20  # lines judged before others get their turn
_ATTEMPTS = 5

_BEGIN = """
INSERT INTO ops.import_run
  (source, format, digest, client, officer, started_at, lines_read,
   taken, unchanged, linked, differs, refused)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0, 0)
RETURNING id
"""
_INTERRUPTED = """
SELECT id, started_at, lines_read, taken, unchanged, linked, differs, refused
FROM ops.import_run
WHERE digest = $1 AND format = $2 AND client = $3 AND finished_at IS NULL
ORDER BY id DESC LIMIT 1
"""
_FINISH = "UPDATE ops.import_run SET finished_at = $2 WHERE id = $1"

# Somebody else has stored, or is storing, what this batch did not know of.
_CLASHES = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.SerializationError,
)
_NOT_STORABLE = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A file of history, and who brings it in."""

    source: str
    layout: Format
    by: Author
    dry_run: bool = False
    digest: bytes | None = None  # SHA-256 of the file: an interrupted run of it is gone on with


@dataclass(slots=True)
class Run:
    """How far an import has come."""

    asked: Import
    started_at: datetime
    id: int | None = None  # none in a dry run
    finished_at: datetime | None = None
    lines_read: int = 0
    counts: Counter[Result] = field(default_factory=Counter)


Watch = Callable[[Run, Sequence[Verdict]], None]


async def import_lines(
    pool: AsyncpgPool,
    chunks: AsyncIterable[bytes],
    asked: Import,
    *,
    council: ReferenceData,
    clock: Clock,
    watch: Watch = lambda _run, _verdicts: None,
    batch_size: int = BATCH,
) -> Run:
    """Bring in a file, given in pieces of any size; `watch` sees each batch once it is stored.

    Raises WrongHeader before anything is stored, and RunTakenOver where the same interrupted run
    is gone on with elsewhere.
    """
    lines = raw_lines(chunks, asked.layout)
    read = await _reader(lines, asked.layout)
    run = await _begin(pool, asked, clock())
    importing = _Importing(pool, run, council, clock)
    async for batch in _batches(lines, after=run.lines_read, size=batch_size):
        verdicts = await importing.settle(await _readings(batch, read))
        run.counts.update(counted(verdicts))
        run.lines_read = batch[-1].last
        watch(run, verdicts)
    run.finished_at = clock()
    if run.id is not None:
        async with connection(pool) as held:
            await held.execute(_FINISH, run.id, run.finished_at)
    return run


_Read = Callable[[RawLine], Reading]


async def _reader(lines: AsyncIterator[RawLine], layout: Format) -> _Read:
    if layout is Format.json_lines:
        return read_line
    first = await anext(lines, None)
    header = read_header(first.text if first else "")
    return lambda raw: read_flat(raw, header)


async def _begin(pool: AsyncpgPool, asked: Import, now: datetime) -> Run:
    """A new run, or the one of this very file that was interrupted."""
    run = Run(asked, now)
    if asked.dry_run:
        return run
    async with connection(pool) as held:
        if asked.digest is not None:
            found = await held.fetchrow(_INTERRUPTED, asked.digest, asked.layout, asked.by.client)
            if found is not None:
                run.id, run.started_at, run.lines_read, *counts = found
                run.counts.update(dict(zip(Result, counts, strict=True)))
                return run
        run.id = await held.fetchval(
            _BEGIN,
            asked.source,
            asked.layout,
            asked.digest,
            asked.by.client,
            asked.by.officer,
            now,
        )
    return run


async def _batches(
    lines: AsyncIterator[RawLine], *, after: int, size: int
) -> AsyncIterator[list[RawLine]]:
    batch: list[RawLine] = []
    held = 0
    async for line in lines:
        if line.last <= after:
            continue
        batch.append(line)
        held += len(line.data)
        if len(batch) == size or held > _BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


async def _readings(batch: Sequence[RawLine], read: _Read) -> list[Reading]:
    readings = []
    for number, line in enumerate(batch):
        if number % _IN_ONE_GO == 0:
            await asyncio.sleep(0)
        readings.append(read(line))
    return readings


@dataclass(slots=True)
class _Importing:
    """A run at work."""

    pool: AsyncpgPool
    run: Run
    council: ReferenceData
    clock: Clock
    carried: Knowledge = field(default_factory=dict)  # what a dry run would have stored

    async def settle(self, readings: Sequence[Reading]) -> list[Verdict]:
        """Judge and store a batch; line by line where the database will not have it whole."""
        for _ in range(2):
            verdicts = await self._attempt(readings, read_before=self.run.lines_read)
            if verdicts is not None:
                return verdicts
        settled = []
        read = self.run.lines_read
        for reading in readings:
            settled += await self._alone(reading, read_before=read)
            read = reading.raw.last
        return settled

    async def _alone(self, reading: Reading, *, read_before: int) -> list[Verdict]:
        for _ in range(_ATTEMPTS):
            verdicts = await self._attempt([reading], read_before=read_before)
            if verdicts is not None:
                return verdicts
        raise Unavailable("Others are changing the same cases. Send the file again.")

    async def _attempt(
        self, readings: Sequence[Reading], *, read_before: int
    ) -> list[Verdict] | None:
        """Judge lines by what is known now and store them; none where others were faster."""
        async with connection(self.pool) as held:
            verdicts = await self._judged(held, readings)
            if self.run.id is None:
                return verdicts
            try:
                await store(held, verdicts, self._storing(readings, read_before))
            except _CLASHES:
                return None
            except _NOT_STORABLE:
                if len(readings) > 1:
                    return None
                refused = [Verdict(readings[0], Result.refused, faults=(unstorable(),))]
                await store(held, refused, self._storing(readings, read_before))
                return refused
            return verdicts

    async def _judged(self, held: AsyncpgConnection, readings: Sequence[Reading]) -> list[Verdict]:
        names = {name for reading in readings if reading.line for name in reading.names}
        knowledge = self.carried if self.run.id is None else {}
        knowledge.update(await what_is_known(held, names))
        judgement = Judgement(self.run.asked.by.client, london_day(self.clock()), self.council)
        verdicts = []
        for number, reading in enumerate(readings):
            if number % _IN_ONE_GO == 0:
                await asyncio.sleep(0)
            verdicts.append(judgement.of(reading, knowledge))
        return verdicts

    def _storing(self, readings: Sequence[Reading], read_before: int) -> Storing:
        assert self.run.id is not None
        now = self.clock()
        last = readings[-1].raw.last
        return Storing(self.run.id, self.run.asked.by, now, london_day(now), read_before, last)
