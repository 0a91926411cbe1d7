"""How long stages take, whether they keep their time, and what is open at the end of a period."""

from app.stats import notes
from app.stats.cuts import AGE, CLOCK, DAYS_TAKEN, SERVICE, STAGE, TIMELINESS
from app.stats.fact import How, Quantity
from app.stats.facts.case import IS_COMPLAINT
from app.stats.facts.endings import (
    ENDINGS,
    EXCLUDED_FROM_TIMESCALES,
    NO_LIMIT,
    NO_OUTCOME,
    WORKING_DAYS,
)
from app.stats.facts.open import DAYS_OPEN_SO_FAR, OPEN_CASES, OPEN_STAGES
from app.stats.figure import Figure, Population, Share

STAGES_CLOSED = Population(
    words="stages of complaints, neither withdrawn nor a question that was answered, closed",
    leaves_out=(*NO_OUTCOME, *EXCLUDED_FROM_TIMESCALES),
)

STAGES_WITH_A_LIMIT = Population(
    words="stages of complaints that have a time limit, neither withdrawn nor a question that was answered, closed",
    leaves_out=(*NO_OUTCOME, *EXCLUDED_FROM_TIMESCALES, NO_LIMIT),
)

STAGES_IN_HAND = Population(words="stages of complaints")
COMPLAINTS_IN_HAND = Population(words="complaints", where=(IS_COMPLAINT,))

FIGURES = (
    Figure(
        slug="days-taken",
        title="Working days taken by stages",
        means="Of the stages of a service's complaints closed in the period, the share that took each band of working days; and the days that half of them, and nine in ten, did not exceed.",
        fact=ENDINGS,
        population=STAGES_CLOSED,
        cuts=(SERVICE, STAGE, DAYS_TAKEN),
        measure=Share(of=("service", "stage")),
        quantities=(Quantity(How.median, WORKING_DAYS), Quantity(How.percentile, WORKING_DAYS)),
        notes=(notes.excluded_from_timescales,),
    ),
    Figure(
        slug="timeliness",
        title="Stages closed within their limit, within an extension, or late",
        means="Of the stages of a service's complaints closed in the period that have a time limit, the share closed within it, within an extension of it, or late.",
        fact=ENDINGS,
        population=STAGES_WITH_A_LIMIT,
        cuts=(SERVICE, STAGE, TIMELINESS),
        measure=Share(of=("service", "stage")),
        notes=(notes.excluded_from_timescales,),
    ),
    Figure(
        slug="open-stages",
        title="Stages open at the end, in time and overdue",
        means="Of the stages of a service's complaints that were open at the end of the period, the share still in time, overdue with extensions counted, or without a limit.",
        fact=OPEN_STAGES,
        population=STAGES_IN_HAND,
        cuts=(SERVICE, STAGE, CLOCK),
        measure=Share(of=("service", "stage")),
    ),
    Figure(
        slug="open-complaints",
        title="Complaints open at the end, by age",
        means="Of the complaints of a service that were open at the end of the period, the share of each age in days since receipt; and the age that half of them, and nine in ten, do not exceed.",
        definition_version=2,  # since then without those set aside after the day
        fact=OPEN_CASES,
        population=COMPLAINTS_IN_HAND,
        cuts=(SERVICE, AGE),
        measure=Share(of=("service",)),
        quantities=(
            Quantity(How.median, DAYS_OPEN_SO_FAR),
            Quantity(How.percentile, DAYS_OPEN_SO_FAR),
        ),
    ),
)
