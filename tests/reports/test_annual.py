"""The annual report: one call gives every figure, in each form the same."""

import html
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import docx
import openpyxl  # type: ignore[import-untyped]  # it has no types
import pytest
from httpx import AsyncClient, Response
from pydantic import TypeAdapter

from app.access.principal import Scope
from app.reports.as_word import as_word
from app.reports.as_workbook import as_workbook
from app.reports.checklist import DUTIES
from app.reports.document import Remark, Report, Section
from app.stats.catalogue import FIGURES
from tests.conftest import MORNING
from tests.demo import paper
from tests.stats.demonstration import Reader, key

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]

REPORT = f"/v1/reports/annual/{paper.YEAR}"


@pytest.fixture(scope="module")
async def said(reader: Reader) -> Any:
    return await reader.get(REPORT, service=list(paper.BOTH))


@pytest.fixture(scope="module")
async def told_to_all(demonstration: str, reader: Reader) -> Any:
    """The same report with small numbers withheld."""
    public = Reader(reader.client, await key(demonstration, "public-reader", Scope.stats_read))
    return await public.get(REPORT, service=list(paper.BOTH))


def exhibits(said: Any) -> dict[str, Any]:
    return {one["figure"]: one for section in said["sections"] for one in section["exhibits"]}


def tables(said: Any) -> Iterator[Any]:
    for section in said["sections"]:
        yield from section["tables"]
        for one in section["exhibits"]:
            yield from one["tables"]


def checklist(said: Any) -> dict[str, list[str]]:
    """How the report stands to each duty, and why."""
    (section,) = [one for one in said["sections"] if one["key"] == "obligations"]
    return {row[0]: row[1:] for table in section["tables"] for row in table["rows"]}


def words(said: Any) -> list[str]:
    """Every paragraph and sentence."""
    return [
        line
        for section in said["sections"]
        for line in (
            *section["paragraphs"],
            *(line for one in section["exhibits"] for line in one["sentences"]),
        )
    ]


async def file(reader: Reader, suffix: str) -> Response:
    answer = await reader.client.get(
        f"{REPORT}.{suffix}", params={"service": list(paper.BOTH)}, headers=reader.headers
    )
    assert answer.status_code == 200
    return answer


def table(said: Any, figure: str, caption: str) -> list[list[Any]]:
    (found,) = [one for one in exhibits(said)[figure]["tables"] if caption in one["caption"]]
    rows: list[list[Any]] = found["rows"]
    return rows


async def test_a_report_shows_every_figure_once(said: Any) -> None:
    shown = [one["figure"] for section in said["sections"] for one in section["exhibits"]]
    assert sorted(shown) == sorted(figure.slug for figure in FIGURES)


async def test_figures_have_the_numbers_of_the_published_report(said: Any) -> None:
    labels = {slug: one["label"] for slug, one in exhibits(said).items()}
    for figure in FIGURES:
        for number in figure.report_figures:
            assert str(number) in labels[figure.slug]
    assert len(set(labels.values())) == len(labels)


async def test_a_table_holds_what_the_paper_printed(said: Any) -> None:
    for service, name in ((paper.CF, "Children & Families"), (paper.EDUCATION, "Education")):
        rows = table(said, "complaint-categories", name)
        assert [(count, share) for _, count, share in rows] == list(
            paper.CATEGORIES[service].values()
        )


async def test_figures_of_the_whole_council_are_of_the_whole_council(said: Any) -> None:
    years = {row[0]: row[-1] for row in table(said, "feedback-over-time", "over time")}
    for year, count in paper.FEEDBACK_OF_ALL_TYPES.items():
        assert years[year.replace("-", "/")] == count


async def test_a_report_can_be_kept_as_json_and_read_again(said: Any) -> None:
    kept = TypeAdapter(Report)
    report = kept.validate_python(said)
    assert kept.dump_python(report, mode="json") == said


