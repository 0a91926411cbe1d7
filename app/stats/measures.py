"""The numbers of a row and of a whole: how many, what share, what else, and how it changed."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from app.stats.counted import (
    Code,
    Counted,
    Key,
    change_in_percent,
    half_up,
    percent,
    percent_in_hundredths,
)
from app.stats.coverage import DAYS_COVERED_BY, covered, doubts
from app.stats.cuts import ACTIVITY, SERVICE, SOURCE_SYSTEM, TEAM
from app.stats.fact import How, Scope
from app.stats.figure import Figure
from app.stats.lineage import Doubt, doubts_today
from app.stats.period import Period
from app.stats.times import YEAR, days_of, whole_of, years_away
from app.stats.world import TeamBasis

Line: TypeAlias = dict[str, Any]
"""A row, a whole or what was left out: codes under the names of its cuts, and its numbers."""


@dataclass(frozen=True, slots=True)
class Before:
    """The same a year earlier: what it covered, and its counts under the codes of a year later."""

    scope: Scope
    counted: Counted
    annualise: bool  # whether a count of some of the days is scaled up to all of them


@dataclass(frozen=True)
class Measuring:
    """Works out the numbers of one answer."""

    figure: Figure
    scope: Scope
    counted: Counted
    before: Before | None

    def row(self, key: Key) -> Line:
        """What a row says besides what it is about."""
        whole, count = self._whole(key), self.counted.rows.get(key, 0)
        size = self.counted.totals[whole].count
        line = {
            "count": count,
            "denominator": size,
            "percent": percent(count, size),
            "rank": _rank(count, self._ranked[whole]),
            **self._quantities(key),
            **self._rate(key, count),
            **self._share_of_part(key, count),
            "not_comparable": sorted(self._doubts(key)),
        }
        return {**line, **self._row_before(key, whole, count)}

    def whole(self, key: Key) -> Line:
        """What a whole says besides what it is about."""
        total, days = self.counted.totals[key], self._days(key)
        line = {
            "count": total.count,
            "considered": total.considered,
            "since": days.since if days else None,
            "until": days.until if days else None,
            **self._quantities(key),
        }
        if self.before is None:
            return line
        return {**line, **self._change(key, total.count, self._size_before(key))}

    def unlike(self, key: Key) -> tuple[Period | None, Period | None] | None:
        """The days that a whole has now and had before, where they are not the same days."""
        days, was = self._days(key), self._days_before(key)
        alike = days is not None and days.a_year_before == was
        return None if alike else (days, was)

    def _row_before(self, key: Key, whole: Key, count: int) -> Line:
        if self.before is None:
            return {}
        was, size = self.before.counted.rows.get(key, 0), self._size_before(whole)
        return {
            **self._change(key, count, was),
            "denominator_before": size,
            "percent_before": percent(was, size),
            "rank_before": _rank(was, self._ranked_before[whole]),
        }

    def _change(self, key: Key, count: int, was: int) -> Line:
        """How a count changed; not said of unlike days, unless they are to be made alike."""
        assert self.before is not None
        now, then = Fraction(count), Fraction(was)
        line: Line = {"count_before": was, "change": None, "percent_change": None}
        if self.unlike(key):
            if not self.before.annualise:
                return line
            days, days_before = self._days(key), self._days_before(key)
            if days is None or days_before is None:
                return {**line, "annualised": None, "annualised_before": None}
            now *= Fraction(whole_of(self.scope, self._codes(key)).length, days.length)
            then *= Fraction(self._whole_days_before(key).length, days_before.length)
            line |= {"annualised": half_up(now), "annualised_before": half_up(then)}
        change = now - then
        size = half_up(abs(change))
        return {
            **line,
            "change": size if change >= 0 else -size,
            "percent_change": change_in_percent(now, then),
        }

    def _quantities(self, key: Key) -> Line:
        """What else is asked: of nothing a sum is nothing, and there is no middle."""
        found = self.counted.quantities.get(key, {})
        return {
            one.name: 0 if one.how is How.sum and not found.get(one.name) else found.get(one.name)
            for one in self.figure.quantities
        }

    def _rate(self, key: Key, count: int) -> Line:
        if not self.figure.measure.of_volume:
            return {}
        codes = self._codes(key)
        volume = self.scope.reference.volume(
            service=str(codes[SERVICE.name]),
            activity=str(codes[ACTIVITY.name]),
            period=days_of(self.scope, codes),
        )
        share = percent_in_hundredths(count, volume) if volume else None
        return {"volume": volume, "percent_of_volume": share}

    def _share_of_part(self, key: Key, count: int) -> Line:
        name = self.figure.measure.part
        part = self.figure.fact.part(name) if name else None
        if part is None:
            return {}
        size = self.counted.totals[self._whole(key)].parts[part.name].count
        within = key[-1] in part.codes
        return {
            f"percent_of_{part.name}": percent(count, size) if within else None,
            f"denominator_of_{part.name}": size,
        }

    def _doubts(self, key: Key) -> frozenset[Doubt]:
        codes = self._codes(key)
        side_by_side = self.before or not {YEAR.name, SOURCE_SYSTEM.name}.isdisjoint(codes)
        found = self._doubts_of_days(codes) if side_by_side else frozenset[Doubt]()
        if self.scope.basis.team is TeamBasis.today:
            found |= self._doubts_of_teams.get(str(codes[TEAM.name]), frozenset())
        return found

    def _doubts_of_days(self, codes: Mapping[str, Code]) -> frozenset[Doubt]:
        """What the days covered give cause to doubt: the same for all rows of the same days."""
        of_days = {name: code for name, code in codes.items() if name in DAYS_COVERED_BY}
        same = tuple(of_days.values())
        if same not in self._found_doubts:
            self._found_doubts[same] = frozenset(doubts(self.figure, self.scope, of_days))
        return self._found_doubts[same]

    @cached_property
    def _found_doubts(self) -> dict[tuple[Code, ...], frozenset[Doubt]]:
        return {}

    @cached_property
    def _doubts_of_teams(self) -> Mapping[str, frozenset[Doubt]]:
        return doubts_today(self.scope.reference.lineage, self.scope.today)

    @cached_property
    def _ranked(self) -> Mapping[Key, list[int]]:
        return self._by_whole(self.counted)

    @cached_property
    def _ranked_before(self) -> Mapping[Key, list[int]]:
        assert self.before is not None
        return self._by_whole(self.before.counted)

    def _by_whole(self, counted: Counted) -> Mapping[Key, list[int]]:
        found: dict[Key, list[int]] = defaultdict(list)
        for key, count in counted.rows.items():
            found[self._whole(key)].append(count)
        for counts in found.values():
            counts.sort()
        return found

    def _whole(self, key: Key) -> Key:
        return key[: len(self.figure.measure.of)]

    def _codes(self, key: Key, *, years: int = 0) -> Mapping[str, Code]:
        named = zip(self.figure.cuts, key, strict=False)
        return {cut.name: years_away(cut, code, years=years) for cut, code in named}

    def _days(self, key: Key) -> Period | None:
        return covered(self.figure, self.scope, self._codes(key))

    def _days_before(self, key: Key) -> Period | None:
        assert self.before is not None
        return covered(self.figure, self.before.scope, self._codes(key, years=-1))

    def _whole_days_before(self, key: Key) -> Period:
        assert self.before is not None
        return whole_of(self.before.scope, self._codes(key, years=-1))

    def _size_before(self, whole: Key) -> int:
        assert self.before is not None
        total = self.before.counted.totals.get(whole)
        return total.count if total else 0


def _rank(count: int, counts: list[int]) -> int:
    """Its place among the rows of its whole, the most being first; equal counts share a place."""
    return 1 + len(counts) - bisect_right(counts, count)
