"""What is open at the end of a period: cases, and stages whose clock is running."""

from typing import Any

import sqlalchemy as sa

from app.cases.vocabulary import Status
from app.stats.bands import DAYS_OPEN
from app.stats.cuts import (
    AGE,
    CLOCK,
    FEEDBACK_TYPE,
    NO_LIMIT,
    OF_CASE,
    OPEN_IN_TIME,
    OPEN_OVERDUE,
    STAGE,
)
from app.stats.fact import Amount, Day, Fact
from app.stats.facts.case import SET_ASIDE, of_case
from app.stats.world import World

_OPEN = [Status.received.value, Status.in_stage.value, Status.escalation_requested.value]
_AT_THE_END = Day("standing", "open at the end of the period", "at")


def _cases(world: World) -> sa.Select[Any]:
    case, now = world.standing, world.case.alias()
    days_open = case.c.at - case.c.received_on
    return (
        sa.select(
            *of_case(case, set_aside_in=now),
            case.c.at,
            days_open.label("days_open"),
            DAYS_OPEN.of(days_open).label("age"),
        )
        .join_from(case, now, now.c.id == case.c.id)
        .where(case.c.status.in_(_OPEN))
    )


DAYS_OPEN_SO_FAR = Amount("days_open", "the days from receipt to the end of the period")

OPEN_CASES = Fact(
    name="open-cases",
    means="Each case that waits for triage, is in a stage, or is asked to be taken further.",
    rows=_cases,
    days=(_AT_THE_END,),
    cuts=(*OF_CASE, FEEDBACK_TYPE, AGE),
    leaves_out=SET_ASIDE,
    amounts=(DAYS_OPEN_SO_FAR,),
    stands=True,
)


def _stages(world: World) -> sa.Select[Any]:
    case, stage, now = world.standing, world.standing_stage, world.case.alias()
    in_hand = (
        (stage.c.case_id == case.c.id)
        & (stage.c.at == case.c.at)
        & (stage.c.number == case.c.stage_reached)
    )
    clock = sa.case(
        (stage.c.due_on < case.c.at, sa.literal(OPEN_OVERDUE, sa.Text)),
        (stage.c.due_on.is_not(None), sa.literal(OPEN_IN_TIME, sa.Text)),
        else_=sa.literal(NO_LIMIT, sa.Text),
    )
    return (
        sa.select(
            *of_case(case, set_aside_in=now),
            case.c.at,
            stage.c.number.label("stage"),
            clock.label("clock"),
        )
        .join_from(case, stage, in_hand)
        .join(now, now.c.id == case.c.id)
        .where(case.c.status == Status.in_stage.value)
    )


OPEN_STAGES = Fact(
    name="open-stages",
    means="Each stage of a complaint that has not been answered.",
    rows=_stages,
    days=(_AT_THE_END,),
    cuts=(*OF_CASE, STAGE, CLOCK),
    leaves_out=SET_ASIDE,
    stands=True,
)
