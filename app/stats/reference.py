"""The lists that figures are cut by: codes, names, order, and the days each is in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.stats.lineage import Link
from app.stats.period import Period


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a list, in force from one day until another (half-open)."""

    slug: str
    name: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class System(Listed):
    """A system that cases are registered in while it is in force, and what it collects."""

    collects_channel: bool
    reallocates_type: bool


@dataclass(frozen=True, slots=True)
class Volume(Listed):
    """How much of something a service did from one day until another."""

    until: date
    service: str
    volume: int


@dataclass(frozen=True, slots=True)
class Placement:
    """A team's place in a service, from one day until another (half-open)."""

    team: str
    service: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Reference:
    """Every list that a figure needs, each in its declared order."""

    services: tuple[Listed, ...]
    teams: tuple[Listed, ...]
    categories: tuple[Listed, ...]
    procedures: tuple[Listed, ...]
    remedies: tuple[Listed, ...]
    systems: tuple[System, ...]
    placements: tuple[Placement, ...]
    listings: tuple[tuple[str, str], ...]  # (source system, team), each system in its own order
    lineage: tuple[Link, ...]
    activities: tuple[Volume, ...]

    def collecting(self, period: Period) -> list[tuple[System, Period]]:
        """The systems that collect within a period, each with its days of it."""
        return [
            (
                each,
                Period(
                    max(period.since, each.since), min(period.until, each.until or period.until)
                ),
            )
            for each in self.systems
            if period.overlaps(each.since, each.until)
        ]

    def teams_listed(self, *, system: str, service: str, period: Period) -> list[str]:
        """A service's teams on the list of a system, for the days it collects in a period."""
        here = {
            place.team
            for collecting, days in self.collecting(period)
            for place in self.placements
            if collecting.slug == system
            and place.service == service
            and days.overlaps(place.since, place.until)
        }
        return [team for listed_by, team in self.listings if listed_by == system and team in here]

    def volume(self, *, service: str, activity: str, period: Period) -> int | None:
        """How much of something a service did in a period; none where part of it is not known."""
        found = [
            each
            for each in self.activities
            if (each.service, each.slug) == (service, activity)
            and period.overlaps(each.since, each.until)
        ]
        inside = all(period.since <= each.since and each.until <= period.until for each in found)
        return sum(each.volume for each in found) if found and inside else None


def in_force(listed: Iterable[Listed], period: Period) -> list[str]:
    """The codes that are in force on some day of a period, in the list's order."""
    return [each.slug for each in listed if period.overlaps(each.since, each.until)]
