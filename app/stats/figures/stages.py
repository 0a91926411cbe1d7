"""Complaints that went on to a later stage (Figure 5), and those that asked to."""

from app.stats.cuts import DECISION, LATER_STAGE, SERVICE, STAGE_ASKED_FOR
from app.stats.facts.case import RECLASSIFIED
from app.stats.facts.stages import ESCALATIONS, LATER_STAGES, NOT_STARTED
from app.stats.figure import Figure, Population, Share
from app.stats.times import YEAR

LATER_STAGES_ACCEPTED = Population(
    words="stages 2 and 3 of complaints that were accepted and",
    leaves_out=NOT_STARTED,
)

REQUESTS = Population(words="requests for a further stage", leaves_out=(RECLASSIFIED,))

FIGURES = (
    Figure(
        slug="complaints-by-stage",
        report_figures=(5,),
        title="Complaints at stages 2 and 3",
        means="How many second and third stages of complaints the council accepted and started in each financial year; a complaint that reaches both counts once at each.",
        fact=LATER_STAGES,
        population=LATER_STAGES_ACCEPTED,
        cuts=(YEAR, LATER_STAGE),
        measure=Share(of=("year",)),
        years=3,
    ),
    Figure(
        slug="escalations",
        title="Requests for a further stage, and what became of them",
        means="Of the requests of a service's complainants for each further stage made in the period, the share accepted, refused, resolved before they were decided, withdrawn, or undecided.",
        fact=ESCALATIONS,
        population=REQUESTS,
        cuts=(SERVICE, STAGE_ASKED_FOR, DECISION),
        measure=Share(of=("service", "stage")),
    ),
)
