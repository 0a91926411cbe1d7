"""How much feedback there is, of what type, and how people made contact (Figures 1 to 3)."""

from app.stats import notes
from app.stats.cuts import CHANNEL, FEEDBACK_TYPE, SERVICE, YEAR
from app.stats.facts import ALL, CHANNEL_NOT_COLLECTED, FEEDBACK, MIGRATED, SET_ASIDE
from app.stats.figure import Figure, Population, Share

FEEDBACK_OF_ALL_TYPES = Population(
    words="complaints, compliments and comments",
    among=ALL,
    leaves_out=SET_ASIDE,
    tallies={"migrated": MIGRATED},
)

CONTACTS = Population(
    words="complaints, compliments and comments in a system that collects how contact was made,",
    among=ALL,
    leaves_out=(*SET_ASIDE, CHANNEL_NOT_COLLECTED),
    tallies={"migrated": MIGRATED},
)

FIGURES = (
    Figure(
        slug="feedback-over-time",
        report_figures=(1,),
        title="Complaints, compliments and comments over time",
        means="How many complaints, compliments and comments the council registered in each financial year, by what each is now, and each type's share of the year.",
        fact=FEEDBACK,
        population=FEEDBACK_OF_ALL_TYPES,
        cuts=(YEAR, FEEDBACK_TYPE),
        measure=Share(of=("year",)),
        years=6,
        notes=(notes.migrated_cases,),
    ),
    Figure(
        slug="feedback-by-service",
        report_figures=(2,),
        title="Complaints, compliments and comments by service",
        means="How many complaints, compliments and comments each service had registered in each financial year, by what each is now, and each type's share of the service's year.",
        fact=FEEDBACK,
        population=FEEDBACK_OF_ALL_TYPES,
        cuts=(SERVICE, YEAR, FEEDBACK_TYPE),
        measure=Share(of=("service", "year")),
        years=3,
        notes=(notes.migrated_cases, notes.teams_moved),
    ),
    Figure(
        slug="contact-methods",
        report_figures=(3,),
        title="Original contact method of complaints, compliments and comments",
        means="Of all the feedback of a service registered since its system has collected how contact was first made, the share that came by each method; a migrated case counts as not recorded.",
        fact=FEEDBACK,
        population=CONTACTS,
        cuts=(SERVICE, CHANNEL),
        measure=Share(of=("service",)),
        notes=(notes.channel_coverage, notes.migrated_without_channel),
    ),
)