async def test_the_page_says_everything_and_shows_every_chart(
    reader: Reader, said: Any, drawn: None
) -> None:
    answer = await file(reader, "html")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert '<html lang="en-GB">' in answer.text
    assert "<script" not in answer.text
    for sentence in words(said):
        assert html.escape(sentence, quote=False).replace("'", "&#39;") in answer.text
    charts = [one for one in exhibits(said).values() if one["chart"]]
    assert len(charts) > 15
    assert answer.text.count('<img class="chart" src="data:image/svg+xml;base64,') == len(charts)
    assert answer.text.count("<table>") == len(list(tables(said)))


async def test_the_document_has_headings_heads_of_tables_and_words_for_pictures(
    reader: Reader, said: Any, drawn: None
) -> None:
    answer = await file(reader, "docx")
    assert 'filename="annual-report-2023-24.docx"' in answer.headers["Content-Disposition"]
    document = docx.Document(io.BytesIO(answer.content))
    assert document.core_properties.language == "en-GB"
    written = [paragraph.text for paragraph in document.paragraphs]
    assert set(words(said)) <= set(written)
    headings = [one for one in document.paragraphs if one.style and one.style.name == "Heading 2"]
    assert len(headings) == len(exhibits(said))
    assert len(document.tables) == len(list(tables(said)))
    for table in document.tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml
    charts = [one["chart"] for one in exhibits(said).values() if one["chart"]]
    shown = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert shown == [chart["alternative"] for chart in charts]


