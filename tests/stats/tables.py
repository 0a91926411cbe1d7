"""Worked examples as small ASCII tables: cases in, rows out.

A table has a line of names and a line for each thing; `-` is nothing, and what follows a `#` is
a remark. Columns that a table leaves out have the plainest value: a complaint of Children &
Families, received on the day it was registered, in the system that collected on that day.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

Line = dict[str, str | None]
Asked = str | int | list[str]
Ask = Callable[..., Awaitable[dict[str, Any]]]

NEW_SYSTEM = date(2024, 1, 15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A figure, a few cases, and what it must answer. Rows not listed must count nothing."""

    figure: str
    asked: Mapping[str, Asked]
    cases: str
    stages: str = ""
    remedies: str = ""
    escalations: str = ""
    standings: str = ""
    rows: str
    left_out: str = ""
    notes: tuple[str, ...] = field(default=())


def read(table: str) -> list[Line]:
    """The lines of a table by column name."""
    bare = [line.split("#")[0].strip() for line in table.strip().splitlines()]
    names, *lines = [[cell.strip() for cell in line.split("|")] for line in bare if line]
    return [
        {name: None if cell == "-" else cell for name, cell in zip(names, line, strict=True)}
        for line in lines
    ]


async def put(connection: Connection, example: Example) -> None:
    """Put the example's rows straight into the tables, past every command."""
    ids: dict[str | None, int] = {}
    for line in read(example.cases):
        number: int = await connection.fetchval("SELECT nextval('core.case_id_seq')")
        ids[line["case"]] = number
        await _insert(connection, "case", _case(line) | {"id": number})
    for table, what, as_row in (
        (example.stages, "stage", _stage),
        (example.escalations, "escalation", _escalation),
        (example.remedies, "remedy", _remedy),
        (example.standings, "standing", _standing),
    ):
        for place, line in enumerate(read(table) if table else (), start=1):
            await _insert(connection, what, as_row(line, place) | {"case_id": ids[line["case"]]})


def _case(line: Line) -> dict[str, Any]:
    registered = _day(line["registered"])
    assert registered is not None
    kind = line.get("type", "complaint")
    system = "customer_feedback" if registered >= NEW_SYSTEM else "contact_us"
    set_aside = line.get("set_aside")
    set_aside_on = (_day(line.get("set_aside_on")) or registered) if set_aside else None
    closed = set_aside_on or _day(line.get("closed"))
    return {
        "version": 1,
        "status": "void" if set_aside else "closed" if closed else "in_stage",
        "type_at_receipt": line.get("at_receipt", kind),
        "type": kind,
        "channel": line.get("channel"),
        "procedure": line.get("procedure"),
        "category": line.get("category", "not-categorised"),
        "service": line.get("service", "children-and-families"),
        "team": line.get("team"),
        "system_of_record": line.get("system", system),
        "received_on": _day(line.get("received")) or registered,
        "registered_on": registered,
        "migrated_on": registered if line.get("migrated") else None,
        "recorded_at": datetime(2024, 1, 15, 9, 0, tzinfo=UTC),
        "clock_from": registered,
        "acknowledged_on": _day(line.get("acknowledged")),
        "acknowledged_by": "post" if line.get("acknowledged") else None,
        "safeguarding": False,
        "on_behalf": False,
        "anonymous": False,
        "closed_on": closed,
        "closure": line.get("closure"),
        "refusal_reason": line.get("refused"),
        "set_aside": set_aside,
        "set_aside_on": set_aside_on,
        "client": "worked_example",
    }


def _stage(line: Line, _number: int) -> dict[str, Any]:
    closed, in_time = _day(line.get("closed")), line.get("in_time")
    closure = line.get("closure")
    started = _day(line.get("started")) or closed
    why = line.get("why") or "resolved_early"
    return {
        "number": int(line.get("stage") or 1),
        "procedure": "corporate",
        "procedure_since": NEW_SYSTEM,
        "calendar_version": "worked example",
        "started_on": started,
        "answered_on": closed,
        "closed_on": closed,
        "finding": line.get("finding"),
        "closure": closure,
        "no_finding_reason": why if closure == "no_finding" else None,
        "due_on": _day(line.get("due")),
        "verdict": line.get("verdict", "no_limit") if closed else None,
        "working_days_taken": int(line.get("days") or 0) if closed else None,
        "within_target": None if in_time is None else in_time == "yes",
        "timescale_excluded": line.get("excluded"),
    }


def _escalation(line: Line, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "to_stage": int(line["to"] or 2),
        "requested_on": _day(line["requested"]),
        "decided_on": _day(line["decided"]),
        "decision": line["decision"],
    }


def _remedy(line: Line, number: int) -> dict[str, Any]:
    return {
        "stage": int(line.get("stage") or 1),
        "seq": number,
        "kind": line["remedy"],
        "pence": int(line.get("pence") or 0) or None,
        "agreed_on": NEW_SYSTEM,
    }


def _standing(line: Line, number: int) -> dict[str, Any]:
    return {
        "seq": number,
        "since": _day(line["since"]),
        "until": _day(line["until"]),
        "status": line["status"],
        "type": line.get("type", "complaint"),
        "category": line.get("category", "not-categorised"),
        "service": line.get("service", "education"),
        "team": line.get("team"),
        "stage": int(line.get("stage") or 0) or None,
    }


async def _insert(connection: Connection, table: str, row: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await connection.execute(
        f'INSERT INTO core."{table}" ({names}) VALUES ({places})', *row.values()
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
