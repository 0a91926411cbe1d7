"""What becomes of a case, read in plain Python from the acts that were sent.

Shares nothing with the service: each act is read for what it means to the figures, and working
days come from the `holidays` package. A history is a line of the import: a case as it was
received and its acts in order; days are ISO texts, which sort as days do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias

import holidays

History: TypeAlias = Mapping[str, Any]
Act: TypeAlias = Mapping[str, Any]

COMPLAINT = "complaint"
NO_LIMIT = "adult-social-care"  # the procedure that sets none
FINDINGS = ("upheld", "partially_upheld", "not_upheld")
LIMITS = {  # working days that each stage of a procedure may take; one without a limit has none
    "childrens-statutory": {1: 10, 2: 25, 3: 30},
    "corporate": {1: 10, 2: 20},
    NO_LIMIT: {},
}
COLLECTS_CHANNEL = "customer_feedback"
TARGET = 10  # working days from receipt
CODE = "2026-04-01"  # from then on the corporate procedure too counts stage 2 from acceptance
HOMES = {  # the services a team belonged to, each with its first day
    "nuneaton-childrens-team": {"2010-04-01": "children-and-families"},
    "edt": {"2010-04-01": "children-and-families"},
    "sendar": {"2010-04-01": "education"},
    "send-and-inclusion": {"2024-01-15": "education"},
    "school-admissions": {"2010-04-01": "customer-services", "2022-04-01": "education"},
    "highways-maintenance": {"2010-04-01": "highways"},
}
OLD_NAME, RENAMED, SWITCHED = "sendar", "send-and-inclusion", "2024-01-15"
WEEKEND = 5  # the weekday that begins it
BANK_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG", years=range(2018, 2028))


@dataclass
class Stage:
    """One stage: the day its clock began, and how and when it ended if it has."""

    procedure: str
    started: str
    ended: str | None = None
    ending: str | None = None  # a finding, or how it was closed without one
    reason: str | None = None  # why it was closed without a finding
    excluded: bool = False
    extended: int = 0  # working days
    remedies: list[tuple[str, int | None]] = field(default_factory=list)  # kinds, and pence


@dataclass
class Request:
    """A request for a later stage, and what became of it."""

    asked: str
    stage: int
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
    acknowledged: str | None = None
    at: str = "received"  # where it stands
    closed: str | None = None  # the day it was closed, while it is
    left: str = "received"  # where it stood before it was closed
    stages: dict[int, Stage] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    refused: str | None = None
    refusal_reason: str | None = None
    set_aside: str | None = None
    today: str = ""  # the day that it is looked at
    set_aside_since: str | None = None  # as the day of the question knows it, which may be later
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
        before = case.at
        MEANS.get(act["act"], _nothing)(case, act)
        if case.at != before:
            case.closed = act["on"] if case.at == "closed" else None
    return case


def _nothing(_case: Case, _act: Act) -> None:
    """Noting moves no figure."""


def _acknowledge(case: Case, act: Act) -> None:
    case.acknowledged = act["on"]


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
            case.at = "in_stage"
        case "accept":
            case.at = "recorded"
        case "refuse":
            case.refused, case.undo = act["on"], lambda: setattr(case, "refused", None)
            case.refusal_reason = act["refusal_reason"]
        case "redirect_not_feedback":
            case.set_aside, case.undo = "not_feedback", lambda: setattr(case, "set_aside", None)
        case "redirect_outside_process":
            case.category = "outside-complaints-process"
            _end_untaken(case, "no_finding", act["on"], "outside_complaints_process")
        case "resolve_early":
            _end_untaken(case, "no_finding", act["on"], "resolved_early")
    if act["decision"] != "accept":
        _shut(case)


def _shut(case: Case) -> None:
    case.left, case.at = case.at, "closed"


def _end_untaken(case: Case, ending: str, on: str, reason: str | None = None) -> None:
    """A complaint that ends before it was taken up has a stage 1 that says so, until reopened."""
    case.stages = {1: Stage(case.procedure or "corporate", case.clock, on, ending, reason)}
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
        case.at = "received"
    elif case.in_hand:
        _end(case, case.in_hand, "reclassified", act["on"])
        case.at = "recorded"
    case.type = act["type"]


def _answer(case: Case, act: Act) -> None:
    stage = case.stages[act["stage"]]
    _end(case, stage, act.get("finding") or act["closure"], act["on"])
    stage.reason = act.get("no_finding_reason")
    _remedy(case, act)
    if "finding" in act:
        case.at = "answered"
    else:
        _shut(case)


def _remedy(case: Case, act: Act) -> None:
    given = [(remedy["kind"], remedy.get("pence")) for remedy in act.get("remedies", ())]
    case.stages[act["stage"]].remedies += given


def _extend(case: Case, act: Act) -> None:
    case.stages[act["stage"]].extended += act["working_days"]


def _escalate(case: Case, act: Act) -> None:
    case.requests.append(Request(act["on"], stage=len(case.stages) + 1))
    case.at = "asked"


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
        case.at = "in_stage"
    elif act["decision"] == "refused":
        case.at = "answered"
    else:
        _shut(case)


def _withdraw(case: Case, act: Act) -> None:
    case.undo = lambda: None
    if case.request:
        case.request.decided, case.request.decision = act["on"], "withdrawn"
    elif case.in_hand:
        _end(case, case.in_hand, "withdrawn", act["on"])
    elif case.type == COMPLAINT:
        _end_untaken(case, "withdrawn", act["on"])
    _shut(case)


def _close(case: Case, _act: Act) -> None:
    _shut(case)


def _reopen(case: Case, _act: Act) -> None:
    case.undo()
    case.at = "answered" if case.left == "asked" else case.left
    if case.type != COMPLAINT and case.at != "received":
        case.at = "recorded"


def _void(case: Case, _act: Act) -> None:
    case.set_aside, case.at = "void", "void"


def _correct(case: Case, act: Act) -> None:
    case.received = act.get("received_on") or case.received
    if case.clock_is_receipt:
        case.clock = case.received
        if 1 in case.stages:
            case.stages[1].started = case.clock
    case.acknowledged = act.get("acknowledged_on") or case.acknowledged
    case.channel = act.get("channel") or case.channel
    case.category = act.get("category") or case.category
    if "stage" in act:
        stage = case.stages[act["stage"]]
        stage.ending = act.get("finding") or stage.ending
        stage.ended = act.get("answered_on") or stage.ended
        stage.excluded = stage.excluded or "timescale_excluded" in act


MEANS: Mapping[str, Callable[[Case, Act], None]] = {
    "acknowledge": _acknowledge,
    "triage": _triage,
    "reclassify": _reclassify,
    "allocate": _allocate,
    "answer": _answer,
    "add_remedies": _remedy,
    "escalate": _escalate,
    "decide_escalation": _decide,
    "correct": _correct,
    "extend": _extend,
    "close": _close,
    "withdraw": _withdraw,
    "reopen": _reopen,
    "void": _void,
}


def known_by(day: str, history: History) -> History | None:
    """What was known of a history by the end of a day; none where it had not been registered."""
    if history["registered_on"] > day:
        return None
    return {**history, "acts": [act for act in history["acts"] if act["on"] <= day]}


# --- Days ---------------------------------------------------------------------------------------


def home(team: str, day: str) -> str:
    """The service that a team belonged to on a day."""
    return [service for since, service in HOMES[team].items() if since <= day][-1]


def last_day(until: str) -> str:
    """The day before."""
    return (date.fromisoformat(until) - timedelta(days=1)).isoformat()


def today(team: str | None, day: str) -> str | None:
    """The team that one has become by a day: of these, one was renamed."""
    return RENAMED if (team, day >= SWITCHED) == (OLD_NAME, True) else team


def year_of(day: str) -> str:
    """The financial year of a day, as figures write it: April to March."""
    first = int(day[:4]) - (day[5:7] < "04")
    return f"{first}-{(first + 1) % 100:02d}"


def working_days(since: str, until: str) -> int:
    """How many working days have passed; the first day is day 0."""
    first, last = date.fromisoformat(since), date.fromisoformat(until)
    days = ((first + timedelta(number)) for number in range(1, (last - first).days + 1))
    return sum(day.weekday() < WEEKEND and day not in BANK_HOLIDAYS for day in days)


def due(stage: Stage, number: int) -> str | None:
    """The last day on which it is in time, extensions counted; none without a limit."""
    limit = LIMITS[stage.procedure].get(number)
    return working_day_after(stage.started, limit + stage.extended) if limit else None


def working_day_after(day: str, number: int) -> str:
    """The day on which that many working days have passed; the first day is day 0."""
    on = date.fromisoformat(day)
    while number:
        on += timedelta(days=1)
        number -= on.weekday() < WEEKEND and on not in BANK_HOLIDAYS
    return on.isoformat()
