"""An answer as a workbook for people: names instead of codes, and every note that goes with it."""

from collections.abc import Iterator
from datetime import UTC

from app.stats.answer import Answer, Disclosure
from app.stats.forms import NotAcceptable
from app.stats.labels import capital, day, days, sentence, worded
from app.stats.table import Cell, Table, tables
from app.stats.workbook import Book, Sheet, written
from app.stats.world import TeamBasis, TypeBasis

MOST_LINES = 20_000
"""Of one workbook, which is made in memory; there is no such limit to CSV."""

_HEADINGS = {
    "denominator": "Out of",
    "not_comparable": "Why not to compare",
    "since": "First day covered",
    "until": "Day after the last covered",
}
_SHEETS = (
    ("Rows", "every row, with its share of its whole"),
    ("Totals", "the wholes that shares are of, each counted by itself"),
    ("Left_out", "what was considered and not counted, and why"),
)


def as_workbook(answer: Answer) -> bytes:
    """An answer as XLSX."""
    return written(book(answer))


def book(answer: Answer) -> Book:
    """What a workbook of an answer says."""
    found = tables(answer)
    if sum(len(table.lines) for table in found) > MOST_LINES:
        raise NotAcceptable(
            f"A workbook has at most {MOST_LINES} lines. Ask for CSV, or for fewer.",
            suffixes=[".csv"],
            media_types=["text/csv"],
        )
    return Book(
        title=answer.figure.title,
        cover=tuple(_cover(answer)),
        notes=(answer.figure.means, *_RULES, *answer.notes),
        sheets=tuple(
            _sheet(answer, table, name, about)
            for table, (name, about) in zip(found, _SHEETS, strict=True)
        ),
    )


_RULES = (
    "A whole is counted by itself, not added up; the rows under it sum to it.",
    "Percentages are the exact fraction, rounded half up to a whole number.",
)


def _cover(answer: Answer) -> Iterator[str]:
    at = answer.as_of.astimezone(UTC)
    yield f"{capital(answer.population)}: {days(answer.period)}."
    yield f"As known on {day(at.date())} at {at:%H:%M} UTC."
    yield from _basis(answer)
    yield f"Definition {answer.figure.slug}, version {answer.figure.definition_version}."
    yield "The worksheet Contents lists the others; the worksheet Notes says what they mean."


def _basis(answer: Answer) -> Iterator[str]:
    if answer.basis.as_at:
        yield f"Counted as everything stood at the end of {day(answer.basis.as_at)}."
    if answer.basis.type is TypeBasis.at_receipt:
        yield "Counted by what feedback was taken in as, whatever it became."
    if answer.basis.team is TeamBasis.today:
        yield "Counted by today's equivalent of the team on record."
    if answer.compared_with:
        yield f"Set against {days(answer.compared_with)}."
    if answer.disclosure is Disclosure.public:
        yield "Small numbers are withheld, and whatever would give them away."


def _sheet(answer: Answer, table: Table, name: str, about: str) -> Sheet:
    """A table in which names stand for codes, and words for our own codes."""
    cuts = set(answer.figure.by)
    kept = [
        (place, column)
        for place, column in enumerate(table.columns)
        if f"{column}_name" not in table.columns
    ]

    def shown(column: str, cell: Cell) -> Cell:
        return worded(column, cell) if column in cuts and isinstance(cell, str | int) else cell

    return Sheet(
        name=name,
        title=f"{answer.figure.title}: {about}",
        about=f"One table. {capital(answer.population)}, {days(answer.period)}.",
        headings=tuple(
            _HEADINGS.get(column) or sentence(column.removesuffix("_name")) for _, column in kept
        ),
        lines=tuple(
            tuple(shown(column, line[place]) for place, column in kept) for line in table.lines
        ),
    )
