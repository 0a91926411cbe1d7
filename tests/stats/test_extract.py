"""The extract: a line for each case, nobody's data, and only what has changed if that is asked."""

import csv
import io
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from app.access.principal import Scope
from app.stats import extract
from tests.conftest import MovableClock
from tests.desk import ACCEPT, Desk
from tests.faults.canaries import canary, feedback

MakeKey = Callable[..., Awaitable[str]]
ADDRESS = "/v1/stats/extract"


class Analyst:
    """Reads the extract as somebody who keeps a copy of it."""

    def __init__(self, client: AsyncClient, headers: Mapping[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def get(self, **asked: Any) -> Response:
        return await self._client.get(ADDRESS, params=asked, headers=self._headers)

    async def lines(self, **asked: Any) -> list[dict[str, str]]:
        answer = await self.get(**asked)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(answer.text, newline="")))

    async def dictionary(self) -> list[dict[str, Any]]:
        answer = await self._client.get(f"{ADDRESS}/dictionary", headers=self._headers)
        columns: list[dict[str, Any]] = answer.json()["columns"]
        return columns


@pytest.fixture
def analyst(client: AsyncClient, keys: Mapping[str, dict[str, str]]) -> Analyst:
    return Analyst(client, keys["reporting"])


@pytest.fixture
def desk(client: AsyncClient, staff: Mapping[str, dict[str, str]]) -> Desk:
    return Desk(client, staff["customer_relations"])


async def answered(desk: Desk) -> str:
    """A complaint that was upheld, with something to put it right."""
    reference = await desk.log()
    await desk.do(reference, "triage", **ACCEPT)
    remedies = [{"kind": "apology"}, {"kind": "financial-symbolic", "pence": 15_000}]
    await desk.do(reference, "stages/1/outcome", finding="upheld", remedies=remedies)
    return reference


async def test_a_line_says_what_became_of_a_case(desk: Desk, analyst: Analyst) -> None:
    await answered(desk)
    (line,) = await analyst.lines()
    expected = {
        "feedback_type": "complaint",
        "type_at_receipt": "complaint",
        "channel": "phone",
        "service": "children-and-families",
        "category": "communication",
        "procedure": "childrens-statutory",
        "received_on": "2026-10-01",
        "set_aside": "",
        "remedies": "2",
        "remedies_pence": "15000",
        "stage_1_finding": "upheld",
        "stage_1_verdict": "within_target",
        "stage_1_within_target": "true",
        "stage_1_working_days_taken": "0",
        "stage_2_started_on": "",
        "as_of": "2026-10-01T09:00:00Z",
    }
    assert {name: line[name] for name in expected} == expected


async def test_the_dictionary_describes_every_column_and_every_code(
    desk: Desk, analyst: Analyst
) -> None:
    await answered(desk)
    header = (await analyst.get()).text.splitlines()[0].split(",")
    described = await analyst.dictionary()
    assert [column["name"] for column in described] == header
    assert all(column["means"].endswith((".", "next.")) for column in described)
    (line,) = await analyst.lines()
    for column in described:
        if column["codes"] and line[column["name"]]:
            assert line[column["name"]] in column["codes"]


async def test_nobody_and_nothing_that_was_said_is_in_it(desk: Desk, analyst: Analyst) -> None:
    answer = await desk.submit(feedback(service="education"))
    reference = answer.json()["reference"]
    await desk.do(reference, "triage", **ACCEPT)
    await desk.do(reference, "notes", text=canary("note"))
    await desk.do(reference, "stages/1/outcome", finding="upheld", reason=canary("reason"))
    text = (await analyst.get()).text
    assert "upheld" in text
    assert "zq" not in text
    assert reference not in text
    assert reference.split("-")[1] not in text
    assert "p.officer" not in text


async def test_a_case_keeps_its_name_and_no_two_share_one(desk: Desk, analyst: Analyst) -> None:
    for _ in range(3):
        await desk.log()
    first = [line["case"] for line in await analyst.lines()]
    assert len(set(first)) == 3
    assert [line["case"] for line in await analyst.lines()] == first


async def test_only_what_was_changed_since_and_what_was_set_aside_shows(
    desk: Desk, analyst: Analyst, clock: MovableClock
) -> None:
    mistake, _ = await desk.log(), await desk.log()
    before = {line["case"]: line for line in await analyst.lines()}
    as_of = next(iter(before.values()))["as_of"]
    clock.move(hours=1)
    assert await analyst.lines(changed_since=clock().isoformat()) == []
    await desk.do(mistake, "void", reason="Entered twice.")
    (line,) = await analyst.lines(changed_since=clock().isoformat())
    assert before[line["case"]]["set_aside"] == ""
    assert (line["set_aside"], line["status"]) == ("void", "void")
    again = await analyst.lines(changed_since=as_of)
    assert len(again) == len(before)  # those of the minute before it too, to be sure


async def test_an_act_that_was_under_way_is_not_missed(
    desk: Desk, analyst: Analyst, clock: MovableClock
) -> None:
    await desk.log()
    clock.move(seconds=30)
    assert len(await analyst.lines(changed_since=clock().isoformat())) == 1


async def test_it_is_read_in_stretches(
    desk: Desk, analyst: Analyst, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        await desk.log()
    whole = await analyst.lines()
    monkeypatch.setattr(extract, "SPAN", 2)
    assert await analyst.lines() == whole
    assert len(whole) == 5


async def test_of_nothing_there_is_the_line_of_names(analyst: Analyst) -> None:
    assert (await analyst.get()).text.split("\r\n") == [",".join(extract.HEADER), ""]


async def test_only_of_the_services_asked_for_and_of_the_key(
    desk: Desk, analyst: Analyst, client: AsyncClient, make_key: MakeKey
) -> None:
    await desk.log(service="children-and-families")
    await desk.log(service="education")
    (line,) = await analyst.lines(service="education")
    assert line["service"] == "education"
    unknown = await analyst.get(service="atlantis")
    assert unknown.json()["type"] == "/problems/question-refused"
    key = await make_key(Scope.stats_full, services=["education"], lives=timedelta(days=1))
    bound = Analyst(client, {"Authorization": f"Bearer {key}"})
    assert [line["service"] for line in await bound.lines()] == ["education"]
    refused = await bound.get(service="highways")
    assert refused.json()["type"] == "/problems/service-not-yours"


@pytest.mark.parametrize("since", ["1700000000", "2026-10-01", "2026-10-01T09:00:00", "yesterday"])
async def test_a_time_that_is_none_or_of_no_zone_is_refused(since: str, analyst: Analyst) -> None:
    answer = await analyst.get(changed_since=since)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


@pytest.mark.parametrize(
    ("since", "found"), [("0001-01-01T00:00:00Z", 1), ("9999-12-31T23:59:59-01:00", 1)]
)
async def test_the_ends_of_time_are_answered_whole(
    since: str, found: int, desk: Desk, analyst: Analyst
) -> None:
    await desk.log()
    assert len(await analyst.lines(changed_since=since)) == found  # the last minute, to be sure
