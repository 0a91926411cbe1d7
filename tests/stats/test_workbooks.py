"""Workbooks keep the rules for accessible spreadsheets, and say what the answer says."""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient, Response
from openpyxl import (  # type: ignore[import-untyped]  # it has no types
    Workbook,
    load_workbook,
)
from openpyxl.worksheet.worksheet import (  # type: ignore[import-untyped]  # as above
    Worksheet,
)

from app.stats import spreadsheet
from app.stats.catalogue import FIGURES
from app.stats.figure import Figure
from app.stats.workbook import Book, Sheet, written
from tests.stats.tables import Connection, put
from tests.stats.test_forms import FEW

pytestmark = pytest.mark.once

FIRST = ["Cover_sheet", "Contents", "Notes"]
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def table_of(sheet: Worksheet) -> list[list[Any]]:
    """The cells of the only table of a sheet."""
    ((_, reference),) = sheet.tables.items()
    return [[cell.value for cell in row] for row in sheet[reference]]


def broken_rules(book: Workbook) -> list[str]:
    """What the rules for accessible spreadsheets find wrong."""
    found = []
    if book.sheetnames[:3] != FIRST or book.active.title != FIRST[0]:
        found.append("it does not begin with cover, contents and notes")
    if not (book.properties.title and "Language" in book.custom_doc_props.names):
        found.append("it has no title or language")
    for sheet in book:
        found += [f"{sheet.title}: {fault}" for fault in faults_of_sheet(sheet)]
    contents = table_of(book["Contents"])
    if [row[0] for row in contents[1:]] != book.sheetnames[2:]:
        found.append("the contents do not list every sheet")
    names = [name for sheet in book for name in sheet.tables]
    if len(set(names)) != len(names):
        found.append("two tables have the same name")
    return found


def faults_of_sheet(sheet: Worksheet) -> list[str]:
    found = []
    if sheet.merged_cells.ranges:
        found.append("it has merged cells")
    if not isinstance(sheet["A1"].value, str) or not sheet["A1"].font.bold:
        found.append("it has no title in A1")
    if sheet.sheet_state != "visible" or any(d.hidden for d in sheet.row_dimensions.values()):
        found.append("something is hidden")
    filled = [row for row in sheet.iter_rows() if any(cell.value is not None for cell in row)]
    if len(filled) != sheet.max_row:
        found.append("it has blank rows")
    return found if sheet.title == FIRST[0] else [*found, *faults_of_table(sheet)]


def faults_of_table(sheet: Worksheet) -> list[str]:
    if len(sheet.tables) != 1:
        return ["it has not one table"]
    found = []
    ((_, reference),) = sheet.tables.items()
    top = int("".join(filter(str.isdigit, reference.partition(":")[0])))
    if any(cell in {None, ""} for row in table_of(sheet) for cell in row):
        found.append("its table has blank cells")
    if sheet.freeze_panes != f"A{top + 1}":
        found.append("its headings do not stay in sight")
    if not all(8 < d.width <= 62 for d in sheet.column_dimensions.values()):
        found.append("a column is too narrow or too wide")
    used = {cell for row in table_of(sheet) for cell in row if cell in {"[c]", "[x]", "[z]"}}
    above = " ".join(str(sheet.cell(row, 1).value) for row in range(1, top))
    if not all(mark in above for mark in used):
        found.append("its shorthand is not explained")
    return found


async def fetched(
    client: AsyncClient, headers: Mapping[str, str], slug: str, **asked: Any
) -> Response:
    address = f"/v1/stats/figures/{slug}.xlsx"
    answer = await client.get(address, params={"year": "2023-24", **asked}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == KIND
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{slug}.xlsx"'
    return answer


@pytest.mark.parametrize("asked", [{}, {"compare": "previous-year", "years": 2}])
@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.slug)
async def test_the_workbook_of_every_figure_keeps_the_rules(
    figure: Figure,
    asked: dict[str, Any],
    database: Connection,
    client: AsyncClient,
    keys: Mapping[str, dict[str, str]],
) -> None:
    await put(database, FEW)
    answer = await fetched(client, keys["reporting"], figure.slug, **asked)
    assert broken_rules(opened(answer.content)) == []


async def test_a_workbook_says_what_the_answer_says(
    database: Connection, client: AsyncClient, keys: Mapping[str, dict[str, str]]
) -> None:
    await put(database, FEW)
    answer = await fetched(client, keys["reporting"], "complaint-categories", service="education")
    book = opened(answer.content)
    headings, *lines = table_of(book["Rows"])
    assert headings == [
        "Service", "Category", "Count", "Out of", "Percent", "Rank", "Why not to compare",
    ]  # fmt: skip
    assert [line[:5] for line in lines if line[2]] == [
        ["Education", "Communication", 1, 2, 50],
        ["Education", "Policy", 1, 2, 50],
    ]
    cover = [row[0].value for row in book["Cover_sheet"].iter_rows()]
    assert cover[:3] == [
        "Complaints by subject category",
        "Complaints registered in the period, of Education: 1 April 2023 to 31 March 2024.",
        "As known on 1 October 2026 at 09:00 UTC.",
    ]


async def test_a_table_of_nothing_is_left_out_and_the_cover_says_so(
    client: AsyncClient, keys: Mapping[str, dict[str, str]]
) -> None:
    answer = await fetched(client, keys["reporting"], "feedback-rates", year="2020-21")
    book = opened(answer.content)
    assert book.sheetnames == FIRST
    assert book["Cover_sheet"].cell(book["Cover_sheet"].max_row - 2, 1).value == (
        "Rows: there is nothing to show."
    )


async def test_more_lines_than_fit_are_asked_for_as_csv(
    client: AsyncClient, keys: Mapping[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_LINES", 10)
    answer = await client.get("/v1/stats/figures/outcomes.xlsx", headers=keys["reporting"])
    assert answer.status_code == 406
    assert answer.json()["suffixes"] == [".csv"]


def test_what_would_begin_a_formula_stays_text() -> None:
    lines = (("=1+1", -5, date(2024, 4, 1)), ("@cmd", 0.5, "[z]"))
    sheet = Sheet("Rows", "Title", "About.", ("Name", "Change", "Day"), lines)
    book = opened(written(Book("Title", ("Cover.",), ("Note.",), (sheet,))))
    assert broken_rules(book) == []
    (_, first, second) = table_of(book["Rows"])
    assert first[:2] == ["=1+1", -5]
    assert second == ["@cmd", 0.5, "[z]"]
    cells = [row[0] for row in book["Rows"].iter_rows(min_row=5)]
    assert {(cell.data_type, cell.quotePrefix) for cell in cells} == {("s", True)}
