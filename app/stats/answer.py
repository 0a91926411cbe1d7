"""From counts to an answer: every row of every closed list, in order, named, with its share."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from app.stats.counted import (
    Code,
    Counted,
    Key,
    Tally,
    Total,
    percent,
    percent_in_hundredths,
)
from app.stats.cuts import TEAM
from app.stats.fact import Cut, How, Scope
from app.stats.figure import Figure
from app.stats.lineage import Doubt, doubts_today
from app.stats.notes import ALWAYS
from app.stats.period import Period
from app.stats.times import GRAINS, days_of
from app.stats.world import Basis, TeamBasis, TypeBasis

Line: TypeAlias = dict[str, Any]
"""A row, a whole or what was left out: codes under the names of its cuts, and its numbers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One figure for one period: what design calls the fixed shape, before it is JSON."""

    figure: Figure
    period: Period
    day: str
    basis: Basis
    population: str
    rows: tuple[Line, ...]
    totals: tuple[Line, ...]
    left_out: tuple[Line, ...]
    notes: tuple[str, ...]
    as_of: datetime


def answer(figure: Figure, scope: Scope, found: Counted) -> Answer:
    """Give a figure's counts their names and order, its zero rows, its shares and its notes."""
    counted = replace(found, totals=dict(_totals(figure, scope, found)))
    remarks = (*ALWAYS, *figure.notes)
    return Answer(
        figure=figure,
        period=scope.period,
        day=scope.day.basis,
        basis=scope.basis,
        population=_population(figure, scope),
        rows=tuple(_rows(figure, scope, counted)),
        totals=tuple(
            {
                **_named(figure.cuts, key, scope),
                "count": total.count,
                "considered": total.considered,
                **_quantities(figure, counted, key),
            }
            for key, total in counted.totals.items()
        ),
        left_out=tuple(
            {
                **_named(figure.cuts, key, scope),
                "reason": reason.code,
                "reason_name": reason.words,
                "count": total.left_out[reason.code],
            }
            for key, total in counted.totals.items()
            for reason in figure.leaves_out
        ),
        notes=tuple(said for remark in remarks for said in remark(figure, scope, counted)),
        as_of=scope.now,
    )


def _totals(figure: Figure, scope: Scope, found: Counted) -> Iterator[tuple[Key, Total]]:
    """Every whole to show: those of the closed lists, and any other with something in it."""
    nothing = Total(
        count=0,
        considered=0,
        left_out={reason.code: 0 for reason in figure.leaves_out},
        parts={part.name: Tally() for part in figure.fact.parts},
    )
    wholes = figure.cuts[: len(figure.measure.of)]
    seen = [key for key, total in found.totals.items() if total.considered]
    for key in _keys(wholes, scope, {}, seen):
        yield key, found.totals.get(key, nothing)


def _rows(figure: Figure, scope: Scope, counted: Counted) -> Iterator[Line]:
    depth, doubts = len(figure.measure.of), _doubts(scope)
    part = figure.fact.part(figure.measure.part) if figure.measure.part else None
    for whole, total in counted.totals.items():
        above = dict(zip(figure.measure.of, whole, strict=True))
        seen = [key[depth:] for key in counted.rows if key[:depth] == whole]
        for rest in _keys(figure.cuts[depth:], scope, above, seen):
            key = (*whole, *rest)
            count = counted.rows.get(key, 0)
            row = {
                **_named(figure.cuts, key, scope),
                "count": count,
                "denominator": total.count,
                "percent": percent(count, total.count),
                **_quantities(figure, counted, key),
            }
            if figure.measure.of_volume:
                row |= _rate(count, row, scope)
            if part:
                size = total.parts[part.name].count
                within = key[-1] in part.codes
                row[f"percent_of_{part.name}"] = percent(count, size) if within else None
                row[f"denominator_of_{part.name}"] = size
            if scope.basis.team is TeamBasis.today:
                row["not_comparable"] = sorted(doubts.get(str(row[TEAM.name]), ()))
            yield row


def _quantities(figure: Figure, counted: Counted, key: Key) -> Line:
    """What else is asked: of nothing a sum is nothing, and there is no middle."""
    found = counted.quantities.get(key, {})
    return {
        one.name: 0 if one.how is How.sum and not found.get(one.name) else found.get(one.name)
        for one in figure.quantities
    }


def _rate(count: int, row: Line, scope: Scope) -> Line:
    codes = {name: row[name] for name in row if name in GRAINS}
    volume = scope.reference.volume(
        service=row["service"], activity=row["activity"], period=days_of(scope, codes)
    )
    share = percent_in_hundredths(count, volume) if volume else None
    return {"volume": volume, "percent_of_volume": share}


def _doubts(scope: Scope) -> Mapping[str, frozenset[Doubt]]:
    if scope.basis.team is TeamBasis.recorded:
        return {}
    return doubts_today(scope.reference.lineage, scope.today)


def _keys(
    cuts: Sequence[Cut], scope: Scope, above: Mapping[str, Code], seen: Collection[Key]
) -> Iterator[Key]:
    """Every combination of codes, in the declared order of each cut, with what was seen besides."""
    if not cuts:
        yield ()
        return
    cut, *rest = cuts
    for code in _codes(cut, scope, above, {key[0] for key in seen}):
        deeper = [key[1:] for key in seen if key[0] == code]
        for tail in _keys(rest, scope, {**above, cut.name: code}, deeper):
            yield (code, *tail)


def _codes(cut: Cut, scope: Scope, above: Mapping[str, Code], seen: Collection[Code]) -> list[Code]:
    listed = list(dict.fromkeys(cut.codes(scope, above)))
    order = {slug: place for place, slug in enumerate(cut.called(scope.reference))}
    unlisted = sorted(
        set(seen) - {*listed, cut.none},
        key=lambda code: (order.get(str(code), len(order)), str(code)),
    )
    none = [] if cut.none is None or not (cut.shows_none or cut.none in seen) else [cut.none]
    return [*listed, *unlisted, *none]


def _named(cuts: Sequence[Cut], key: Key, scope: Scope) -> Line:
    """A row's codes under the names of its cuts, each with what reference data calls it."""
    named: Line = {}
    for cut, code in zip(cuts, key, strict=False):  # a whole has fewer codes than there are cuts
        named[cut.name] = code
        names = cut.called(scope.reference)
        if names:
            named[f"{cut.name}_name"] = names[str(code)]
    return named


def _population(figure: Figure, scope: Scope) -> str:
    names = {service.slug: service.name for service in scope.reference.services}
    asked = " and ".join(names[slug] for slug in scope.services)
    words = f"{figure.population.words} {scope.day.words}"
    said = [words, *([f"of {asked}"] if asked else [])]
    if scope.basis.type is TypeBasis.at_receipt:
        said.append("by what each was at receipt")
    return ", ".join(said)
