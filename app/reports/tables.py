"""A figure's answer as tables that a person can read: one for each whole that is shown apart."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from app.reports.document import Cell, Column, Kind, Table
from app.reports.words import heading
from app.stats.answer import Answer, Disclosure
from app.stats.labels import label
from app.stats.lineage import Doubt
from app.stats.measures import Line
from app.stats.table import NOT_APPLICABLE, NOT_AVAILABLE, cell

_APART = ("service", "source_system")
"""Cuts that have a table for each code: services, and systems, which have lists of their own."""

_QUANTITIES = {
    "sum_pence": Column("Sum", Kind.pence),
    "median_working_days": Column("Half took at most (working days)", Kind.days),
    "percentile_working_days": Column("Nine in ten took at most (working days)", Kind.days),
    "median_days_open": Column("Half open for at most (days)", Kind.days),
    "percentile_days_open": Column("Nine in ten open for at most (days)", Kind.days),
}
_RATE = "percent_of_volume"
_ALL = "All"


def tables(answer: Answer) -> tuple[Table, ...]:
    """The tables of a figure; what is counted under two cuts has the second across."""
    apart = [cut for cut in answer.figure.by if cut in _APART]
    rows = groupby(answer.rows, key=lambda line: [line[cut] for cut in apart])
    return tuple(_table(answer, apart, list(lines)) for _, lines in rows)


def _table(answer: Answer, apart: Sequence[str], rows: Sequence[Line]) -> Table:
    first = rows[0]
    caption = ": ".join([*(label(cut, first) for cut in apart), answer.figure.title])
    totals = [line for line in answer.totals if all(line[cut] == first[cut] for cut in apart)]
    down = [cut for cut in answer.figure.by if cut not in apart]
    public = answer.disclosure is Disclosure.public
    match down:
        case [first_cut, second_cut] if _RATE not in first:
            return _crossed(caption, first_cut, second_cut, rows, totals, public=public)
    return _listed(caption, down, rows, totals, public=public)


def _crossed(
    caption: str,
    down: str,
    across: str,
    rows: Sequence[Line],
    totals: Sequence[Line],
    *,
    public: bool,
) -> Table:
    """One row for each code of the first cut, one column for each of the second."""
    columns = {line[across]: Column(label(across, line), Kind.number) for line in rows}
    wholes = {line[down]: line for line in totals}
    quantities = [name for name in _QUANTITIES if name in next(iter(wholes.values()))]
    lines = []
    for code, group in groupby(rows, key=lambda line: line[down]):
        found = {line[across]: line for line in group}
        name = label(down, next(iter(found.values())))
        counts = [
            _cell(found[each], "count", public=public) if each in found else 0 for each in columns
        ]
        more = [_cell(wholes[code], each, public=public) for each in ("count", *quantities)]
        lines.append((name, *counts, *more))
    return Table(
        caption,
        (
            Column(heading(down), Kind.text),
            *columns.values(),
            Column(_ALL, Kind.number),
            *(_QUANTITIES[name] for name in quantities),
        ),
        tuple(lines),
    )


def _listed(
    caption: str,
    down: Sequence[str],
    rows: Sequence[Line],
    totals: Sequence[Line],
    *,
    public: bool,
) -> Table:
    """One row for each row of the figure, with every number that it has."""
    shown = dict(_measures(rows[0]))
    names = (_ALL, *("" for _ in down[1:]))
    whole = [
        (*names, *(_of_whole(line, name, public=public) for name in shown))
        for line in (totals if len(totals) == 1 else ())
    ]
    return Table(
        caption,
        (*(Column(heading(cut), Kind.text) for cut in down), *shown.values()),
        tuple(
            (
                *(label(cut, line) for cut in down),
                *(_cell(line, name, public=public) for name in shown),
            )
            for line in rows
        ),
        tuple(whole),
    )


def _measures(line: Line) -> Iterator[tuple[str, Column]]:
    yield "count", Column("Number", Kind.number)
    if _RATE in line:
        yield "volume", Column("Out of", Kind.number)
        yield _RATE, Column("Per cent of it", Kind.rate)
        return
    yield "percent", Column("Per cent", Kind.percent)
    for name in line:
        if name.startswith("percent_of_"):
            part = name.removeprefix("percent_of_")
            yield name, Column(f"Per cent of {part}", Kind.percent)
        elif name in _QUANTITIES:
            yield name, _QUANTITIES[name]


def _of_whole(line: Line, name: str, *, public: bool) -> Cell:
    if name == "percent" and line["count"] != 0:
        return 100
    return _cell(line, name, public=public) if name in line else NOT_APPLICABLE


def _cell(line: Line, name: str, *, public: bool) -> Cell:
    """A number of a row, or why there is none."""
    if line["count"] == 0 and Doubt.not_collected in line.get("not_comparable", ()):
        return NOT_AVAILABLE
    found = cell(line, name, public=public)
    assert not isinstance(found, date)  # days are cuts here, and have names
    return found
