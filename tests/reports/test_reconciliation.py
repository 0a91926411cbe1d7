"""Where a reader of a report could stumble: each place is named, and why it is so."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import MovableClock
from tests.demo import paper
from tests.desk import Desk
from tests.reports.press import Press
from tests.stats.demonstration import Reader

pytestmark = pytest.mark.timeout(300)

Headers = Mapping[str, dict[str, str]]
BEFORE = "Changed since the report of the year before"


def section(said: Any) -> dict[str, Any]:
    (found,) = [one for one in said["sections"] if one["key"] == "reconciliation"]
    return dict(found)


def rows(said: Any, caption: str) -> list[list[Any]]:
    return [
        row
        for table in section(said)["tables"]
        if table["caption"].startswith(caption)
        for row in table["rows"]
    ]


async def test_teams_that_cannot_be_followed_are_named(reader: Reader) -> None:
    said = await reader.get(f"/v1/reports/annual/{paper.YEAR}", service=list(paper.BOTH))
    found = {row[2]: row[3] for row in rows(said, "Teams without a plain counterpart")}
    assert found["Children in Care 14-18"] == "no counterpart is recorded"
    assert found["EDT"] == "no counterpart is recorded"
    assert found["Childrens Initial Response"].startswith("it was split into ")
    for name in ("Initial Response South", "Initial Response East", "Initial Response North"):
        assert found[name] == "it is a part of Childrens Initial Response"
        assert name in found["Childrens Initial Response"]
    assert found["SENDAR"] == "that it became SEND and Inclusion is assumed, not published"
    assert "Nuneaton Childrens Team" not in found


async def test_a_report_after_none_says_so(reader: Reader) -> None:
    said = await reader.get(f"/v1/reports/annual/{paper.YEAR}", service=list(paper.BOTH))
    assert "No report of 2022/23 was published here" in " ".join(section(said)["paragraphs"])
    assert rows(said, BEFORE) == []


async def test_what_the_last_report_said_otherwise_is_told(
    client: AsyncClient, keys: Headers, staff: Headers, clock: MovableClock
) -> None:
    desk = Desk(client, staff["admin"])
    clock.on(date(2026, 3, 2))
    reference = await desk.log()
    await desk.log(service="education")
    clock.on(date(2026, 5, 1))
    await Press(client, keys["customer_relations"], "2025-26").publish()
    clock.on(date(2026, 10, 1))
    await desk.do(reference, "reclassifications", type="comment", reason="It suggests.")
    draft = "/v1/reports/annual/2026-27?service=children-and-families&service=education"
    said = (await client.get(draft, headers=keys["reporting"])).json()
    found = {row[1]: row[2:] for row in rows(said, BEFORE)}
    assert found["Children & Families, Complaints, 2025/26"] == [1, 0]
    assert found["Children & Families, Comments, 2025/26"] == [0, 1]
    assert not any("Education" in key for key in found)
    assert "No report of" not in " ".join(section(said)["paragraphs"])
