"""What charts show, that Vega-Lite takes them, and that they are drawn elsewhere and in time."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import altair as alt
import pytest
from httpx import AsyncClient
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # it has no types
from sqlalchemy.ext.asyncio import AsyncSession

from app.stats.answer import Answer
from app.stats.catalogue import BY_SLUG, FIGURES
from app.stats.charts import drawing
from app.stats.charts.alternative import alternative, described
from app.stats.charts.chart import (
    MOST_BARS,
    MOST_PANELS,
    MOST_SERIES,
    Chart,
    Panel,
    Point,
    Series,
    chart,
    grouped,
)
from app.stats.charts.drawing import NotDrawn, drawn
from app.stats.charts.specification import SCHEMA, specification
from app.stats.disclosure import Rules, disclosed
from app.stats.engine import compute
from app.stats.figure import Figure
from app.stats.period import FinancialYear
from app.stats.question import Question
from tests.kit.processes import gone
from tests.stats.tables import Connection, Example, put

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
PALETTE = {"#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"}
GRAMMAR = json.loads(
    (Path(alt.__file__).parent / "vegalite/v6/schema/vega-lite-schema.json").read_text()
)
SOME = Example(
    figure="",
    asked={},
    cases="""
    case | type       | service               | category      | registered | channel
    A    | complaint  | education             | communication | 2024-02-01 | phone
    B    | complaint  | education             | communication | 2024-03-01 | email
    C    | comment    | education             | policy        | 2024-02-01 | email
    D    | complaint  | education             | policy        | 2024-03-01 | phone
    E    | compliment | children-and-families | policy        | 2022-05-01 | -
    F    | complaint  | children-and-families | policy        | 2021-05-01 | -
    """,
    stages="""
    case | started    | closed     | finding | closure    | in_time | days
    A    | 2024-02-01 | 2024-02-05 | upheld  | -          | yes     | 2
    D    | 2024-03-01 | 2024-03-20 | -       | no_finding | no      | 13
    """,
    rows="",
)


async def answered(
    session: AsyncSession, *slugs: str, services: tuple[str, ...] = (), years: int | None = None
) -> list[Answer]:
    question = Question(now=NOW, year=FinancialYear(2023), services=services, years=years)
    return await compute(session, [BY_SLUG[slug] for slug in slugs], question)


def marks(part: Any) -> list[dict[str, Any]]:
    """Every part of a specification that has a mark."""
    if isinstance(part, list):
        return [found for one in part for found in marks(one)]
    if not isinstance(part, dict):
        return []
    own = [part] if "mark" in part else []
    return own + [found for one in part.values() for found in marks(one)]


def colours(part: Any) -> set[str]:
    return {word for word in json.dumps(part).split('"') if word.startswith("#")}


@pytest.mark.parametrize("years", [None, 3])
@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.slug)
async def test_the_chart_of_every_figure_is_one_that_vega_lite_takes(
    figure: Figure, years: int | None, database: Connection, session: AsyncSession
) -> None:
    await put(database, SOME)
    (answer,) = await answered(session, figure.slug, years=years)
    for shown in (answer, *disclosed([answer], Rules())):
        made = specification(shown)
        faults = [error.message for error in Draft7Validator(GRAMMAR).iter_errors(made)]
        assert faults == []
        assert made["description"] == alternative(shown)
        assert colours(made) <= PALETTE | {"#0B0C0C", "#D0D3D6", "#FFFFFF"}
        plan = chart(shown)
        assert len(plan.panels) <= MOST_PANELS
        assert all(len(panel.series) <= MOST_SERIES for panel in plan.panels)
        many = sum(len(panel.points) for panel in plan.panels)
        assert plan.lines or many <= MOST_BARS or len(plan.panels) == 1


def test_the_grammar_is_of_the_version_that_charts_say_they_are_of() -> None:
    assert alt.SCHEMA_URL == SCHEMA


async def test_bars_say_how_many_and_what_share(
    database: Connection, session: AsyncSession
) -> None:
    await put(database, SOME)
    (answer,) = await answered(session, "complaint-categories", services=("education",))
    (panel,) = chart(answer).panels
    assert panel.name == "Education"
    assert [(point.name, point.said) for point in panel.points] == [
        ("Communication", "2 (67%)"),
        ("Policy", "1 (33%)"),
        ("9 others", "0 each"),
    ]
    assert alternative(answer).startswith(
        "Bar chart: Complaints by subject category. Complaints registered in the period, of "
        "Education, 1 April 2023 to 31 March 2024. Education: Communication 2 (67%), Policy 1 (33%)"
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((7, 9, 8), "7 in May, 8 in July; highest in June, with 9."),
        ((7, 9, 8, None), "7 in May, [c] in August; highest of those shown in June, with 9."),
        ((9, None, 8), "9 in May, 8 in July."),
        ((None, None, None), "[c] in May, [c] in July."),
    ],
)
async def test_a_line_is_called_highest_only_among_what_is_shown(
    session: AsyncSession, counts: Sequence[int | None], said: str
) -> None:
    (answer,) = await answered(session, "feedback-over-time")
    points = tuple(
        Point(month, month, count, "[c]" if count is None else str(count))
        for month, count in zip(("May", "June", "July", "August"), counts, strict=False)
    )
    drawn_as = Chart(
        lines=True, panels=(Panel("", (Series("Complaints", points),)),), too_many=(), nothing=()
    )
    assert described(answer, drawn_as).endswith(f" Complaints: {said}")


async def test_lines_are_told_apart_by_more_than_colour(
    database: Connection, session: AsyncSession
) -> None:
    await put(database, SOME)
    (answer,) = await answered(session, "feedback-over-time")
    plan = chart(answer)
    assert [[series.name for series in panel.series] for panel in plan.panels] == [
        ["Complaints", "Comments", "Compliments"]
    ]
    line, point, *words = marks(specification(answer))
    assert set(line["encoding"]) == {"color", "strokeDash"}
    assert set(point["encoding"]) == {"color", "shape"}
    assert {one["mark"]["type"] for one in words} == {"text"}
    assert "Complaints: 0 in 2018/19, 3 (75%) in 2023/24." in alternative(answer)


async def test_what_is_empty_or_has_no_room_is_said_not_to_be_drawn(
    database: Connection, session: AsyncSession
) -> None:
    await put(database, SOME)
    (answer,) = await answered(
        session, "complaint-categories", services=("education", "children-and-families")
    )
    assert chart(answer).nothing == ("Children & Families",)
    assert "There is nothing to show of Children & Families." in alternative(answer)


async def test_a_withheld_count_has_no_bar_and_says_so(
    database: Connection, session: AsyncSession
) -> None:
    await put(database, SOME)
    exact = await answered(session, "complaint-categories", services=("education",))
    (public,) = disclosed(exact, Rules())
    (panel,) = chart(public).panels
    assert {(point.count, point.said) for point in panel.points if point.count != 0} == {
        (None, "[c]")
    }
    assert panel.total is None
    titles = json.dumps(specification(public)["vconcat"][0]["title"])
    assert titles == '{"text": ["Education"], "offset": 6}'


def test_what_is_called_the_same_is_told_apart_by_its_code() -> None:
    rows = [{"team": team, "team_name": "North"} for team in ("north", "north-2")]
    rows.append({"team": "south", "team_name": "South"})
    assert [name for name, _ in grouped(rows, ["team"])] == [
        "North (north)",
        "North (north-2)",
        "South",
    ]


@pytest.mark.once
async def test_pictures_are_drawn_with_what_they_show_in_words(
    database: Connection, session: AsyncSession
) -> None:
    await put(database, SOME)
    answers = await answered(session, "outcomes", "feedback-over-time", "refusals")
    specs = [specification(answer) for answer in answers]
    pictures = await drawn(specs, "svg", seconds=100)
    assert len(pictures) == len(answers)
    for answer, picture in zip(answers, pictures, strict=True):
        root = ET.fromstring(picture)  # noqa: S314  # we drew it ourselves
        words = " ".join(root.itertext())
        assert answer.figure.title in words
        assert "as known on 1 October 2026" in words
        assert root.attrib["aria-label"] == alternative(answer)
    (png,) = await drawn(specs[:1], "png", seconds=100)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")


async def test_a_drawing_that_takes_too_long_is_given_up_and_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = tmp_path / "pid"
    script = f"echo $$ > {begun}.new; mv {begun}.new {begun}; exec sleep 600"
    monkeypatch.setattr(drawing, "SECONDS_EACH", 0)
    monkeypatch.setattr(drawing, "PEN", ("sh", "-c", script))
    with pytest.raises(NotDrawn, match="too long"):
        await drawn([{"mark": "bar"}], "svg", seconds=5)
    assert gone(int(begun.read_text()))


def test_drawing_gives_way_to_the_worker() -> None:
    asked = "import os; from app.stats.charts.pen import give_way; give_way(); print(os.nice(0))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= min(os.nice(0) + 10, 19)


async def test_a_drawing_that_fails_is_not_our_failure() -> None:
    with pytest.raises(NotDrawn, match="table"):
        await drawn([{"no": "chart"}], "svg", seconds=100)


@pytest.mark.once
@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("vl.json", "application/vnd.vegalite.v6+json"),
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
    ],
)
async def test_a_chart_can_be_asked_for_by_address_or_by_kind(
    suffix: str, kind: str, client: AsyncClient, keys: Mapping[str, dict[str, str]]
) -> None:
    address = "/v1/stats/figures/outcomes"
    by_suffix = await client.get(f"{address}.{suffix}", headers=keys["reporting"])
    by_kind = await client.get(address, headers={**keys["reporting"], "Accept": kind})
    for answer in (by_suffix, by_kind):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].partition(";")[0] == kind
    assert by_suffix.content == by_kind.content
    tag = by_kind.headers["ETag"]
    again = await client.get(
        address, headers={**keys["reporting"], "Accept": kind, "If-None-Match": tag}
    )
    assert again.status_code == 304
