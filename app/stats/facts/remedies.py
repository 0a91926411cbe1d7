"""Remedies: each one, on the day its stage was answered or closed."""

from typing import Any

import sqlalchemy as sa

from app.stats.cuts import REMEDY, SERVICE
from app.stats.fact import Day, Fact, Reason
from app.stats.facts.feedback import NO_LONGER_A_COMPLAINT, SET_ASIDE
from app.stats.world import World


def _rows(world: World) -> sa.Select[Any]:
    case, stage, remedy = world.case, world.stage, world.remedy
    of_stage = (remedy.c.case_id == stage.c.case_id) & (remedy.c.stage == stage.c.number)
    return (
        sa.select(
            case.c.id.label("case_id"),
            case.c.service,
            case.c.type.label("feedback_type"),
            case.c.set_aside,
            stage.c.closed_on.label("day"),
            remedy.c.kind.label("remedy"),
        )
        .join_from(remedy, stage, of_stage)
        .join(case, stage.c.case_id == case.c.id)
    )


RECLASSIFIED = Reason("reclassified", "no longer a complaint", NO_LONGER_A_COMPLAINT)

REMEDIES_GIVEN = Fact(
    name="remedies",
    means="Each remedy of a stage that was answered or closed; a stage may have several.",
    rows=_rows,
    days=(Day("stage_closed", "whose stage was answered or closed in the period", "day"),),
    cuts=(SERVICE, REMEDY),
    leaves_out=SET_ASIDE,
    reasons=(RECLASSIFIED,),
)
