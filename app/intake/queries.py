"""Reads about feedback that was handed in: how it stands, and what it may be a repeat of."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.access.principal import Principal
from app.cases.models import Case, Person, Stage
from app.cases.queries import visible_to
from app.cases.vocabulary import FeedbackType, SetAside, Status
from app.intake.schemas import Because, LikelyRepeat

REPEATS_WITHIN = timedelta(days=90)
_MOST = 50


@dataclass(frozen=True, slots=True)
class HowItStands:
    """What a receipt may show of a case."""

    client: str
    type: FeedbackType
    received_on: date
    status: Status
    due_on: date | None


async def how_it_stands(session: AsyncSession, number: int) -> HowItStands | None:
    """The little of a case that its receipt shows; none where there is no such case."""
    due_on = (
        sa.select(col(Stage.due_on))
        .where(col(Stage.case_id) == number, col(Stage.closed_on).is_(None))
        .order_by(col(Stage.number).desc())
        .limit(1)
        .scalar_subquery()
    )
    asked = sa.select(
        col(Case.client), col(Case.type), col(Case.received_on), col(Case.status), due_on
    ).where(col(Case.id) == number)
    row = (await session.execute(asked)).first()
    if row is None:
        return None
    client, kind, received_on, status, due = row
    return HowItStands(client, FeedbackType(kind), received_on, Status(status), due)


async def likely_repeats(
    session: AsyncSession, case_id: int, *, by: Principal
) -> list[LikelyRepeat]:
    """Cases received around the same time from the same address or number, newest first.

    Only cases that the key may see, and none that was set aside as a mistake.
    """
    this, theirs, ours = aliased(Case), aliased(Person), aliased(Person)
    same_email = sa.func.bool_or(col(theirs.email_key) == col(ours.email_key))
    same_phone = sa.func.bool_or(col(theirs.phone_key) == col(ours.phone_key))
    asked = (
        sa.select(
            col(Case.reference),
            col(Case.type),
            col(Case.status),
            col(Case.received_on),
            same_email.label(Because.same_email),
            same_phone.label(Because.same_phone),
        )
        .select_from(this)
        .join(ours, col(ours.case_id) == col(this.id))
        .join(
            theirs,
            sa.and_(
                col(theirs.case_id) != col(this.id),
                sa.or_(
                    col(theirs.email_key) == col(ours.email_key),
                    col(theirs.phone_key) == col(ours.phone_key),
                ),
            ),
        )
        .join(Case, col(Case.id) == col(theirs.case_id))
        .where(
            col(this.id) == case_id,
            visible_to(by),
            col(Case.set_aside).is_distinct_from(SetAside.void),
            col(Case.received_on).between(
                col(this.received_on) - REPEATS_WITHIN.days,
                col(this.received_on) + REPEATS_WITHIN.days,
            ),
        )
        .group_by(col(Case.id))
        .order_by(col(Case.id).desc())
        .limit(_MOST)
    )
    rows = (await session.execute(asked)).mappings().all()
    return [
        LikelyRepeat(
            reference=row["reference"],
            type=row["type"],
            status=row["status"],
            received_on=row["received_on"],
            because=[why for why in Because if row[why]],
        )
        for row in rows
    ]
