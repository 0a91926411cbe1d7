"""What callers are shown of the organisation."""

from collections.abc import Mapping

from httpx import AsyncClient

Keys = Mapping[str, dict[str, str]]


async def test_services_are_shown_with_their_directorate_and_activity(
    client: AsyncClient, keys: Keys
) -> None:
    answer = await client.get("/v1/organisation/services", headers=keys["portal"])
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert len(items) == 12
    assert items[0] == {
        "service": "children-and-families",
        "service_name": "Children & Families",
        "directorate": "children-and-young-people",
        "directorate_name": "Children & Young People",
        "since": "2010-04-01",
        "until": None,
        "activity": [
            {
                "measure": "children-worked-with",
                "name": "Children worked with (Early Help and Social Care)",
                "since": "2023-04-01",
                "until": "2024-04-01",
                "volume": 12969,
            }
        ],
    }
    education = items[1]["activity"]
    assert {a["measure"]: a["volume"] for a in education} == {
        "admissions-applications": 25555,
        "children-with-an-ehcp": 6588,
        "ehc-needs-assessment-requests": 1621,
    }


async def test_a_team_is_shown_with_the_services_it_has_belonged_to(
    client: AsyncClient, keys: Keys
) -> None:
    answer = await client.get("/v1/organisation/teams", headers=keys["reporting"])
    assert answer.status_code == 200
    teams = {item["team"]: item for item in answer.json()["items"]}
    assert teams["school-admissions"] == {
        "team": "school-admissions",
        "team_name": "School Admissions",
        "since": "2010-04-01",
        "until": None,
        "placements": [
            {"service": "customer-services", "since": "2010-04-01", "until": "2022-04-01"},
            {"service": "education", "since": "2022-04-01", "until": None},
        ],
        "source_systems": ["contact_us"],
        "became": [],
    }
    assert teams["warwick-childrens-team"]["source_systems"] == ["contact_us", "customer_feedback"]


async def test_only_the_split_of_initial_response_is_shown_as_published(
    client: AsyncClient, keys: Keys
) -> None:
    answer = await client.get("/v1/organisation/teams", headers=keys["reporting"])
    lineage = {
        item["team"]: [(to["team"], to["kind"], to["basis"]) for to in item["became"]]
        for item in answer.json()["items"]
        if item["became"]
    }
    assert lineage.pop("childrens-initial-response") == [
        ("initial-response-south", "split", "published"),
        ("initial-response-east", "split", "published"),
        ("initial-response-north", "split", "published"),
    ]
    assert len(lineage) == 8
    assert {basis for lines in lineage.values() for _, _, basis in lines} == {"assumed"}
