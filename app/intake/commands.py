"""Taking feedback in: one statement, which is the whole transaction."""

import json
from collections import deque
from datetime import datetime
from http import HTTPStatus

import asyncpg

from app.access.principal import Principal
from app.cases.commands import entry_row
from app.cases.people import email_key, phone_key
from app.cases.record import Record
from app.cases.reference import reference_of
from app.intake.schemas import FeedbackIn
from app.kit.db import AsyncpgConnection, AsyncpgPool, connection
from app.kit.idempotency import Kept, StillWorking, fingerprint, replay
from app.kit.problem import Problem
from app.kit.shared import Shared

OPERATION = "submit_feedback"
_BLOCK = 32
_NUMBERS = "SELECT nextval('core.case_id_seq') FROM generate_series(1, $1)"

# The claim on the key comes first: where it is not granted, the other inserts have no rows to
# insert, and the statement does nothing. Foreign keys are checked when the statement ends.
_INTAKE = """
WITH claimed AS (
  INSERT INTO ops.idempotency
    (client, operation, key, fingerprint, case_id, status, body, location)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT DO NOTHING
  RETURNING case_id
), new_case AS (
  INSERT INTO core."case"
    (id, version, status, type_at_receipt, type, channel, category, service, team,
     system_of_record, received_on, registered_on, recorded_at, clock_from, client,
     safeguarding, on_behalf, anonymous)
  SELECT case_id, 1, $9, $10, $10, $11, $12, $13, $14, $15, $16, $17, $18, $16, $1,
         false, $19, $20
  FROM claimed
), new_standing AS (
  INSERT INTO core.standing (case_id, seq, since, status, type, category, service, team)
  SELECT case_id, 1, $16, $9, $10, $12, $13, $14 FROM claimed
), new_entry AS (
  INSERT INTO audit.entry
    (case_id, version, act, happened_on, recorded_at, client, officer, changes)
  SELECT case_id, 1, 'receive', $17, $18, $1, $21, $22::jsonb FROM claimed
), new_systems AS (
  INSERT INTO core.case_system (system, reference, case_id)
  SELECT given.system, given.reference, case_id
  FROM claimed, jsonb_to_recordset($23::jsonb) AS given (system text, reference text)
), new_people AS (
  INSERT INTO pii.person
    (case_id, seq, role, name, email, phone, address, relationship, consent,
     email_key, phone_key)
  SELECT case_id, p.seq, p.role, p.name, p.email, p.phone, p.address, p.relationship, p.consent,
         p.email_key, p.phone_key
  FROM claimed, jsonb_to_recordset($24::jsonb) AS p
    (seq int, role text, name text, email text, phone text, address text, relationship text,
     consent text, email_key text, phone_key text)
), new_narrative AS (
  INSERT INTO pii.narrative (case_id, text, desired_outcome) SELECT case_id, $25, $26 FROM claimed
)
SELECT case_id FROM claimed
"""

_FIRST_ANSWER = """
SELECT fingerprint, status, body, etag, location FROM ops.idempotency
WHERE client = $1 AND operation = $2 AND key = $3
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


async def submit(
    pool: AsyncpgPool,
    record: Record,
    asked: FeedbackIn,
    *,
    by: Principal,
    key: str,
    answer: bytes,
    location: str,
    now: datetime,
) -> Kept | None:
    """Store new feedback with its history and its answer; for a repeat, say the first answer.

    Raises KeyReused where the key came with another body, SystemReferenceTaken where another
    case already goes by a given name.
    """
    printed = fingerprint(asked)
    named = (by.client, OPERATION, key)
    arguments = _arguments(record, asked, now)
    status = int(HTTPStatus.CREATED)
    async with connection(pool) as held:
        try:
            taken = await held.fetchval(
                _INTAKE, *named, printed, record.case.id, status, answer, location, *arguments
            )
        except asyncpg.UniqueViolationError as clash:
            if clash.constraint_name != "pk_case_system":
                raise
            raise SystemReferenceTaken(
                "Find that case by `system` and `system_reference`, and work on it instead."
            ) from None
        except asyncpg.LockNotAvailableError:
            raise StillWorking("Send the same request again in a second.") from None
        if taken is not None:
            return None
        return await _first_answer(held, named, printed)


async def _first_answer(
    held: AsyncpgConnection, named: tuple[str, str, str], printed: bytes
) -> Kept:
    first = await held.fetchrow(_FIRST_ANSWER, *named)
    if first is None:  # its transaction was rolled back after ours had waited for it
        raise StillWorking("Send the same request again in a second.")
    return replay(*first, fingerprint=printed)


def _arguments(record: Record, asked: FeedbackIn, now: datetime) -> tuple[object, ...]:
    case, entry = record.case, entry_row(record.case.id, record.entries[0], now=now)
    own = {"system": case.system_of_record, "reference": reference_of(case.id)}
    systems = [own, *(given.model_dump() for given in asked.systems)]
    people = [
        {
            "seq": seq,
            **person.model_dump(),
            "email_key": email_key(person.email),
            "phone_key": phone_key(person.phone),
        }
        for seq, person in enumerate(asked.people, start=1)
    ]
    return (
        case.status,
        case.type,
        case.channel,
        case.category,
        case.service,
        case.team,
        case.system_of_record,
        case.received_on,
        case.registered_on,
        now,
        case.on_behalf,
        case.anonymous,
        entry["officer"],
        json.dumps(entry["changes"]),
        json.dumps(systems),
        json.dumps(people),
        asked.narrative,
        asked.desired_outcome,
    )
