"""Everything the rules need to know about the council, as data: one immutable value.

It is read from the database or straight from a council's file, and handed to the rules, which
ask it for what held on the day in question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from app.kit.problem import Problem
from app.organisation.structure import Organisation, Period, ServiceFacts, SystemFacts
from app.procedures.timescales import Timescale
from app.procedures.vocabulary import ClockStart
from app.procedures.workdays import CalendarExhausted, WorkingCalendar


class UnknownCategory(Problem):
    """A subject category that the council did not use on that day."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No such subject category on that day"


class UnknownRemedy(Problem):
    """A kind of remedy that the council does not have."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No such kind of remedy"


class NoSuchProcedure(Problem):
    """A procedure that was not in force on that day."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No such procedure on that day"


class NoSuchStage(Problem):
    """A stage beyond the last one of the procedure."""

    status = HTTPStatus.CONFLICT
    title = "The procedure has no such stage"


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A subject category, and when it was in use."""

    slug: str
    name: str
    period: Period


@dataclass(frozen=True, slots=True)
class RemedyFacts:
    """A kind of remedy; a financial one carries an amount."""

    slug: str
    name: str
    financial: bool


@dataclass(frozen=True, slots=True)
class StageRule:
    """What one version of a procedure says about one stage."""

    number: int
    name: str
    clock_starts: ClockStart
    timescale: Timescale
    request_within: int | None  # working days to ask for this stage after the one before


@dataclass(frozen=True, slots=True)
class ProcedureRules:
    """One version of a procedure: what it rests on and what it allows each stage."""

    slug: str
    name: str
    period: Period
    basis: str
    stages: tuple[StageRule, ...]

    @property
    def since(self) -> date:
        """The day this version came into force; with the slug, its identity."""
        return self.period.since

    def has_stage(self, number: int) -> bool:
        """Whether the procedure goes as far as that stage."""
        return 1 <= number <= len(self.stages)

    def stage(self, number: int) -> StageRule:
        """The rules of a stage, counted from 1."""
        if not self.has_stage(number):
            message = f"This procedure ends with stage {len(self.stages)}."
            raise NoSuchStage(message, last_stage=len(self.stages))
        return self.stages[number - 1]


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """The council as data, at one version of it."""

    version: int
    council: str
    acknowledge_within: int  # working days from receipt
    organisation: Organisation
    categories: Mapping[str, CategoryFacts]
    remedies: Mapping[str, RemedyFacts]
    procedures: Mapping[str, tuple[ProcedureRules, ...]]  # versions, oldest first
    calendar: WorkingCalendar  # the version in force
    calendars: Mapping[str, WorkingCalendar]  # every version kept, the one in force included

    def service(self, slug: str, on: date) -> ServiceFacts:
        """The service of that code, if the council had it on that day."""
        return self.organisation.service(slug, on)

    def team_on(self, team: str, on: date) -> str:
        """The slug of the service that a team belonged to on that day."""
        return self.organisation.team_on(team, on)

    def place(self, *, service: str | None, team: str | None, on: date) -> str | None:
        """The service a case goes to: as named, or the named team's; refuses a mismatch."""
        return self.organisation.place(service=service, team=team, on=on)

    def system(self, slug: str) -> SystemFacts:
        """The source system of that code, whether or not it still collects."""
        return self.organisation.system(slug)

    def current_system(self, on: date) -> SystemFacts:
        """The one source system that collected on that day."""
        return self.organisation.current_system(on)

    def category(self, slug: str, on: date) -> CategoryFacts:
        """The category of that code, if it was in use on that day."""
        found = self.categories.get(slug)
        if found is None or not found.period.holds(on):
            allowed = [c.slug for c in self.categories.values() if c.period.holds(on)]
            message = f"No category has that code on {on}; `allowed` lists those in use then."
            raise UnknownCategory(message, on=on, allowed=allowed)
        return found

    def remedy(self, slug: str) -> RemedyFacts:
        """The kind of remedy of that code."""
        if slug not in self.remedies:
            message = "No kind of remedy has that code; `allowed` lists them."
            raise UnknownRemedy(message, allowed=list(self.remedies))
        return self.remedies[slug]

    def procedure_on(self, slug: str, on: date) -> ProcedureRules:
        """The version of a procedure that was in force on that day."""
        for version in self.procedures.get(slug, ()):
            if version.period.holds(on):
                return version
        allowed = [
            code
            for code, versions in self.procedures.items()
            if any(version.period.holds(on) for version in versions)
        ]
        message = f"No procedure of that code is in force on {on}; `allowed` lists those that are."
        raise NoSuchProcedure(message, on=on, allowed=allowed)

    def default_procedure(self, on: date) -> str:
        """The council's first procedure in force on that day, for what nobody chose one for."""
        for slug, versions in self.procedures.items():
            if any(version.period.holds(on) for version in versions):
                return slug
        raise NoSuchProcedure(f"No procedure is in force on {on}.", on=on, allowed=[])

    def calendar_of(self, version: str) -> WorkingCalendar:
        """The calendar that judges a stage, as it was known when that was opened.

        Where it ends it goes on as the one in force does, or a stage that outlasts its list could
        never be answered.
        """
        return self.calendars[version]

    def acknowledge_by(self, received_on: date) -> date | None:
        """The last day to acknowledge feedback received on that day.

        None where the list of bank holidays ends before it: nobody is turned away because a
        council has not loaded the next one. A day before the list begins is a slip, and refused.
        """
        try:
            return self.calendar.after(received_on, self.acknowledge_within)
        except CalendarExhausted:
            if received_on < self.calendar.covers_from:
                raise
            return None
