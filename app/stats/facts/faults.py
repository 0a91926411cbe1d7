"""What is wrong with records: each case once for every fault that it has."""

from typing import Any

import sqlalchemy as sa

from app.stats.cuts import FAULT, FEEDBACK_TYPE, OF_CASE
from app.stats.fact import Day, Fact
from app.stats.facts.case import SET_ASIDE, of_case
from app.stats.faults import EVERY_FAULT
from app.stats.world import World


def _rows(world: World) -> sa.Select[Any]:
    case = world.case
    faulty = [
        sa.select(
            *of_case(case),
            case.c.registered_on,
            sa.literal(fault.code.value, sa.Text).label("fault"),
            fault.stage(world).label("fault_of_stage"),
        ).where(fault.found(world))
        for fault in EVERY_FAULT
    ]
    return sa.select(sa.union_all(*faulty).subquery("faulty"))


FAULTS = Fact(
    name="faults",
    means="Each fault in the record of a case; a case may have several.",
    rows=_rows,
    days=(Day("registered", "of cases registered in the period", "registered_on"),),
    cuts=(*OF_CASE, FEEDBACK_TYPE, FAULT),
    leaves_out=SET_ASIDE,
)
