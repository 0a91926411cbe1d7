"""A batch of lines, stored whole or not at all: new cases, links, and what could not be taken."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

from app.cases.record import Author
from app.cases.workflow import Act
from app.imports.checks import Fault
from app.imports.knowledge import Verdict
from app.imports.models import ImportReject
from app.imports.rows import NewCase, copy_in
from app.imports.vocabulary import KEPT, Result
from app.kit.db import AsyncpgConnection
from app.kit.problem import Problem
from app.kit.tables import PII

_NUMBERS = "SELECT nextval('core.case_id_seq') FROM generate_series(1, $1)"

# Only the process that read up to the line before may say that it has read on.
_MOVE_ON = """
UPDATE ops.import_run
SET lines_read = $3, taken = taken + $4, unchanged = unchanged + $5, linked = linked + $6,
    differs = differs + $7, refused = refused + $8
WHERE id = $1 AND lines_read = $2 AND finished_at IS NULL
RETURNING id
"""
_LINK = """
WITH changed AS (
  UPDATE core."case" SET version = version + 1 WHERE id = $1 RETURNING id, version
), named AS (
  INSERT INTO core.case_system (system, reference, case_id)
  SELECT given.system, given.reference, id
  FROM changed, unnest($2::text[], $3::text[]) AS given (system, reference)
)
INSERT INTO audit.entry
  (case_id, version, act, happened_on, recorded_at, client, officer, changes)
SELECT id, version, $4, $5, $6, $7, $8, $9::jsonb FROM changed
"""
_RESOLVE = """
UPDATE pii.import_reject SET resolved_at = $2, raw = NULL
WHERE resolved_at IS NULL AND names && $1::text[]
"""
# A line that is sent again and refused again is kept once, under the latest run.
_FORGET = """
DELETE FROM pii.import_reject
WHERE resolved_at IS NULL AND run_id <> $1 AND digest = ANY ($2::bytea[])
"""
_REJECT = tuple(ImportReject.model_fields)


class RunTakenOver(Problem):
    """Another process goes on with the same interrupted run."""

    status = HTTPStatus.CONFLICT
    title = "The file is being imported by another process"


@dataclass(frozen=True, slots=True)
class Storing:
    """Under which run, for whom and when a batch is stored, and up to which line it reads."""

    run_id: int
    by: Author
    now: datetime
    today: date
    read_before: int
    read_now: int


def counted(verdicts: Iterable[Verdict]) -> Counter[Result]:
    """How many lines came to each result."""
    return Counter(verdict.result for verdict in verdicts)


async def store(
    connection: AsyncpgConnection, verdicts: Sequence[Verdict], storing: Storing
) -> None:
    """Write a batch in one transaction.

    Raises RunTakenOver where somebody else has gone on with the run, and whatever the database
    raises where it knows better by now than the verdicts do.
    """
    async with connection.transaction():
        await _move_on(connection, verdicts, storing)
        taken = await _numbered(connection, verdicts)
        if taken:
            await copy_in(connection, taken, run_id=storing.run_id, now=storing.now)
        for verdict in verdicts:
            if verdict.result is Result.linked:
                await _link(connection, verdict, storing)
        await _resolve(connection, verdicts, storing)
        await _keep(connection, verdicts, storing)


async def _move_on(
    connection: AsyncpgConnection, verdicts: Sequence[Verdict], storing: Storing
) -> None:
    counts = counted(verdicts)
    moved = await connection.fetchval(
        _MOVE_ON,
        storing.run_id,
        storing.read_before,
        storing.read_now,
        *(counts[result] for result in Result),
    )
    if moved is None:
        raise RunTakenOver("Wait until it is done; then import the file again to see what is left.")


async def _numbered(connection: AsyncpgConnection, verdicts: Sequence[Verdict]) -> list[NewCase]:
    """The cases to be taken, each with a number of its own."""
    taken = [verdict for verdict in verdicts if verdict.result is Result.taken]
    numbers = await connection.fetch(_NUMBERS, len(taken)) if taken else []
    cases = []
    for verdict, row in zip(taken, numbers, strict=True):
        reading, known, record = verdict.reading, verdict.known, verdict.record
        assert reading.line is not None
        assert known is not None
        assert record is not None
        known.number = row["nextval"]
        cases.append(NewCase(row["nextval"], reading.line, record, reading.fingerprint))
    return cases


async def _link(connection: AsyncpgConnection, verdict: Verdict, storing: Storing) -> None:
    """Give a case further names. That changes what is shown of it, so it is a new version."""
    assert verdict.known is not None
    systems, references = zip(*sorted(verdict.new_names), strict=True)
    named = [
        {"system": system, "reference": reference}
        for system, reference in zip(systems, references, strict=True)
    ]
    await connection.execute(
        _LINK,
        verdict.known.number,
        systems,
        references,
        Act.correct,
        storing.today,
        storing.now,
        storing.by.client,
        storing.by.officer,
        json.dumps({"systems": named}),
    )


async def _resolve(
    connection: AsyncpgConnection, verdicts: Sequence[Verdict], storing: Storing
) -> None:
    """Settle what earlier runs could not take: the words that were kept of it are let go."""
    names = [name for verdict in verdicts if _settles(verdict) for name in _named(verdict)]
    if names:
        await connection.execute(_RESOLVE, names, storing.now)


async def _keep(
    connection: AsyncpgConnection, verdicts: Sequence[Verdict], storing: Storing
) -> None:
    """Keep what was not taken, with its reasons."""
    settled: set[str] = set()
    rows = []
    for verdict in reversed(verdicts):
        names = _named(verdict)
        if verdict.result in KEPT:
            resolved = not settled.isdisjoint(names)
            rows.append(_reject(verdict, names, storing, resolved=resolved))
        elif _settles(verdict):
            settled.update(names)
    if not rows:
        return
    await connection.execute(_FORGET, storing.run_id, [row["digest"] for row in rows])
    await connection.copy_records_to_table(
        ImportReject.__tablename__,
        schema_name=PII["schema"],
        columns=_REJECT,
        records=[tuple(row[name] for name in _REJECT) for row in rows],
    )


def _reject(
    verdict: Verdict, names: list[str], storing: Storing, *, resolved: bool
) -> dict[str, object]:
    raw = verdict.reading.raw
    return {
        "run_id": storing.run_id,
        "line_number": raw.number,
        "result": verdict.result,
        "names": names,
        "problems": json.dumps([fault.shown() for fault in verdict.faults]),
        "digest": hashlib.sha256(raw.data).digest(),
        "raw": None if resolved else raw.text,
        "resolved_at": storing.now if resolved else None,
    }


def _settles(verdict: Verdict) -> bool:
    return verdict.result in {Result.taken, Result.linked}


def _named(verdict: Verdict) -> list[str]:
    return [f"{system}:{reference}" for system, reference in verdict.reading.names]


def unstorable() -> Fault:
    """Why a line is refused that the rules let through and the database did not."""
    problem = NotStorable("Tell us the run and the line: our own checks should have said why.")
    return Fault.of("", problem)


class NotStorable(Problem):
    """The database holds to more than the rules did."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The case cannot be stored"
