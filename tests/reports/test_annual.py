"""The annual report: one call gives every figure, in each form the same."""

from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from app.reports.as_html import as_html
from app.reports.document import Report
from app.stats.catalogue import FIGURES
from tests.demo import paper
from tests.stats.demonstration import Reader

pytestmark = pytest.mark.timeout(300)

REPORT = f"/v1/reports/annual/{paper.YEAR}"


@pytest.fixture(scope="module")
async def said(reader: Reader) -> Any:
    return await reader.get(REPORT, service=list(paper.BOTH))


def exhibits(said: Any) -> dict[str, Any]:
    return {one["figure"]: one for section in said["sections"] for one in section["exhibits"]}


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


async def test_the_page_is_the_same_report(reader: Reader, said: Any) -> None:
    answer = await reader.client.get(
        f"{REPORT}.html", params={"service": list(paper.BOTH)}, headers=reader.headers
    )
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    report = TypeAdapter(Report).validate_python(said)
    assert answer.text == as_html(report)
    assert '<html lang="en-GB">' in answer.text


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
