"""What there is to count: pieces of feedback, later stages, remedies, endings of stage 1.

A fact is rows with the day each happened. Reasons say why a row may be left out of a figure:
a case set aside leaves every count, and says so.
"""

import sqlalchemy as sa

from app.cases.filters import NO_SERVICE, NO_TEAM, NOT_RECORDED
from app.cases.vocabulary import (
    Closure,
    EscalationDecision,
    FeedbackType,
    SetAside,
    TimescaleExclusion,
)
from app.stats.cuts import (
    CLOSED_WITHOUT_A_FINDING,
    OUTSIDE_TARGET,
    WITHIN_TARGET,
)
from app.stats.figure import Condition, Day, Fact, Reason
from app.stats.tables import CASE, ESCALATION, REMEDY, SOURCE_SYSTEM, STAGE


def _or(column: sa.ColumnElement[str | None], residual: str) -> sa.ColumnElement[str]:
    return sa.func.coalesce(column, sa.literal(residual, sa.Text))


def _set_aside(rows: sa.FromClause) -> tuple[Reason, ...]:
    column = rows.c.set_aside
    return (
        Reason("void", "entered by mistake and voided", column == SetAside.void),
        Reason("not_feedback", "found not to be feedback", column == SetAside.not_feedback),
    )


# --- Feedback: one row for each case ------------------------------------------------------------

# Whoever loaded a migrated case into the new system is not how the person first made contact.
_channel = sa.case(
    (CASE.c.migrated_on.is_not(None), sa.literal(NOT_RECORDED, sa.Text)),
    else_=_or(CASE.c.channel, NOT_RECORDED),
)

FEEDBACK = Fact(
    name="feedback",
    rows=CASE,
    days=(
        Day("registered", "registered in the period", CASE.c.registered_on),
        Day("received", "received in the period", CASE.c.received_on),
    ),
    service=CASE.c.service,
    cuts={
        "service": _or(CASE.c.service, NO_SERVICE),
        "feedback_type": CASE.c.type,
        "channel": _channel,
        "category": CASE.c.category,
        "source_system": CASE.c.system_of_record,
        "team": _or(CASE.c.team, NO_TEAM),
    },
)

ALL: Condition = sa.true()
IS_COMPLAINT: Condition = CASE.c.type == FeedbackType.complaint
MIGRATED: Condition = CASE.c.migrated_on.is_not(None)
SET_ASIDE = _set_aside(CASE)
CHANNEL_NOT_COLLECTED = Reason(
    "channel_not_collected",
    "registered in a system that does not collect how contact was made",
    CASE.c.system_of_record.not_in(
        sa.select(SOURCE_SYSTEM.c.slug).where(SOURCE_SYSTEM.c.collects_channel)
    ),
)


# --- Later stages: each one started, and each request for one that came to nothing --------------


def _later_stages() -> sa.Subquery:
    case = (CASE.c.service, CASE.c.type, CASE.c.set_aside)
    started = (
        sa.select(
            *case,
            STAGE.c.number.label("stage"),
            STAGE.c.started_on.label("day"),
            sa.literal(EscalationDecision.accepted.value, sa.Text).label("decision"),
        )
        .join_from(STAGE, CASE, STAGE.c.case_id == CASE.c.id)
        .where(STAGE.c.number > 1)
    )
    came_to_nothing = (
        sa.select(
            *case,
            ESCALATION.c.to_stage,
            sa.func.coalesce(ESCALATION.c.decided_on, ESCALATION.c.requested_on),
            _or(ESCALATION.c.decision, "undecided"),
        )
        .join_from(ESCALATION, CASE, ESCALATION.c.case_id == CASE.c.id)
        .where(ESCALATION.c.decision.is_distinct_from(EscalationDecision.accepted))
    )
    return sa.union_all(started, came_to_nothing).subquery("later_stage")


_later = _later_stages()

LATER_STAGE = Fact(
    name="later stages",
    rows=_later,
    days=(Day("started", "started in the period", _later.c.day),),
    service=_later.c.service,
    cuts={"service": _or(_later.c.service, NO_SERVICE), "stage": _later.c.stage},
)

