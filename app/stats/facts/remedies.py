"""Remedies: each one, on the day its stage was answered or closed."""

from typing import Any

import sqlalchemy as sa

from app.stats.cuts import OF_CASE, REMEDY, STAGE
from app.stats.fact import Amount, Day, Fact, Reason
from app.stats.facts.case import RECLASSIFIED, SET_ASIDE, of_case
from app.stats.world import World


def _rows(world: World) -> sa.Select[Any]:
    case, stage, remedy = world.case, world.stage, world.remedy
    of_stage = (remedy.c.case_id == stage.c.case_id) & (remedy.c.stage == stage.c.number)
    return (
        sa.select(
            *of_case(case),
            stage.c.number.label("stage"),
            stage.c.closed_on.label("day"),
            remedy.c.kind.label("remedy"),
            remedy.c.pence,
        )
        .join_from(remedy, stage, of_stage)
        .join(case, stage.c.case_id == case.c.id)
    )


PENCE = Amount("pence", "what was paid, or is to be paid, in pence")
NO_AMOUNT = Reason("no_amount", "carries no amount of money", PENCE.column.is_(None))

REMEDIES_GIVEN = Fact(
    name="remedies",
    means="Each remedy of a stage that was answered or closed; a stage may have several.",
    rows=_rows,
    days=(Day("stage_closed", "whose stage was answered or closed in the period", "day"),),
    cuts=(*OF_CASE, STAGE, REMEDY),
    leaves_out=SET_ASIDE,
    reasons=(RECLASSIFIED, NO_AMOUNT),
    amounts=(PENCE,),
)
