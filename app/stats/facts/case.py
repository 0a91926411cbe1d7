"""What the facts of a case share: its columns, and why it may leave a count."""

from typing import Any

import sqlalchemy as sa

from app.cases.vocabulary import FeedbackType, SetAside
from app.stats.cuts import FEEDBACK_TYPE
from app.stats.fact import Filter, Reason, text


def of_case(
    case: sa.FromClause, *, set_aside_in: sa.FromClause | None = None
) -> list[sa.ColumnElement[Any]]:
    """The columns by which anything that happens to a case is cut, or left out.

    Whether it is set aside may be known from elsewhere: what was open on some day and has been
    voided since was a mistake on that day too.
    """
    column, aside = case.c, (case if set_aside_in is None else set_aside_in).c
    return [
        column.id.label("case_id"),
        column.status,
        column.service,
        column.team,
        column.category,
        column.procedure,
        column.system_of_record.label("source_system"),
        # Whoever loaded a migrated case is not how the person first made contact.
        sa.case((column.migrated_on.is_(None), column.channel)).label("channel"),
        column.type.label("feedback_type"),
        column.type_at_receipt,
        aside.set_aside,
    ]


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
RECLASSIFIED = Reason("reclassified", "no longer a complaint", NO_LONGER_A_COMPLAINT)
IS_COMPLAINT = Filter(FEEDBACK_TYPE, (FeedbackType.complaint,))
