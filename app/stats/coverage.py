"""Which days a row really counts: it may be fewer than its year, or than the year before had."""

from collections.abc import Mapping

from app.stats.counted import Code
from app.stats.cuts import SOURCE_SYSTEM
from app.stats.fact import Scope
from app.stats.facts.feedback import CHANNEL_NOT_COLLECTED
from app.stats.figure import Figure
from app.stats.lineage import Doubt
from app.stats.period import Period
from app.stats.reference import System
from app.stats.times import GRAINS, days_of, whole_of

DAYS_COVERED_BY = frozenset({*GRAINS, SOURCE_SYSTEM.name})
"""The cuts that decide which days a row covers; no other does."""

_BY_SYSTEM = {"registered", "received"}  # the days on which a system has to be there


def covered(figure: Figure, scope: Scope, codes: Mapping[str, Code]) -> Period | None:
    """The days on which what a row counts could happen and be recorded; none where there are none.

    A system collects from one day until another, and may collect less than another does; and of
    a period that is not over, what is to come is not covered.
    """
    days = days_of(scope, codes).within(scope.period.since, scope.until_now)
    if days is None or scope.day.basis not in _BY_SYSTEM:
        return days
    systems = _collecting(figure, scope, codes)
    if not systems:
        return None
    last = max((system.until for system in systems if system.until), default=None)
    open_ended = any(system.until is None for system in systems)
    return days.within(min(system.since for system in systems), None if open_ended else last)


def _collecting(figure: Figure, scope: Scope, codes: Mapping[str, Code]) -> list[System]:
    only = codes.get(SOURCE_SYSTEM.name)
    channel = CHANNEL_NOT_COLLECTED in figure.leaves_out
    return [
        system
        for system in scope.reference.systems
        if only in {None, system.slug} and (system.collects_channel or not channel)
    ]


def doubts(figure: Figure, scope: Scope, codes: Mapping[str, Code]) -> set[Doubt]:
    """Why a row of these codes cannot be set beside one of a whole year, if it cannot."""
    days = covered(figure, scope, codes)
    if days is None:
        return {Doubt.not_collected}
    return set() if days == whole_of(scope, codes) else {Doubt.part_year}
