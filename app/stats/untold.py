"""Counts that no figure tells, but that whoever is told several of them may work out.

Declared as figures are, and counted beside them (`app/stats/public.py`), so that what is true of
the data decides, not what a procedure says: where the clock starts at receipt, nothing is within
its limit and yet outside its target, and what is never there cannot hide anything.
"""

from collections.abc import Sequence

from app.stats.cuts import (
    DAYS_TAKEN,
    DECISION,
    FEEDBACK_TYPE,
    SERVICE,
    SOURCE_SYSTEM,
    STAGE,
    STAGE_ASKED_FOR,
    TIMELINESS,
    VERDICT,
)
from app.stats.fact import Cut, Fact
from app.stats.facts.endings import ENDINGS
from app.stats.facts.feedback import FEEDBACK
from app.stats.facts.stages import ESCALATIONS
from app.stats.figure import Figure, Population, Share
from app.stats.figures.complaints import COMPLAINTS
from app.stats.figures.feedback import CONTACTS
from app.stats.figures.stages import REQUESTS
from app.stats.figures.timeliness import STAGES_WITH_A_LIMIT
from app.stats.times import MONTH


def _untold(
    slug: str,
    means: str,
    fact: Fact,
    population: Population,
    *,
    of: Sequence[Cut],
    by: Sequence[Cut],
) -> Figure:
    return Figure(
        slug=slug,
        title=means.removesuffix("."),
        means=means,
        fact=fact,
        population=population,
        cuts=(*of, *by),
        measure=Share(of=tuple(cut.name for cut in of)),
    )


UNTOLD = (
    _untold(
        "times-kept",
        "Stages by the days they took, and whether these were within limit and within target.",
        ENDINGS,
        STAGES_WITH_A_LIMIT,
        of=(SERVICE, STAGE),
        by=(DAYS_TAKEN, TIMELINESS, VERDICT),
    ),
    _untold(
        "days-taken-of-a-limit",
        "Stages that have a time limit, by the days they took.",
        ENDINGS,
        STAGES_WITH_A_LIMIT,
        of=(SERVICE, STAGE),
        by=(DAYS_TAKEN,),
    ),
    _untold(
        "months-of-systems",
        "Complaints by month and system: a new system begins on a day of some month.",
        FEEDBACK,
        COMPLAINTS,
        of=(SERVICE, SOURCE_SYSTEM),
        by=(MONTH,),
    ),
    _untold(
        "contacts-of-systems",
        "Complaints, comments and compliments in the systems that collect how contact was made.",
        FEEDBACK,
        CONTACTS,
        of=(SERVICE,),
        by=(SOURCE_SYSTEM, FEEDBACK_TYPE),
    ),
    _untold(
        "requests-of-the-council",
        "Requests for each further stage, of all services.",
        ESCALATIONS,
        REQUESTS,
        of=(STAGE_ASKED_FOR,),
        by=(DECISION,),
    ),
)
UNTOLD_SLUGS = frozenset(figure.slug for figure in UNTOLD)
