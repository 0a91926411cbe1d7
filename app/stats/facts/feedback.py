"""Feedback: one row for each complaint, comment and compliment."""

from typing import Any

import sqlalchemy as sa

from app.stats.cuts import ACTIVITY, FEEDBACK_TYPE, OF_CASE, TYPE_AT_RECEIPT
from app.stats.fact import Day, Fact, Part, Reason, text
from app.stats.facts.case import SET_ASIDE, of_case
from app.stats.tables import ACTIVITY as VOLUMES
from app.stats.tables import SOURCE_SYSTEM as SYSTEMS
from app.stats.world import World

_REGISTERED = Day("registered", "registered in the period", "registered_on")
_RECEIVED = Day("received", "received in the period", "received_on")
_MIGRATED = Part("migrated", sa.column("migrated_on", sa.Date).is_not(None))


def _columns(case: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    return [*of_case(case), case.c.registered_on, case.c.received_on, case.c.migrated_on]


def _rows(world: World) -> sa.Select[Any]:
    return sa.select(*_columns(world.case))


CHANNEL_NOT_COLLECTED = Reason(
    "channel_not_collected",
    "registered in a system that does not collect how contact was made",
    text("source_system").not_in(sa.select(SYSTEMS.c.slug).where(SYSTEMS.c.collects_channel)),
)

FEEDBACK = Fact(
    name="feedback",
    means="Each complaint, comment and compliment, once.",
    rows=_rows,
    days=(_REGISTERED, _RECEIVED),
    cuts=(*OF_CASE, FEEDBACK_TYPE, TYPE_AT_RECEIPT),
    leaves_out=SET_ASIDE,
    reasons=(CHANNEL_NOT_COLLECTED,),
    parts=(_MIGRATED,),
    by_type_at_receipt=True,
)


def _rows_per_activity(world: World) -> sa.Select[Any]:
    case = world.case
    at_the_time = (
        (VOLUMES.c.service == case.c.service)
        & (VOLUMES.c.since <= case.c.registered_on)
        & (VOLUMES.c.until > case.c.registered_on)
    )
    both = sa.outerjoin(case, VOLUMES, at_the_time)
    return sa.select(*_columns(case), VOLUMES.c.measure.label("activity")).select_from(both)


NOT_SET_AGAINST_ANYTHING = Reason(
    "no_volume",
    "of a service, or from days, for which no volume of activity is recorded",
    text("activity").is_(None),
)

FEEDBACK_PER_ACTIVITY = Fact(
    name="feedback-per-activity",
    means="Each complaint, comment and compliment, once for each thing its service did in volume.",
    rows=_rows_per_activity,
    days=(_REGISTERED,),
    cuts=(*OF_CASE, FEEDBACK_TYPE, TYPE_AT_RECEIPT, ACTIVITY),
    leaves_out=SET_ASIDE,
    reasons=(NOT_SET_AGAINST_ANYTHING,),
    by_type_at_receipt=True,
)
