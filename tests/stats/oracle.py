"""What the figures must say of a set of histories, counted in plain Python from the acts sent."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from tests.stats.histories import LAST
from tests.stats.oracle_cases import (
    COLLECTS_CHANNEL,
    COMPLAINT,
    FINDINGS,
    LIMITS,
    NO_LIMIT,
    TARGET,
    Case,
    History,
    Stage,
    due,
    known_by,
    last_day,
    read,
    today,
    working_day_after,
    working_days,
    year_of,
)

# --- What there is to count ---------------------------------------------------------------------

TAKEN, AGES = (10, 20, 40, 65), (14, 28, 56, 91, 182)  # where bands of days end
MEASURED = "2023-24"  # the only year of which it is known how much the services did
ACTIVITIES = {
    "children-and-families": ("children-worked-with",),
    "education": (
        "admissions-applications",
        "ehc-needs-assessment-requests",
        "children-with-an-ehcp",
    ),
}

Happened: TypeAlias = tuple[str | None, Mapping[str, Any], str | None]
"""The day that decides, what it is cut by, and why it is left out if it is."""


def _feedback(case: Case, basis: str) -> Iterator[Happened]:
    sent = case.sent
    day = case.received if basis == "received" else sent["registered_on"]
    cuts = {
        "feedback_type": case.type,
        "channel": None if sent.get("migrated_on") else case.channel,
        "category": case.category,
        "procedure": case.procedure or "no-procedure",
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
        for kind, _ in stage.remedies:
            yield stage.ended, {"remedy": kind}, _not_a_complaint(case)


def _payments(case: Case, _basis: str) -> Iterator[Happened]:
    for stage in case.stages.values():
        for kind, pence in stage.remedies:
            why = _not_a_complaint(case) or (None if pence else "no_amount")
            yield stage.ended, {"remedy": kind, "amount": pence}, why


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


def _retyped(case: Case, basis: str) -> Iterator[Happened]:
    for day, cuts, why in _feedback(case, basis):
        yield day, {**cuts, "type_at_receipt": case.sent["type"]}, why


def _per_activity(case: Case, _basis: str) -> Iterator[Happened]:
    day = case.sent["registered_on"]
    measured = ACTIVITIES.get(case.service or "", ()) if year_of(day) == MEASURED else ()
    for activity in measured or ("no-volume",):
        why = case.set_aside or (None if measured else "no_volume")
        yield day, {"feedback_type": case.type, "activity": activity}, why


def _requests(case: Case, _basis: str) -> Iterator[Happened]:
    for asked in case.requests:
        cuts = {"stage": asked.stage, "decision": asked.decision or "undecided"}
        yield asked.asked, cuts, _not_a_complaint(case)


def _endings(case: Case) -> Iterator[tuple[int, Stage | None, str, str | None]]:
    """The number of each stage that ended, the stage, its day, and why it has no outcome."""
    if case.refused:
        yield 1, None, case.refused, _not_a_complaint(case) or "refused"
    for number, stage in case.stages.items():
        if stage.ended:
            why = _not_a_complaint(case)
            if stage.ending not in {*FINDINGS, "no_finding"}:
                why = why or stage.ending
            yield number, stage, stage.ended, why


def _taken(case: Case, _basis: str) -> Iterator[Happened]:
    for number, stage, ended, why in _endings(case):
        if stage is None or why:
            yield ended, {"stage": number}, why
        elif stage.excluded:
            yield ended, {"stage": number}, "timescale_excluded_migrated"
        else:
            days = working_days(stage.started, ended)
            cuts = {"stage": number, "days_taken": _band(days, TAKEN), "amount": days}
            yield ended, cuts, None


def _timely(case: Case, _basis: str) -> Iterator[Happened]:
    for number, stage, ended, why in _endings(case):
        cuts = {"stage": number}
        if stage is None or why:
            yield ended, cuts, why
        elif stage.excluded:
            yield ended, cuts, "timescale_excluded_migrated"
        elif number not in LIMITS[stage.procedure]:
            yield ended, cuts, "no_limit"
        else:
            limit, last = LIMITS[stage.procedure][number], due(stage, number)
            assert last is not None
            if ended <= working_day_after(stage.started, limit):
                kept = "within_target"
            else:
                kept = "within_extension" if ended <= last else "late"
            yield ended, {**cuts, "timeliness": kept}, None


def _unfound(case: Case, _basis: str) -> Iterator[Happened]:
    for number, stage, ended, why in _endings(case):
        if number == 1 and (stage is None or stage.ending not in FINDINGS):
            left = _not_a_complaint(case) or ("reclassified" if why == "reclassified" else None)
            reason = "refused" if stage is None else stage.reason or stage.ending
            yield ended, {"closure_reason": reason}, left


def _refusals(case: Case, _basis: str) -> Iterator[Happened]:
    if case.refused:
        yield case.refused, {"refusal_reason": case.refusal_reason}, _not_a_complaint(case)


def _early(case: Case, basis: str) -> Iterator[Happened]:
    for ended, _, why in _outcomes(case, basis):
        early = 1 in case.stages and case.stages[1].reason == "resolved_early"
        yield ended, {"resolution": "resolved_early" if early else "taken_on"}, why


def _faults(case: Case, _basis: str) -> Iterator[Happened]:
    stages = list(case.stages.items()) if case.type == COMPLAINT else []
    found = {
        "not_categorised": case.category == "not-categorised",
        "no_service": case.service is None,
        "no_team": case.team is None,
        "closed_without_record": any(
            stage.reason == "closed_without_record" and stage.ended for _, stage in stages
        ),
        "closed_without_outcome": case.type == COMPLAINT
        and bool(case.closed)
        and not (case.set_aside or case.refused or any(stage.ended for _, stage in stages)),
        "upheld_without_remedy": any(
            stage.ending in {"upheld", "partially_upheld"} and not stage.remedies
            for _, stage in stages
        ),
        "overdue_and_unanswered": any(
            stage.ended is None and (due(stage, number) or case.today) < case.today
            for number, stage in stages
        ),
        "impossible_dates": (case.acknowledged or case.received) < case.received
        or any(_before_its_end(case, number) for number, _ in stages),
    }
    for fault in (fault for fault, there in found.items() if there):
        yield case.sent["registered_on"], {"fault": fault}, case.set_aside


def _before_its_end(case: Case, number: int) -> bool:
    """Whether what comes after a stage came before it had ended."""
    after = [asked.asked for asked in case.requests if asked.stage == number + 1]
    ended = case.stages[number].ended or ""
    return any(day < ended for day in (*after, case.closed or ended))


def _open_cases(case: Case, _basis: str) -> Iterator[Happened]:
    if case.type == COMPLAINT and case.at in {"received", "in_stage", "asked"}:
        days = (date.fromisoformat(case.today) - date.fromisoformat(case.received)).days
        yield case.today, {"age": _band(days, AGES), "amount": days}, case.set_aside_since


def _open_stages(case: Case, _basis: str) -> Iterator[Happened]:
    if case.at == "in_stage":
        number, stage = max(case.stages.items())
        last = due(stage, number)
        clock = "open_in_time" if (last or "") >= case.today else "open_overdue"
        cuts = {"stage": number, "clock": clock if last else "no_limit"}
        yield case.today, cuts, case.set_aside_since


def _band(days: int, limits: tuple[int, ...]) -> str:
    """The name of the band of days that a number of them is in."""
    lows = dict(zip(limits, (0, *(limit + 1 for limit in limits)), strict=False))
    for limit, low in lows.items():
        if days <= limit:
            return f"{low}_to_{limit}" if low else f"up_to_{limit}"
    return f"over_{limits[-1]}"


# --- Counting it --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """What a figure counts, what makes a whole, and what a whole is cut by."""

    happened: Callable[[Case, str], Iterator[Happened]]
    whole: tuple[str, ...]
    cut: str
    stands: bool = False  # whether it counts what stands at the end of the period


FIGURES = {
    "feedback-over-time": Figure(_feedback, ("year",), "feedback_type"),
    "feedback-by-service": Figure(_feedback, ("service", "year"), "feedback_type"),
    "contact-methods": Figure(_contacts, ("service",), "channel"),
    "complaints-by-month": Figure(_complaints, ("service",), "month"),
    "complaints-by-stage": Figure(_later_stages, ("year",), "stage"),
    "complaint-categories": Figure(_complaints, ("service",), "category"),
    "complaints-by-team": Figure(_complaints, ("service", "source_system"), "team"),
    "complaints-by-procedure": Figure(_complaints, ("service",), "procedure"),
    "remedies": Figure(_remedies, ("service",), "remedy"),
    "outcomes": Figure(_outcomes, ("service",), "outcome"),
    "timescales": Figure(_timescales, ("service",), "verdict"),
    "reclassifications": Figure(_retyped, ("service", "type_at_receipt"), "feedback_type"),
    "feedback-rates": Figure(_per_activity, ("service", "activity"), "feedback_type"),
    "financial-remedies": Figure(_payments, ("service",), "remedy"),
    "escalations": Figure(_requests, ("service", "stage"), "decision"),
    "days-taken": Figure(_taken, ("service", "stage"), "days_taken"),
    "timeliness": Figure(_timely, ("service", "stage"), "timeliness"),
    "closures": Figure(_unfound, ("service",), "closure_reason"),
    "refusals": Figure(_refusals, ("service",), "refusal_reason"),
    "early-resolutions": Figure(_early, ("service",), "resolution"),
    "data-quality": Figure(_faults, ("service",), "fault"),
    "open-complaints": Figure(_open_cases, ("service",), "age", stands=True),
    "open-stages": Figure(_open_stages, ("service", "stage"), "clock", stands=True),
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
    type_basis: str = "now"
    team_basis: str = "recorded"
    as_at: str = LAST.isoformat()


@dataclass(frozen=True)
class Count:
    """How many of everything, by the codes it is counted under."""

    rows: Counter[Key] = field(default_factory=Counter)
    wholes: Counter[Key] = field(default_factory=Counter)
    considered: Counter[Key] = field(default_factory=Counter)
    left_out: Counter[Key] = field(default_factory=Counter)
    amounts: dict[Key, list[int]] = field(default_factory=dict)  # of rows and of wholes


def seen(question: Question, histories: Iterable[History]) -> Iterator[Case]:
    """The cases as the question sees them: on its day, or at the end of its period."""
    end, day = last_day(question.until), question.as_at
    stands = FIGURES[question.figure].stands
    for history in histories:
        known = known_by(day, history)
        then = known_by(min(day, end), history) if stands else known
        if known is None or then is None:
            continue
        case = read(then)
        case.today = min(day, end) if stands else day
        case.set_aside_since = read(known).set_aside
        if question.type_basis == "at-receipt":
            case.type = case.sent["type"]
        if question.team_basis == "today":
            case.team = today(case.team, day)
        yield case


def count(question: Question, histories: Iterable[History]) -> Count:
    """What a figure must say about the cases of these histories."""
    figure, counted = FIGURES[question.figure], Count()
    for case in seen(question, histories):
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
                row = (*whole, cuts[figure.cut])
                counted.wholes[whole] += 1
                counted.rows[row] += 1
                for key in (row, whole) if "amount" in cuts else ():
                    counted.amounts.setdefault(key, []).append(cuts["amount"])
    return counted
