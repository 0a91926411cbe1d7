"""By what feedback is now or was at receipt; by the team recorded or by today's equivalent."""

from collections.abc import Mapping
from typing import Any

import pytest
from httpx import AsyncClient

from app.stats.catalogue import FIGURES
from app.stats.question import parameters
from tests.stats.reconciliation import disagreements
from tests.stats.tables import Ask, Connection, Example, put

Keys = Mapping[str, dict[str, str]]

RETYPED = Example(
    figure="",
    asked={},
    cases="""
    case | at_receipt | type       | service   | category | registered
    A    | complaint  | complaint  | education | policy   | 2024-05-01
    B    | complaint  | comment    | education | policy   | 2024-05-01
    C    | comment    | complaint  | education | -        | 2024-06-01
    """.replace("| -  ", "| communication"),
    rows="",
)

TEAMS = Example(
    figure="",
    asked={},
    cases="""
    case | service               | team                       | registered
    A    | children-and-families | childrens-initial-response | 2023-05-01
    B    | children-and-families | childrens-mash             | 2023-05-01
    C    | education             | sendar                     | 2023-05-01
    D    | education             | send-and-inclusion         | 2024-02-01
    E    | children-and-families | initial-response-east      | 2024-02-01
    F    | children-and-families | edt                        | 2024-02-01
    """,
    rows="",
)


def counting(answer: Mapping[str, Any], name: str) -> dict[str, int]:
    """How many of each code, where there is any."""
    return {row[name]: row["count"] for row in answer["rows"] if row["count"]}


async def test_a_reclassified_case_counts_once_by_what_it_is_or_by_what_it_was(
    database: Connection, ask: Ask
) -> None:
    await put(database, RETYPED)
    year = {"year": "2024-25", "service": "education"}
    now = await ask("complaint-categories", **year)
    then = await ask("complaint-categories", **year, type_basis="at-receipt")
    assert counting(now, "category") == {"policy": 1, "communication": 1}
    assert counting(then, "category") == {"policy": 2}
    assert (now["basis"]["type"], then["basis"]["type"]) == ("now", "at-receipt")
    assert then["population"].endswith("of Education, by what each was at receipt")


@pytest.mark.parametrize("slug", [f.slug for f in FIGURES if "type_basis" in parameters(f)])
async def test_by_what_it_was_at_receipt_the_parts_sum_to_the_whole_too(
    slug: str, database: Connection, ask: Ask
) -> None:
    await put(database, RETYPED)
    answer = await ask(slug, year="2024-25", type_basis="at-receipt")
    assert list(disagreements(answer)) == []
    assert sum(total["considered"] for total in answer["totals"]) in {2, 3}


async def test_a_team_that_was_renamed_is_counted_as_what_it_is_today(
    database: Connection, ask: Ask
) -> None:
    await put(database, TEAMS)
    year = {"year": "2023-24", "service": "education"}
    recorded = await ask("complaints-by-team", **year)
    today = await ask("complaints-by-team", **year, team_basis="today")
    assert counting(recorded, "team") == {"sendar": 1, "send-and-inclusion": 1}
    assert [
        (row["source_system"], row["team"], row["not_comparable"])
        for row in today["rows"]
        if row["count"]
    ] == [
        ("contact_us", "send-and-inclusion", ["assumed_link", "part_year"]),
        ("customer_feedback", "send-and-inclusion", ["assumed_link", "part_year"]),
    ]
    assert {tuple(row["not_comparable"]) for row in recorded["rows"]} == {("part_year",)}
    assert (
        "SENDAR is counted as SEND and Inclusion: that the one became the other is assumed, "
        "not published."
    ) in today["notes"]
    assert list(disagreements(today)) == []


async def test_a_team_that_was_split_has_no_equivalent_and_its_successors_no_past(
    database: Connection, ask: Ask
) -> None:
    await put(database, TEAMS)
    asked = {"year": "2023-24", "service": "children-and-families", "team_basis": "today"}
    answer = await ask("complaints-by-team", **asked)
    rows = {row["team"]: set(row["not_comparable"]) for row in answer["rows"] if row["count"]}
    assert rows == {
        "childrens-initial-response": {"split", "part_year"},
        "children-and-families-front-door": {"assumed_link", "part_year"},
        "edt": {"part_year"},
        "initial-response-east": {"split", "part_year"},
    }
    (note,) = [note for note in answer["notes"] if "was split" in note]
    assert note.endswith("neither it nor the teams it became can be compared over time.")


@pytest.mark.parametrize(
    ("slug", "parameter", "why"),
    [
        ("outcomes", "type_basis", "those of what is a complaint now"),
        ("reclassifications", "type_basis", "beside what it was at receipt"),
        ("complaint-categories", "team_basis", "only where a figure is cut by team"),
    ],
)
async def test_a_basis_that_makes_no_sense_is_refused_with_the_reason(
    slug: str, parameter: str, why: str, client: AsyncClient, keys: Keys
) -> None:
    asked = {"type_basis": "at-receipt", "team_basis": "today"}[parameter]
    refused = await client.get(
        f"/v1/stats/figures/{slug}", params={parameter: asked}, headers=keys["reporting"]
    )
    assert refused.status_code == 422
    assert why in refused.json()["detail"]
    assert parameter not in refused.json()["allowed"]
