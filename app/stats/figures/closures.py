"""Complaints that ended without a finding, were refused, or were put right at first contact."""

from app.stats.cuts import CLOSURE_REASON, REFUSAL_REASON, RESOLUTION, SERVICE
from app.stats.facts.endings import (
    AT_STAGE_ONE,
    ENDINGS,
    NOT_A_COMPLAINT,
    NOT_ACCEPTED,
    WITHOUT_A_FINDING,
)
from app.stats.figure import Figure, Population, Share
from app.stats.figures.outcomes import STAGE_ONE_CLOSED

NO_FINDING = Population(
    words="complaints refused, or closed at stage 1 without a finding,",
    where=(AT_STAGE_ONE, WITHOUT_A_FINDING),
    leaves_out=(NOT_A_COMPLAINT,),
)

REFUSED = Population(
    words="complaints refused",
    where=(NOT_ACCEPTED,),
    leaves_out=(NOT_A_COMPLAINT,),
)

FIGURES = (
    Figure(
        slug="closures",
        title="Complaints that ended without a finding, by reason",
        means="Of the complaints of a service that ended in the period without a finding at stage 1, the share for each reason, refusals and withdrawals among them.",
        fact=ENDINGS,
        population=NO_FINDING,
        cuts=(SERVICE, CLOSURE_REASON),
        measure=Share(of=("service",)),
    ),
    Figure(
        slug="refusals",
        title="Complaints refused, by reason",
        means="Of the complaints of a service that were not accepted in the period, the share for each reason.",
        fact=ENDINGS,
        population=REFUSED,
        cuts=(SERVICE, REFUSAL_REASON),
        measure=Share(of=("service",)),
    ),
    Figure(
        slug="early-resolutions",
        title="Complaints put right at first contact",
        means="Of the complaints of a service closed at stage 1 in the period, the share put right at first contact rather than taken on.",
        fact=ENDINGS,
        population=STAGE_ONE_CLOSED,
        cuts=(SERVICE, RESOLUTION),
        measure=Share(of=("service",)),
    ),
)
