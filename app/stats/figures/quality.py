"""What is wrong with the records that every other figure is counted from."""

from app.stats.cuts import FAULT, SERVICE
from app.stats.facts.faults import FAULTS
from app.stats.figure import Figure, Population, Share

FAULTS_OF_FEEDBACK = Population(words="faults in the records")

FIGURES = (
    Figure(
        slug="data-quality",
        title="What is wrong with records",
        means="Of the faults in the records of a service's feedback registered in the period, how many there are of each kind; a record may have several.",
        fact=FAULTS,
        population=FAULTS_OF_FEEDBACK,
        cuts=(SERVICE, FAULT),
        measure=Share(of=("service",)),
        definition_version=2,  # since then with complaints that ended nowhere, and impossible dates
    ),
)
