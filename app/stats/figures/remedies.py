"""What was done to put things right (Figure 9)."""

from app.stats.cuts import REMEDY, SERVICE
from app.stats.facts import ALL, REMEDY_GIVEN, REMEDY_NOT_COUNTED
from app.stats.figure import Figure, Population, Share

REMEDIES = Population(
    words="remedies on complaints",
    among=ALL,
    leaves_out=REMEDY_NOT_COUNTED,
)

FIGURES = (
    Figure(
        slug="remedies",
        report_figures=(9,),
        title="Remedies on closed complaints",
        means="Of the remedies given by a service at any stage answered or closed in the period, the share of each kind. Remedies are counted, not complaints: a stage may have several.",
        fact=REMEDY_GIVEN,
        population=REMEDIES,
        cuts=(SERVICE, REMEDY),
        measure=Share(of=("service",)),
    ),
)
