"""Feedback: one row for each complaint, comment and compliment."""

from typing import Any

import sqlalchemy as sa

from app.cases.vocabulary import FeedbackType, SetAside
from app.stats.cuts import (
    CATEGORY,
    CHANNEL,
    FEEDBACK_TYPE,
    SERVICE,
    SOURCE_SYSTEM,
    TEAM,
    TYPE_AT_RECEIPT,
)
from app.stats.fact import Day, Fact, Filter, Part, Reason, text
from app.stats.tables import SOURCE_SYSTEM as SYSTEMS
from app.stats.world import World

SET_ASIDE = (
    Reason("void", "entered by mistake and voided", text("set_aside") == SetAside.void.value),
    Reason(
        "not_feedback",
        "found not to be feedback",
        text("set_aside") == SetAside.not_feedback.value,
    ),
)
"""A case set aside leaves every count, and says so."""

NO_LONGER_A_COMPLAINT = text("feedback_type") != FeedbackType.complaint.value
IS_COMPLAINT = Filter(FEEDBACK_TYPE, (FeedbackType.complaint,))
CHANNEL_NOT_COLLECTED = Reason(
    "channel_not_collected",
    "registered in a system that does not collect how contact was made",
    text("source_system").not_in(sa.select(SYSTEMS.c.slug).where(SYSTEMS.c.collects_channel)),
)


def _rows(world: World) -> sa.Select[Any]:
    case = world.case.c
    return sa.select(
        case.id.label("case_id"),
        case.registered_on,
        case.received_on,
        case.migrated_on,
        case.set_aside,
        case.type.label("feedback_type"),
        case.type_at_receipt,
        # Whoever loaded a migrated case is not how the person first made contact.
        sa.case((case.migrated_on.is_(None), case.channel)).label("channel"),
        case.category,
        case.service,
        case.team,
        case.system_of_record.label("source_system"),
    )


FEEDBACK = Fact(
    name="feedback",
    means="Each complaint, comment and compliment, once.",
    rows=_rows,
    days=(
        Day("registered", "registered in the period", "registered_on"),
        Day("received", "received in the period", "received_on"),
    ),
    cuts=(SERVICE, FEEDBACK_TYPE, TYPE_AT_RECEIPT, CHANNEL, CATEGORY, SOURCE_SYSTEM, TEAM),
    leaves_out=SET_ASIDE,
    reasons=(CHANNEL_NOT_COLLECTED,),
    parts=(Part("migrated", sa.column("migrated_on", sa.Date).is_not(None)),),
    by_type_at_receipt=True,
)
