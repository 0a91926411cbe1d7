"""What an annual report must show by law and by the Ombudsman's Code, and whether this one does."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.reports.document import Column, Kind, Table
from app.reports.evidence import Evidence
from app.reports.vocabulary import Place
from app.reports.words import listed
from app.stats.answer import Disclosure
from app.stats.measures import Line

LEARNING = "learning"
"""The section in which officers write what was learned, and what will be done."""


class Status(StrEnum):
    """How the report stands to something that it must show."""

    present = "Present"
    not_recorded = "Not recorded"
    missing = "Missing"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that a report must show: where it stands, or why it does not.

    It stands in `figures`, or in what officers write in a section (`written`), or is there by
    itself (`stands`), though it may not be where every number is told (`missing_if_exact`);
    otherwise it is not recorded by the service, or no figure shows it.
    """

    law: str
    shows: str
    figures: tuple[str, ...] = ()
    written: str = ""
    stands: str = ""
    missing_if_exact: str = ""
    not_recorded: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """How a report stands to a duty, and where it is met or why not."""

    duty: Duty
    status: Status
    where: str


_CHILDREN = "SI 2006/1738, regulation 13 (children's statutory complaints)"
_ADULTS = "SI 2009/309, regulation 18 (adult social care)"
_CODE = "Complaint Handling Code, 8.1 to 8.3"
_OMBUDSMAN = "The service does not record contacts with the Ombudsman."
_OF_ONE_PROCEDURE = frozenset({_CHILDREN, _ADULTS})
"""Laws about the complaints of one procedure; the figures of a report count all of them."""

_BY_PROCEDURE = "complaints-by-procedure"
_LESSONS = "The service does not record lessons learned, or tasks that follow from them."

DUTIES = (
    Duty(
        _CHILDREN,
        "Number of representations, by type",
        ("feedback-over-time", "feedback-by-service"),
    ),
    Duty(
        _CHILDREN,
        "Number of representations, by procedure",
        (_BY_PROCEDURE,),
    ),
    Duty(_CHILDREN, "Stages reached", ("complaints-by-stage", "escalations")),
    Duty(_CHILDREN, "Outcome of each representation", ("outcomes", "closures")),
    Duty(_CHILDREN, "What was done to put things right", ("remedies", "financial-remedies")),
    Duty(_CHILDREN, "Action to be taken", not_recorded=_LESSONS),
    Duty(_CHILDREN, "Compliance with each time limit", ("timescales", "timeliness", "days-taken")),
    Duty(_CHILDREN, "Method of contact", ("contact-methods",)),
    Duty(
        _CHILDREN,
        "Who complained, and whether an advocate helped",
        missing="It is recorded with the case, but kept apart from the figures.",
    ),
    Duty(
        _CHILDREN,
        "Equality of those who complain",
        not_recorded="The service does not record protected characteristics.",
    ),
    Duty(_CHILDREN, "What was learned", written=LEARNING, not_recorded=_LESSONS),
    Duty(_CHILDREN, "Contacts with the Ombudsman", not_recorded=_OMBUDSMAN),
    Duty(
        _CHILDREN,
        "Cost of the procedure",
        not_recorded="The service records money paid to people, not what investigations cost.",
    ),
    Duty(
        _CHILDREN,
        "No complainant can be recognised",
        stands="The report names nobody, and small numbers are withheld.",
        missing_if_exact="The report names nobody, but tells small numbers, in which somebody may be recognised: they are withheld where it is published so.",
    ),
    Duty(_ADULTS, "Number of complaints received", ("feedback-by-service",)),
    Duty(
        _ADULTS,
        "Number that were well-founded: upheld, and upheld in part, each apart",
        ("outcomes",),
    ),
    Duty(
        _ADULTS, "Number that people said they referred to the Ombudsman", not_recorded=_OMBUDSMAN
    ),
    Duty(_ADULTS, "Subject matter", ("complaint-categories",)),
    Duty(
        _ADULTS,
        "Matters of general importance, and actions to improve services",
        written=LEARNING,
        not_recorded=_LESSONS,
    ),
    Duty(
        _ADULTS,
        "The year to 31 March, on request to anybody",
        stands="The report is of one financial year; once published it is open to all.",
    ),
    Duty(
        _CODE,
        "Self-assessment against the Code",
        not_recorded="The service does not record it: publish it beside this report.",
    ),
    Duty(_CODE, "Performance: stages in time, extended and late", ("timeliness", "open-stages")),
    Duty(
        _CODE,
        "Performance: acknowledgements in time",
        not_recorded="The service records when feedback was acknowledged, but not against a target.",
    ),
    Duty(_CODE, "Escalations", ("escalations",)),
    Duty(_CODE, "Types of complaints refused", ("refusals",)),
    Duty(
        _CODE,
        "Findings of non-compliance by the Ombudsman, its annual letter and reports",
        not_recorded=_OMBUDSMAN,
    ),
    Duty(_CODE, "Service improvements", written=LEARNING, not_recorded=_LESSONS),
    Duty(
        _CODE,
        "The governing body's response",
        not_recorded="The service does not record it: publish it beside this report.",
    ),
)


