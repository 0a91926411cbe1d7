"""Every figure there is, found by its slug, and every fact that they count."""

from app.stats.facts.endings import ENDINGS
from app.stats.facts.faults import FAULTS
from app.stats.facts.feedback import FEEDBACK, FEEDBACK_PER_ACTIVITY
from app.stats.facts.open import OPEN_CASES, OPEN_STAGES
from app.stats.facts.remedies import REMEDIES_GIVEN
from app.stats.facts.stages import ESCALATIONS, LATER_STAGES
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

FACTS = {
    fact.name: fact
    for fact in (
        FEEDBACK,
        FEEDBACK_PER_ACTIVITY,
        ENDINGS,
        LATER_STAGES,
        ESCALATIONS,
        REMEDIES_GIVEN,
        OPEN_CASES,
        OPEN_STAGES,
        FAULTS,
    )
}
FIGURES = catalogued([theme.FIGURES for theme in THEMES])
BY_SLUG = {figure.slug: figure for figure in FIGURES}
DECLARED_IN = {figure.slug: theme.__name__ for theme in THEMES for figure in theme.FIGURES}
