"""The page at the door: what is published is on it, what is not is not, and it runs nothing."""

from collections.abc import Mapping
from datetime import date

import pytest
from httpx import AsyncClient

from tests.conftest import MovableClock
from tests.desk import Desk
from tests.reports.press import Press

Headers = Mapping[str, dict[str, str]]
PAGE = {"Accept": "text/html"}
YEAR = "2026-27"


@pytest.fixture
async def press(client: AsyncClient, keys: Headers, staff: Headers) -> Press:
    await Desk(client, staff["admin"]).answered("upheld")
    return Press(client, keys["customer_relations"], YEAR)


async def page(client: AsyncClient, path: str = "/") -> str:
    answer = await client.get(path, headers=PAGE)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    return answer.text


async def test_it_says_what_this_is_before_anything_is_published(client: AsyncClient) -> None:
    said = await page(client)
    assert "Example County Council" in said
    assert "None has been published yet." in said
    assert 'href="/docs"' in said
    assert "<svg" not in said


async def test_only_what_is_published_is_on_it(press: Press, client: AsyncClient) -> None:
    made = await press.propose()
    assert press.newest not in await page(client)
    await press.confirm(made)
    said = await page(client)
    assert f'href="{press.newest}/1">Children &amp; Families and Education</a>' in said
    assert "version 1, published 1 October 2026" in said


async def test_the_newest_version_is_shown_and_the_others_can_be_had(
    press: Press, client: AsyncClient, clock: MovableClock
) -> None:
    await press.publish()
    clock.on(date(2027, 4, 2))  # small numbers of a year that is not over are not withheld safely
    await press.publish("public")
    said = await page(client)
    assert f'href="{press.newest}/2"' in said
    assert f'<a href="{press.newest}/1">version 1</a>' in said
    assert "published 2 April 2027, small numbers withheld" in said


async def test_it_shows_figures_at_a_glance_with_words_for_them(
    press: Press, client: AsyncClient
) -> None:
    await press.publish()
    said = await page(client)
    assert 'role="img" aria-label="Bar chart: Outcomes of complaints closed at stage 1' in said
    assert "Upheld: 1" in said


async def test_a_year_has_a_page_of_its_own(press: Press, client: AsyncClient) -> None:
    await press.publish()
    await press.publish()
    assert press.newest in await page(client, f"/published/annual/{YEAR}")
    assert press.newest not in await page(client, "/published/annual/2019-20")
    assert press.newest in await page(client, "/published")


async def test_programs_are_told_in_json(client: AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.json()["links"]["published"] == "/published"
    assert answer.headers["Vary"] == "Accept"