def checked(evidence: Evidence) -> Iterator[Found]:
    """How the report stands to each of its duties."""
    for duty in DUTIES:
        yield Found(duty, *_found(duty, evidence))


def _found(duty: Duty, evidence: Evidence) -> tuple[Status, str]:
    if duty.written and (Place.section, duty.written) in evidence.remarks:
        return Status.present, "Written by officers in the section on lessons."
    if duty.not_recorded:
        return Status.not_recorded, duty.not_recorded
    if duty.missing:
        return Status.missing, duty.missing
    if duty.stands:
        told = any(one.disclosure is Disclosure.exact for one in evidence.answers.values())
        if duty.missing_if_exact and told:
            return Status.missing, duty.missing_if_exact
        return Status.present, duty.stands
    return _found_in_figures(duty, evidence)


def _found_in_figures(duty: Duty, evidence: Evidence) -> tuple[Status, str]:
    told = [slug for slug in duty.figures if slug in evidence.answers]
    wholes = {slug: _wholes(slug, evidence) for slug in told}
    if not all(wholes.values()):
        return Status.missing, "Nothing that the figure counts was there in the year."
    uncollected = [slug for slug in told if not any(one["since"] for one in wholes[slug])]
    if uncollected:
        named = listed([evidence.labels[slug] for slug in uncollected])
        return Status.not_recorded, f"{named}: nothing of the kind was collected in the year."
    where = listed([f"{evidence.labels[slug]}{_but(slug, evidence)}" for slug in told])
    together = duty.law in _OF_ONE_PROCEDURE and _BY_PROCEDURE not in duty.figures
    return Status.present, f"{where}{', all procedures together' if together else ''}."


def _wholes(slug: str, evidence: Evidence) -> list[Line]:
    """What a figure counts in the report's year; it may show years before as well."""
    year = str(evidence.year)
    return [one for one in evidence.answers[slug].totals if one.get("year", year) == year]


def _but(slug: str, evidence: Evidence) -> str:
    """What a reader may miss in a figure, in brackets."""
    wholes, year = _wholes(slug, evidence), (evidence.year.since, evidence.year.until)
    if not any(one["count"] != 0 for one in wholes):
        return " (there was nothing to count)"
    stands = evidence.answers[slug].figure.fact.stands
    whole = stands or all((one["since"], one["until"]) == year for one in wholes if one["since"])
    return "" if whole else " (of a part of the year only)"


def tables(evidence: Evidence) -> Iterator[Table]:
    """The checklist, law by law."""
    found = list(checked(evidence))
    for law in dict.fromkeys(one.duty.law for one in found):
        yield Table(
            caption=law,
            columns=(
                Column("What must be shown", Kind.text),
                Column("Status", Kind.text),
                Column("Where, or why not", Kind.text),
            ),
            rows=tuple(
                (one.duty.shows, one.status.value, one.where)
                for one in found
                if one.duty.law == law
            ),
        )
