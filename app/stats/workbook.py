"""Workbooks by the Government Analysis Function's rules for accessible spreadsheets.

A cover, a list of contents, the notes, then one table a sheet, each marked as a table under a
title in A1. No merged cells, no blank ones, no colours that tell anything, nothing that is only
to be seen. xlsxwriter is loaded when the first workbook is asked for.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from app.stats.table import FORMULA, SHORTHAND, Cell

Page: TypeAlias = Any  # a worksheet of xlsxwriter, which has no types
Formats: TypeAlias = dict[str, Any]

COVER, CONTENTS, NOTES = "Cover_sheet", "Contents", "Notes"
_NARROWEST, _WIDEST, _PAGE = 10, 60, 90  # characters
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "words": {"text_wrap": True, "valign": "top"},
    "heading": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1},
    "number": {"num_format": "#,##0.##", "align": "right"},
    "whole": {"num_format": "#,##0", "align": "right"},
    "day": {"num_format": "d mmmm yyyy", "align": "right"},
    "shorthand": {"align": "right"},
    "quoted": {"quote_prefix": True},
    "link": {"underline": 1, "font_color": "#1D70B8"},
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a name, a title, and what has to be said before it."""

    name: str
    title: str
    about: str
    headings: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """What a workbook says: its cover in lines, its notes, and its tables."""

    title: str
    cover: tuple[str, ...]
    notes: tuple[str, ...]
    sheets: tuple[Sheet, ...]  # those without a line are left out, and the cover says so


def written(book: Book) -> bytes:
    """A workbook as XLSX."""
    # only for who asks for a workbook; it has no types
    # It has no types, and is loaded when a workbook is asked for.
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415

    full = [sheet for sheet in book.sheets if sheet.lines]
    empty = [f"{sheet.name}: there is nothing to show." for sheet in book.sheets if not sheet.lines]
    file = io.BytesIO()
    workbook = Workbook(file, {**_OPTIONS, "default_date_format": "d mmmm yyyy"})
    workbook.set_properties({"title": book.title, "subject": "Customer feedback statistics"})
    workbook.set_custom_property("Language", "en-GB")
    formats = {name: workbook.add_format(style) for name, style in _STYLES.items()}
    _cover(workbook.add_worksheet(COVER), book, [*book.cover, *empty], formats)
    for sheet in (_contents(full), _notes(book), *full):
        _table(workbook.add_worksheet(sheet.name), sheet, formats)
    workbook.close()
    return file.getvalue()


def _cover(page: Page, book: Book, lines: Sequence[str], formats: Formats) -> None:
    page.set_column(0, 0, _PAGE)
    page.write_string(0, 0, book.title, formats["title"])
    for row, line in enumerate(lines, start=1):
        page.write_string(row, 0, line, formats["words"])


def _contents(sheets: Sequence[Sheet]) -> Sheet:
    listed = [(NOTES, "What the numbers mean"), *((sheet.name, sheet.title) for sheet in sheets)]
    about = "One table: the name of each worksheet, which leads to it, and what it is about."
    return Sheet(CONTENTS, "Contents", about, ("Worksheet", "Title"), tuple(listed))


def _notes(book: Book) -> Sheet:
    about = "One table: what has to be known about the numbers."
    lines = tuple((f"Note {number}", note) for number, note in enumerate(book.notes, start=1))
    return Sheet(NOTES, "Notes", about, ("Note number", "Note"), lines)


def _table(page: Page, sheet: Sheet, formats: Formats) -> None:
    above = [sheet.about, *_shorthand(sheet)]
    page.write_string(0, 0, sheet.title, formats["title"])
    for row, words in enumerate(above, start=1):
        page.write_string(row, 0, words)
    top = 1 + len(above)
    last, right = top + len(sheet.lines), len(sheet.headings) - 1
    columns = [{"header": name, "header_format": formats["heading"]} for name in sheet.headings]
    style = {"name": sheet.name, "columns": columns, "style": None, "autofilter": False}
    page.add_table(top, 0, last, right, style)
    for row, line in enumerate(sheet.lines, start=top + 1):
        for column, cell in enumerate(line):
            _write(page, row, column, cell, formats)
    for column, heading in enumerate(sheet.headings):
        longest = max(len(str(cell)) for cell in (heading, *(line[column] for line in sheet.lines)))
        page.set_column(column, column, min(max(longest + 2, _NARROWEST), _WIDEST))
    if sheet.name == CONTENTS:
        for row, (name, _) in enumerate(sheet.lines, start=top + 1):
            page.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], name)
    page.freeze_panes(top + 1, 0)


def _shorthand(sheet: Sheet) -> Iterator[str]:
    """What the shorthand in a table means, as far as there is any."""
    used = {cell for line in sheet.lines for cell in line if cell in SHORTHAND}
    if used:
        meant = "; ".join(f"{mark} {means}" for mark, means in SHORTHAND.items() if mark in used)
        yield f"Shorthand: {meant}."


def _write(page: Page, row: int, column: int, cell: Cell, formats: Formats) -> None:
    if isinstance(cell, datetime):
        cell = cell.astimezone(UTC).date()
    if isinstance(cell, date):
        page.write_datetime(row, column, cell, formats["day"])
    elif isinstance(cell, str):
        page.write_string(row, column, cell, formats[_style_of(cell)])
    else:
        page.write_number(row, column, cell, formats["whole" if cell == int(cell) else "number"])


def _style_of(text: str) -> str:
    if text in SHORTHAND:
        return "shorthand"
    return "quoted" if text.startswith(FORMULA) else "words"
