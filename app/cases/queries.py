"""Reads: one case whole, its history, its people; and lists that show what a key may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from app.access.principal import Principal
from app.cases.filters import CaseFilter
from app.cases.models import Case, CaseSystem, Entry, Narrative, Person, Remark
from app.cases.record import CaseFacts, Record
from app.cases.reference import number_in
from app.cases.rows import CASE_COLUMNS, PARTS, read
from app.cases.schemas import (
    EntryOut,
    PersonalOut,
    PersonOut,
    RemarkOut,
    SystemReference,
)
from app.cases.shown import SEVERAL, SUMMARY, completed
from app.kit.db import AsyncpgConnection, AsyncpgPool, AsyncpgRow, spelled
from app.kit.gathered import Gathered
from app.kit.problem import Problem
from app.kit.tables import table_of


class CaseNotFound(Problem):
    """No case has that reference, or the key may not know that one has."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such case"


def visible_to(principal: Principal) -> sa.ColumnElement[bool]:
    """What a key may see of the cases. Every read and every change starts from it."""
    return _of_services(principal.services)


def _of_services(services: frozenset[str] | None) -> sa.ColumnElement[bool]:
    return sa.true() if services is None else col(Case.service).in_(services)


_CASE_FACTS = sa.select(*(table_of(Case).c[name] for name in CASE_COLUMNS))

_FILTERS = set(CaseFilter.model_fields)
_LISTS_KNOWN = 256
_ABOVE_ALL = 2**63 - 1

_FOUND = (
    sa.select(col(Case.id), sa.literal_column(SUMMARY, sa.Text).label("shown"))
    .where(col(Case.id) < sa.literal_column("asked.before"))
    .order_by(col(Case.id).desc())
)
# From a subquery Postgres cannot know how many numbers there are, and keeps one plan for any. The
# limit is in the text: as a value it would have every page planned anew.
_PAGES = """
SELECT asked.before, page.shown, page.last
FROM unnest((SELECT {numbers}::bigint[])) AS asked (before)
CROSS JOIN LATERAL (
  SELECT
    string_agg(placed.shown, ',' ORDER BY placed.id DESC)
      FILTER (WHERE placed.place <= {limit}) AS shown,
    CASE WHEN count(*) > {limit}
         THEN min(placed.id) FILTER (WHERE placed.place <= {limit}) END AS last
  FROM (
    SELECT found.*, row_number() OVER (ORDER BY found.id DESC) AS place FROM ({found}) AS found
  ) AS placed
) AS page
"""
"""For each of several numbers, the cases next below it that meet some conditions, as one page."""


def _number(reference: str) -> int:
    number = number_in(reference)
    if number is None:
        raise CaseNotFound("The reference's last two digits do not fit the rest: read it again.")
    return number


@dataclass(frozen=True, slots=True)
class Found:
    """A case as it was read: what the rules work on, and the names it goes by."""

    record: Record
    systems: list[SystemReference]


async def find(
    session: AsyncSession, reference: str, *, by: Principal, hold: bool = False
) -> Found:
    """One case, whole; `hold` locks its row until the transaction ends.

    Raises CaseNotFound, also where there is one that the key may not see.
    """
    number = _number(reference)
    asked = _CASE_FACTS.where(table_of(Case).c.id == number, visible_to(by))
    row = (await session.execute(asked.with_for_update() if hold else asked)).mappings().first()
    if row is None:
        raise CaseNotFound("No case has that reference: read it again.")
    record = Record(read(CaseFacts, dict(row)))
    for part in PARTS:
        rows = await _rows(session, part.table, part.columns, number, part.key)
        facts = [read(part.facts, dict(row)) for row in rows]
        part.put(record, facts)
    systems = await _rows(session, CaseSystem, ("system", "reference"), number, ("system",))
    return Found(record, [SystemReference.model_validate(dict(row)) for row in systems])


async def _rows(
    session: AsyncSession,
    table: type[SQLModel],
    names: tuple[str, ...],
    number: int,
    order: tuple[str, ...],
) -> Sequence[sa.RowMapping]:
    found = await session.execute(_of_a_case(table, names, order), {"number": number})
    rows: Sequence[sa.RowMapping] = found.mappings().all()
    return rows


@cache
def _of_a_case(
    table: type[SQLModel], names: tuple[str, ...], order: tuple[str, ...]
) -> sa.Select[Any]:
    """Rows of a table that belong to a case: every act reads all of them, so it is spelled once."""
    columns = table_of(table).c
    return (
        sa.select(*(columns[name] for name in names))
        .where(columns.case_id == sa.bindparam("number"))
        .order_by(*(columns[name] for name in order))
    )


