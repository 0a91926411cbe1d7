"""A line for each case, without people and without words: codes and days, for analysis elsewhere.

Nothing that a person wrote is in it, and no number by which a case is known: `case` is a name of
its own, the same in every extract. Cases that were set aside are there, and say so, so that a copy
which is brought up to date (`changed_since`) forgets what was entered by mistake.
"""

import hmac
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases.vocabulary import (
    Channel,
    Closure,
    FeedbackType,
    Finding,
    NoFindingReason,
    RefusalReason,
    SetAside,
    Status,
    TimescaleExclusion,
)
from app.procedures.vocabulary import Verdict
from app.stats.cuts import STAGES
from app.stats.question import QuestionRefused
from app.stats.tables import CASE, ENTRY, REMEDY, SERVICE, STAGE
from app.stats.tidy import written

Sessions: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncSession]]

CASE_COLUMN, AS_OF_COLUMN = "case", "as_of"
SPAN = 2_000  # cases of one statement, each in a short transaction of its own
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)  # nothing was recorded by then
_UNDER_WAY = timedelta(minutes=1)  # an act is dated when it begins, and may be kept a little later


class Kind(StrEnum):
    """What a column holds."""

    code = "code"
    day = "day"
    instant = "instant"
    number = "number"
    truth = "true or false"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the extract, what it means, and the codes it may hold, where these are fixed."""

    name: str
    means: str
    kind: Kind
    expression: sa.ColumnElement[Any]
    codes: tuple[str, ...] = ()


def _column(
    name: str, means: str, column: sa.ColumnElement[Any], codes: Iterable[str] = ()
) -> Column:
    kinds = {sa.Date: Kind.day, sa.DateTime: Kind.instant, sa.Boolean: Kind.truth}
    kinds |= {sa.Integer: Kind.number, sa.BigInteger: Kind.number, sa.Text: Kind.code}
    return Column(name, means, kinds[type(column.type)], column, tuple(codes))


_LAST_ACT = (
    sa.select(ENTRY.c.recorded_at)
    .where(ENTRY.c.case_id == CASE.c.id, ENTRY.c.version == CASE.c.version)
    .scalar_subquery()
)
_CHANGED_AT = sa.func.coalesce(_LAST_ACT, CASE.c.recorded_at, type_=sa.DateTime(timezone=True))
_HOW_MADE = sa.case((CASE.c.migrated_on.is_(None), CASE.c.channel))
_NUMBERED = {number: STAGE.alias(f"stage_{number}") for number in STAGES}


def _of_remedies(what: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.select(what).where(REMEDY.c.case_id == CASE.c.id).scalar_subquery()


_OF_CASE = (
    _column("changed_at", "When it was last changed, or recorded.", _CHANGED_AT),
    _column("feedback_type", "What it is now.", CASE.c.type, FeedbackType),
    _column("type_at_receipt", "What it was taken in as.", CASE.c.type_at_receipt, FeedbackType),
    _column("status", "Where it stands.", CASE.c.status, Status),
    _column("set_aside", "Why it leaves every count, if it does.", CASE.c.set_aside, SetAside),
    _column("source_system", "The system it is registered in.", CASE.c.system_of_record),
    _column("channel", "How contact was first made; none if not recorded.", _HOW_MADE, Channel),
    _column("service", "The service that answers for it.", CASE.c.service),
    _column("team", "The team, if it has one.", CASE.c.team),
    _column("category", "The subject category.", CASE.c.category),
    _column("procedure", "The procedure it is worked under.", CASE.c.procedure),
    _column("received_on", "The day the person made contact.", CASE.c.received_on),
    _column("registered_on", "The day it was registered in its system.", CASE.c.registered_on),
    _column("migrated_on", "The day it was migrated, if it was.", CASE.c.migrated_on),
    _column("acknowledged_on", "The day receipt was acknowledged.", CASE.c.acknowledged_on),
    _column("closed_on", "The day it was closed, if it is.", CASE.c.closed_on),
    _column("closure", "How it ended, if not by a finding.", CASE.c.closure, Closure),
    _column(
        "no_finding_reason",
        "Why there is no finding, where it was closed before any stage.",
        CASE.c.no_finding_reason,
        NoFindingReason,
    ),
    _column("refusal_reason", "Why it was refused.", CASE.c.refusal_reason, RefusalReason),
    _column("remedies", "How many remedies it had.", _of_remedies(sa.func.count())),
    _column(
        "remedies_pence",
        "What its remedies come to in pence.",
        _of_remedies(sa.cast(sa.func.coalesce(sa.func.sum(REMEDY.c.pence), 0), sa.BigInteger)),
    ),
)


def _of_stage(number: int) -> tuple[Column, ...]:
    stage = _NUMBERED[number].c
    described: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("started_on", "Day 0 of stage {}; none if there was no such stage.", ()),
        ("due_on", "The day stage {} is due, extensions counted.", ()),
        ("closed_on", "The day stage {} was answered or closed.", ()),
        ("finding", "The finding of stage {}.", Finding),
        ("closure", "How stage {} ended without a finding.", Closure),
        ("no_finding_reason", "Why stage {} ended without a finding.", NoFindingReason),
        ("verdict", "Whether stage {} kept its time, extensions counted.", Verdict),
        ("within_target", "Whether stage {} kept its time, extensions ignored.", ()),
        ("working_days_taken", "Working days from the start of stage {} to its end.", ()),
        ("timescale_excluded", "Why stage {} is no part of timescales.", TimescaleExclusion),
    )
    return tuple(
        _column(f"stage_{number}_{name}", means.format(number), stage[name], codes)
        for name, means, codes in described
    )


COLUMNS = (*_OF_CASE, *(column for number in STAGES for column in _of_stage(number)))
HEADER = (CASE_COLUMN, *(column.name for column in COLUMNS), AS_OF_COLUMN)


@dataclass(frozen=True, slots=True)
class Extract:
    """Which cases to give: of which services, and changed since when; none means all."""

    services: tuple[str, ...]
    changed_since: datetime | None
    as_of: datetime
    pepper: bytes  # what names of cases are made with, so that nobody can work them out

    async def lines(self, sessions: Sessions) -> AsyncIterator[str]:
        """The extract as CSV, read in stretches: however slow the reader is, nothing is held.

        Each stretch has a session of its own, since that of the request is over by then.
        """
        async with sessions() as session:
            known = (await session.scalars(sa.select(SERVICE.c.slug))).all()
            ids = await session.execute(sa.select(sa.func.min(CASE.c.id), sa.func.max(CASE.c.id)))
            first, last = ids.one()
        if not set(self.services) <= set(known):
            raise QuestionRefused(
                "There is no service of that code.", parameter="service", allowed=sorted(known)
            )
        yield "".join(written([HEADER]))
        if first is None:
            return
        for since in range(first, last + 1, SPAN):
            async with sessions() as session:
                found = (await session.execute(self._statement(since, last))).all()
            yield "".join(written(self._line(row) for row in found))

    def _statement(self, since: int, last: int) -> sa.Select[Any]:
        rows: sa.FromClause = CASE
        for number, stage in _NUMBERED.items():
            rows = rows.outerjoin(
                stage, sa.and_(stage.c.case_id == CASE.c.id, stage.c.number == number)
            )
        shown = (column.expression.label(column.name) for column in COLUMNS)
        asked = sa.select(CASE.c.id, *shown).select_from(rows).order_by(CASE.c.id)
        asked = asked.where(CASE.c.id >= since, CASE.c.id <= min(since + SPAN - 1, last))
        if self.services:
            asked = asked.where(CASE.c.service.in_(self.services))
        if self.changed_since is not None:
            changed = min(max(self.changed_since, _BEFORE_ALL), self.as_of)
            asked = asked.where(changed - _UNDER_WAY <= _CHANGED_AT)
        return asked

    def _line(self, row: Sequence[Any]) -> Iterable[Any]:
        case_id, *rest = row
        return (self._name(case_id), *rest, self.as_of)

    def _name(self, case_id: int) -> str:
        text = f"extract:{case_id}".encode()
        return hmac.digest(self.pepper, text, "sha256").hex()[:24]


async def begun(beginning: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    """What has been read already, and what is to come."""
    yield beginning
    async for part in rest:
        yield part
