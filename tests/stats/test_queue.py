"""The data-quality queue: it lists what the figure counts, and doing what it says mends it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.access.principal import Scope
from app.stats.faults import EVERY_FAULT, REOPEN, FaultCode
from tests.conftest import MORNING, MakeKey, MovableClock, Server
from tests.desk import ACCEPT, Desk
from tests.stats import demonstration
from tests.stats.demonstration import Reader
from tests.stats.tables import Asked

QUEUE, FIGURE = "/v1/stats/faults", "/v1/stats/figures/data-quality"
TODAY = MORNING.date()
TEAM = "warwick-childrens-team"
PLACED = {**ACCEPT, "team": TEAM}
WITHOUT_RECORD = {"closure": "no_finding", "no_finding_reason": "closed_without_record"}


@pytest.fixture
def desk(client: AsyncClient, staff: Mapping[str, dict[str, str]]) -> Desk:
    return Desk(client, staff["customer_relations"])


Sql = Callable[[str], Awaitable[None]]


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[Sql]:
    """What no act does to the tables, as another system may have done it."""
    connection = await asyncpg.connect(database_url)

    async def execute(statement: str) -> None:
        await connection.execute(statement)

    yield execute
    await connection.close()


async def queued(desk: Desk, **asked: Any) -> list[dict[str, Any]]:
    """Every line of the queue, page by page."""
    lines: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await desk.get(QUEUE, **asked, **cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        lines += page["items"]
        if page["next_cursor"] is None:
            assert page["count"] == len(lines)
            return lines
        cursor = {"cursor": page["next_cursor"]}


def acts_for(fault: str, line: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(
        one["acts"] for one in line["faults"] if one["fault"] == fault
    )
    return found


# --- What is wrong, made over HTTP, and what is sent to mend it ---------------------------------


async def uncategorised(desk: Desk, **_: Any) -> str:
    return await desk.log()


async def recorded_without_category(desk: Desk, **_: Any) -> str:
    reference = await desk.log(type="comment")
    await desk.do(reference, "triage", decision="accept")
    await desk.do(reference, "closure")
    return reference


async def without_service(desk: Desk, **_: Any) -> str:
    return await desk.log(service=None)


async def withdrawn_without_service(desk: Desk, **_: Any) -> str:
    reference = await desk.log(service=None)
    await desk.do(reference, "withdrawal")
    return reference


async def without_team(desk: Desk, **_: Any) -> str:
    return await desk.accepted()


async def closed_without_team(desk: Desk, **_: Any) -> str:
    reference = await desk.answered("not_upheld")
    await desk.do(reference, "closure")
    return reference


async def without_record(desk: Desk, **_: Any) -> str:
    reference = await desk.log()
    await desk.do(reference, "triage", **PLACED)
    await desk.do(reference, "stages/1/outcome", **WITHOUT_RECORD)
    return reference


async def without_outcome(desk: Desk, *, sql: Sql, **_: Any) -> str:
    reference = await desk.log()
    await desk.do(reference, "triage", decision="resolve_early")
    await sql("DELETE FROM core.stage")
    return reference


async def without_remedy(desk: Desk, **_: Any) -> str:
    return await desk.answered("partially_upheld")


async def closed_without_remedy(desk: Desk, **_: Any) -> str:
    reference = await desk.answered("upheld")
    await desk.do(reference, "closure")
    return reference


async def later_stage_without_remedy(desk: Desk, **_: Any) -> str:
    reference = await desk.answered("not_upheld")
    await desk.do(reference, "escalations")
    await desk.do(reference, "escalations/1/decision", decision="accepted")
    await desk.do(reference, "stages/2/outcome", finding="upheld")
    return reference


async def overdue(desk: Desk, *, clock: MovableClock, **_: Any) -> str:
    reference = await desk.accepted()
    clock.move(days=60)
    return reference


async def asked_for_before_it_was_answered(desk: Desk, *, clock: MovableClock, **_: Any) -> str:
    reference = await desk.answered("not_upheld")
    await desk.do(reference, "escalations")
    clock.move(days=5)
    late = (TODAY + timedelta(4)).isoformat()
    await desk.do(reference, "corrections", stage=1, answered_on=late, reason="As it says.")
    return reference


async def closed_before_it_was_answered(desk: Desk, *, clock: MovableClock, **_: Any) -> str:
    reference = await desk.answered("not_upheld")
    await desk.do(reference, "closure")
    clock.move(days=5)
    late = (TODAY + timedelta(4)).isoformat()
    await desk.do(reference, "corrections", stage=1, answered_on=late, reason="As it says.")
    return reference


async def acknowledged_before_it_was_received(desk: Desk, **_: Any) -> str:
    days = [(TODAY - timedelta(ago)).isoformat() for ago in (5, 4, 2)]
    reference = await desk.log(received_on=days[0])
    await desk.do(reference, "acknowledgement", by="post", on=days[1])
    await desk.do(reference, "corrections", received_on=days[2], reason="The postmark.")
    return reference


CATEGORY = {"correct": {"category": "communication", "reason": "As it says."}}
REOPENED = {"reopen": {"reason": "To put the record right."}}
TEAM_NAMED = {"allocate": {"team": TEAM}}
SERVICE_NAMED = {"allocate": {"service": "education"}}
ANSWERED = {"answer": {"finding": "not_upheld"}}
REMEDIED = {"add_remedies": {"remedies": [{"kind": "apology"}]}}
EARLY = {"triage": {"decision": "resolve_early"}}
ANSWERED_TODAY = {"correct": {"stage": 1, "answered_on": TODAY.isoformat(), "reason": "The date."}}
RECEIVED_THEN = {
    "correct": {"received_on": (TODAY - timedelta(5)).isoformat(), "reason": "The first page."}
}
ACKNOWLEDGED_THEN = {
    "correct": {"acknowledged_on": TODAY.isoformat(), "reason": "The copy of the letter."}
}

FAULTY = [
    pytest.param("not_categorised", uncategorised, {"triage": PLACED}, id="uncategorised"),
    pytest.param(
        "not_categorised", recorded_without_category, CATEGORY, id="closed, uncategorised"
    ),
    pytest.param("no_service", without_service, SERVICE_NAMED, id="no service"),
    pytest.param(
        "no_service",
        withdrawn_without_service,
        REOPENED | SERVICE_NAMED,
        id="closed with no service",
    ),
    pytest.param("no_team", without_team, TEAM_NAMED, id="no team"),
    pytest.param("no_team", closed_without_team, REOPENED | TEAM_NAMED, id="closed with no team"),
    pytest.param(
        "closed_without_record", without_record, REOPENED | ANSWERED, id="closed without record"
    ),
    pytest.param(
        "closed_without_outcome", without_outcome, REOPENED | EARLY, id="closed without outcome"
    ),
    pytest.param("upheld_without_remedy", without_remedy, REMEDIED, id="upheld"),
    pytest.param("upheld_without_remedy", closed_without_remedy, REMEDIED, id="upheld and closed"),
    pytest.param(
        "upheld_without_remedy", later_stage_without_remedy, REMEDIED, id="upheld at stage 2"
    ),
    pytest.param("overdue_and_unanswered", overdue, ANSWERED, id="overdue"),
    pytest.param(
        "impossible_dates",
        asked_for_before_it_was_answered,
        ANSWERED_TODAY,
        id="stage 2 asked for before the answer",
    ),
    pytest.param(
        "impossible_dates",
        closed_before_it_was_answered,
        ANSWERED_TODAY,
        id="closed before the answer",
    ),
    pytest.param(
        "impossible_dates",
        acknowledged_before_it_was_received,
        RECEIVED_THEN,
        id="acknowledged before receipt",
    ),
    pytest.param(
        "impossible_dates",
        acknowledged_before_it_was_received,
        ACKNOWLEDGED_THEN,
        id="acknowledged before receipt, as it was keyed",
    ),
]


@pytest.mark.parametrize(("fault", "make", "bodies"), FAULTY)
async def test_doing_what_the_queue_says_takes_the_fault_out_of_it(
    fault: str,
    make: Callable[..., Awaitable[str]],
    bodies: Mapping[str, Mapping[str, Any]],
    desk: Desk,
    clock: MovableClock,
    sql: Sql,
) -> None:
    reference = await make(desk, clock=clock, sql=sql)
    (line,) = await queued(desk, fault=fault)
    assert line["reference"] == reference
    acts = acts_for(fault, line)
    assert [act["operation"] for act in acts] == list(bodies)
    for act in acts:
        assert act["preview"] == f"{act['path']}/preview"
        case = await desk.get(line["links"]["case"])
        answer = await desk.client.request(
            act["method"],
            act["path"],
            json=bodies[act["operation"]],
            headers={**desk.headers, "If-Match": case.headers["ETag"]},
        )
        assert answer.status_code == 200, answer.text
    assert await queued(desk, fault=fault) == []


def test_every_kind_of_fault_is_made_and_mended_here() -> None:
    assert {str(param.values[0]) for param in FAULTY} == set(FaultCode)
    assert [fault.code for fault in EVERY_FAULT] == list(FaultCode)


def test_every_act_that_mends_is_one_of_the_api(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    for mend in (REOPEN, *(mend for fault in EVERY_FAULT for mend in fault.mends)):
        path = f"/v1/feedback/{{reference}}{mend.path}"
        assert paths[path]["post"]["operationId"] == mend.operation
        links = paths[f"{path}/preview"]["post"]["responses"]["200"]["links"]
        assert list(links) == [mend.operation]


# --- The list ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def reader(server: Server) -> AsyncIterator[Reader]:
    url = await server.filled("demonstration", demonstration.fill)
    team = await demonstration.key(url, "customer_relations")
    async with demonstration.serving(url) as client:
        yield Reader(client, team)


def rows_of(answer: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    for row in answer["rows"]:
        yield row["service"], row["fault"], row["count"]


async def test_the_queue_is_as_long_as_every_row_of_the_figure_says(reader: Reader) -> None:
    desk = Desk(reader.client, reader.headers)
    periods: tuple[dict[str, Asked], ...] = (
        {"year": "2023-24"},
        {"since": "2022-10-01", "until": "2024-01-15"},
    )
    for period in periods:
        rows = list(rows_of(await reader.get(FIGURE, **period)))
        assert sum(count for _, _, count in rows) > 0
        for service, fault, count in rows:
            asked = {**period, "service": service, "fault": fault, "limit": 200}
            assert len(await queued(desk, **asked)) == count, (period, service, fault)


async def test_the_queue_says_of_each_fault_what_the_figure_counts_of_a_team(
    reader: Reader,
) -> None:
    free: dict[str, Asked] = {
        "fact": "faults",
        "by": ["team", "fault"],
        "of": "team",
        "year": "2023-24",
    }
    counted: dict[str, dict[str, int]] = {}
    for row in (await reader.get("/v1/stats/query", **free))["rows"]:
        counted.setdefault(row["team"], {})[row["fault"]] = row["count"]
    assert len(counted) > 2
    for team, faults in counted.items():
        page = await reader.get(QUEUE, team=team, year="2023-24", fault="no_team")
        said = {one["fault"]: one["count"] for one in page["by_fault"]}
        assert {fault: count for fault, count in said.items() if count} == {
            fault: count for fault, count in faults.items() if count
        }


async def test_a_case_with_several_faults_is_one_line_with_all_of_them(desk: Desk) -> None:
    reference = await desk.log(service=None)
    (line,) = await queued(desk, fault="no_team")
    assert line["reference"] == reference
    assert [one["fault"] for one in line["faults"]] == ["not_categorised", "no_service", "no_team"]


async def test_what_is_overdue_comes_first_and_then_what_was_registered_first(
    desk: Desk, clock: MovableClock
) -> None:
    days = [(TODAY - timedelta(ago)).isoformat() for ago in (30, 20, 3)]
    first, second = await desk.log(received_on=days[2]), await desk.log(received_on=days[0])
    clock.move(days=1)
    due_later, due_first = await desk.accepted(), await desk.accepted(received_on=days[1])
    clock.move(days=60)
    last = await desk.log()
    order = [due_first, due_later, first, second, last]
    for limit in (1, 2, 50):
        assert [line["reference"] for line in await queued(desk, limit=limit)] == order
    assert [bool(line["due_on"]) for line in await queued(desk)] == [True, True, *[False] * 3]


async def test_what_is_set_aside_is_not_in_the_queue(desk: Desk) -> None:
    reference = await desk.log()
    await desk.do(reference, "void", reason="Entered twice.")
    assert await queued(desk) == []


# --- Who may see it ------------------------------------------------------------------------------


async def test_it_takes_a_key_that_may_read_cases(
    client: AsyncClient, staff: Mapping[str, dict[str, str]]
) -> None:
    answer = await client.get(QUEUE, headers=staff["reporting"])
    assert (answer.status_code, answer.json()["scopes"]) == (403, [Scope.case_read])


async def test_a_key_for_one_service_sees_its_own_cases_only(
    desk: Desk, client: AsyncClient, make_key: MakeKey
) -> None:
    await desk.log()
    own = await desk.log(service="education")
    key = await make_key(Scope.case_read, services=["education"])
    one = Desk(client, {"Authorization": f"Bearer {key}"})
    assert [line["reference"] for line in await queued(one)] == [own]
    refused = await one.get(QUEUE, service="highways")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/service-not-yours")


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ({"team": "nobodys"}, 422, "question-refused"),
        ({"service": "nobodys"}, 422, "question-refused"),
        ({"fault": "nothing"}, 422, "invalid-request"),
        ({"year": "2023-25"}, 422, "question-refused"),
        ({"cursor": "x"}, 400, "cursor-refused"),
    ],
)
async def test_what_there_is_not_is_refused(
    asked: dict[str, str], status: int, kind: str, desk: Desk
) -> None:
    answer = await desk.get(QUEUE, **asked)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")
