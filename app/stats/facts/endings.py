"""Endings of stages, and of complaints that were refused, which never had a stage."""

from typing import Any

import sqlalchemy as sa

from app.cases.vocabulary import Closure, Finding, TimescaleExclusion
from app.stats.bands import WORKING_DAYS_TAKEN
from app.stats.cuts import (
    CLOSED_WITHOUT_A_FINDING,
    CLOSURE_REASON,
    DAYS_TAKEN,
    OF_CASE,
    OUTCOME,
    OUTSIDE_TARGET,
    REFUSAL_REASON,
    RESOLUTION,
    RESOLVED_EARLY,
    STAGE,
    TAKEN_ON,
    TIMELINESS,
    VERDICT,
    WITHIN_TARGET,
)
from app.stats.fact import Amount, Day, Fact, Filter, Part, Reason, text
from app.stats.facts.case import NO_LONGER_A_COMPLAINT, SET_ASIDE, of_case
from app.stats.world import World

_STAGE_ONE = 1


def _rows(world: World) -> sa.Select[Any]:
    case, stage = world.case, world.stage
    ended = sa.select(
        *of_case(case),
        stage.c.number.label("stage"),
        stage.c.closed_on.label("day"),
        stage.c.finding.label("outcome"),
        stage.c.closure,
        stage.c.no_finding_reason,
        sa.cast(sa.null(), sa.Text).label("refusal_reason"),
        stage.c.within_target,
        stage.c.verdict.label("timeliness"),
        stage.c.working_days_taken.label("working_days"),
        stage.c.timescale_excluded,
    ).join_from(stage, case, stage.c.case_id == case.c.id)
    refused = sa.select(  # a complaint that was not accepted would have begun with stage 1
        *of_case(case),
        sa.literal(_STAGE_ONE),
        case.c.closed_on,
        sa.null(),
        case.c.closure,
        sa.null(),
        case.c.refusal_reason,
        *(sa.null() for _ in range(4)),
    ).where(case.c.closure == Closure.refused.value)
    both = sa.union_all(ended, refused).subquery("ending")
    return sa.select(
        both,
        sa.case(
            (both.c.within_target, _code(WITHIN_TARGET)),
            (sa.not_(both.c.within_target), _code(OUTSIDE_TARGET)),
        ).label("verdict"),
        sa.func.coalesce(both.c.no_finding_reason, both.c.closure).label("closure_reason"),
        sa.case(
            (both.c.no_finding_reason == RESOLVED_EARLY, _code(RESOLVED_EARLY)),
            (both.c.closure.is_distinct_from(Closure.refused.value), _code(TAKEN_ON)),
        ).label("resolution"),
        WORKING_DAYS_TAKEN.of(both.c.working_days).label("days_taken"),
    )


def _code(code: str) -> sa.ColumnElement[str]:
    return sa.literal(code, sa.Text)


_closure = text("closure")

AT_STAGE_ONE = Filter(STAGE, (_STAGE_ONE,))
WITHOUT_A_FINDING = Filter(OUTCOME, (CLOSED_WITHOUT_A_FINDING,))
NOT_ACCEPTED = Filter(CLOSURE_REASON, (Closure.refused,))
WORKING_DAYS = Amount("working_days", "the working days from the start of its clock to its end")

NOT_A_COMPLAINT = Reason(
    "reclassified",
    "no longer a complaint",
    NO_LONGER_A_COMPLAINT | (_closure == Closure.reclassified.value),
)
NO_OUTCOME = (
    NOT_A_COMPLAINT,
    Reason("withdrawn", "withdrawn by the complainant", _closure == Closure.withdrawn.value),
    Reason(
        "question_answered",
        "a question that was answered, in a system that could not change its type",
        _closure == Closure.question_answered.value,
    ),
    Reason("refused", "not accepted, so no stage began", _closure == Closure.refused.value),
)
_WHY_EXCLUDED = {
    TimescaleExclusion.migrated: "migrated from another system, so its time is not comparable",
}
EXCLUDED_FROM_TIMESCALES = tuple(
    Reason(f"timescale_excluded_{why}", words, text("timescale_excluded") == why.value)
    for why, words in _WHY_EXCLUDED.items()
)
NO_LIMIT = Reason(
    "no_limit", "no fixed time limit", sa.column("within_target", sa.Boolean).is_(None)
)

ENDINGS = Fact(
    name="endings",
    means="Each stage that was answered or closed, and each complaint that was refused.",
    rows=_rows,
    days=(Day("stage_closed", "in the period", "day"),),
    cuts=(
        *OF_CASE,
        STAGE,
        OUTCOME,
        CLOSURE_REASON,
        REFUSAL_REASON,
        RESOLUTION,
        VERDICT,
        TIMELINESS,
        DAYS_TAKEN,
    ),
    leaves_out=SET_ASIDE,
    reasons=(*NO_OUTCOME, *EXCLUDED_FROM_TIMESCALES, NO_LIMIT),
    parts=(Part("findings", text("outcome").is_not(None), OUTCOME.name, tuple(Finding)),),
    amounts=(WORKING_DAYS,),
)
