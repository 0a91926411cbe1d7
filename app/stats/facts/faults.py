"""What is wrong with records: each case once for every fault that it has."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from app.cases.vocabulary import FeedbackType, Finding, NoFindingReason
from app.procedures.vocabulary import NOT_CATEGORISED
from app.stats.cuts import FAULT, FEEDBACK_TYPE, OF_CASE
from app.stats.fact import Condition, Day, Fact
from app.stats.facts.case import SET_ASIDE, of_case
from app.stats.world import World

_UPHELD = [Finding.upheld.value, Finding.partially_upheld.value]


def _rows(world: World) -> sa.Select[Any]:
    case = world.case
    faulty = [
        sa.select(
            *of_case(case), case.c.registered_on, sa.literal(fault, sa.Text).label("fault")
        ).where(found)
        for fault, found in _faults(world)
    ]
    return sa.select(sa.union_all(*faulty).subquery("faulty"))


def _faults(world: World) -> Iterator[tuple[str, Condition]]:
    case = world.case.c
    yield "not_categorised", case.category == NOT_CATEGORISED
    yield "no_service", case.service.is_(None)
    yield "no_team", case.team.is_(None)
    complaint = case.type == FeedbackType.complaint.value
    for fault, found in _faults_of_stages(world):
        yield fault, complaint & found


def _faults_of_stages(world: World) -> Iterator[tuple[str, Condition]]:
    stage, remedy = world.stage.alias(), world.remedy.alias()
    of_case = stage.c.case_id == world.case.c.id
    without_record = stage.c.no_finding_reason == NoFindingReason.closed_without_record.value
    remedied = sa.exists().where(
        remedy.c.case_id == stage.c.case_id, remedy.c.stage == stage.c.number
    )
    overdue = stage.c.closed_on.is_(None) & (stage.c.due_on < world.today)
    yield "closed_without_record", sa.exists().where(of_case, without_record)
    yield (
        "upheld_without_remedy",
        sa.exists().where(of_case, stage.c.finding.in_(_UPHELD), sa.not_(remedied)),
    )
    yield "overdue_and_unanswered", sa.exists().where(of_case, overdue)


FAULTS = Fact(
    name="faults",
    means="Each fault in the record of a case; a case may have several.",
    rows=_rows,
    days=(Day("registered", "of cases registered in the period", "registered_on"),),
    cuts=(*OF_CASE, FEEDBACK_TYPE, FAULT),
    leaves_out=SET_ASIDE,
)
