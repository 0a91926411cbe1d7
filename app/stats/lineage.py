"""What became of teams: today's equivalent of each, and whether the two can be compared. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.organisation.vocabulary import LineageBasis, LineageKind


class Doubt(StrEnum):
    """Why a row cannot be set beside another without a word of caution."""

    split_up = "split"
    assumed_link = "assumed_link"
    part_year = "part_year"
    not_collected = "not_collected"


@dataclass(frozen=True, slots=True)
class Link:
    """That one team became another, or part of it."""

    predecessor: str
    successor: str
    on: date
    kind: LineageKind
    basis: LineageBasis


@dataclass(frozen=True, slots=True)
class Equivalent:
    """The team that a team is today, and why the two may not be comparable."""

    team: str
    doubts: frozenset[Doubt] = frozenset()


def equivalents(links: Iterable[Link], today: date) -> Mapping[str, Equivalent]:
    """Today's equivalent of every team that became another.

    A team that was split has none: it stays what it was, and neither it nor its successors can
    be compared with what was before.
    """
    became: dict[str, list[Link]] = {}
    for link in links:
        if link.on <= today:
            became.setdefault(link.predecessor, []).append(link)
    return {team: _followed(team, became) for team in became}


def _followed(team: str, became: Mapping[str, list[Link]]) -> Equivalent:
    now, doubts, been = team, set[Doubt](), {team}
    while now in became:
        if len(became[now]) > 1 or became[now][0].kind is LineageKind.split_up:
            doubts.add(Doubt.split_up)
            break
        (link,) = became[now]
        if link.successor in been:
            break
        if link.basis is LineageBasis.assumed:
            doubts.add(Doubt.assumed_link)
        now = link.successor
        been.add(now)
    return Equivalent(now, frozenset(doubts))


def doubts_today(links: Iterable[Link], today: date) -> Mapping[str, frozenset[Doubt]]:
    """Why what today's teams count, with what they were before, may not be comparable."""
    links = [link for link in links if link.on <= today]
    found: dict[str, frozenset[Doubt]] = {}
    for one in equivalents(links, today).values():
        found[one.team] = found.get(one.team, frozenset()) | one.doubts
    for link in links:
        if link.kind is LineageKind.split_up:
            found[link.successor] = found.get(link.successor, frozenset()) | {Doubt.split_up}
    return {team: doubts for team, doubts in found.items() if doubts}