NOT_STARTED = (
    *_set_aside(_later),
    Reason("reclassified", "no longer a complaint", _later.c.type != FeedbackType.complaint),
    Reason("refused", "asked for and refused", _later.c.decision == EscalationDecision.refused),
    Reason(
        "resolved",
        "asked for and resolved before it was accepted",
        _later.c.decision == EscalationDecision.resolved,
    ),
    Reason(
        "withdrawn", "asked for and withdrawn", _later.c.decision == EscalationDecision.withdrawn
    ),
    Reason("undecided", "asked for and not yet decided", _later.c.decision == "undecided"),
)


# --- Remedies: each one, on the day its stage was answered or closed ----------------------------

_remedy = (
    sa.select(
        CASE.c.service, CASE.c.type, CASE.c.set_aside, REMEDY.c.kind, STAGE.c.closed_on.label("day")
    )
    .join_from(
        REMEDY, STAGE, (REMEDY.c.case_id == STAGE.c.case_id) & (REMEDY.c.stage == STAGE.c.number)
    )
    .join(CASE, STAGE.c.case_id == CASE.c.id)
    .subquery("remedy_given")
)

REMEDY_GIVEN = Fact(
    name="remedies",
    rows=_remedy,
    days=(Day("stage_closed", "whose stage was answered or closed in the period", _remedy.c.day),),
    service=_remedy.c.service,
    cuts={"service": _or(_remedy.c.service, NO_SERVICE), "remedy": _remedy.c.kind},
)

REMEDY_NOT_COUNTED = (
    *_set_aside(_remedy),
    Reason("reclassified", "no longer a complaint", _remedy.c.type != FeedbackType.complaint),
)


# --- Endings of stage 1, and complaints refused, which never had a stage ------------------------


def _endings() -> sa.Subquery:
    case = (CASE.c.service, CASE.c.type, CASE.c.set_aside)
    stage_one = (
        sa.select(
            *case,
            STAGE.c.closed_on.label("day"),
            STAGE.c.finding,
            STAGE.c.closure,
            STAGE.c.within_target,
            STAGE.c.timescale_excluded,
        )
        .join_from(STAGE, CASE, STAGE.c.case_id == CASE.c.id)
        .where(STAGE.c.number == 1)
    )
    refused = sa.select(
        *case,
        CASE.c.closed_on,
        sa.null(),
        CASE.c.closure,
        sa.null(),
        sa.null(),
    ).where(CASE.c.closure == Closure.refused)
    return sa.union_all(stage_one, refused).subquery("ending")


_ending = _endings()

ENDING = Fact(
    name="endings of stage 1",
    rows=_ending,
    days=(Day("stage_closed", "closed at stage 1 in the period", _ending.c.day),),
    service=_ending.c.service,
    cuts={
        "service": _or(_ending.c.service, NO_SERVICE),
        "outcome": _or(_ending.c.finding, CLOSED_WITHOUT_A_FINDING),
        "verdict": sa.case(
            (_ending.c.within_target, sa.literal(WITHIN_TARGET, sa.Text)),
            else_=sa.literal(OUTSIDE_TARGET, sa.Text),
        ),
    },
)

HAS_FINDING: Condition = _ending.c.finding.is_not(None)
NO_OUTCOME = (
    *_set_aside(_ending),
    Reason(
        "reclassified",
        "no longer a complaint",
        (_ending.c.type != FeedbackType.complaint) | (_ending.c.closure == Closure.reclassified),
    ),
    Reason("withdrawn", "withdrawn by the complainant", _ending.c.closure == Closure.withdrawn),
    Reason(
        "question_answered",
        "a question that was answered, in a system that could not change its type",
        _ending.c.closure == Closure.question_answered,
    ),
    Reason("refused", "not accepted, so no stage began", _ending.c.closure == Closure.refused),
)
_WHY_EXCLUDED = {
    TimescaleExclusion.migrated: "migrated from another system, so its time is not comparable",
}
EXCLUDED_FROM_TIMESCALES = tuple(
    Reason(f"timescale_excluded_{why}", words, _ending.c.timescale_excluded == why)
    for why, words in _WHY_EXCLUDED.items()
)
NO_VERDICT = (
    *EXCLUDED_FROM_TIMESCALES,
    Reason("no_limit", "no fixed time limit", _ending.c.within_target.is_(None)),
)