async def test_the_workbook_has_every_table_on_a_sheet_of_its_own(
    reader: Reader, said: Any
) -> None:
    answer = await file(reader, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[:4] == ["Cover_sheet", "Contents", "Notes", "Report"]
    assert len(book.sheetnames) == 4 + len(list(tables(said)))
    assert all(len(name) <= 31 for name in book.sheetnames)
    paragraphs = {row[2] for row in book["Report"].iter_rows(values_only=True)}
    assert set(words(said)) <= paragraphs
    counts = [row[1] for row in book["Figure_6_1"].iter_rows(values_only=True)]
    assert 44 in counts


@pytest.mark.parametrize("status", ["Present", "Not recorded", "Missing"])
async def test_the_checklist_says_of_each_duty_how_the_report_stands_to_it(
    said: Any, status: str
) -> None:
    found = checklist(said)
    assert len(found) > 25
    assert {"Present", "Not recorded", "Missing"} == {status for status, _ in found.values()}
    expected = {
        "Present": ["Stages reached", "Number of representations, by procedure"],
        "Not recorded": ["What was learned", "Contacts with the Ombudsman"],
        "Missing": ["Who complained, and whether an advocate helped"],
    }
    for duty in expected[status]:
        assert found[duty][0] == status
        assert found[duty][1].endswith(".")


@pytest.mark.parametrize(
    ("duty", "status", "where"),
    [
        ("Method of contact", "Present", "(of a part of the year only), all procedures together."),
        ("Outcome of each representation", "Present", "all procedures together."),
        ("Compliance with each time limit", "Present", "all procedures together."),
        ("Number of representations, by procedure", "Present", "Figure 13."),
        ("Types of complaints refused", "Present", "Figure 15 (there was nothing to count)."),
        ("No complainant can be recognised", "Missing", "withheld where it is published so."),
    ],
)
async def test_the_checklist_says_what_is_shown_of_less_than_was_asked(
    said: Any, duty: str, status: str, where: str
) -> None:
    found = checklist(said)[duty]
    assert found[0] == status
    assert found[1].endswith(where)


async def test_nobody_can_be_recognised_where_small_numbers_are_withheld(told_to_all: Any) -> None:
    assert checklist(told_to_all)["No complainant can be recognised"] == [
        "Present",
        "The report names nobody, and small numbers are withheld.",
    ]


async def test_what_was_not_collected_is_not_there(reader: Reader) -> None:
    said = await reader.get("/v1/reports/annual/2022-23", service=list(paper.BOTH))
    status, where = checklist(said)["Method of contact"]
    assert (status, where) == (
        "Not recorded",
        "Figure 3: nothing of the kind was collected in the year.",
    )


def test_no_duty_names_a_figure_that_there_is_not() -> None:
    named = {slug for duty in DUTIES for slug in duty.figures}
    assert named <= {figure.slug for figure in FIGURES}
    assert DUTIES[0].law.startswith("SI 2006/1738")


async def test_what_does_not_add_up_is_told(said: Any) -> None:
    (section,) = [one for one in said["sections"] if one["key"] == "reconciliation"]
    rows = {table["caption"]: table["rows"] for table in section["tables"]}
    excluded = ["Figure 12", "Children & Families", paper.EXCLUDED_AS_MIGRATED[paper.CF]]
    assert excluded in [[row[0], row[1], row[3]] for row in rows["Considered, and left out"]]
    unnamed = [row[1:] for row in rows["Counted, but under no name"] if "7 and 8" in row[0]]
    assert ["Education, Contact Us", "Team: No team", 7] in unnamed
    assert any(
        "14 January 2024" in row[2] for row in rows["Wholes that cover a part of the period only"]
    )


def test_what_a_file_cannot_hold_is_left_out_of_it() -> None:
    remark = Remark(("Be\x01fore =1+1",), "A\x02 writer", date(2024, 5, 1))
    report = Report(
        council="Council\x03",
        title="Report",
        subject="Education",
        year=paper.YEAR,
        since=date(2023, 4, 1),
        until=date(2024, 4, 1),
        services=(),
        as_of=MORNING,
        sections=(Section("summary", "Summary", remarks=(remark,)),),
    )
    document = docx.Document(io.BytesIO(as_word(report, {})))
    written = [paragraph.text for paragraph in document.paragraphs]
    assert {"Council", "Before =1+1", "A writer, 1 May 2024"} <= set(written)
    assert openpyxl.load_workbook(io.BytesIO(as_workbook(report)))["Report"]


@pytest.mark.parametrize("address", ["2023-25", "last-year", "23-24", "2023-24.pdf"])
async def test_what_is_no_report_is_refused(
    client: AsyncClient, keys: dict[str, dict[str, str]], address: str
) -> None:
    answer = await client.get(f"/v1/reports/annual/{address}", headers=keys["reporting"])
    assert answer.status_code in {406, 422}
    assert answer.json()["type"] in {"/problems/question-refused", "/problems/not-acceptable"}


async def test_a_council_without_a_case_has_a_report(
    client: AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    answer = await client.get(REPORT, headers=keys["reporting"])
    assert answer.status_code == 200
    assert answer.json()["subject"] == "All services"


async def test_what_is_withheld_is_not_called_a_number_of_nothing(told_to_all: Any) -> None:
    """A median of a whole with a gap is withheld; that of a whole with nothing in it is none."""
    rows = {row[0]: row[1:] for row in table(told_to_all, "days-taken", "Education")}
    *bands, whole, median, percentile = rows["Stage 2"]
    assert "[c]" in bands
    assert (whole > 0, median, percentile) == (True, "[c]", "[c]")
    assert rows["Stage 3"][-3:] == [0, "[z]", "[z]"]


async def test_small_numbers_are_not_told_to_the_public(told_to_all: Any) -> None:
    counts = [
        cell
        for one in tables(told_to_all)
        for row in one["rows"]
        for cell, column in zip(row, one["columns"], strict=True)
        if column["kind"] == "number" and one["caption"].endswith("by subject category")
    ]
    assert "[c]" in counts
    assert not [count for count in counts if count in range(1, 5)]
    (peak,) = [one for one in words(told_to_all) if "were registered in January 2024 (33)" in one]
    assert "but some cases were migrated from another system" in peak
    assert not [one for one in words(told_to_all) if "None" in one.replace("None of it", "")]
