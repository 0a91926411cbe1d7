"""Taking feedback in: one statement, which is the whole transaction."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeAlias

import asyncpg
from pydantic_core import to_json

from app.access.principal import Principal
from app.cases.commands import entry_row
from app.cases.people import email_key, phone_key
from app.cases.record import Record
from app.cases.reference import reference_of
from app.cases.schemas import PersonIn
from app.intake.schemas import FeedbackIn
from app.kit.db import AsyncpgConnection, AsyncpgPool, connection, unavailable
from app.kit.gathered import Gathered
from app.kit.idempotency import (
    Idempotency,
    Kept,
    KeyReused,
    StillWorking,
    fingerprint,
    replay,
)
from app.kit.problem import Problem
from app.kit.shared import Shared

OPERATION = "submit_feedback"
_BLOCK = 32
_AGAIN = "Send the same request again in a second."
# Of these one of several may be the cause, and the others have to be stored all the same.
_OF_ONE = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.DataError,
)
# What is waited for in vain, for seconds; and by how many before the rest of a group do not try.
_IN_VAIN = (asyncpg.LockNotAvailableError, StillWorking, TimeoutError)
_MOST_IN_VAIN = 2
_NUMBERS = "SELECT nextval('core.case_id_seq') FROM generate_series(1, $1)"

# The claims on the keys come first: where one is not granted, the other inserts have no row to
# insert, and nothing is done for it. Foreign keys are checked when the statement ends.
_INTAKE = """
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS given
    (client text, operation text, key text, fingerprint text, case_id bigint, answer text,
     location text, status text, type text, channel text, category text, service text, team text,
     system_of_record text, received_on date, registered_on date, recorded_at timestamptz,
     on_behalf boolean, anonymous boolean, officer text, changes jsonb, systems jsonb,
     people jsonb, narrative text, desired_outcome text)
), claimed AS (
  INSERT INTO ops.idempotency
    (client, operation, key, fingerprint, case_id, status, body, location)
  SELECT client, operation, key, decode(fingerprint, 'hex'), case_id, 201,
         convert_to(answer, 'UTF8'), location
  FROM given
  ORDER BY client, operation, key
  ON CONFLICT DO NOTHING
  RETURNING case_id
), taken AS MATERIALIZED (
  SELECT given.* FROM given JOIN claimed USING (case_id)
), new_case AS (
  INSERT INTO core."case"
    (id, version, status, type_at_receipt, type, channel, category, service, team,
     system_of_record, received_on, registered_on, recorded_at, clock_from, client,
     safeguarding, on_behalf, anonymous)
  SELECT case_id, 1, status, type, type, channel, category, service, team,
         system_of_record, received_on, registered_on, recorded_at, received_on, client,
         false, on_behalf, anonymous
  FROM taken
), new_standing AS (
  INSERT INTO core.standing (case_id, seq, since, status, type, category, service, team)
  SELECT case_id, 1, received_on, status, type, category, service, team FROM taken
), new_entry AS (
  INSERT INTO audit.entry
    (case_id, version, act, happened_on, recorded_at, client, officer, changes)
  SELECT case_id, 1, 'receive', registered_on, recorded_at, client, officer, changes FROM taken
), new_systems AS (
  INSERT INTO core.case_system (system, reference, case_id)
  SELECT given.system, given.reference, case_id
  FROM taken, jsonb_to_recordset(systems) AS given (system text, reference text)
), new_people AS (
  INSERT INTO pii.person
    (case_id, seq, role, name, email, phone, address, relationship, consent,
     email_key, phone_key)
  SELECT case_id, p.seq, p.role, p.name, p.email, p.phone, p.address, p.relationship, p.consent,
         p.email_key, p.phone_key
  FROM taken, jsonb_to_recordset(people) AS p
    (seq int, role text, name text, email text, phone text, address text, relationship text,
     consent text, email_key text, phone_key text)
), new_narrative AS (
  INSERT INTO pii.narrative (case_id, text, desired_outcome)
  SELECT case_id, narrative, desired_outcome FROM taken
)
SELECT case_id FROM taken
"""

_OF_CASE = (
    "status",
    "type",
    "channel",
    "category",
    "service",
    "team",
    "system_of_record",
    "received_on",
    "registered_on",
    "on_behalf",
    "anonymous",
)

_FIRST_ANSWER = """
SELECT fingerprint, status, body, etag, location FROM ops.idempotency
WHERE client = $1 AND operation = $2 AND key = $3
FOR KEY SHARE
"""


class SystemReferenceTaken(Problem):
    """A (system, reference) names one case, for ever."""

    status = HTTPStatus.CONFLICT
    title = "Another case already goes by that name in that system"


class CaseNumbers:
    """Numbers for new cases, fetched a block at a time; those left at a restart are gaps."""

    def __init__(self, pool: AsyncpgPool) -> None:
        self._pool = pool
        self._left: deque[int] = deque()
        self._block = Shared(self._fetch)

    async def take(self) -> int:
        """The next number, which nobody else has been given."""
        while not self._left:
            await self._block.get()
        return self._left.popleft()

    async def _fetch(self) -> None:
        async with connection(self._pool) as held:
            rows = await held.fetch(_NUMBERS, _BLOCK)
        self._left.extend(row["nextval"] for row in rows)


Row: TypeAlias = Mapping[str, Any]
"""Feedback as `_INTAKE` takes it."""
Intake: TypeAlias = Gathered[Row, Kept | None]
"""Where feedback is handed in. What is handed in at once is stored by the same statement."""


def open_intake(pool: AsyncpgPool) -> Intake:
    """Where feedback is handed in, in this process."""
    return Gathered(pool, _store)


async def submit(
    intake: Intake,
    record: Record,
    asked: FeedbackIn,
    *,
    by: Principal,
    key: str,
    answer: str,
    location: str,
    now: datetime,
) -> Kept | None:
    """Store new feedback with its history and its answer; for a repeat, say the first answer.

    Raises KeyReused where the key came with another body, SystemReferenceTaken where another
    case already goes by a given name.
    """
    row = row_of(record, asked, by=by, key=key, answer=answer, location=location, now=now)
    return await intake.get(row)


async def _store(held: AsyncpgConnection, rows: Sequence[Row]) -> Sequence[Kept | Exception | None]:
    """Store all of them at once; one by one where one of them keeps the others from it."""
    try:
        stored = await held.fetch(_INTAKE, to_json(rows).decode())
    except _OF_ONE as error:
        if len(rows) == 1:
            return [_refusal(error)]
        return await _one_by_one(held, rows)
    new = {case_id for (case_id,) in stored}
    return [None if row["case_id"] in new else await _first_answer(held, row) for row in rows]


async def _one_by_one(
    held: AsyncpgConnection, rows: Sequence[Row]
) -> Sequence[Kept | Exception | None]:
    """Store several, each by itself. What keeps two of them waiting in vain would keep them all."""
    told: list[Kept | Exception | None] = []
    for row in rows:
        in_vain = sum(isinstance(one, _IN_VAIN) for one in told)
        told.append(await _alone(held, row) if in_vain < _MOST_IN_VAIN else unavailable())
    return told


async def _alone(held: AsyncpgConnection, row: Row) -> Kept | Exception | None:
    """Store one of several. What goes wrong with it concerns none of those stored before it."""
    try:
        return (await _store(held, [row]))[0]
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        return error


def _refusal(error: asyncpg.PostgresError) -> Exception:
    """Why one feedback by itself is not stored."""
    if isinstance(error, asyncpg.LockNotAvailableError) and _waited_for_key(error):
        return StillWorking(_AGAIN)
    if getattr(error, "constraint_name", None) == "pk_case_system":
        return SystemReferenceTaken(
            "Find that case by `system` and `system_reference`, and work on it instead."
        )
    return error


def _waited_for_key(error: asyncpg.PostgresError) -> bool:
    """Whether another request with the same key was waited for, and not a lock of the database."""
    return Idempotency.__tablename__ in str(getattr(error, "context", ""))


async def repeated(pool: AsyncpgPool, asked: FeedbackIn, *, by: Principal, key: str) -> Kept | None:
    """How the same request was answered when it was accepted; none if it never was.

    Raises KeyReused where the key came with another body.
    """
    async with connection(pool) as held:
        first = await held.fetchrow(_FIRST_ANSWER, by.client, OPERATION, key)
    return None if first is None else replay(*first, fingerprint=fingerprint(asked))


async def _first_answer(held: AsyncpgConnection, row: Row) -> Kept | Exception:
    first = await held.fetchrow(_FIRST_ANSWER, row["client"], row["operation"], row["key"])
    if first is None:  # its transaction was rolled back after ours had waited for it
        return StillWorking(_AGAIN)
    try:
        return replay(*first, fingerprint=bytes.fromhex(row["fingerprint"]))
    except (KeyReused, StillWorking) as refusal:
        return refusal


def row_of(
    record: Record,
    asked: FeedbackIn,
    *,
    by: Principal,
    key: str,
    answer: str,
    location: str,
    now: datetime,
) -> Row:
    """Feedback as `_INTAKE` takes it, with the answer that a repeat of it is given."""
    case, entry = record.case, entry_row(record.case.id, record.entries[0], now=now)
    own = {"system": case.system_of_record, "reference": reference_of(case.id)}
    return {
        "client": by.client,
        "operation": OPERATION,
        "key": key,
        "fingerprint": fingerprint(asked).hex(),
        "answer": answer,
        "location": location,
        **{name: getattr(case, name) for name in _OF_CASE},
        "case_id": case.id,
        "recorded_at": now,
        "officer": entry["officer"],
        "changes": entry["changes"],
        "systems": [own, *(given.model_dump() for given in asked.systems)],
        "people": [_person(seq, person) for seq, person in enumerate(asked.people, start=1)],
        "narrative": asked.narrative,
        "desired_outcome": asked.desired_outcome,
    }


def _person(seq: int, person: PersonIn) -> Mapping[str, object]:
    keys = {"email_key": email_key(person.email), "phone_key": phone_key(person.phone)}
    return {"seq": seq, **person.model_dump(), **keys}
