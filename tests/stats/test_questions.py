"""What a figure may be asked, and how it says no."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient, Response

from app.access.principal import Scope
from app.stats.catalogue import FIGURES
from app.stats.question import parameters
from tests.conftest import MakeKey, MovableClock
from tests.stats.reconciliation import disagreements
from tests.stats.tables import Ask

Keys = Mapping[str, dict[str, str]]
OVER_YEARS = {"feedback-over-time", "feedback-by-service", "complaints-by-stage"}
BY_DAY_REGISTERED = {figure.slug for figure in FIGURES if "date_basis" in parameters(figure)}
SLUGS = [figure.slug for figure in FIGURES]


async def _get(client: AsyncClient, keys: Keys, path: str, **asked: str | list[str]) -> Response:
    return await client.get(f"/v1/stats/figures{path}", params=asked, headers=keys["reporting"])


async def _refusal(
    client: AsyncClient, keys: Keys, slug: str, **asked: str | list[str]
) -> dict[str, Any]:
    response = await _get(client, keys, f"/{slug}", **asked)
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    return found


async def test_the_catalogue_holds_every_figure_of_the_report_once(
    client: AsyncClient, keys: Keys
) -> None:
    figures = (await _get(client, keys, "")).json()["figures"]
    numbers = [number for figure in figures for number in figure["report_figures"]]
    assert numbers == list(range(1, 13))
    assert all(figure["means"] and figure["population"] and figure["cuts"] for figure in figures)


async def test_a_figure_is_about_the_last_complete_financial_year_unless_asked(
    ask: Ask, clock: MovableClock
) -> None:
    clock.set(datetime(2026, 3, 31, 22, 59, tzinfo=UTC))  # 23:59 in London: summer time has begun
    before = await ask("complaint-categories")
    clock.set(datetime(2026, 3, 31, 23, 0, tzinfo=UTC))  # midnight in London: 1 April
    after = await ask("complaint-categories")
    assert before["period"]["year"] == "2024-25"
    assert after["period"] == {
        "since": "2025-04-01",
        "until": "2026-04-01",
        "year": "2025-26",
        "day": "registered",
    }


@pytest.mark.parametrize("slug", SLUGS)
async def test_two_days_that_bound_a_financial_year_ask_for_that_year(slug: str, ask: Ask) -> None:
    years = {"years": 1} if slug in OVER_YEARS else {}
    by_year = await ask(slug, year="2023-24", **years)
    by_days = await ask(slug, since="2023-04-01", until="2024-04-01")
    assert by_year == by_days


@pytest.mark.parametrize(
    ("slug", "shown"),
    [("feedback-over-time", 6), ("feedback-by-service", 3), ("complaints-by-stage", 3)],
)
async def test_a_figure_over_years_ends_with_the_year_asked_for(
    slug: str, shown: int, ask: Ask
) -> None:
    usual = {row["year"] for row in (await ask(slug, year="2023-24"))["rows"]}
    two = [row["year"] for row in (await ask(slug, year="2023-24", years=2))["rows"]]
    assert (len(usual), max(usual)) == (shown, "2023-24")
    assert list(dict.fromkeys(two)) == ["2022-23", "2023-24"]


@pytest.mark.parametrize("slug", sorted(set(SLUGS) - OVER_YEARS))
async def test_any_figure_sets_years_side_by_side_where_asked(slug: str, ask: Ask) -> None:
    answer = await ask(slug, year="2023-24", years=2)
    assert answer["cuts"][0] == answer["denominator"][0] == "year"
    assert {total["year"] for total in answer["totals"]} <= {"2022-23", "2023-24"}
    assert list(disagreements(answer)) == []


@pytest.mark.parametrize("slug", sorted(set(SLUGS) - BY_DAY_REGISTERED))
async def test_date_basis_is_refused_with_the_reason_where_the_day_is_not_registered(
    slug: str, client: AsyncClient, keys: Keys
) -> None:
    refusal = await _refusal(client, keys, slug, date_basis="received")
    assert refusal["parameter"] == "date_basis"
    assert "counts by the day registered" in refusal["detail"]
    assert "date_basis" not in refusal["allowed"]


@pytest.mark.parametrize("slug", sorted(BY_DAY_REGISTERED))
async def test_a_figure_by_the_day_registered_can_be_asked_by_the_day_received(
    slug: str, ask: Ask
) -> None:
    received = await ask(slug, year="2023-24", date_basis="received")
    assert received["period"]["day"] == "received"
    assert "received in the period" in received["population"]


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        pytest.param({"year": "2023-25"}, "year", id="no financial year"),
        pytest.param({"year": "1066-67"}, "year", id="too early"),
        pytest.param({"year": "2023-24", "since": "2023-04-01"}, "year", id="a year and a day"),
        pytest.param({"since": "2023-04-01"}, "until", id="no end"),
        pytest.param({"until": "2023-04-01"}, "since", id="no beginning"),
        pytest.param({"since": "2023-04-01", "until": "2023-04-01"}, "since", id="no day"),
        pytest.param({"since": "0001-01-01", "until": "9999-12-31"}, "since", id="for ever"),
        pytest.param({"since": "1991-04-01", "until": "2024-04-01"}, "until", id="too long"),
        pytest.param({"service": "parks"}, "service", id="no such service"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused_by_its_parameter(
    asked: dict[str, str], parameter: str, client: AsyncClient, keys: Keys
) -> None:
    refusal = await _refusal(client, keys, "complaint-categories", **asked)
    assert refusal["parameter"] == parameter


async def test_years_are_refused_with_two_days_and_beyond_the_first_year(
    client: AsyncClient, keys: Keys
) -> None:
    days = {"since": "2023-04-01", "until": "2024-04-01"}
    with_days = await _refusal(client, keys, "feedback-over-time", years="2", **days)
    too_many = await _refusal(client, keys, "feedback-over-time", year="1995-96", years="30")
    assert (with_days["parameter"], too_many["parameter"]) == ("years", "years")


async def test_a_service_that_is_not_known_is_refused_with_those_that_are(
    client: AsyncClient, keys: Keys
) -> None:
    refusal = await _refusal(client, keys, "outcomes", service=["education", "parks"])
    assert "education" in refusal["allowed"]
    assert "parks" not in refusal["detail"]


@pytest.mark.parametrize("asked", [{"month": "2023-04"}, {"date_basis": "closed"}, {"year": "x"}])
async def test_what_no_figure_takes_is_refused(
    asked: dict[str, str], client: AsyncClient, keys: Keys
) -> None:
    refusal = await _refusal(client, keys, "complaints-by-month", **asked)
    assert refusal["type"] == "/problems/invalid-request"


async def test_a_figure_that_does_not_exist_is_refused_with_those_that_do(
    client: AsyncClient, keys: Keys
) -> None:
    response = await _get(client, keys, "/happiness")
    assert response.status_code == 404
    assert response.json()["figures"] == SLUGS


async def test_figures_are_for_keys_that_may_read_statistics(
    client: AsyncClient, keys: Keys
) -> None:
    refused = await client.get("/v1/stats/figures", headers=keys["contact_centre"])
    assert refused.status_code == 403


async def test_a_key_for_certain_services_counts_those_and_no_others(
    client: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(Scope.stats_read, services=["education", "waste"])
    who = {"Authorization": f"Bearer {key}"}
    at = "/v1/stats/figures/outcomes"
    unasked = (await client.get(at, headers=who)).json()
    one = await client.get(at, params={"service": "waste"}, headers=who)
    another = await client.get(at, params={"service": "highways"}, headers=who)
    assert [total["service"] for total in unasked["totals"]] == ["education", "waste"]
    assert [total["service"] for total in one.json()["totals"]] == ["waste"]
    assert (another.status_code, another.json()["allowed"]) == (403, ["education", "waste"])


async def test_a_key_for_no_service_counts_nothing(client: AsyncClient, make_key: MakeKey) -> None:
    key = await make_key(Scope.stats_read, services=[])
    who = {"Authorization": f"Bearer {key}"}
    assert (await client.get("/v1/stats/figures/outcomes", headers=who)).status_code == 403


@pytest.mark.parametrize("slug", SLUGS)
async def test_with_no_case_at_all_every_list_is_shown_and_no_share_is_made_up(
    slug: str, ask: Ask
) -> None:
    answer = await ask(slug, year="2023-24")
    assert answer["rows"]
    assert {row["count"] for row in answer["rows"]} == {0}
    assert {row["percent"] for row in answer["rows"]} == {None}
    assert list(disagreements(answer)) == []
