"""What callers are shown of categories, procedures and the calendar."""

from collections.abc import Mapping
from typing import Any

from httpx import AsyncClient

Keys = Mapping[str, dict[str, str]]

CATEGORIES = [
    "protection-of-user",
    "service-standards",
    "staff-conduct",
    "communication",
    "financial-issues",
    "policy",
    "discrimination",
    "not-categorised",
    "commissioned-service-provision",
    "outside-complaints-process",
    "physical-environment-issues",
]


async def shown(client: AsyncClient, path: str, key: dict[str, str]) -> dict[str, Any]:
    answer = await client.get(path, headers=key)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_categories_are_shown_in_the_papers_order_with_their_meaning(
    client: AsyncClient, keys: Keys
) -> None:
    items = (await shown(client, "/v1/categories", keys["portal"]))["items"]
    assert [item["category"] for item in items] == CATEGORIES
    assert items[0] == {
        "category": "protection-of-user",
        "category_name": "Protection of user",
        "meaning": "The complaint names a member of staff.",
        "since": "2010-04-01",
        "until": None,
    }


async def test_procedures_are_shown_with_versions_stages_and_limits(
    client: AsyncClient, keys: Keys
) -> None:
    items = (await shown(client, "/v1/procedures", keys["contact_centre"]))["items"]
    assert [item["procedure"] for item in items] == [
        "corporate",
        "childrens-statutory",
        "adult-social-care",
    ]
    corporate, children, adults = items
    assert children["versions"][0]["stages"][1] == {
        "number": 2,
        "name": "Investigation",
        "clock_starts": "acceptance",
        "respond_within": 25,
        "extend_by_at_most": 40,
        "request_within": 20,
    }
    periods = [(version["since"], version["until"]) for version in corporate["versions"]]
    assert periods == [
        ("2010-04-01", "2024-02-15"),
        ("2024-02-15", "2026-04-01"),
        ("2026-04-01", None),
    ]
    assert adults["versions"][0]["stages"][0]["respond_within"] is None


async def test_the_calendar_is_shown_with_how_far_it_reaches(
    client: AsyncClient, keys: Keys
) -> None:
    calendar = await shown(client, "/v1/calendar", keys["reporting"])
    days = calendar.pop("items")
    assert calendar == {
        "version": "england-and-wales-to-2028",
        "covers_from": "2012-01-01",
        "covers_until": "2029-01-01",
    }
    assert len(days) == 140
    assert {"day": "2023-05-08", "title": "Coronation of King Charles III"} in days
    assert [day["day"] for day in days] == sorted(day["day"] for day in days)
