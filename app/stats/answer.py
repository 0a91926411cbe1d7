"""From counts to an answer: every row of every closed list, in order, named, with its numbers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.stats.counted import Code, Counted, Key, Tally, Total
from app.stats.fact import Cut, Scope
from app.stats.figure import Figure, Note
from app.stats.known import Known, unknowns
from app.stats.measures import Before, Line, Measuring
from app.stats.notes import ALWAYS, compared, in_public
from app.stats.period import Period
from app.stats.world import Basis, TypeBasis


class Disclosure(StrEnum):
    """Whether small numbers are told, or withheld so that nobody can be made out."""

    exact = "exact"
    public = "public"


@dataclass(frozen=True, slots=True)
class Answer:
    """One figure for one period: what design calls the fixed shape, before it is JSON."""

    figure: Figure
    period: Period
    day: str
    basis: Basis
    population: str
    compared_with: Period | None
    rows: tuple[Line, ...]
    totals: tuple[Line, ...]
    left_out: tuple[Line, ...]
    notes: tuple[str, ...]
    as_of: datetime
    services: tuple[str, ...] = ()  # those asked for; none: the whole council
    public_notes: tuple[str, ...] = ()  # the notes again, with no number of cases in them
    parts: tuple[Line, ...] = ()  # of wholes, as far as remarks need them; exact, so not published
    disclosure: Disclosure = Disclosure.exact


def answer(
    figure: Figure, scope: Scope, found: Counted, *, before: Before | None, known: Known | None
) -> Answer:
    """Give a figure's counts their names and order, its zero rows, its shares and its notes."""
    counted = replace(found, totals=dict(_totals(figure, scope, found, before)))
    measuring = Measuring(figure, scope, counted, before)
    change_notes = tuple(compared(measuring, counted.totals) if before else ())

    def said(remarks: Iterable[Note]) -> Iterator[str]:
        return (each for remark in remarks for each in remark(figure, scope, counted))

    return Answer(
        figure=figure,
        period=scope.period,
        day=scope.day.basis,
        basis=scope.basis,
        population=_population(figure, scope),
        compared_with=before.scope.period if before else None,
        rows=tuple(
            {**_named(figure.cuts, key, scope), **measuring.row(key)}
            for key in _rows(figure, scope, counted, before)
        ),
        totals=tuple(
            {**_named(figure.cuts, key, scope), **measuring.whole(key)} for key in counted.totals
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
        notes=(
            *said((*ALWAYS, *figure.notes)),
            *change_notes,
            *(unknowns(scope.today, known) if known else ()),
        ),
        as_of=scope.now,
        services=scope.services,
        public_notes=(*said(in_public((*ALWAYS, *figure.notes))), *change_notes),
        parts=tuple(
            {
                **_named(figure.cuts, key, scope),
                "part": name,
                "count": tally.count,
                "first": tally.first,
                "last": tally.last,
            }
            for key, total in counted.totals.items()
            for name, tally in total.parts.items()
            if tally.count
        ),
    )


def only_counts(figure: Figure, scope: Scope, found: Counted) -> Answer:
    """A figure's counts under their codes and nothing else: noughts are not among them.

    Whatever is decided over them is always decided the same: they stand in the order of the codes.
    """

    def lines(counts: Mapping[Key, int]) -> Iterator[Line]:
        for key in sorted(counts, key=lambda key: [str(code) for code in key]):
            yield {**dict(zip(figure.by, key, strict=False)), "count": counts[key]}

    return Answer(
        figure=figure,
        period=scope.period,
        day=scope.day.basis,
        basis=scope.basis,
        population=figure.population.words,
        compared_with=None,
        rows=tuple(lines(found.rows)),
        totals=tuple(lines({key: total.count for key, total in found.totals.items()})),
        left_out=(),
        notes=(),
        as_of=scope.now,
        services=scope.services,
    )


def _totals(
    figure: Figure, scope: Scope, found: Counted, before: Before | None
) -> Iterator[tuple[Key, Total]]:
    """Every whole to show: those of the closed lists, and any other with something in it."""
    nothing = Total(
        count=0,
        considered=0,
        left_out={reason.code: 0 for reason in figure.leaves_out},
        parts={part.name: Tally() for part in figure.fact.parts},
    )
    seen = [
        key
        for counted in (found, *([before.counted] if before else []))
        for key, total in counted.totals.items()
        if total.considered
    ]
    for key in _keys(figure.cuts[: len(figure.measure.of)], scope, {}, seen):
        yield key, found.totals.get(key, nothing)


def _rows(figure: Figure, scope: Scope, counted: Counted, before: Before | None) -> Iterator[Key]:
    """Every row to show, under its whole: those of the closed lists, and any other that counts."""
    depth = len(figure.measure.of)
    seen: dict[Key, set[Key]] = {}
    for key in (*counted.rows, *(before.counted.rows if before else ())):
        seen.setdefault(key[:depth], set()).add(key[depth:])
    for whole in counted.totals:
        above = dict(zip(figure.measure.of, whole, strict=True))
        for rest in _keys(figure.cuts[depth:], scope, above, seen.get(whole, ())):
            yield (*whole, *rest)


def _keys(
    cuts: Sequence[Cut], scope: Scope, above: Mapping[str, Code], seen: Collection[Key]
) -> Iterator[Key]:
    """Every combination of codes, in the declared order of each cut, with what was seen besides."""
    if not cuts:
        yield ()
        return
    cut, *rest = cuts
    under: dict[Code, list[Key]] = {}
    for key in seen:
        under.setdefault(key[0], []).append(key[1:])
    for code in _codes(cut, scope, above, under):
        for tail in _keys(rest, scope, {**above, cut.name: code}, under.get(code, ())):
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
