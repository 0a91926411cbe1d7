"""New cases as rows, copied in by the hundred: the same rows that acts over the API leave."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlmodel import SQLModel

from app.cases.commands import entry_row, overwritten_row
from app.cases.models import Case, CaseSystem, Entry, Narrative, Overwritten, Person, Remark
from app.cases.people import email_key, phone_key
from app.cases.record import CaseFacts, Record
from app.cases.rows import CASE_COLUMNS, PARTS, values
from app.cases.schemas import PersonIn
from app.imports.models import ImportedCase
from app.imports.schemas import ImportLine
from app.kit.db import AsyncpgConnection
from app.kit.tables import table_of

_PERSON = tuple(PersonIn.model_fields)
_PERSONS = ("case_id", "seq", *_PERSON, "email_key", "phone_key")
_ENTRY = (
    "case_id",
    "version",
    "act",
    "happened_on",
    "recorded_at",
    "client",
    "officer",
    "changes",
)
_OVERWRITTEN = ("case_id", "version", "seq", "part", "stage", "until", "facts")
_case = values(CaseFacts)
_person = attrgetter(*_PERSON)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that was judged and numbered."""

    number: int
    line: ImportLine
    record: Record
    fingerprint: bytes


Rows = list[tuple[Any, ...]]


async def copy_in(
    connection: AsyncpgConnection, cases: Sequence[NewCase], *, run_id: int, now: datetime
) -> None:
    """Write the cases with everything that belongs to them, parents before children."""
    for model, columns, rows in _rows(cases, run_id=run_id, now=now):
        if rows:
            table = table_of(model)
            await connection.copy_records_to_table(
                table.name,
                schema_name=table.schema,
                columns=columns,
                records=rows,
            )


def _rows(
    cases: Sequence[NewCase], *, run_id: int, now: datetime
) -> Iterable[tuple[type[SQLModel], Sequence[str], Rows]]:
    yield (
        Case,
        (*CASE_COLUMNS, "recorded_at"),
        [(new.number, *_case(new.record.case)[1:], now) for new in cases],
    )
    # In order, so that of two imports at once one waits for the other, and never each for both.
    systems = [
        (given.system, given.reference, new.number) for new in cases for given in new.line.systems
    ]
    yield CaseSystem, ("system", "reference", "case_id"), sorted(systems)
    for part in PARTS:
        of_part = values(part.facts)
        rows = [(new.number, *of_part(row)) for new in cases for row in part.of(new.record)]
        yield part.table, ("case_id", *part.columns), rows
    yield Overwritten, _OVERWRITTEN, [row for new in cases for row in _overwritten(new)]
    yield Entry, _ENTRY, [row for new in cases for row in _entries(new, now)]
    yield Person, _PERSONS, [row for new in cases for row in _people(new)]
    yield from _words(cases)
    fingerprints = [(new.number, run_id, new.fingerprint) for new in cases]
    yield ImportedCase, ("case_id", "run_id", "fingerprint"), fingerprints


def _words(
    cases: Sequence[NewCase],
) -> Iterable[tuple[type[SQLModel], Sequence[str], Rows]]:
    narratives = [
        (new.number, new.line.narrative, new.line.desired_outcome)
        for new in cases
        if new.line.narrative is not None
    ]
    yield Narrative, ("case_id", "text", "desired_outcome"), narratives
    remarks = [
        (new.number, entry.version, entry.text)
        for new in cases
        for entry in new.record.entries
        if entry.text is not None
    ]
    yield Remark, ("case_id", "version", "text"), remarks


def _entries(new: NewCase, now: datetime) -> Rows:
    rows = (entry_row(new.number, entry, now=now) for entry in new.record.entries)
    return [
        tuple(json.dumps(row[name]) if name == "changes" else row[name] for name in _ENTRY)
        for row in rows
    ]


def _overwritten(new: NewCase) -> Rows:
    rows = (overwritten_row(new.number, row) for row in new.record.overwritten)
    return [
        tuple(json.dumps(row[name]) if name == "facts" else row[name] for name in _OVERWRITTEN)
        for row in rows
    ]


def _people(new: NewCase) -> Rows:
    return [
        (new.number, seq, *_person(person), email_key(person.email), phone_key(person.phone))
        for seq, person in enumerate(new.line.people, start=1)
    ]
