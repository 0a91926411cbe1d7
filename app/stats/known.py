"""What can be known of a day in the past, and what cannot: the beginnings of what is recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import LONDON
from app.stats.fact import Scope
from app.stats.labels import day as _day
from app.stats.tables import CASE


@dataclass(frozen=True, slots=True)
class Known:
    """How a day in the past lies to what is recorded of it."""

    first: date | None  # the first day on which a case was registered, if there is one
    migrated_later: int  # cases received by then, and registered anew only later
    brought_in_later: int  # cases registered by then, that were recorded here only later


async def what_is_known(session: AsyncSession, scope: Scope) -> Known | None:
    """What is recorded of the day that an answer is as at; none where it is as at now."""
    day = scope.basis.as_at
    if day is None:
        return None
    count = sa.func.count()
    asked = sa.select(
        sa.func.min(CASE.c.registered_on),
        count.filter(CASE.c.received_on <= day, CASE.c.migrated_on > day),
        count.filter(
            CASE.c.registered_on <= day,
            sa.cast(sa.func.timezone(LONDON.key, CASE.c.recorded_at), sa.Date) > day,
        ),
    )
    if scope.services:
        asked = asked.where(CASE.c.service.in_(scope.services))
    return Known(*(await session.execute(asked)).one())


def unknowns(day: date, known: Known) -> Iterator[str]:
    """Say what the answer as at a day cannot tell."""
    if known.first is None or day < known.first:
        began = f"the first record is of {_day(known.first)}" if known.first else "there is none"
        yield f"Nothing is recorded of {_day(day)}: {began}."
    if known.migrated_later:
        yield (
            f"Received by {_day(day)}, but migrated from another system only later: "
            f"{known.migrated_later}. When they were registered there, and how they stood in it, "
            "is not recorded, so they are not counted."
        )
    if known.brought_in_later:
        yield (
            f"Registered by {_day(day)}, but recorded here only later: {known.brought_in_later}. "
            "Of these it shows what is known now of that day; what was put right before they "
            "were brought in cannot be told."
        )
