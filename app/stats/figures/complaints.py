"""Complaints by month, by subject, by team (Figures 4, 6, 7 and 8), and by procedure."""

from app.stats import notes
from app.stats.cuts import CATEGORY, PROCEDURE, SERVICE, SOURCE_SYSTEM, TEAM
from app.stats.facts.case import IS_COMPLAINT
from app.stats.facts.feedback import FEEDBACK
from app.stats.figure import Figure, Population, Share
from app.stats.times import MONTH

COMPLAINTS = Population(words="complaints", where=(IS_COMPLAINT,))

FIGURES = (
    Figure(
        slug="complaints-by-month",
        report_figures=(4,),
        title="Complaints by month",
        means="How many complaints each service had registered in each month, and the month's share of the service's complaints in the period.",
        fact=FEEDBACK,
        population=COMPLAINTS,
        cuts=(SERVICE, MONTH),
        measure=Share(of=("service",)),
        notes=(notes.migrated_cases,),
    ),
    Figure(
        slug="complaint-categories",
        report_figures=(6,),
        title="Complaints by subject category",
        means="Of the complaints that a service had registered in the period, the share in each subject category; one category each, and a complaint nobody has categorised has a row.",
        fact=FEEDBACK,
        population=COMPLAINTS,
        cuts=(SERVICE, CATEGORY),
        measure=Share(of=("service",)),
        notes=(notes.migrated_cases,),
    ),
    Figure(
        slug="complaints-by-team",
        report_figures=(7, 8),
        title="Complaints by team",
        means="Of the complaints that a service had registered in each system in the period, the share of each team on that system's list; a complaint of no team has a row.",
        fact=FEEDBACK,
        population=COMPLAINTS,
        cuts=(SERVICE, SOURCE_SYSTEM, TEAM),
        measure=Share(of=("service", "source_system")),
        notes=(notes.migrated_cases, notes.team_lists_changed, notes.teams_moved),
    ),
    Figure(
        slug="complaints-by-procedure",
        title="Complaints by procedure",
        means="Of the complaints that a service had registered in the period, the share worked under each procedure; one that has not been put under any has a row.",
        fact=FEEDBACK,
        population=COMPLAINTS,
        cuts=(SERVICE, PROCEDURE),
        measure=Share(of=("service",)),
        notes=(notes.migrated_cases,),
    ),
)