async def case_id_of(session: AsyncSession, reference: str, *, by: Principal) -> int:
    """The number of a case that the key may see; CaseNotFound for any other."""
    number = _number(reference)
    asked = sa.select(col(Case.id)).where(col(Case.id) == number, visible_to(by))
    if (await session.execute(asked)).scalar() is None:
        raise CaseNotFound("No case has that reference: read it again.")
    return number


async def history(session: AsyncSession, case_id: int) -> list[EntryOut]:
    """Who did what to a case, in order."""
    names = tuple(EntryOut.model_fields)
    rows = await _rows(session, Entry, names, case_id, ("version",))
    return [EntryOut.model_validate(dict(row)) for row in rows]


async def personal(session: AsyncSession, reference: str, case_id: int) -> PersonalOut:
    """The people of a case, what they said, and the free text written since."""
    people = await _rows(session, Person, tuple(PersonOut.model_fields), case_id, ("seq",))
    said = await _rows(session, Narrative, ("text", "desired_outcome"), case_id, ("case_id",))
    remarks = await _rows(session, Remark, ("version", "text"), case_id, ("version",))
    return PersonalOut(
        reference=reference,
        people=[PersonOut.model_validate(dict(row)) for row in people],
        narrative=said[0]["text"] if said else None,
        desired_outcome=said[0]["desired_outcome"] if said else None,
        remarks=[RemarkOut.model_validate(dict(row)) for row in remarks],
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as a reader is shown it, and the version that this is."""

    version: int
    body: bytes


Cases: TypeAlias = Gathered[int, AsyncpgRow | None]
"""Where cases are asked for by number. Those asked for at once are read by one statement."""


def open_cases(pool: AsyncpgPool) -> Cases:
    """Where cases are asked for, in this process."""
    return Gathered(pool, _several)


async def _several(held: AsyncpgConnection, numbers: Sequence[int]) -> Sequence[AsyncpgRow | None]:
    rows = {row["id"]: row for row in await held.fetch(SEVERAL, set(numbers))}
    return [rows.get(number) for number in numbers]


async def shown(cases: Cases, reference: str, *, by: Principal) -> Shown:
    """One case with its parts, as JSON: all of it is of one moment.

    Raises CaseNotFound, also where there is one that the key may not see.
    """
    row = await cases.get(_number(reference))
    if row is None or not by.sees(row["service"]):
        raise CaseNotFound("No case has that reference: read it again.")
    body = completed(row["whole"], reference, status=row["status"], kind=row["type"])
    return Shown(row["version"], body)


@dataclass(frozen=True, slots=True)
class Page:
    """Cases in a list, as JSON with commas between them, and the number to go on from, if any."""

    shown: str
    last: int | None


Pages: TypeAlias = Gathered[int, Page]
"""Where the pages of one list are asked for, each by the number that all of its cases are below."""


class Lists:
    """Where lists of cases are asked for, in this process.

    Pages of the same list that are asked for at once are read by one statement. Of another list
    they are not: one that takes long would hold up the others.
    """

    def __init__(self, pool: AsyncpgPool) -> None:
        self._pool = pool
        self._pages = lru_cache(maxsize=_LISTS_KNOWN)(self._open)

    async def page(
        self, *, by: Principal, asked: CaseFilter, before: int | None, limit: int
    ) -> Page:
        """Cases that a filter lets through and the key may see, newest number first."""
        filters = asked.model_dump_json(include=_FILTERS, exclude_defaults=True)
        return await self._pages(filters, by.services, limit).get(
            _ABOVE_ALL if before is None else before
        )

    def _open(self, filters: str, services: frozenset[str] | None, limit: int) -> Pages:
        """One list. To spell its statement takes longer than to run it, so it is remembered."""
        conditions = CaseFilter.model_validate_json(filters).conditions()
        one_more = sa.literal_column(str(limit + 1), sa.Integer)  # is there another page?
        asked_of = _FOUND.where(_of_services(services), *conditions).limit(one_more)
        found, values = spelled(asked_of)
        text = _PAGES.format(found=found, limit=limit, numbers=f"${len(values) + 1}")

        async def read(held: AsyncpgConnection, asked: Sequence[int]) -> Sequence[Page]:
            pages = {
                before: Page(shown or "", last)
                for before, shown, last in await held.fetch(text, *values, set(asked))
            }
            return [pages[before] for before in asked]

        return Gathered(self._pool, read)
