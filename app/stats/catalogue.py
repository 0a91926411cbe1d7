"""Every figure there is, found by its slug."""

from app.stats.figure import catalogued
from app.stats.figures import (
    closures,
    complaints,
    feedback,
    outcomes,
    quality,
    remedies,
    stages,
    timeliness,
)

THEMES = (feedback, complaints, stages, remedies, outcomes, closures, timeliness, quality)

FIGURES = catalogued([theme.FIGURES for theme in THEMES])
BY_SLUG = {figure.slug: figure for figure in FIGURES}
DECLARED_IN = {figure.slug: theme.__name__ for theme in THEMES for figure in theme.FIGURES}
