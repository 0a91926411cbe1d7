"""What moved between a report and the same figures today, and what was done to which cases."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.principal import Principal, Scope
from app.cases.models import Case, Entry
from app.cases.queries import visible_to
from app.reports.models import Publication
from app.reports.publications import may_see
from app.reports.schemas import (
    ActOut,
    ComparisonOut,
    MovedCaseOut,
    MovedFigureOut,
    MovedRowOut,
)
from app.stats.catalogue import BY_SLUG
from app.stats.counted import Key
from app.stats.figure import Figure
from app.stats.membership import members
from app.stats.period import FinancialYear
from app.stats.question import Question

_MOST_CASES = 10_000

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """A row that counts other cases than it did: how often each more, or less."""

    keys: Row
    published: int | None
    today: int
    by: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A figure as it was published: its answer, its cases row by row, and what it was asked."""

    answer: Row
    cases: Sequence[Sequence[int]]
    services: tuple[str, ...]

    def moved(self, figure: Figure, today: Mapping[Key, Sequence[int]]) -> Iterator[Moved]:
        """The rows that count something else today, in the order in which they were published."""
        seen: set[Key] = set()
        for row, numbers in zip(self.answer["rows"], self.cases, strict=True):
            key = tuple(row[cut] for cut in figure.by)
            seen.add(key)
            yield from _moved(row, row["count"], numbers, today.get(key, ()))
        for key, numbers in today.items():
            if key not in seen:
                yield from _moved(dict(zip(figure.by, key, strict=True)), 0, (), numbers)


def _moved(
    row: Row, published: int | None, was: Iterable[int], now: Sequence[int]
) -> Iterator[Moved]:
    by = Counter(now)
    by.subtract(was)
    if any(by.values()):
        yield Moved(row, published, len(now), {case: by[case] for case in sorted(by) if by[case]})


def thawed(one: Publication) -> list[Frozen]:
    """The figures of a publication."""
    cases = json.loads(one.cases)
    return [
        Frozen(each["answer"], cases[each["answer"]["figure"]], tuple(each["services"]))
        for each in json.loads(one.document)["figures"]
    ]


async def comparison(
    session: AsyncSession, one: Publication, *, by: Principal, now: datetime
) -> ComparisonOut:
    """Ask every figure of a publication again, and say what has moved and what moved it."""
    was = [each for each in thawed(one) if each.answer["figure"] in BY_SLUG]
    for each in was:
        may_see(by, each.services)
    moved = {
        each.answer["figure"]: rows
        for each in was
        if (rows := await _again(session, one, each, now))
    }
    numbers = {case for rows in moved.values() for row in rows for case in row.by}
    acts = await _acts(session, numbers, since=one.as_of)
    names = await _names(session, numbers, by=by) if by.may(Scope.case_read) else {}
    return ComparisonOut(
        published=one.as_of,
        today=now,
        since=min((act.recorded_at for some in acts.values() for act in some), default=None),
        unchanged=len(was) - len(moved),
        moved=[
            MovedFigureOut(
                figure=each.answer["figure"],
                title=each.answer["title"],
                definition_version=each.answer["definition_version"],
                definition_version_today=BY_SLUG[each.answer["figure"]].definition_version,
                rows=[_out(row, names, acts) for row in moved[each.answer["figure"]]],
            )
            for each in was
            if each.answer["figure"] in moved
        ],
        cases_withheld=bool(numbers - names.keys()),
    )


async def _again(
    session: AsyncSession, one: Publication, each: Frozen, now: datetime
) -> list[Moved]:
    figure = BY_SLUG[each.answer["figure"]]
    question = Question(now=now, year=FinancialYear.parse(one.year), services=each.services)
    (today,) = await members(session, [figure], question)
    return list(each.moved(figure, today.of))


async def _acts(
    session: AsyncSession, cases: set[int], *, since: datetime
) -> dict[int, list[ActOut]]:
    """What was done to cases after a moment, in order."""
    asked = (
        sa.select(Entry)
        .where(_among(col(Entry.case_id), cases), col(Entry.recorded_at) > since)
        .order_by(col(Entry.id))
    )
    found: dict[int, list[ActOut]] = {}
    for entry in (await session.execute(asked)).scalars():
        act = ActOut.model_validate(entry, from_attributes=True)
        found.setdefault(entry.case_id, []).append(act)
    return found


async def _names(session: AsyncSession, cases: set[int], *, by: Principal) -> dict[int, str]:
    named = sa.select(col(Case.id), col(Case.reference))
    asked = named.where(_among(col(Case.id), cases), visible_to(by))
    return {row.id: row.reference for row in await session.execute(asked)}


def _among(column: Any, cases: set[int]) -> sa.ColumnElement[bool]:  # noqa: ANN401  # of SQLModel
    """Whether it is one of many: as one parameter, since Postgres takes 32,767 at most."""
    found: sa.ColumnElement[bool] = column == sa.any_(
        sa.literal(sorted(cases), ARRAY(sa.BigInteger))
    )
    return found


def _out(row: Moved, names: Mapping[int, str], acts: Mapping[int, list[ActOut]]) -> MovedRowOut:
    keys = {name: value for name, value in row.keys.items() if name in MovedRowOut.model_fields}
    return MovedRowOut(
        **keys,
        published=row.published,
        today=row.today,
        cases=[
            MovedCaseOut(reference=names[case], moved=by, acts=acts.get(case, []))
            for case, by in row.by.items()
            if case in names
        ][:_MOST_CASES],
    )
