"""What the figures must say of a set of histories, counted in plain Python from the acts sent.

Shares nothing with the service: each act is read for what it means to the figures, and working
days come from the `holidays` package. A history is a line of the import: a case as it was
received and its acts in order; days are ISO texts, which sort as days do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias

import holidays

History: TypeAlias = Mapping[str, Any]
Act: TypeAlias = Mapping[str, Any]

COMPLAINT = "complaint"
FINDINGS = ("upheld", "partially_upheld", "not_upheld")
COLLECTS_CHANNEL = "customer_feedback"
TARGET = 10  # working days from receipt
NO_LIMIT = "adult-social-care"  # the procedure that sets none
CODE = "2026-04-01"  # from then on the corporate procedure too counts stage 2 from acceptance
HOMES = {  # the services a team belonged to, each with its first day
    "nuneaton-childrens-team": {"2010-04-01": "children-and-families"},
    "edt": {"2010-04-01": "children-and-families"},
    "sendar": {"2010-04-01": "education"},
    "send-and-inclusion": {"2024-01-15": "education"},
    "school-admissions": {"2010-04-01": "customer-services", "2022-04-01": "education"},
    "highways-maintenance": {"2010-04-01": "highways"},
}
BANK_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG", years=range(2018, 2028))


@dataclass
class Stage:
    """One stage: the day its clock began, and how and when it ended if it has."""

    procedure: str
    started: str
    ended: str | None = None
    ending: str | None = None  # a finding, or how it was closed without one
    excluded: bool = False
    remedies: list[str] = field(default_factory=list)


@dataclass
class Request:
    """A request for a later stage, and what became of it."""

    asked: str
    decided: str | None = None
    decision: str | None = None


@dataclass
class Case:
    """What is left of a history when it has been read to its end."""

    sent: History
    type: str
    service: str | None
    team: str | None
    category: str
    procedure: str | None
    channel: str | None
    received: str
    clock: str  # the day the time at stage 1 runs from
    clock_is_receipt: bool = True
    stages: dict[int, Stage] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    refused: str | None = None
    set_aside: str | None = None
    undo: Callable[[], None] = lambda: None  # takes back the ending that closed the case

    @property
    def in_hand(self) -> Stage | None:
        return next((stage for stage in self.stages.values() if stage.ended is None), None)

    @property
    def request(self) -> Request | None:
        return next((asked for asked in self.requests if asked.decision is None), None)


# --- Reading a history --------------------------------------------------------------------------


def read(history: History) -> Case:
    """The case as it stands after its last act."""
    case = Case(
        sent=history,
        type=history["type"],
        service=None,
        team=None,
        category=history.get("category") or "not-categorised",
        procedure=history.get("procedure"),
        channel=history.get("channel"),
        received=history["received_on"],
        clock=history["received_on"],
    )
    _place(case, history, history["received_on"])
    for act in history["acts"]:
        MEANS.get(act["act"], _nothing)(case, act)
    return case


def _nothing(_case: Case, _act: Act) -> None:
    """Acknowledging, extending, noting and closing move no figure."""


def _place(case: Case, said: Mapping[str, Any], on: str) -> None:
    """A team brings its service; another service drops the team."""
    team, service = said.get("team"), said.get("service")
    if team:
        case.team, case.service = team, home(team, on)
    elif service and service != case.service:
        case.team, case.service = None, service


def _allocate(case: Case, act: Act) -> None:
    _place(case, act, act["on"])


def _triage(case: Case, act: Act) -> None:
    if act.get("type") not in {None, case.type}:
        _reclassify(case, act)
    _place(case, act, act["on"])
    case.category = act.get("category") or case.category
    case.procedure = act.get("procedure") or case.procedure
    match act["decision"]:
        case "accept" if case.type == COMPLAINT:
            assert case.procedure is not None
            case.stages[1] = Stage(case.procedure, started=case.clock)
        case "refuse":
            case.refused, case.undo = act["on"], lambda: setattr(case, "refused", None)
        case "redirect_not_feedback":
            case.set_aside, case.undo = "not_feedback", lambda: setattr(case, "set_aside", None)
        case "redirect_outside_process":
            case.category = "outside-complaints-process"
            _end_untaken(case, "no_finding", act["on"])
        case "resolve_early":
            _end_untaken(case, "no_finding", act["on"])


def _end_untaken(case: Case, ending: str, on: str) -> None:
    """A complaint that ends before it was taken up has a stage 1 that says so, until reopened."""
    case.stages = {1: Stage(case.procedure or "corporate", case.clock, on, ending)}
    case.undo = case.stages.clear


def _end(case: Case, stage: Stage, ending: str, on: str) -> None:
    stage.ended, stage.ending = on, ending

    def undo() -> None:
        if case.type == COMPLAINT:
            stage.ended = stage.ending = None

    case.undo = undo if ending not in FINDINGS else lambda: None


def _reclassify(case: Case, act: Act) -> None:
    """What becomes a complaint is taken up anew, from that day, whatever it was before."""
    if act["type"] == COMPLAINT:
        case.clock, case.clock_is_receipt = act["on"], False
        case.stages, case.refused, case.set_aside = {}, None, None
    elif case.in_hand:
        _end(case, case.in_hand, "reclassified", act["on"])
    case.type = act["type"]


def _answer(case: Case, act: Act) -> None:
    _end(case, case.stages[act["stage"]], act.get("finding") or act["closure"], act["on"])
    _remedy(case, act)


def _remedy(case: Case, act: Act) -> None:
    case.stages[act["stage"]].remedies += [remedy["kind"] for remedy in act.get("remedies", ())]


def _escalate(case: Case, act: Act) -> None:
    case.requests.append(Request(act["on"]))


def _decide(case: Case, act: Act) -> None:
    asked = case.request
    assert asked is not None
    asked.decided, asked.decision = act["on"], act["decision"]
    case.undo = lambda: None
    if act["decision"] == "accepted":
        number = len(case.stages) + 1
        procedure = case.stages[number - 1].procedure
        waits = number == 2 and (procedure == "childrens-statutory" or act["on"] >= CODE)
        case.stages[number] = Stage(procedure, started=act["on"] if waits else asked.asked)


def _withdraw(case: Case, act: Act) -> None:
    case.undo = lambda: None
    if case.request:
        case.request.decided, case.request.decision = act["on"], "withdrawn"
    elif case.in_hand:
        _end(case, case.in_hand, "withdrawn", act["on"])
    elif case.type == COMPLAINT:
        _end_untaken(case, "withdrawn", act["on"])


def _reopen(case: Case, _act: Act) -> None:
    case.undo()


def _void(case: Case, _act: Act) -> None:
    case.set_aside = "void"


def _correct(case: Case, act: Act) -> None:
    case.received = act.get("received_on") or case.received
    if case.clock_is_receipt:
        case.clock = case.received
    case.channel = act.get("channel") or case.channel
    case.category = act.get("category") or case.category
    if "stage" in act:
        stage = case.stages[act["stage"]]
        stage.ending = act.get("finding") or stage.ending
        stage.ended = act.get("answered_on") or stage.ended
        stage.excluded = stage.excluded or "timescale_excluded" in act


MEANS: Mapping[str, Callable[[Case, Act], None]] = {
    "triage": _triage,
    "reclassify": _reclassify,
    "allocate": _allocate,
    "answer": _answer,
    "add_remedies": _remedy,
    "escalate": _escalate,
    "decide_escalation": _decide,
    "correct": _correct,
    "withdraw": _withdraw,
    "reopen": _reopen,
    "void": _void,
}


# --- What there is to count ---------------------------------------------------------------------

Happened: TypeAlias = tuple[str | None, Mapping[str, Any], str | None]
"""The day that decides, what it is cut by, and why it is left out if it is."""


def _feedback(case: Case, basis: str) -> Iterator[Happened]:
    sent = case.sent
    day = case.received if basis == "received" else sent["registered_on"]
    cuts = {
        "feedback_type": case.type,
        "channel": None if sent.get("migrated_on") else case.channel,
        "category": case.category,
        "source_system": sent["system_of_record"],
        "team": case.team or "no-team",
        "month": day[:7],
    }
    cuts["channel"] = cuts["channel"] or "not-recorded"
    yield day, cuts, case.set_aside


def _contacts(case: Case, basis: str) -> Iterator[Happened]:
    collected = case.sent["system_of_record"] == COLLECTS_CHANNEL
    for day, cuts, why in _feedback(case, basis):
        yield day, cuts, why or (None if collected else "channel_not_collected")


def _complaints(case: Case, basis: str) -> Iterator[Happened]:
    return _feedback(case, basis) if case.type == COMPLAINT else iter(())


def _not_a_complaint(case: Case) -> str | None:
    return case.set_aside or (None if case.type == COMPLAINT else "reclassified")


def _later_stages(case: Case, _basis: str) -> Iterator[Happened]:
    for number, stage in case.stages.items():
        if number > 1:
            yield stage.started, {"stage": number}, _not_a_complaint(case)
    for asked in case.requests:
        if asked.decision != "accepted":
            why = _not_a_complaint(case) or asked.decision or "undecided"
            yield asked.decided or asked.asked, {}, why


def _remedies(case: Case, _basis: str) -> Iterator[Happened]:
    for stage in case.stages.values():
        for kind in stage.remedies:
            yield stage.ended, {"remedy": kind}, _not_a_complaint(case)


def _outcomes(case: Case, _basis: str) -> Iterator[Happened]:
    if case.refused:
        yield case.refused, {}, _not_a_complaint(case) or "refused"
    if 1 in case.stages:
        stage = case.stages[1]
        why = _not_a_complaint(case)
        if stage.ending not in {*FINDINGS, "no_finding"}:
            why = why or stage.ending
        found = stage.ending if stage.ending in FINDINGS else "closed_without_a_finding"
        yield stage.ended, {"outcome": found}, why


def _timescales(case: Case, basis: str) -> Iterator[Happened]:
    for ended, cuts, why in _outcomes(case, basis):
        if why or ended is None:
            yield ended, cuts, why
        elif case.stages[1].excluded:
            yield ended, cuts, "timescale_excluded_migrated"
        elif case.stages[1].procedure == NO_LIMIT:
            yield ended, cuts, "no_limit"
        else:
            in_time = ended <= working_day_after(case.clock, TARGET)
            yield ended, {"verdict": "within_target" if in_time else "outside_target"}, None


# --- Counting it --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """What a figure counts, what makes a whole, and what a whole is cut by."""

    happened: Callable[[Case, str], Iterator[Happened]]
    whole: tuple[str, ...]
    cut: str


FIGURES = {
    "feedback-over-time": Figure(_feedback, ("year",), "feedback_type"),
    "feedback-by-service": Figure(_feedback, ("service", "year"), "feedback_type"),
    "contact-methods": Figure(_contacts, ("service",), "channel"),
    "complaints-by-month": Figure(_complaints, ("service",), "month"),
    "complaints-by-stage": Figure(_later_stages, ("year",), "stage"),
    "complaint-categories": Figure(_complaints, ("service",), "category"),
    "complaints-by-team": Figure(_complaints, ("service", "source_system"), "team"),
    "remedies": Figure(_remedies, ("service",), "remedy"),
    "outcomes": Figure(_outcomes, ("service",), "outcome"),
    "timescales": Figure(_timescales, ("service",), "verdict"),
}

Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Question:
    """A figure, for the days from `since` up to and not with `until`; no service means all."""

    figure: str
    since: str
    until: str
    services: tuple[str, ...] = ()
    basis: str = "registered"


@dataclass(frozen=True)
class Count:
    """How many of everything, by the codes it is counted under."""

    rows: Counter[Key] = field(default_factory=Counter)
    wholes: Counter[Key] = field(default_factory=Counter)
    considered: Counter[Key] = field(default_factory=Counter)
    left_out: Counter[Key] = field(default_factory=Counter)


def count(question: Question, cases: Iterable[Case]) -> Count:
    """What a figure must say about these cases."""
    figure, counted = FIGURES[question.figure], Count()
    for case in cases:
        if question.services and case.service not in question.services:
            continue
        for day, cuts, why in figure.happened(case, question.basis):
            if day is None or not question.since <= day < question.until:
                continue
            above = {"service": case.service or "no-service", "year": year_of(day), **cuts}
            whole = tuple(above[name] for name in figure.whole)
            counted.considered[whole] += 1
            if why:
                counted.left_out[*whole, why] += 1
            else:
                counted.wholes[whole] += 1
                counted.rows[*whole, cuts[figure.cut]] += 1
    return counted


# --- Days ---------------------------------------------------------------------------------------


def home(team: str, day: str) -> str:
    """The service that a team belonged to on a day."""
    return [service for since, service in HOMES[team].items() if since <= day][-1]


def year_of(day: str) -> str:
    """The financial year of a day, as figures write it: April to March."""
    first = int(day[:4]) - (day[5:7] < "04")
    return f"{first}-{(first + 1) % 100:02d}"


def working_day_after(day: str, number: int) -> str:
    """The day on which that many working days have passed; the first day is day 0."""
    on = date.fromisoformat(day)
    while number:
        on += timedelta(days=1)
        number -= on.weekday() < 5 and on not in BANK_HOLIDAYS
    return on.isoformat()
