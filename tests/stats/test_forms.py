"""In which form an answer comes, what a table has in it, and when nothing needs to be sent."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from httpx import AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st

from app.access.principal import Scope
from app.kit.conditional import has_seen
from app.stats.catalogue import FIGURES
from app.stats.figure import Figure
from app.stats.table import cell
from app.stats.tidy import safe, written
from tests.conftest import MakeKey, MovableClock
from tests.stats.tables import Connection, Example, put

FEW = Example(
    figure="",
    asked={},
    cases="""
    case | type      | service               | team   | category      | registered | channel
    A    | complaint | education             | sendar | communication | 2023-05-01 | phone
    B    | complaint | education             | sendar | policy        | 2023-06-01 | email
    C    | comment   | education             | sendar | policy        | 2024-02-01 | email
    D    | complaint | children-and-families | -      | policy        | 2024-03-01 | phone
    """,
    stages="""
    case | started    | closed     | finding | closure    | in_time | days
    A    | 2023-05-01 | 2023-05-03 | upheld  | -          | yes     | 2
    D    | 2024-03-01 | 2024-03-20 | -       | no_finding | no      | 13
    """,
    remedies="""
    case | remedy  | pence
    A    | apology | 5000
    """,
    rows="",
)
ADDRESS = "/v1/stats/figures/complaint-categories"
YEAR = {"year": "2023-24"}


class Caller:
    """Asks for figures as a reporting client does."""

    def __init__(self, client: AsyncClient, headers: Mapping[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def __call__(
        self, address: str, *, asked: Mapping[str, Any] = YEAR, **headers: str
    ) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._client.get(address, params=asked, headers={**self._headers, **sent})

    async def lines(self, address: str, asked: Mapping[str, Any] = YEAR) -> list[dict[str, str]]:
        """A CSV, read back."""
        answer = await self(address, asked=asked)
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))


@pytest.fixture
def call(client: AsyncClient, keys: Mapping[str, dict[str, str]]) -> Caller:
    return Caller(client, keys["reporting"])


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.slug)
@pytest.mark.parametrize(
    "asked",
    [YEAR, {**YEAR, "compare": "previous-year", "years": 2}],
    ids=["a year", "years compared"],
)
async def test_csv_says_what_json_says(
    figure: Figure, asked: dict[str, Any], database: Connection, call: Caller
) -> None:
    await put(database, FEW)
    address = f"/v1/stats/figures/{figure.slug}"
    answer = (await call(address, asked=asked)).json()
    for suffix, lines in (
        ("csv", answer["rows"]),
        ("totals.csv", answer["totals"]),
        ("left-out.csv", answer["left_out"]),
    ):
        found = await call.lines(f"{address}.{suffix}", asked)
        assert len(found) == len(lines)
        for line, row in zip(lines, found, strict=True):
            assert "" not in row.values()
            assert row["as_of"] == answer["as_of"]
            assert row["period_since"] == answer["period"]["since"]
            for name, value in line.items():
                if isinstance(value, list):
                    assert row[name] == ("; ".join(value) or "[z]")
                elif value is None:
                    assert row[name] in {"[x]", "[z]"}
                elif isinstance(value, str):
                    assert row[name] == value
                else:
                    assert float(row[name]) == value


async def test_what_is_withheld_says_so_in_its_cell(
    database: Connection, client: AsyncClient, make_key: MakeKey
) -> None:
    await put(database, FEW)
    key = await make_key(Scope.stats_read)
    public = Caller(client, {"Authorization": f"Bearer {key}"})
    answer = (await public(ADDRESS)).json()
    assert answer["disclosure"] == "public"
    rows = await public.lines(f"{ADDRESS}.csv")
    assert [row["count"] == "[c]" for row in rows] == [
        row.get("suppressed", False) for row in answer["rows"]
    ]
    assert {row["count"] for row in rows} == {"[c]", "0"}
    assert "suppressed" not in rows[0]


async def test_csv_is_a_file_in_utf_8_with_one_line_of_names(
    database: Connection, call: Caller
) -> None:
    await put(database, FEW)
    answer = await call(f"{ADDRESS}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="complaint-categories.csv"'
    )
    first, second, *_ = answer.content.decode("ascii").split("\r\n")
    assert first == (
        "service,service_name,category,category_name,count,denominator,percent,rank,not_comparable,"
        "period_since,period_until,as_of"
    )
    assert second.startswith("children-and-families,Children & Families,")


async def test_a_table_without_lines_still_has_its_names(call: Caller) -> None:
    answer = await call("/v1/stats/figures/feedback-rates.csv", asked={"year": "2020-21"})
    assert answer.text.splitlines() == [
        ("service,activity,feedback_type,count,denominator,percent,period_since,period_until,as_of")
    ]


SHARE = {"count": 26, "denominator": 60, "percent_of_findings": None}
RATE = {"denominator": 30, "percent_of_volume": None}


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        ({"percent": 0}, "percent", 0),
        ({"percent": None, "denominator": 0}, "percent", "[z]"),
        ({"volume": None, "percent_of_volume": None}, "volume", "[x]"),
        ({"volume": None, "percent_of_volume": None}, "percent_of_volume", "[x]"),
        ({"volume": 0, "percent_of_volume": None}, "percent_of_volume", "[z]"),
        ({"change": None, "percent_change": None}, "change", "[x]"),
        ({"change": None, "percent_change": None}, "percent_change", "[x]"),
        ({"change": 3, "percent_change": None}, "percent_change", "[z]"),
        ({"change": 3}, "annualised", "[z]"),
        ({"annualised": None}, "annualised", "[x]"),
        ({"not_comparable": []}, "not_comparable", "[z]"),
        ({"not_comparable": ["part-year", "split"]}, "not_comparable", "part-year; split"),
    ],
)
def test_a_cell_without_a_number_says_why(line: dict[str, Any], column: str, shown: object) -> None:
    assert cell(line, column) == shown


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        ({"count": None, "denominator": 30}, "count", "[c]"),
        (SHARE | {"denominator_of_findings": None}, "percent_of_findings", "[c]"),
        (SHARE | {"denominator_of_findings": 30}, "percent_of_findings", "[z]"),
        ({"count": 30, "median_working_days": None}, "median_working_days", "[c]"),
        ({"count": 0, "median_working_days": None}, "median_working_days", "[z]"),
        (RATE | {"count": None, "volume": 900}, "percent_of_volume", "[c]"),
        (RATE | {"count": None, "volume": None}, "percent_of_volume", "[x]"),
        (RATE | {"count": None, "volume": 0}, "percent_of_volume", "[z]"),
        (RATE | {"count": None, "volume": None}, "volume", "[x]"),
        ({"count": 0, "since": None}, "since", "[z]"),
    ],
)
def test_a_cell_that_the_public_may_not_have_says_so(
    line: dict[str, Any], column: str, shown: object
) -> None:
    assert cell(line, column, public=True) == shown


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ("=1+1", "'=1+1"),
        ("+44 1632", "'+44 1632"),
        ("-", "'-"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("a=1", "a=1"),
        (-5, -5),
        (date(2024, 4, 1), "2024-04-01"),
        (datetime(2024, 4, 1, 9, tzinfo=UTC), "2024-04-01T09:00:00Z"),
    ],
)
def test_no_cell_begins_a_formula(given_: Any, found: object) -> None:
    assert safe(given_) == found


@given(st.lists(st.text(st.characters(exclude_characters="\x00", codec="utf-8")), min_size=1))
def test_what_is_written_is_read_back(cells: list[str]) -> None:
    text = "".join(written([cells]))
    ((*found,),) = csv.reader(io.StringIO(text, newline=""))
    assert found == [safe(one) for one in cells]
    assert not any(one.startswith(("=", "+", "-", "@", "\t", "\r")) for one in found)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv; charset=utf-8"),
        ("text/csv, application/json", "application/json"),
        ("text/*, */*;q=0.1", "text/csv; charset=utf-8"),
        ("application/json;q=0, */*", "text/csv; charset=utf-8"),
        ("TEXT/CSV; Q=1; header=present", "text/csv; charset=utf-8"),
        ("text/html, nonsense, */*;q=0.1", "application/json"),
        ("text/html, text/csv;q=nan, text/csv;q=2, application/json;q=0.001", "application/json"),
    ],
)
async def test_the_form_is_the_best_that_is_accepted(accept: str, kind: str, call: Caller) -> None:
    assert (await call(ADDRESS, accept=accept)).headers["Content-Type"] == kind


async def test_a_suffix_goes_before_what_is_accepted(call: Caller) -> None:
    answer = await call(f"{ADDRESS}.json", accept="text/csv")
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("suffix", "accept"), [("", "text/html"), ("", "application/json;q=0"), (".pdf", "*/*")]
)
async def test_a_form_that_there_is_not_is_refused_with_those_there_are(
    suffix: str, accept: str, call: Caller
) -> None:
    answer = await call(ADDRESS + suffix, accept=accept)
    assert answer.status_code == 406
    assert answer.json()["type"] == "/problems/not-acceptable"
    assert ".csv" in answer.json()["suffixes"]
    assert "text/csv" in answer.json()["media_types"]


@pytest.mark.parametrize("suffix", ["", ".csv"])
async def test_an_answer_is_sent_again_only_once_it_says_something_else(
    suffix: str, database: Connection, call: Caller, clock: MovableClock
) -> None:
    first = await call(ADDRESS + suffix)
    tag = first.headers["ETag"]
    clock.move(minutes=5)
    unchanged = await call(ADDRESS + suffix, if_none_match=f'"other", {tag}')
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert unchanged.headers[name] == first.headers[name]
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Vary"] == "Accept, Authorization"
    await put(database, FEW)
    changed = await call(ADDRESS + suffix, if_none_match=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


async def test_each_form_and_each_question_has_an_etag_of_its_own(call: Caller) -> None:
    answers = [
        await call(f"{ADDRESS}{suffix}", asked=asked)
        for suffix in ("", ".csv", ".totals.csv", ".left-out.csv")
        for asked in (YEAR, {"year": "2022-23"})
    ]
    assert len({answer.headers["ETag"] for answer in answers}) == len(answers)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("a", False),
        ("", False),
        (None, False),
        ('"a', False),
    ],
)
def test_what_a_caller_has_seen(sent: str | None, seen: bool) -> None:
    assert has_seen(sent, '"a"') is seen
