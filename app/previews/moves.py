"""What differs between two countings of one report: numbers, row by row, and what is said. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.previews.tellings import Telling
from app.reports.evidence import Evidence
from app.reports.sentences import headlines, sentences
from app.stats.answer import Answer
from app.stats.figure import Figure

Line: TypeAlias = Mapping[str, Any]
Number: TypeAlias = int | float | None
_NOTHING: Line = {}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number that would move: under which codes, in which column, from what to what."""

    keys: Line
    column: str
    published: Number
    before: Number
    after: Number


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences that would no longer be said, and those that would be said instead."""

    no_longer: Sequence[str]
    instead: Sequence[str]


@dataclass(frozen=True, slots=True)
class FigureMove:
    """What would move in a figure."""

    figure: Figure
    cells: Sequence[Cell]
    said: Said


@dataclass(frozen=True, slots=True)
class Move:
    """What would move in a report, and what of that its summary says."""

    telling: Telling
    headlines: Said
    figures: Sequence[FigureMove]


def moves(telling: Telling, before: Evidence, after: Evidence) -> Move:
    """Set a report without an act beside the same report with it."""
    return Move(
        telling=telling,
        headlines=_said(headlines(before), headlines(after)),
        figures=list(_figures(telling, before, after)),
    )


def _figures(telling: Telling, before: Evidence, after: Evidence) -> Iterator[FigureMove]:
    for slug, was in before.answers.items():
        if telling.publication is not None and slug not in telling.answers:
            continue  # a figure that was not there yet, or not told, when it was published
        published = telling.answers.get(slug, _NOTHING)
        cells = list(_cells(was, after.answers[slug], published))
        said = _said(sentences(before, slug), sentences(after, slug))
        if cells or said.no_longer or said.instead:
            yield FigureMove(was.figure, cells, said)


def _cells(before: Answer, after: Answer, published: Line) -> Iterator[Cell]:
    of = before.figure.measure.of
    for part, by in (("rows", before.figure.by), ("left_out", (*of, "reason"))):
        was, now, told = (
            {tuple(line[name] for name in by): line for line in lines}
            for lines in (getattr(before, part), getattr(after, part), published.get(part, ()))
        )
        for key in {**was, **now}:
            yield from _of_line(by, [lines.get(key, _NOTHING) for lines in (told, was, now)])


def _of_line(by: Sequence[str], lines: Sequence[Line]) -> Iterator[Cell]:
    told, was, now = lines
    keys = {**was, **now}
    named = {name: keys[name] for name in (*by, *(f"{one}_name" for one in by)) if name in keys}
    for column, value in keys.items():
        if column in named or not (value is None or isinstance(value, int | float)):
            continue
        if was.get(column) != now.get(column):
            numbers = (line.get(column) for line in (told, was, now))
            yield Cell(named, column, *numbers)


def _said(before: Sequence[str], after: Sequence[str]) -> Said:
    return Said(
        no_longer=[said for said in before if said not in after],
        instead=[said for said in after if said not in before],
    )
