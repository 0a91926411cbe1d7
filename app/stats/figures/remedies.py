"""What was done to put things right (Figure 9)."""

from app.stats.cuts import REMEDY, SERVICE
from app.stats.facts.remedies import RECLASSIFIED, REMEDIES_GIVEN
from app.stats.figure import Figure, Population, Share

REMEDIES = Population(words="remedies on complaints", leaves_out=(RECLASSIFIED,))

FIGURES = (
    Figure(
        slug="remedies",
        report_figures=(9,),
        title="Remedies on closed complaints",
        means="Of the remedies given by a service at any stage answered or closed in the period, the share of each kind. Remedies are counted, not complaints: a stage may have several.",
        fact=REMEDIES_GIVEN,
        population=REMEDIES,
        cuts=(SERVICE, REMEDY),
        measure=Share(of=("service",)),
    ),
)
