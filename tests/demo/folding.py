"""What a line of the import says a case is now: read in plain Python, sharing nothing with app."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import holidays

BANK_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG", years=range(2018, 2026))
OUTSIDE = "outside-complaints-process"


@dataclass
class Stage:
    number: int
    requested: str | None
    opened: str
    ending: str | None = None
    closed: str | None = None
    excluded: str | None = None
    remedies: list[str] = field(default_factory=list)


@dataclass
class Case:
    line: Mapping[str, Any]
    type: str
    service: str | None
    team: str | None
    category: str | None
    procedure: str | None
    channel: str | None
    received: str
    clock_from: str
    set_aside: str | None = None
    asked: str | None = None
    stages: dict[int, Stage] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    @property
    def registered(self) -> str:
        return str(self.line["registered_on"])

    @property
    def system(self) -> str:
        return str(self.line["system_of_record"])

    @property
    def migrated(self) -> bool:
        return self.line["migrated_on"] is not None

    @property
    def year(self) -> str:
        return year_of(self.registered)


def fold(line: Mapping[str, Any]) -> Case:
    """The case as it is after its last act."""
    case = Case(
        line=line,
        type=line["type"],
        service=line["service"],
        team=line["team"],
        category=line["category"],
        procedure=line["procedure"],
        channel=line["channel"],
        received=line["received_on"],
        clock_from=line["received_on"],
    )
    for act in line["acts"]:
        _put(case, act)
        case.done.append(act["act"])
    return case


def _put(case: Case, act: Mapping[str, Any]) -> None:
    change = CHANGES.get(act["act"])
    if change is not None:
        change(case, act)


def _allocate(case: Case, act: Mapping[str, Any]) -> None:
    case.team = act["team"]


def _reclassify(case: Case, act: Mapping[str, Any]) -> None:
    if case.stages:
        _end(case.stages[1], "reclassified", act["on"])
    case.type = act["type"]
    if case.type == "complaint":
        case.clock_from = act["on"]


def _answer(case: Case, act: Mapping[str, Any]) -> None:
    _end(case.stages[act["stage"]], act.get("finding") or act["closure"], act["on"])
    _add_remedies(case, act)


def _add_remedies(case: Case, act: Mapping[str, Any]) -> None:
    case.stages[act["stage"]].remedies += [r["kind"] for r in act.get("remedies", [])]


def _escalate(case: Case, act: Mapping[str, Any]) -> None:
    case.asked = act["on"]


def _decide(case: Case, act: Mapping[str, Any]) -> None:
    if act["decision"] == "accepted":
        number = len(case.stages) + 1
        case.stages[number] = Stage(number, case.asked, act["on"])


def _withdraw(case: Case, act: Mapping[str, Any]) -> None:
    _end(case.stages.setdefault(1, Stage(1, None, act["on"])), "withdrawn", act["on"])


def _void(case: Case, _: Mapping[str, Any]) -> None:
    case.set_aside = "void"


def _triage(case: Case, act: Mapping[str, Any]) -> None:
    for name in ("service", "team", "category", "procedure"):
        if name in act:
            setattr(case, name, act[name])
    match act["decision"]:
        case "accept" if case.type == "complaint":
            case.stages[1] = Stage(1, None, act["on"])
        case "resolve_early":
            case.stages[1] = Stage(1, None, act["on"], "no_finding", act["on"])
        case "redirect_outside_process":
            case.category = OUTSIDE
            case.stages[1] = Stage(1, None, act["on"], "no_finding", act["on"])
        case "redirect_not_feedback":
            case.set_aside = "not_feedback"


def _correct(case: Case, act: Mapping[str, Any]) -> None:
    if "received_on" in act:
        if case.clock_from == case.received:
            case.clock_from = act["received_on"]
        case.received = act["received_on"]
    case.channel = act.get("channel", case.channel)
    case.category = act.get("category", case.category)
    if "timescale_excluded" in act:
        case.stages[act["stage"]].excluded = act["timescale_excluded"]


def _end(stage: Stage, ending: str, on: str) -> None:
    stage.ending, stage.closed = ending, on


CHANGES: Mapping[str, Callable[[Case, Mapping[str, Any]], None]] = {
    "triage": _triage,
    "allocate": _allocate,
    "reclassify": _reclassify,
    "answer": _answer,
    "add_remedies": _add_remedies,
    "escalate": _escalate,
    "decide_escalation": _decide,
    "withdraw": _withdraw,
    "correct": _correct,
    "void": _void,
}


def year_of(day: str) -> str:
    """The financial year of a day, as the figures call it."""
    first = int(day[:4]) - (day[5:7] < "04")
    return f"{first}-{(first + 1) % 100:02d}"


def is_working(day: date) -> bool:
    """Whether it is neither weekend nor bank holiday."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


@cache
def working_days(start: str, end: str) -> int:
    """The working days after one day, up to and including another."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(is_working(day) for day in days)


def counted(cases: Iterable[Case]) -> list[Case]:
    """Those that no figure leaves out as set aside."""
    return [case for case in cases if case.set_aside is None]
