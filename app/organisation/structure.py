"""The organisation as the rules see it: who provided what on which day. Pure, and all dated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from app.kit.problem import Problem


class UnknownService(Problem):
    """A service that the council did not have on that day."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No such service on that day"


class UnknownTeam(Problem):
    """A team that the council did not have on that day."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No such team on that day"


class TeamElsewhere(Problem):
    """A team named together with a service that it did not belong to on that day."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The team belongs to another service"


class UnknownSystem(Problem):
    """A source system that the council never had, or none that collected on that day."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "No such source system"


@dataclass(frozen=True, slots=True)
class Period:
    """From one day until another, half-open; without an end it still goes on."""

    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service, and when the council had it."""

    slug: str
    name: str
    period: Period


@dataclass(frozen=True, slots=True)
class Placement:
    """The service that a team belonged to for a time."""

    service: str
    period: Period


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """A team, and the services it has belonged to, in order."""

    slug: str
    name: str
    placements: tuple[Placement, ...]

    def service_on(self, day: date) -> str | None:
        """The service it belonged to on that day, or none where it did not exist then."""
        return next((p.service for p in self.placements if p.period.holds(day)), None)


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """A system that cases are registered in, and what it collects."""

    slug: str
    name: str
    collects: Period
    collects_channel: bool
    reallocates_type: bool


@dataclass(frozen=True, slots=True)
class Organisation:
    """Services, teams and source systems, by slug."""

    services: Mapping[str, ServiceFacts]
    teams: Mapping[str, TeamFacts]
    systems: Mapping[str, SystemFacts]

    def service(self, slug: str, on: date) -> ServiceFacts:
        """The service of that code, if the council had it on that day."""
        found = self.services.get(slug)
        if found is None or not found.period.holds(on):
            allowed = [s.slug for s in self.services.values() if s.period.holds(on)]
            message = f"No service has that code on {on}; `allowed` lists those there were."
            raise UnknownService(message, on=on, allowed=allowed)
        return found

    def team_on(self, team: str, on: date) -> str:
        """The service that a team belonged to on that day."""
        found = self.teams.get(team)
        service = found.service_on(on) if found else None
        if service is None:
            allowed = [t.slug for t in self.teams.values() if t.service_on(on)]
            message = f"No team has that code on {on}; `allowed` lists those there were."
            raise UnknownTeam(message, on=on, allowed=allowed)
        return service

    def place(self, *, service: str | None, team: str | None, on: date) -> str | None:
        """The service a case goes to: as named, or the named team's; refuses a mismatch."""
        if service is not None:
            self.service(service, on)
        if team is None:
            return service
        home = self.team_on(team, on)
        if service is not None and service != home:
            message = f"On {on} that team belonged to the service named in `service`."
            raise TeamElsewhere(message, on=on, service=home)
        return home

    def system(self, slug: str) -> SystemFacts:
        """The source system of that code, whether or not it still collects."""
        if slug not in self.systems:
            message = "No source system has that code; `allowed` lists them."
            raise UnknownSystem(message, allowed=list(self.systems))
        return self.systems[slug]

    def current_system(self, on: date) -> SystemFacts:
        """The one system that collected on that day."""
        for system in self.systems.values():
            if system.collects.holds(on):
                return system
        message = f"No source system collected on {on}."
        raise UnknownSystem(message, on=on, allowed=list(self.systems))
