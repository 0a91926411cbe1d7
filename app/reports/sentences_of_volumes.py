"""What is said of how much feedback there was, in which years, by which channel and month."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.cases.vocabulary import FeedbackType
from app.reports.evidence import Evidence
from app.reports.months import MonthChange, Months, months
from app.reports.parts import Shares, shares
from app.reports.rule import Rule, Says
from app.reports.series import Change, Series, series
from app.reports.wholes import Whole, told_by
from app.reports.words import mentioned
from app.stats.measures import Line

# --- what there is to tell of --------------------------------------------------------------------


def _all_feedback(evidence: Evidence) -> Iterator[Series]:
    answer = evidence.answers["feedback-over-time"]
    return series(answer, answer.totals, lambda _: "complaints, comments and compliments together")


def _each_type(evidence: Evidence) -> Iterator[Series]:
    answer = evidence.answers["feedback-over-time"]
    return series(answer, answer.rows, lambda line: mentioned(line, "feedback_type"))


def _of_services(*types: FeedbackType) -> Callable[[Evidence], Iterator[Series]]:
    def what(line: Line) -> str:
        return f"{mentioned(line, 'feedback_type')} to {line['service_name']}"

    def found(evidence: Evidence) -> Iterator[Series]:
        answer = evidence.answers["feedback-by-service"]
        lines = [line for line in answer.rows if line["feedback_type"] in types]
        return series(answer, lines, what)

    return found


def _of_stages(evidence: Evidence) -> Iterator[Series]:
    answer = evidence.answers["complaints-by-stage"]
    return series(answer, answer.rows, lambda line: f"stage {line['stage']} complaints")


def _months(evidence: Evidence) -> Iterable[Months]:
    return months(evidence.answers["complaints-by-month"], evidence.past["complaints-by-month"])


def _month_changes(evidence: Evidence) -> Iterable[MonthChange]:
    return (change for each in _months(evidence) if (change := each.most_changed))


# --- what is said of it --------------------------------------------------------------------------

CHANGE = (
    Says[Series]("", lambda it: it.change is None or it.change.is_of_nothing),
    Says[Series](
        "There were {it.change.was.count:,} {it.what} {it.change.was.when}, and {it.now.count:,} {it.now.when}: a part of a year is no match for another year, so no change is given.",
        lambda it: _of_change(it).is_of_unlike_days,
    ),
    Says[Series](
        "The number of {it.what} stayed the same: {it.now.count:,} in {it.change.was.year} and in {it.now.year}.",
        lambda it: _of_change(it).is_none,
    ),
    Says[Series](
        "The number of {it.what} was {it.now.count:,} in {it.now.year}, after none in {it.change.was.year}.",
        lambda it: _of_change(it).percent is None,
    ),
    Says[Series](
        "The number of {it.what} {it.change.moved} from {it.change.was.count:,} in {it.change.was.year} to {it.now.count:,} in {it.now.year}: by {it.change.percent}%, but of a small number.",
        lambda it: _of_change(it).is_small,
    ),
    Says[Series](
        "The number of {it.what} {it.change.moved} by {it.change.percent}% from {it.change.was.count:,} in {it.change.was.year} to {it.now.count:,} in {it.now.year}."
    ),
)
CHANGE_BEFORE = (
    Says[Series](
        "The year before, it had {it.change_before.moved} by {it.change_before.percent}% from {it.change_before.was.count:,} in {it.change_before.was.year}.",
        lambda it: it.change_before is not None,
    ),
)
EARLIER = (
    Says[Series](
        "In {it.now.year} the number of {it.what}, {it.now.count:,}, was {it.earlier}.",
        lambda it: it.is_of_whole_years,
    ),
)
EXTREMES = (
    Says[Series](
        "In the {it.number} years to {it.now.year} the number of {it.what} was highest in {it.top} and lowest in {it.bottom}.",
        lambda it: it.is_of_whole_years and it.highest != it.lowest,
    ),
)

CONTACT = (
    Says[Whole](
        "Of the {it.of_how_many} pieces of feedback to {it.who} since methods of contact were collected, the largest numbers that can be shown came by {it.in_order}.",
        lambda it: it.is_partly_hidden and bool(it.told),
    ),
    Says[Whole](
        "Of the {it.of_how_many} pieces of feedback to {it.who} since methods of contact were collected, the largest numbers came by {it.in_order}.",
        lambda it: bool(it.told),
    ),
)
NOBODY = (Says[Whole]("None of it (0%) came by {it.absence}.", lambda it: bool(it.absent)),)
NOT_RECORDED = (
    Says[Whole](
        "How people first made contact is not recorded for {it.rest.share} of it.",
        lambda it: it.rest is not None,
    ),
)
SHARES = (Says[Shares]("The share that came by {it.name} was {it.told}."),)

PEAK = (
    Says[Months](
        "The most complaints to {it.who} were registered in {it.peak}; but {it.migrated} were migrated from another system and registered anew that month, which swells it.",
        lambda it: it.is_swollen,
    ),
    Says[Months]("The most complaints to {it.who} were registered in {it.peak}."),
)
LOWS = (
    Says[Months]("", lambda it: not it.low),
    Says[Months](
        "For {it.who} the months with fewer than two thirds of the average were {it.lows}, which were the lowest in {it.years_before} too.",
        lambda it: it.are_low_every_year,
    ),
    Says[Months](
        "For {it.who} the months with fewer than two thirds of the average were {it.lows}."
    ),
)
MONTH_CHANGE = (
    Says[MonthChange](
        "The month that changed most for {it.of.who} was {it.now.name}, from {it.change.was.count:,} to {it.change.now.count:,}; but that is the month in which migrated cases were registered anew.",
        lambda it: it.is_swollen,
    ),
    Says[MonthChange](
        "The month that changed most for {it.of.who} was {it.now.name}, from {it.change.was.count:,} in {it.change.was.year} to {it.change.now.count:,} in {it.change.now.year}; the numbers are small.",
        lambda it: it.change.is_small,
    ),
    Says[MonthChange](
        "The month that changed most for {it.of.who} was {it.now.name}: complaints {it.change.moved} by {it.change.percent}% from {it.change.was.count:,} in {it.change.was.year} to {it.change.now.count:,} in {it.change.now.year}, fewer than in that month of any of the {it.years_running} years before.",
        lambda it: it.fewer_than > 1,
    ),
    Says[MonthChange](
        "The month that changed most for {it.of.who} was {it.now.name}: complaints {it.change.moved} by {it.change.percent}% from {it.change.was.count:,} in {it.change.was.year} to {it.change.now.count:,} in {it.change.now.year}."
    ),
)

# --- the rules -----------------------------------------------------------------------------------

_COMPLAINTS = _of_services(FeedbackType.complaint)
_OTHERS = _of_services(FeedbackType.comment, FeedbackType.compliment)

OF_VOLUMES: tuple[Rule[Any], ...] = (
    Rule("feedback-over-time", _all_feedback, (EARLIER,), headlines=(CHANGE, EXTREMES)),
    Rule("feedback-over-time", _each_type, (EARLIER, EXTREMES), headlines=(CHANGE,)),
    Rule("feedback-by-service", _COMPLAINTS, (CHANGE_BEFORE, EARLIER), headlines=(CHANGE,)),
    Rule("feedback-by-service", _OTHERS, (CHANGE, EARLIER)),
    Rule("contact-methods", told_by("contact-methods"), (CONTACT, NOBODY, NOT_RECORDED)),
    Rule("contact-methods", told_by("contact-methods", shares), (SHARES,)),
    Rule("complaints-by-month", _months, (PEAK, LOWS)),
    Rule("complaints-by-month", _month_changes, (MONTH_CHANGE,)),
    Rule("complaints-by-stage", _of_stages, (EARLIER,), headlines=(CHANGE,)),
)


def _of_change(it: Series) -> Change:
    assert it.change is not None  # that there is none is the case before
    return it.change
