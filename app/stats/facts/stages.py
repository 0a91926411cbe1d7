"""Later stages: each one started, and each request for one that came to nothing."""

from typing import Any

import sqlalchemy as sa

from app.cases.vocabulary import EscalationDecision
from app.stats.cuts import LATER_STAGE as STAGE
from app.stats.cuts import SERVICE, UNDECIDED
from app.stats.fact import Day, Fact, Reason, text
from app.stats.facts.feedback import NO_LONGER_A_COMPLAINT, SET_ASIDE
from app.stats.world import World


def _rows(world: World) -> sa.Select[Any]:
    case, stage, asked = world.case, world.stage, world.escalation
    of_case = (
        case.c.id.label("case_id"),
        case.c.service,
        case.c.type.label("feedback_type"),
        case.c.set_aside,
    )
    started = (
        sa.select(
            *of_case,
            stage.c.number.label("stage"),
            stage.c.started_on.label("day"),
            sa.literal(EscalationDecision.accepted.value, sa.Text).label("decision"),
        )
        .join_from(stage, case, stage.c.case_id == case.c.id)
        .where(stage.c.number > 1)
    )
    came_to_nothing = (
        sa.select(
            *of_case,
            asked.c.to_stage,
            sa.func.coalesce(asked.c.decided_on, asked.c.requested_on),
            sa.func.coalesce(asked.c.decision, sa.literal(UNDECIDED, sa.Text)),
        )
        .join_from(asked, case, asked.c.case_id == case.c.id)
        .where(asked.c.decision.is_distinct_from(EscalationDecision.accepted.value))
    )
    both = sa.union_all(started, came_to_nothing).subquery("later_stage")
    return sa.select(both)


_decision = text("decision")

NOT_STARTED = (
    Reason("reclassified", "no longer a complaint", NO_LONGER_A_COMPLAINT),
    Reason("refused", "asked for and refused", _decision == EscalationDecision.refused.value),
    Reason(
        "resolved",
        "asked for and resolved before it was accepted",
        _decision == EscalationDecision.resolved.value,
    ),
    Reason("withdrawn", "asked for and withdrawn", _decision == EscalationDecision.withdrawn.value),
    Reason("undecided", "asked for and not yet decided", _decision == UNDECIDED),
)

LATER_STAGES = Fact(
    name="later-stages",
    means="Each stage 2 or 3 that was started, and each request for one that came to nothing.",
    rows=_rows,
    days=(Day("started", "started in the period", "day"),),
    cuts=(SERVICE, STAGE),
    leaves_out=SET_ASIDE,
    reasons=NOT_STARTED,
)
