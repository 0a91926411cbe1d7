"""What can be wrong with a line of history whatever was done: its days, its names, its codes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from app.cases.record import DayNotPossible
from app.imports.schemas import AddRemedies, Allocate, Answer, Correct, ImportLine, Triage
from app.kit.problem import Problem
from app.organisation.structure import UnknownSystem
from app.procedures.reference import ReferenceData


class MigrationDay(Problem):
    """A migrated case is registered anew on the day it is migrated."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "A migrated case is registered on the day of its migration"


class OlderNameMissing(Problem):
    """A migrated case goes by a name in the system it came from."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "A migrated case needs its name in the older system"


class NotCollecting(Problem):
    """A system registers cases only while the council uses it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The system did not register cases on that day"


class ChannelNotCollected(Problem):
    """How the person made contact cannot be known from a system that did not ask."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The system did not collect how people made contact"


class NameGivenTwice(Problem):
    """A line names the case twice in the same way."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The same name is given twice"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line cannot be taken: where in it, which refusal, and in whose words."""

    pointer: str
    code: str
    detail: str
    more: Mapping[str, object]

    @classmethod
    def of(cls, pointer: str, problem: Problem) -> "Fault":
        """A refusal of a rule, at its place in the line."""
        return cls(pointer, problem.slug(), problem.detail, problem.members)

    def shown(self) -> dict[str, Any]:
        """The fault as it is answered and kept."""
        fault: dict[str, Any] = {
            "pointer": self.pointer,
            "code": self.code,
            "detail": self.detail,
        }
        if self.more:
            fault["more"] = {name: _plain(value) for name, value in self.more.items()}
        return fault


def _plain(value: object) -> object:
    """A member of a problem as JSON has it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else str(value)


def faults_at_receipt(line: ImportLine, *, today: date, council: ReferenceData) -> list[Fault]:
    """What is wrong with the case as it was received."""
    return [*_days(line, today), *_systems(line, council), *_codes(line, council)]


def faults_of_acts(line: ImportLine, *, today: date, council: ReferenceData) -> list[Fault]:
    """What is wrong with the days and codes of its acts, wherever the case stood."""
    return [*_days_of_acts(line, today), *_codes_of_acts(line, council)]


def faults_of_names(line: ImportLine, council: ReferenceData) -> list[Fault]:
    """What is wrong with the names of a case, whatever else the line says."""
    return list(_names(line, council))


def _days(line: ImportLine, today: date) -> Iterator[Fault]:
    if line.registered_on > today:
        yield _bad_day("/registered_on", f"That day has not come yet; today is {today}.")
    if line.received_on > line.registered_on:
        yield _bad_day("/received_on", "Feedback is received before it is registered.")
    if line.migrated_on is not None and line.migrated_on != line.registered_on:
        detail = "Give the day it was registered in the newer system, twice."
        yield Fault.of("/migrated_on", MigrationDay(detail))


def _bad_day(pointer: str, detail: str) -> Fault:
    return Fault.of(pointer, DayNotPossible(detail))


def _systems(line: ImportLine, council: ReferenceData) -> Iterator[Fault]:
    yield from _names(line, council)
    try:
        system = council.system(line.system_of_record)
    except UnknownSystem as unknown:
        yield Fault.of("/system_of_record", unknown)
        return
    if not system.collects.holds(line.registered_on):
        until = f" until {system.collects.until}" if system.collects.until else ""
        detail = f"It registers cases from {system.collects.since}{until}."
        yield Fault.of("/registered_on", NotCollecting(detail, system=system.slug))
    older = [given.system for given in line.systems if given.system != line.system_of_record]
    if line.migrated_on is not None and not older:
        detail = "Add the system it came from, and its reference there."
        yield Fault.of("/systems", OlderNameMissing(detail))
    if line.channel is not None:
        yield from _channel([system.slug] if line.migrated_on is None else older, council)


def _channel(slugs: list[str], council: ReferenceData) -> Iterator[Fault]:
    """How contact was made is known where the system that took it in collected it."""
    for slug in slugs:
        system = council.organisation.systems.get(slug)
        if system is not None and not system.collects_channel:
            detail = "Leave the channel out: the system that took it in did not collect it."
            yield Fault.of("/channel", ChannelNotCollected(detail, system=slug))
            return


def _names(line: ImportLine, council: ReferenceData) -> Iterator[Fault]:
    seen = set()
    for number, given in enumerate(line.systems):
        yield from _tried(f"/systems/{number}/system", council.system, given.system)
        name = (given.system, given.reference)
        if name in seen:
            detail = "Name the case once in each way."
            yield Fault.of(f"/systems/{number}", NameGivenTwice(detail))
        seen.add(name)


def _codes(line: ImportLine, council: ReferenceData) -> Iterator[Fault]:
    day = line.received_on
    yield from _placed("", line, day, council)
    if line.category is not None:
        yield from _tried("/category", council.category, line.category, day)
    if line.procedure is not None:
        yield from _tried("/procedure", council.procedure_on, line.procedure, day)


def _placed(
    at: str, asked: ImportLine | Triage | Allocate, day: date, council: ReferenceData
) -> Iterator[Fault]:
    wrong = []
    if asked.service is not None:
        wrong = list(_tried(f"{at}/service", council.service, asked.service, day))
        yield from wrong
    if asked.team is not None:
        home = None if wrong else asked.service

        def place() -> None:
            council.place(service=home, team=asked.team, on=day)

        yield from _tried(f"{at}/team", place)


def _tried(pointer: str, ask: Callable[..., object], *what: object) -> Iterator[Fault]:
    try:
        ask(*what)
    except Problem as problem:
        yield Fault.of(pointer, problem)


def _days_of_acts(line: ImportLine, today: date) -> Iterator[Fault]:
    latest = line.received_on
    for number, act in enumerate(line.acts):
        pointer = f"/acts/{number}/on"
        if act.on > today:
            yield _bad_day(pointer, f"That day has not come yet; today is {today}.")
        elif act.on < line.received_on:
            yield _bad_day(pointer, f"It was received on {line.received_on}, after that day.")
        elif act.on < latest:
            yield _bad_day(pointer, f"Acts come in order; an earlier one is of {latest}.")
        latest = max(latest, act.on)


def _codes_of_acts(line: ImportLine, council: ReferenceData) -> Iterator[Fault]:
    for number, act in enumerate(line.acts):
        at = f"/acts/{number}"
        if isinstance(act, Triage | Allocate):
            yield from _placed(at, act, act.on, council)
        if isinstance(act, Triage) and act.procedure is not None:
            yield from _tried(f"{at}/procedure", council.procedure_on, act.procedure, act.on)
        if isinstance(act, Triage | Correct) and act.category is not None:
            yield from _tried(f"{at}/category", council.category, act.category, line.received_on)
        if isinstance(act, Answer | AddRemedies):
            yield from _remedies(at, act, council)


def _remedies(at: str, act: Answer | AddRemedies, council: ReferenceData) -> Iterator[Fault]:
    for number, remedy in enumerate(act.remedies):
        yield from _tried(f"{at}/remedies/{number}/kind", council.remedy, remedy.kind)
