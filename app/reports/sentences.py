"""What a report says of its figures: rules as data, each a figure, what it tells of, and words.

Nothing is said that the numbers do not carry: what is withheld is not told, what is small is
called small, ties are told as ties, and a part of a year is never set against a whole one.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.cases.vocabulary import FeedbackType
from app.reports.evidence import Evidence
from app.reports.firsts import Firsts, firsts
from app.reports.months import MonthChange, Months, months
from app.reports.parts import (
    Findings,
    InSystem,
    LeftOut,
    Nothing,
    OnceFirst,
    Paid,
    Rate,
    Shares,
    Took,
    findings,
    in_systems,
    left_out,
    nothing,
    once_first,
    paid,
    rates,
    shares,
    took,
)
from app.reports.rule import Rule, Says
from app.reports.series import Change, Series, series
from app.reports.wholes import Whole, wholes
from app.reports.words import mentioned
from app.stats.answer import Answer
from app.stats.measures import Line

TOLD_OF_EARLIER_YEARS = (
    "complaints-by-month",
    "complaint-categories",
    "complaints-by-team",
    "remedies",
    "outcomes",
    "timescales",
)
"""Figures of one year that sentences set beside the years before."""

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


def _from(
    figure: str, found: Callable[[Answer], Iterable[Any]] = wholes
) -> Callable[[Evidence], Iterable[Any]]:
    return lambda evidence: found(evidence.answers[figure])


def _before(figure: str) -> Callable[[Evidence], Iterable[Firsts]]:
    return lambda evidence: firsts(evidence.past[figure])


def _months(evidence: Evidence) -> Iterable[Months]:
    return months(evidence.answers["complaints-by-month"], evidence.past["complaints-by-month"])


def _month_changes(evidence: Evidence) -> Iterable[MonthChange]:
    return (change for each in _months(evidence) if (change := each.most_changed))


def _once_first(evidence: Evidence) -> Iterable[OnceFirst]:
    figure = "complaints-by-team"
    return once_first(evidence.answers[figure], evidence.past[figure])


# --- what is said of it --------------------------------------------------------------------------

CHANGE = (
    Says[Series]("", lambda it: it.change is None or it.change.is_of_nothing),
    Says[Series](
        "There were {it.change.was.count:,} {it.what} in {it.change.was.year}, and {it.now.count:,} so far in {it.now.year}: a part of a year is no match for a whole one, so no change is given.",
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


def _largest(of_what: str, are: str) -> tuple[Says[Whole], ...]:
    """The parts of which there are most."""
    of = f"Of the {{it.of_how_many}} {of_what},"
    return (
        Says[Whole](
            f"{of} the largest numbers that can be shown {are} {{it.in_order}}.",
            lambda it: it.is_partly_hidden and bool(it.told),
        ),
        Says[Whole](f"{of} the largest numbers {are} {{it.in_order}}.", lambda it: it.is_several),
    )


def _in_full(of_what: str, *, ending: str = "") -> tuple[Says[Whole], ...]:
    """Every part that there is any of; nothing where some are withheld."""
    words = f"Of the {{it.of_how_many}} {of_what}: {{it.in_full}}{ending}."
    return (Says[Whole](words, lambda it: it.is_several and not it.is_partly_hidden),)


FIRST_TWO = (
    Says[Firsts](
        "In {it.number} the two with most complaints to {it.who} were {it.first_two}.",
        lambda it: bool(it.first_two),
    ),
    Says[Firsts]("In earlier years the most complaints to {it.who} were about {it.told}."),
)

IN_SYSTEM = (
    Says[InSystem](
        "Of the {it.whole.of_how_many} complaints to {it.whole.who} {it.where}, the largest numbers that can be shown were about {it.whole.in_order}.",
        lambda it: it.whole.is_partly_hidden,
    ),
    Says[InSystem](
        "Of the {it.whole.of_how_many} complaints to {it.whole.who} {it.where}, the largest numbers were about {it.whole.in_order}."
    ),
)
NO_TEAM = (
    Says[InSystem](
        "{it.whole.rest.share} of them are recorded under no team.",
        lambda it: it.whole.rest is not None,
    ),
)
FIRST_TEAM = (
    Says[Firsts]("In earlier years the most complaints to {it.who} were about {it.told}."),
)
ONCE_FIRST = (
    Says[OnceFirst](
        "{it.was.name} had the most complaints to {it.who} in {it.year} ({it.was.in_numbers}), and now has {it.told}: that is a part of a year, so no change is given.",
        lambda it: it.is_of_part_of_the_year,
    ),
    Says[OnceFirst](
        "{it.was.name} had the most complaints to {it.who} in {it.year} ({it.was.in_numbers}), and now has {it.told}."
    ),
)

FIRST_REMEDY = (
    Says[Firsts](
        "In {it.number} the remedy given most by {it.who} was {it.always_first}.",
        lambda it: bool(it.always_first),
    ),
    Says[Firsts]("In earlier years the remedy given most by {it.who} was {it.told}."),
)

FINDINGS = (
    Says[Findings](
        "Of the {it.whole.of_how_many} complaints to {it.whole.who} closed at stage 1, {it.told}."
    ),
)
WITHOUT_A_FINDING = (
    Says[Findings](
        "{it.whole.rest.share} of them were closed without a finding.",
        lambda it: it.whole.rest is not None,
    ),
)
FINDINGS_BEFORE = (
    Says[Firsts](
        "In {it.last_year}, of the {it.last.of_how_many} to {it.who}, the most were {it.last.in_order}."
    ),
)

TIMESCALES_BEFORE = (
    Says[Firsts](
        "In {it.number} more of those to {it.who} were closed {it.always_first} than not.",
        lambda it: bool(it.always_first),
    ),
)
LEFT_OUT = (Says[LeftOut]("{it.count:,} more to {it.who} are left out: {it.reason}."),)

RATES = (
    Says[Rate](
        "Complaints to {it.who} were {it.percent:.2f}% of {it.activity}: {it.count:,} of {it.volume:,}."
    ),
)
PAID = (Says[Paid]("{it.who} gave {it.count:,} remedies with money, {it.pounds} in all."),)
NONE_REFUSED = (Says[Nothing]("No complaint to {it.who} was refused."),)
TOOK = (
    Says[Took](
        "Of the {it.whole.of_how_many} complaints to {it.whole.who} closed at stage {it.whole.line[stage]}, half took at most {it.half} working days, and nine in ten at most {it.most}."
    ),
)
OPEN = (
    Says[Took](
        "Of the {it.whole.of_how_many} complaints to {it.whole.who} open at the end of the year, half had been for at most {it.half} days, and nine in ten for at most {it.most}."
    ),
)

RECLASSIFIED = (
    Says[Whole](
        "Of the {it.of_how_many} cases that {it.who} took in as a {it.line[type_at_receipt]}: {it.in_full}.",
        lambda it: len(it.told) > 1 and not it.is_partly_hidden,
    ),
)

# --- the rules -----------------------------------------------------------------------------------

_COMPLAINTS = _of_services(FeedbackType.complaint)
_OTHERS = _of_services(FeedbackType.comment, FeedbackType.compliment)

RULES: tuple[Rule[Any], ...] = (
    Rule("feedback-over-time", _all_feedback, (EARLIER,), headlines=(CHANGE, EXTREMES)),
    Rule("feedback-over-time", _each_type, (EARLIER, EXTREMES), headlines=(CHANGE,)),
    Rule("feedback-by-service", _COMPLAINTS, (CHANGE_BEFORE, EARLIER), headlines=(CHANGE,)),
    Rule("feedback-by-service", _OTHERS, (CHANGE, EARLIER)),
    Rule("contact-methods", _from("contact-methods"), (CONTACT, NOBODY, NOT_RECORDED)),
    Rule("contact-methods", _from("contact-methods", shares), (SHARES,)),
    Rule("complaints-by-month", _months, (PEAK, LOWS)),
    Rule("complaints-by-month", _month_changes, (MONTH_CHANGE,)),
    Rule("complaints-by-stage", _of_stages, (EARLIER,), headlines=(CHANGE,)),
    Rule(
        "complaint-categories",
        _from("complaint-categories"),
        headlines=(_largest("complaints to {it.who}", "were about"),),
    ),
    Rule("complaint-categories", _before("complaint-categories"), (FIRST_TWO,)),
    Rule("complaints-by-team", _from("complaints-by-team", in_systems), (IN_SYSTEM, NO_TEAM)),
    Rule("complaints-by-team", _before("complaints-by-team"), (FIRST_TEAM,)),
    Rule("complaints-by-team", _once_first, (ONCE_FIRST,)),
    Rule(
        "remedies", _from("remedies"), headlines=(_largest("remedies given by {it.who}", "were:"),)
    ),
    Rule("remedies", _before("remedies"), (FIRST_REMEDY,)),
    Rule("outcomes", _from("outcomes", findings), (WITHOUT_A_FINDING,), headlines=(FINDINGS,)),
    Rule("outcomes", _before("outcomes"), (FINDINGS_BEFORE,)),
    Rule(
        "timescales",
        _from("timescales"),
        headlines=(
            _in_full("complaints to {it.who} closed at stage 1", ending="; extensions are ignored"),
        ),
    ),
    Rule("timescales", _from("timescales", left_out), (LEFT_OUT,)),
    Rule("timescales", _before("timescales"), (TIMESCALES_BEFORE,)),
    Rule(
        "complaints-by-procedure",
        _from("complaints-by-procedure"),
        (_in_full("complaints to {it.who}"),),
    ),
    Rule(
        "escalations",
        _from("escalations"),
        (_in_full("requests for stage {it.line[stage]} of complaints to {it.who}"),),
    ),
    Rule("refusals", _from("refusals", nothing), (NONE_REFUSED,)),
    Rule("refusals", _from("refusals"), (_in_full("complaints to {it.who} that were refused"),)),
    Rule(
        "closures",
        _from("closures"),
        (_largest("complaints to {it.who} that ended without a finding", "were:"),),
    ),
    Rule(
        "early-resolutions",
        _from("early-resolutions"),
        (_in_full("complaints to {it.who} closed at stage 1"),),
    ),
    Rule("financial-remedies", _from("financial-remedies", paid), (PAID,)),
    Rule(
        "timeliness",
        _from("timeliness"),
        (_in_full("complaints to {it.who} closed at stage {it.line[stage]}"),),
    ),
    Rule("days-taken", _from("days-taken", took("working_days")), (TOOK,)),
    Rule(
        "open-stages",
        _from("open-stages"),
        (_in_full("complaints to {it.who} open at stage {it.line[stage]}"),),
    ),
    Rule("open-complaints", _from("open-complaints", took("days_open")), (OPEN,)),
    Rule("feedback-rates", _from("feedback-rates", rates), headlines=(RATES,)),
    Rule(
        "reclassifications",
        _from("reclassifications"),
        (_in_full("cases that {it.who} took in as a {it.line[type_at_receipt]}"),),
    ),
    Rule(
        "data-quality",
        _from("data-quality"),
        (_largest("faults in the records of {it.who}", "were:"),),
    ),
)


def sentences(evidence: Evidence, figure: str) -> tuple[str, ...]:
    """What is said of a figure."""
    return tuple(
        said for rule in RULES if rule.figure == figure for said in rule.sentences(evidence)
    )


def headlines(evidence: Evidence) -> tuple[str, ...]:
    """What is said in the summary."""
    return tuple(said for rule in RULES for said in rule.summary(evidence))


def _of_change(it: Series) -> Change:
    assert it.change is not None  # that there is none is the case before
    return it.change
