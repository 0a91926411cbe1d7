"""Later stages: each one started, and each request for one, whatever became of it."""

from typing import Any

import sqlalchemy as sa

from app.cases.vocabulary import EscalationDecision
from app.stats.cuts import DECISION, LATER_STAGE, OF_CASE, STAGE_ASKED_FOR, UNDECIDED
from app.stats.fact import Day, Fact, Reason, text
from app.stats.facts.case import RECLASSIFIED, SET_ASIDE, of_case
from app.stats.world import World


def _rows(world: World) -> sa.Select[Any]:
    case, stage, asked = world.case, world.stage, world.escalation
    started = (
        sa.select(
            *of_case(case),
            stage.c.number.label("stage"),
            stage.c.started_on.label("day"),
            sa.literal(EscalationDecision.accepted.value, sa.Text).label("became"),
        )
        .join_from(stage, case, stage.c.case_id == case.c.id)
        .where(stage.c.number > 1)
    )
    came_to_nothing = (
        sa.select(
            *of_case(case),
            asked.c.to_stage,
            sa.func.coalesce(asked.c.decided_on, asked.c.requested_on),
            sa.func.coalesce(asked.c.decision, sa.literal(UNDECIDED, sa.Text)),
        )
        .join_from(asked, case, asked.c.case_id == case.c.id)
        .where(asked.c.decision.is_distinct_from(EscalationDecision.accepted.value))
    )
    return sa.select(sa.union_all(started, came_to_nothing).subquery("later_stage"))


_became = text("became")

NOT_STARTED = (
    RECLASSIFIED,
    Reason("refused", "asked for and refused", _became == EscalationDecision.refused.value),
    Reason(
        "resolved",
        "asked for and resolved before it was accepted",
        _became == EscalationDecision.resolved.value,
    ),
    Reason("withdrawn", "asked for and withdrawn", _became == EscalationDecision.withdrawn.value),
    Reason("undecided", "asked for and not yet decided", _became == UNDECIDED),
)

LATER_STAGES = Fact(
    name="later-stages",
    means="Each stage 2 or 3 that was started, and each request for one that came to nothing.",
    rows=_rows,
    days=(Day("started", "started in the period", "day"),),
    cuts=(*OF_CASE, LATER_STAGE),
    leaves_out=SET_ASIDE,
    reasons=NOT_STARTED,
)


def _requests(world: World) -> sa.Select[Any]:
    case, asked = world.case, world.escalation
    return sa.select(
        *of_case(case),
        asked.c.to_stage.label("stage"),
        asked.c.requested_on.label("day"),
        asked.c.decision,
    ).join_from(asked, case, asked.c.case_id == case.c.id)


ESCALATIONS = Fact(
    name="escalations",
    means="Each request for a further stage, whatever was decided.",
    rows=_requests,
    days=(Day("requested", "asked for in the period", "day"),),
    cuts=(*OF_CASE, STAGE_ASKED_FOR, DECISION),
    leaves_out=SET_ASIDE,
    reasons=(RECLASSIFIED,),
)
