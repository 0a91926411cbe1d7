"""What was done to put things right (Figure 9), and what it cost."""

from app.stats.cuts import REMEDY, SERVICE
from app.stats.fact import How, Quantity
from app.stats.facts.case import RECLASSIFIED
from app.stats.facts.remedies import NO_AMOUNT, PENCE, REMEDIES_GIVEN
from app.stats.figure import Figure, Population, Share

REMEDIES = Population(words="remedies on complaints", leaves_out=(RECLASSIFIED,))

PAYMENTS = Population(
    words="remedies on complaints that carry an amount of money,",
    leaves_out=(RECLASSIFIED, NO_AMOUNT),
)

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
    Figure(
        slug="financial-remedies",
        title="Remedies with money",
        means="Of the remedies with an amount of money given by a service at any stage answered or closed in the period, how many of each kind, and what they come to in pence.",
        fact=REMEDIES_GIVEN,
        population=PAYMENTS,
        cuts=(SERVICE, REMEDY),
        measure=Share(of=("service",)),
        quantities=(Quantity(How.sum, PENCE),),
    ),
)
