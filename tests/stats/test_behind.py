"""Behind every count: exactly the things that it counted, for whoever may see them."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.access.principal import Scope
from app.stats.catalogue import BY_SLUG, FIGURES
from app.stats.question import parameters
from tests.conftest import MakeKey, Server
from tests.demo import paper
from tests.stats import demonstration
from tests.stats.demonstration import Reader
from tests.stats.doors import Callers, Line
from tests.stats.histories import LAST, histories
from tests.stats.tables import Asked, Connection, Example, put
from tests.stats.test_oracle import HOW as ORACLE
from tests.stats.test_oracle import callers  # noqa: F401 - a fixture

pytestmark = pytest.mark.timeout(300)
HOW = settings(ORACLE, max_examples=2)  # each follows many links
YEARS = {"since": "2021-04-01", "until": "2025-04-01"}
PARTS = ("rows", "totals", "left_out")
ALL_CASES = (Scope.stats_read, Scope.stats_full, Scope.case_read)

CASES = Example(
    figure="",
    asked={},
    cases="""
    case | service   | category      | registered | set_aside
    A    | education | policy        | 2023-05-01 | -
    B    | education | policy        | 2023-05-01 | -
    C    | education | communication | 2023-05-02 | -
    D    | highways  | policy        | 2023-05-03 | -
    E    | education | policy        | 2023-05-04 | void
    """,
    stages="""
    case | started    | closed     | finding | days
    A    | 2023-05-01 | 2023-05-16 | upheld  | 10
    """,
    remedies="""
    case | remedy
    A    | apology
    A    | apology
    A    | explanation
    """,
    rows="",
)
MOVED = """
    UPDATE core."case" SET service = 'highways' WHERE service = 'education';
    UPDATE core.standing SET until = '2024-06-01';
    INSERT INTO core.standing (case_id, seq, since, status, type, category, service)
    SELECT case_id, 2, '2024-06-01', status, type, category, 'highways' FROM core.standing
"""


def links(answer: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Where each line says that what it counted is listed, and how many that must be."""
    for part in PARTS:
        for line in answer[part]:
            yield line["cases"], line["count"]


@pytest.fixture(scope="module")
async def reader(server: Server) -> AsyncIterator[Reader]:
    url = await server.filled("demonstration", demonstration.fill)
    team = await demonstration.key(url, "customer_relations")
    async with demonstration.serving(url) as client:
        yield Reader(client, team)


async def everything(reader: Reader, path: str, **asked: Asked) -> list[Mapping[str, Any]]:
    """Every item of a list, page by page."""
    items: list[Mapping[str, Any]] = []
    cursor: dict[str, Asked] = {}
    while True:
        page = await reader.get(path, **asked, **cursor)
        items += page["items"]
        if page["next_cursor"] is None:
            assert page["count"] == len(items)
            return items
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("slug", BY_SLUG)
async def test_what_is_listed_is_what_each_row_of_the_demonstration_counted(
    slug: str, reader: Reader
) -> None:
    answer = (await reader.ask(slug, service="education")).said
    path = f"/v1/stats/figures/{slug}/cases"
    things = await everything(reader, path, year=paper.YEAR, service="education", limit=200)
    listed = Counter(tuple(thing[cut] for cut in answer["cuts"]) for thing in things)
    counted = {tuple(row[cut] for cut in answer["cuts"]): row["count"] for row in answer["rows"]}
    assert listed == Counter(counted)


async def follow(callers: Callers, answer: Mapping[str, Any]) -> Iterator[str]:  # noqa: F811 - the fixture
    """Every line whose link does not list what it counted."""
    wrong = []
    for link, count in links(answer):
        if count:
            response = await callers.client.get(f"{link}&limit=200", headers=callers.headers)
            assert response.status_code == 200, response.text
            page = response.json()
            if not page["count"] == len(page["items"]) == count:
                wrong.append(f"{link}: {count} counted, {len(page['items'])} listed")
    return iter(wrong)


def askings(slug: str) -> Iterator[dict[str, str]]:
    """A figure as it is, and by every other basis that it offers; and as at a day."""
    yield {}
    yield {"as_at": "2024-03-01"}
    offered = {"date_basis": "received", "type_basis": "at-receipt", "team_basis": "today"}
    for name, value in offered.items():
        if name in parameters(BY_SLUG[slug]):
            yield {name: value}


@pytest.mark.once
@HOW
@given(past=st.lists(histories(), min_size=16, max_size=24))
async def test_every_link_lists_as_many_as_its_line_counted(
    callers: Callers,  # noqa: F811 - the fixture
    emptying: Callable[[], Awaitable[None]],
    past: list[Line],
) -> None:
    await emptying()
    callers.clock.on(LAST)
    await callers.bring_in(past)
    for slug in BY_SLUG:
        for basis in askings(slug):
            response = await callers.client.get(
                f"/v1/stats/figures/{slug}", params={**YEARS, **basis}, headers=callers.headers
            )
            assert list(await follow(callers, response.json())) == []


async def test_a_free_question_links_what_it_counted_too(
    callers: Callers,  # noqa: F811 - the fixture
    database: Connection,
) -> None:
    await put(database, CASES)
    callers.clock.on(LAST)
    asked: dict[str, Asked] = {
        "fact": "remedies",
        "by": ["service", "month"],
        "without": "remedy:explanation",
        "compare": "previous-year",
        "year": "2023-24",
    }
    response = await callers.client.get("/v1/stats/query", params=asked, headers=callers.headers)
    answer = response.json()
    assert sum(row["count"] for row in answer["rows"]) == 2
    assert list(await follow(callers, answer)) == []


