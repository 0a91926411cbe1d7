"""Complaints that went on to a later stage (Figure 5)."""

from app.stats.cuts import LATER_STAGE, YEAR
from app.stats.facts.stages import LATER_STAGES, NOT_STARTED
from app.stats.figure import Figure, Population, Share

LATER_STAGES_ACCEPTED = Population(
    words="stages 2 and 3 of complaints that were accepted and",
    leaves_out=NOT_STARTED,
)

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
)
