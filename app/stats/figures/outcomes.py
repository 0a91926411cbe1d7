"""How complaints ended at stage 1, and whether in time (Figures 10, 11 and 12)."""

from app.stats import notes
from app.stats.cuts import OUTCOME, SERVICE, VERDICT
from app.stats.facts.endings import (
    AT_STAGE_ONE,
    ENDINGS,
    EXCLUDED_FROM_TIMESCALES,
    NO_LIMIT,
    NO_OUTCOME,
)
from app.stats.figure import Figure, Population, Share

STAGE_ONE_CLOSED = Population(
    words="complaints, neither withdrawn nor a question that was answered, closed at stage 1",
    where=(AT_STAGE_ONE,),
    leaves_out=NO_OUTCOME,
)

STAGE_ONE_TIMED = Population(
    words="complaints, neither withdrawn nor a question that was answered nor excluded from timescales, closed at stage 1",
    where=(AT_STAGE_ONE,),
    leaves_out=(*NO_OUTCOME, *EXCLUDED_FROM_TIMESCALES, NO_LIMIT),
)

FIGURES = (
    Figure(
        slug="outcomes",
        report_figures=(10, 11),
        title="Outcomes of complaints closed at stage 1",
        means="Of the complaints of a service closed at stage 1 in the period, the share with each finding or with none; and, of those with a finding, the share with each.",
        fact=ENDINGS,
        population=STAGE_ONE_CLOSED,
        cuts=(SERVICE, OUTCOME),
        measure=Share(of=("service",), part="findings"),
    ),
    Figure(
        slug="timescales",
        report_figures=(12,),
        title="Complaints closed within and outside the stage 1 target",
        means="Of the complaints of a service closed at stage 1 in the period, the share closed within the working days that their procedure gives stage 1, from receipt, extensions ignored.",
        fact=ENDINGS,
        population=STAGE_ONE_TIMED,
        cuts=(SERVICE, VERDICT),
        measure=Share(of=("service",)),
        notes=(notes.excluded_from_timescales,),
    ),
)