# --- One list -----------------------------------------------------------------------------------


@pytest.fixture
async def readers(client: AsyncClient, make_key: MakeKey) -> Callable[..., Awaitable[Reader]]:
    """Makes a reader with these scopes, for these services."""

    async def make(*scopes: Scope, services: list[str] | None = None) -> Reader:
        key = await make_key(*scopes, services=services)
        return Reader(client, {"Authorization": f"Bearer {key}"})

    return make


Readers = Callable[..., Awaitable[Reader]]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_things_that_look_alike_are_each_listed_once_page_by_page(
    limit: int, database: Connection, readers: Readers
) -> None:
    await put(database, CASES)
    team = await readers(*ALL_CASES)
    path = "/v1/stats/figures/remedies/cases"
    items = await everything(team, path, year="2023-24", row="service:education", limit=limit)
    assert [item["remedy"] for item in items] == ["apology", "apology", "explanation"]
    assert len({item["reference"] for item in items}) == 1
    assert {item["happened_on"] for item in items} == {"2023-05-16"}
    assert {(item["stage"], item["status"]) for item in items} == {(1, "in_stage")}


async def test_what_was_left_out_is_listed_by_its_reason(
    database: Connection, readers: Readers
) -> None:
    await put(database, CASES)
    team = await readers(*ALL_CASES)
    asked = {"year": "2023-24", "left_out": "void"}
    (item,) = await everything(team, "/v1/stats/figures/complaint-categories/cases", **asked)
    assert (item["status"], item["service"], item["category"]) == ("void", "education", "policy")


async def test_the_usual_year_of_a_link_is_the_year_that_it_was(
    database: Connection, readers: Readers
) -> None:
    await put(database, CASES)
    team = await readers(*ALL_CASES)
    answer = await team.get("/v1/stats/figures/outcomes", service=["education"])
    link = answer["rows"][0]["cases"]
    assert link == (
        "/v1/stats/figures/outcomes/cases?service=education&year=2025-26"
        "&row=service:education&row=outcome:upheld"
    )


@pytest.mark.parametrize("lacking", [Scope.stats_full, Scope.case_read])
async def test_a_key_that_would_not_be_let_in_is_given_no_link_and_told_why(
    lacking: Scope, database: Connection, readers: Readers
) -> None:
    await put(database, CASES)
    some = await readers(*(scope for scope in ALL_CASES if scope is not lacking))
    answer = await some.get("/v1/stats/figures/outcomes", year="2023-24")
    assert [line for part in PARTS for line in answer[part] if "cases" in line] == []
    for path in ("/v1/stats/figures/outcomes/cases", "/v1/stats/query/cases"):
        refused = await some.client.get(path, headers=some.headers)
        assert (refused.status_code, refused.json()["scopes"]) == (403, [lacking.value])
        assert lacking.value in refused.json()["detail"]


async def test_what_belongs_to_another_service_by_now_is_counted_as_at_then_and_withheld(
    database: Connection, readers: Readers
) -> None:
    await put(
        database,
        Example(
            figure="",
            asked={},
            cases="case | service | registered\n A | education | 2024-05-01",
            standings="case | status | since | until\n A | received | 2024-05-01 | -",
            rows="",
        ),
    )
    await database.execute(MOVED)
    education = await readers(*ALL_CASES, services=["education"])
    asked = {"year": "2024-25", "as_at": "2024-05-31"}
    path = "/v1/stats/figures/complaint-categories"
    answer = await education.get(path, **asked)
    page = await education.get(f"{path}/cases", **asked)
    assert sum(row["count"] for row in answer["rows"]) == 1
    assert (page["count"], page["withheld"], page["items"]) == (1, 1, [])


async def test_a_list_is_of_the_services_of_the_key(database: Connection, readers: Readers) -> None:
    await put(database, CASES)
    highways = await readers(*ALL_CASES, services=["highways"])
    path = "/v1/stats/figures/complaint-categories/cases"
    items = await everything(highways, path, year="2023-24")
    refused = await highways.client.get(
        path, params={"service": "education"}, headers=highways.headers
    )
    assert [item["service"] for item in items] == ["highways"]
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("asked", "parameter", "allowed"),
    [
        ({"row": "colour:red"}, "row", "category"),
        ({"row": "team:edt"}, "row", "category"),
        ({"row": "category:red"}, "row", "policy"),
        ({"row": "year:2023-24"}, "row", "category"),
        ({"left_out": "withdrawn"}, "left_out", "void"),
    ],
)
async def test_a_row_that_there_is_not_is_refused_with_those_that_there_are(
    asked: dict[str, str], parameter: str, allowed: str, readers: Readers
) -> None:
    team = await readers(*ALL_CASES)
    response = await team.client.get(
        "/v1/stats/figures/complaint-categories/cases", params=asked, headers=team.headers
    )
    refusal = response.json()
    assert (response.status_code, refusal["parameter"]) == (422, parameter)
    assert allowed in refusal["allowed"]


async def test_a_figure_or_a_page_that_there_is_not_is_refused(readers: Readers) -> None:
    team = await readers(*ALL_CASES)
    unknown = await team.client.get("/v1/stats/figures/happiness/cases", headers=team.headers)
    strange = await team.client.get(
        "/v1/stats/figures/outcomes/cases", params={"cursor": "x"}, headers=team.headers
    )
    assert (unknown.status_code, strange.status_code) == (404, 400)
    assert unknown.json()["figures"] == [figure.slug for figure in FIGURES]
