"""Free questions: the closed grammar, and every published figure as one of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient, Response

from app.access.principal import Scope
from app.stats.catalogue import BY_SLUG, FACTS, FIGURES
from app.stats.cuts import AGE, SERVICE
from app.stats.facts.endings import ENDINGS
from app.stats.facts.open import OPEN_CASES
from app.stats.figure import Figure, Misdeclared, Population, Share
from app.stats.times import GRAINS, MONTH
from tests.conftest import MakeKey, Server
from tests.demo import paper
from tests.stats import demonstration
from tests.stats.demonstration import Reader
from tests.stats.reconciliation import disagreements
from tests.stats.tables import Asked, Connection, Example, put
from tests.stats.test_figures import MIXED

Keys = Mapping[str, dict[str, str]]
Free = Callable[..., Awaitable[dict[str, Any]]]

COUNTED = ("rows", "totals", "left_out")
CATALOGUE, QUERY = "/v1/stats/catalogue", "/v1/stats/query"

CASES = Example(
    figure="",
    asked={},
    cases="""
    case | service   | type      | category      | registered | received
    A    | education | complaint | policy        | 2023-04-01 | 2023-03-27
    B    | education | complaint | communication | 2023-06-30 | 2023-06-30
    C    | education | complaint | policy        | 2023-07-02 | 2023-07-02
    D    | education | comment   | policy        | 2024-03-31 | 2024-03-31
    E    | highways  | complaint | policy        | 2024-04-01 | 2024-04-01
    """,
    rows="",
)


@pytest.fixture
def free(client: AsyncClient, keys: Keys) -> Free:
    """Asks a free question, and expects an answer that reconciles."""

    async def asked(**parameters: Asked) -> dict[str, Any]:
        response = await client.get(QUERY, params=parameters, headers=keys["reporting"])
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        assert list(disagreements(found)) == []
        return found

    return asked


@pytest.fixture(scope="module")
async def reader(server: Server) -> AsyncIterator[Reader]:
    url = await server.filled("demonstration", demonstration.fill)
    reporting = await demonstration.key(url, "reporting")
    async with demonstration.serving(url) as client:
        yield Reader(client, reporting)


async def _refused(client: AsyncClient, keys: Keys, **asked: Asked) -> dict[str, Any]:
    response = await client.get(QUERY, params=asked, headers=keys["reporting"])
    assert response.status_code == 422, response.text
    found: dict[str, Any] = response.json()
    return found


def _counting(answer: Mapping[str, Any], *names: str) -> dict[Any, int]:
    codes = [tuple(row[name] for name in names) for row in answer["rows"]]
    counts = [row["count"] for row in answer["rows"]]
    return {key[0] if len(key) == 1 else key: n for key, n in zip(codes, counts, strict=True) if n}


# --- Every figure is a free question ------------------------------------------------------------


@pytest.mark.parametrize("slug", BY_SLUG)
async def test_a_figure_is_the_free_question_that_the_catalogue_says(
    slug: str, reader: Reader
) -> None:
    catalogue = await reader.get(CATALOGUE)
    (question,) = [one["question"] for one in catalogue["figures"] if one["figure"] == slug]
    figure = (await reader.ask(slug)).said
    sent = urlsplit(question)
    asked = await reader.get(sent.path, **parse_qs(sent.query), year=paper.YEAR)
    assert {part: asked[part] for part in COUNTED} == {part: figure[part] for part in COUNTED}
    assert asked["denominator"] == figure["denominator"]
    assert sum(total["considered"] for total in figure["totals"]) > 0


async def test_the_catalogue_lists_every_word(client: AsyncClient, keys: Keys) -> None:
    said = (await client.get(CATALOGUE, headers=keys["reporting"])).json()
    assert [fact["name"] for fact in said["facts"]] == list(FACTS)
    assert [grain["name"] for grain in said["grains"]] == list(GRAINS)
    assert [one["figure"] for one in said["figures"]] == [figure.slug for figure in FIGURES]
    assert all(one["means"] for one in said["parameters"])
    codes = {one["cut"]: {code["code"] for code in one["codes"]} for one in said["codes"]}
    assert codes["stage"] == {"1", "2", "3"}
    assert {"education", "no-service"} <= codes["service"]
    assert {cut["name"] for fact in said["facts"] for cut in fact["cuts"]} == set(codes)


async def test_every_figure_counts_a_fact_of_the_catalogue() -> None:
    assert {figure.fact for figure in FIGURES} <= set(FACTS.values())


# --- What is counted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grain", "expected"),
    [
        ("year", {"2023-24": 4}),
        ("quarter", {"2023-24-q1": 2, "2023-24-q2": 1, "2023-24-q4": 1}),
        ("month", {"2023-04": 1, "2023-06": 1, "2023-07": 1, "2024-03": 1}),
        ("week", {"2023-03-27": 1, "2023-06-26": 2, "2024-03-25": 1}),
        ("day", {"2023-04-01": 1, "2023-06-30": 1, "2023-07-02": 1, "2024-03-31": 1}),
    ],
)
async def test_each_stretch_of_time_of_a_year_has_a_row(
    grain: str, expected: dict[str, int], database: Connection, free: Free
) -> None:
    await put(database, CASES)
    answer = await free(fact="feedback", grain=grain, year="2023-24")
    assert _counting(answer, grain) == expected
    stretches = {"year": 1, "quarter": 4, "month": 12, "week": 53, "day": 366}[grain]
    assert len(answer["rows"]) == stretches


async def test_a_grain_is_the_first_of_the_cuts_and_part_of_the_whole(
    database: Connection, free: Free
) -> None:
    await put(database, CASES)
    grain = await free(fact="feedback", grain="quarter", by="category", year="2023-24")
    by = await free(fact="feedback", by=["quarter", "category"], year="2023-24")
    assert grain["cuts"] == ["quarter", "category"]
    assert grain["denominator"] == ["quarter"]
    assert {part: grain[part] for part in COUNTED} == {part: by[part] for part in COUNTED}
    one = await free(
        fact="feedback", grain="quarter", by="category", of="everything", year="2023-24"
    )
    assert one["denominator"] == []


async def test_a_filter_counts_some_and_its_negation_the_others(
    database: Connection, free: Free
) -> None:
    await put(database, CASES)
    asked = {"fact": "feedback", "by": ["service", "feedback_type"], "since": "2023-04-01"}
    asked["until"] = "2024-05-01"
    everything = await free(**asked)
    some = await free(**asked, where="category:policy")
    others = await free(**asked, without="category:policy")
    two = await free(**asked, where="category:policy", without="feedback_type:comment,compliment")
    names = ("service", "feedback_type")
    assert _counting(some, *names) == {
        ("education", "complaint"): 2,
        ("education", "comment"): 1,
        ("highways", "complaint"): 1,
    }
    assert _counting(others, *names) == {("education", "complaint"): 1}
    assert _counting(two, *names) == {("education", "complaint"): 2, ("highways", "complaint"): 1}
    considered = [sum(t["considered"] for t in one["totals"]) for one in (everything, some, others)]
    assert considered == [5, 4, 1]
    assert "feedback whose category is not policy, registered" in others["population"]


async def test_what_has_none_of_the_codes_is_among_the_others(
    database: Connection, free: Free
) -> None:
    await put(database, MIXED)
    asked = {"fact": "feedback", "by": "service", "year": "2023-24"}
    with_a_service = await free(**asked, without="service:no-service")
    not_education = await free(**asked, without="service:education")
    without_one = await free(**asked, where="service:no-service,education", without="team:sendar")
    assert _counting(with_a_service, "service") == {"children-and-families": 1, "education": 3}
    assert _counting(not_education, "service") == {"children-and-families": 1, "no-service": 1}
    assert _counting(without_one, "service") == {"education": 1, "no-service": 1}


async def test_measures_are_of_what_is_counted(database: Connection, free: Free) -> None:
    await put(database, MIXED)
    answer = await free(
        fact="endings",
        by="service",
        measure=["sum:working_days", "percentile:working_days"],
        percentile=50,
        leave_out=["withdrawn", "no_limit"],
        year="2023-24",
    )
    assert {row["sum_working_days"] for row in answer["rows"]} == {0}
    assert answer["notes"] == ["percentile_working_days is what 50 in 100 do not exceed."]
    withdrawn = [line for line in answer["left_out"] if line["count"]]
    assert [(line["reason"], line["count"]) for line in withdrawn] == [("withdrawn", 1)]


@pytest.mark.parametrize(
    ("fact", "cut"), [(fact.name, cut.name) for fact in FACTS.values() for cut in fact.cuts]
)
async def test_every_cut_has_a_row_for_what_has_none_of_its_codes(
    fact: str, cut: str, database: Connection, free: Free
) -> None:
    await put(database, MIXED)
    answer = await free(fact=fact, by=cut, year="2023-24")
    assert None not in [row[cut] for row in answer["rows"]]


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "parameter", "allowed"),
    [
        pytest.param({"fact": "cats"}, "fact", "feedback", id="a fact"),
        pytest.param({"by": "colour"}, "by", "category", id="a cut"),
        pytest.param({"by": "outcome"}, "by", "category", id="a cut of another fact"),
        pytest.param({"by": []}, "by", "category", id="no cut"),
        pytest.param({"by": ["service", "service"]}, "by", "category", id="a cut twice"),
        pytest.param({"grain": "decade"}, "grain", "quarter", id="a grain"),
        pytest.param({"of": "category"}, "by", "category", id="a whole that is not the first"),
        pytest.param({"measure": "mean"}, "measure", "count", id="a measure"),
        pytest.param({"measure": "sum:pence"}, "measure", "share", id="an amount of another"),
        pytest.param({"percentile": 5}, "percentile", None, id="a percentile of nothing"),
        pytest.param({"where": "colour:red"}, "where", "category", id="a filter"),
        pytest.param({"where": "month:2023-04"}, "where", "category", id="a filter by time"),
        pytest.param({"where": "category:red"}, "where", "policy", id="a code"),
        pytest.param({"without": "category:red"}, "without", "policy", id="a code negated"),
        pytest.param({"leave_out": "void"}, "leave_out", "channel_not_collected", id="a reason"),
    ],
)
async def test_a_word_that_there_is_not_is_refused_with_those_that_there_are(
    asked: dict[str, Asked], parameter: str, allowed: str | None, client: AsyncClient, keys: Keys
) -> None:
    refused = await _refused(client, keys, **{"fact": "feedback", "by": "service", **asked})
    assert refused["parameter"] == parameter
    assert allowed is None or allowed in refused["allowed"]


@pytest.mark.parametrize(
    "asked",
    [
        {"fact": "endings", "by": "stage", "where": "stage:four"},
        {"fact": "endings", "by": "stage", "where": "stage:99999999999999999999"},
        {"fact": "endings", "by": "stage", "where": [f"stage:{'1,' * 490}1"] * 3},
        {"fact": "endings", "by": ["outcome", "service"], "measure": "share-of-findings"},
        {"fact": "feedback-per-activity", "by": "service", "measure": "share-of-volume"},
        {"fact": "open-cases", "by": ["service", "month"]},
        {"fact": "feedback", "by": ["day", "team"], "since": "1995-04-01", "until": "2024-04-01"},
        {"fact": "feedback", "by": "week", "year": "2023-24", "compare": "previous-year"},
    ],
)
async def test_what_could_not_be_counted_truthfully_or_read_is_refused(
    asked: dict[str, Asked], client: AsyncClient, keys: Keys
) -> None:
    refused = await _refused(client, keys, **asked)
    assert refused["type"] == "/problems/question-refused"


@pytest.mark.parametrize(
    "asked",
    [
        {"where": "category"},
        {"where": "category:"},
        {"by": "A"},
        {"measure": "sum:"},
        {"wher": "x"},
    ],
)
async def test_what_is_no_question_is_refused(
    asked: dict[str, str], client: AsyncClient, keys: Keys
) -> None:
    refused = await _refused(client, keys, **{"fact": "feedback", "by": "service", **asked})
    assert refused["type"] == "/problems/invalid-request"


async def test_free_questions_are_for_keys_that_may_read_exact_counts(
    client: AsyncClient, make_key: MakeKey
) -> None:
    async def get(path: str, key: str, **asked: str) -> Response:
        who = {"Authorization": f"Bearer {key}"}
        return await client.get(path, params=asked, headers=who)

    public = await make_key(Scope.stats_read)
    refused = await get(QUERY, public, fact="feedback", by="service")
    assert (refused.status_code, refused.json()["scopes"]) == (403, ["stats:full"])
    assert (await get(CATALOGUE, public)).status_code == 200


async def test_a_free_question_is_about_the_services_of_the_key(
    client: AsyncClient, database: Connection, make_key: MakeKey
) -> None:
    await put(database, CASES)
    key = await make_key(Scope.stats_read, Scope.stats_full, services=["highways"])
    who = {"Authorization": f"Bearer {key}"}
    asked = {"fact": "feedback", "by": "category", "year": "2024-25"}
    answer = (await client.get(QUERY, params=asked, headers=who)).json()
    other = await client.get(QUERY, params={**asked, "service": "education"}, headers=who)
    assert sum(total["count"] for total in answer["totals"]) == 1
    assert other.status_code == 403


def test_what_stands_at_the_ends_of_several_months_is_declared_as_no_whole() -> None:
    with pytest.raises(Misdeclared, match="stands"):
        _declared(cuts=(SERVICE, MONTH, AGE), of=("service",))
    assert _declared(cuts=(MONTH, AGE), of=("month",)).fact is OPEN_CASES
    assert not ENDINGS.stands


def _declared(*, cuts: tuple[Any, ...], of: tuple[str, ...]) -> Figure:
    return Figure(
        slug="in-hand",
        title="In hand",
        means="In hand.",
        fact=OPEN_CASES,
        population=Population(words="cases"),
        cuts=cuts,
        measure=Share(of=of),
    )


@pytest.mark.parametrize(("suffix", "kind"), [("csv", "text/csv"), ("xlsx", "application/vnd")])
async def test_a_suffix_asks_for_a_form(
    client: AsyncClient, keys: Keys, suffix: str, kind: str
) -> None:
    asked = {"fact": "feedback", "by": "category", "year": "2023-24"}
    answer = await client.get(f"{QUERY}.{suffix}", params=asked, headers=keys["reporting"])
    assert (answer.status_code, answer.headers["content-type"][: len(kind)]) == (200, kind)
    unknown = await client.get(f"{QUERY}.odt", params=asked, headers=keys["reporting"])
    assert (unknown.status_code, unknown.json()["type"]) == (406, "/problems/not-acceptable")
