"""What is said of complaints and what became of them: subjects, teams, endings, times, remedies."""

from collections.abc import Callable, Iterable
from typing import Any

from app.reports.evidence import Evidence
from app.reports.firsts import Firsts, firsts
from app.reports.parts import (
    Findings,
    InSystem,
    LeftOut,
    Nothing,
    OnceFirst,
    Paid,
    Rate,
    Took,
    findings,
    in_systems,
    left_out,
    nothing,
    once_first,
    paid,
    rates,
    took,
)
from app.reports.rule import Rule, Says
from app.reports.wholes import Whole, told_by

# --- what there is to tell of --------------------------------------------------------------------


def _before(figure: str) -> Callable[[Evidence], Iterable[Firsts]]:
    return lambda evidence: firsts(evidence.past[figure])


def _once_first(evidence: Evidence) -> Iterable[OnceFirst]:
    figure = "complaints-by-team"
    return once_first(evidence.answers[figure], evidence.past[figure])


# --- what is said of it --------------------------------------------------------------------------


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

OF_COMPLAINTS: tuple[Rule[Any], ...] = (
    Rule(
        "complaint-categories",
        told_by("complaint-categories"),
        headlines=(_largest("complaints to {it.who}", "were about"),),
    ),
    Rule("complaint-categories", _before("complaint-categories"), (FIRST_TWO,)),
    Rule("complaints-by-team", told_by("complaints-by-team", in_systems), (IN_SYSTEM, NO_TEAM)),
    Rule("complaints-by-team", _before("complaints-by-team"), (FIRST_TEAM,)),
    Rule("complaints-by-team", _once_first, (ONCE_FIRST,)),
    Rule(
        "remedies",
        told_by("remedies"),
        headlines=(_largest("remedies given by {it.who}", "were:"),),
    ),
    Rule("remedies", _before("remedies"), (FIRST_REMEDY,)),
    Rule("outcomes", told_by("outcomes", findings), (WITHOUT_A_FINDING,), headlines=(FINDINGS,)),
    Rule("outcomes", _before("outcomes"), (FINDINGS_BEFORE,)),
    Rule(
        "timescales",
        told_by("timescales"),
        headlines=(
            _in_full("complaints to {it.who} closed at stage 1", ending="; extensions are ignored"),
        ),
    ),
    Rule("timescales", told_by("timescales", left_out), (LEFT_OUT,)),
    Rule("timescales", _before("timescales"), (TIMESCALES_BEFORE,)),
    Rule(
        "complaints-by-procedure",
        told_by("complaints-by-procedure"),
        (_in_full("complaints to {it.who}"),),
    ),
    Rule(
        "escalations",
        told_by("escalations"),
        (_in_full("requests for stage {it.line[stage]} of complaints to {it.who}"),),
    ),
    Rule("refusals", told_by("refusals", nothing), (NONE_REFUSED,)),
    Rule("refusals", told_by("refusals"), (_in_full("complaints to {it.who} that were refused"),)),
    Rule(
        "closures",
        told_by("closures"),
        (_largest("complaints to {it.who} that ended without a finding", "were:"),),
    ),
    Rule(
        "early-resolutions",
        told_by("early-resolutions"),
        (_in_full("complaints to {it.who} closed at stage 1"),),
    ),
    Rule("financial-remedies", told_by("financial-remedies", paid), (PAID,)),
    Rule(
        "timeliness",
        told_by("timeliness"),
        (_in_full("complaints to {it.who} closed at stage {it.line[stage]}"),),
    ),
    Rule("days-taken", told_by("days-taken", took("working_days")), (TOOK,)),
    Rule(
        "open-stages",
        told_by("open-stages"),
        (_in_full("complaints to {it.who} open at stage {it.line[stage]}"),),
    ),
    Rule("open-complaints", told_by("open-complaints", took("days_open")), (OPEN,)),
    Rule("feedback-rates", told_by("feedback-rates", rates), headlines=(RATES,)),
    Rule(
        "reclassifications",
        told_by("reclassifications"),
        (_in_full("cases that {it.who} took in as a {it.line[type_at_receipt]}"),),
    ),
    Rule(
        "data-quality",
        told_by("data-quality"),
        (_largest("faults in the records of {it.who}", "were:"),),
    ),
)
