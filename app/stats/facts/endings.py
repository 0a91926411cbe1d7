"""Endings of stages, and of complaints that were refused, which never had a stage."""

from typing import Any

import sqlalchemy as sa

from app.cases.vocabulary import Closure, Finding, TimescaleExclusion
from app.stats.cuts import OUTCOME, OUTSIDE_TARGET, SERVICE, STAGE, VERDICT, WITHIN_TARGET
from app.stats.fact import Day, Fact, Filter, Part, Reason, text
from app.stats.facts.feedback import NO_LONGER_A_COMPLAINT, SET_ASIDE
from app.stats.world import World

_STAGE_ONE = 1


def _rows(world: World) -> sa.Select[Any]:
    case, stage = world.case, world.stage
    of_case = (
        case.c.id.label("case_id"),
        case.c.service,
        case.c.type.label("feedback_type"),
        case.c.set_aside,
    )
    ended = sa.select(
        *of_case,
        stage.c.number.label("stage"),
        stage.c.closed_on.label("day"),
        stage.c.finding.label("outcome"),
        stage.c.closure,
        stage.c.within_target,
        stage.c.timescale_excluded,
    ).join_from(stage, case, stage.c.case_id == case.c.id)
    refused = sa.select(  # a complaint that was not accepted would have begun with stage 1
        *of_case,
        sa.literal(_STAGE_ONE),
        case.c.closed_on,
        sa.null(),
        case.c.closure,
        sa.null(),
        sa.null(),
    ).where(case.c.closure == Closure.refused.value)
    both = sa.union_all(ended, refused).subquery("ending")
    verdict = sa.case(
        (both.c.within_target, sa.literal(WITHIN_TARGET, sa.Text)),
        else_=sa.literal(OUTSIDE_TARGET, sa.Text),
    )
    return sa.select(both, verdict.label("verdict"))


_closure = text("closure")

AT_STAGE_ONE = Filter(STAGE, (_STAGE_ONE,))
NO_OUTCOME = (
    Reason(
        "reclassified",
        "no longer a complaint",
        NO_LONGER_A_COMPLAINT | (_closure == Closure.reclassified.value),
    ),
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
NO_VERDICT = (
    *EXCLUDED_FROM_TIMESCALES,
    Reason("no_limit", "no fixed time limit", sa.column("within_target", sa.Boolean).is_(None)),
)

ENDINGS = Fact(
    name="endings",
    means="Each stage that was answered or closed, and each complaint that was refused.",
    rows=_rows,
    days=(Day("stage_closed", "in the period", "day"),),
    cuts=(SERVICE, STAGE, OUTCOME, VERDICT),
    leaves_out=SET_ASIDE,
    reasons=(*NO_OUTCOME, *NO_VERDICT),
    parts=(Part("findings", text("outcome").is_not(None), OUTCOME.name, tuple(Finding)),),
)
