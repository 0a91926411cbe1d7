"""How much feedback there is, of what type, and how people made contact (Figures 1 to 3)."""

from app.stats import notes
from app.stats.cuts import ACTIVITY, CHANNEL, FEEDBACK_TYPE, SERVICE, TYPE_AT_RECEIPT
from app.stats.facts.feedback import (
    CHANNEL_NOT_COLLECTED,
    FEEDBACK,
    FEEDBACK_PER_ACTIVITY,
    NOT_SET_AGAINST_ANYTHING,
)
from app.stats.figure import Figure, Population, Share
from app.stats.times import YEAR

FEEDBACK_OF_ALL_TYPES = Population(words="complaints, compliments and comments")

CONTACTS = Population(
    words="complaints, compliments and comments in a system that collects how contact was made,",
    leaves_out=(CHANNEL_NOT_COLLECTED,),
)

SET_AGAINST_ACTIVITY = Population(
    words="complaints, compliments and comments of services whose activity is known",
    leaves_out=(NOT_SET_AGAINST_ANYTHING,),
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
    Figure(
        slug="reclassifications",
        title="Feedback by what it was at receipt and is now",
        means="Of the complaints, compliments and comments that a service took in as each, the share that is each now: from what, to what.",
        fact=FEEDBACK,
        population=FEEDBACK_OF_ALL_TYPES,
        cuts=(SERVICE, TYPE_AT_RECEIPT, FEEDBACK_TYPE),
        measure=Share(of=("service", "type_at_receipt")),
        notes=(notes.types_that_are_fixed,),
    ),
    Figure(
        slug="feedback-rates",
        title="Complaints, compliments and comments set against what a service did",
        means="Of everything that a service did in the period, such as the children it worked with, how much led to a complaint, a compliment or a comment; each activity has a whole of its own.",
        fact=FEEDBACK_PER_ACTIVITY,
        population=SET_AGAINST_ACTIVITY,
        cuts=(SERVICE, ACTIVITY, FEEDBACK_TYPE),
        measure=Share(of=("service", "activity"), of_volume=True),
        notes=(notes.volumes_of_other_days,),
    ),
)
