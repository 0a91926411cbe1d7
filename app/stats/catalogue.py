"""Every figure there is, found by its slug."""

from app.stats.figure import Figure, catalogued
from app.stats.figures import complaints, feedback, outcomes, remedies, stages

FIGURES: tuple[Figure, ...] = catalogued(
    (feedback.FIGURES, complaints.FIGURES, stages.FIGURES, remedies.FIGURES, outcomes.FIGURES)
)
BY_SLUG = {figure.slug: figure for figure in FIGURES}
