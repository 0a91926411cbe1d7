"""Reading, listing and changing cases: versions, repeats, history and who may see what."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.access.commands import add_client, issue_key
from app.access.principal import Scope
from app.cases.models import Case
from app.cases.record import CaseFacts
from app.cases.reference import number_in, reference_of
from app.cases.rows import PARTS, columns
from app.kit.settings import Settings
from app.main import KEY_ENV
from tests.conftest import MovableClock
from tests.desk import ACCEPT, COMPLAINT, Desk

Headers = Mapping[str, Mapping[str, str]]


@pytest.fixture
def desk(client: AsyncClient, staff: Headers) -> Desk:
    return Desk(client, staff["customer_relations"])


def test_a_reference_catches_every_wrong_digit_and_every_swap() -> None:
    text = reference_of(123_456)
    assert number_in(text) == 123_456
    digits = [i for i, sign in enumerate(text) if sign.isdigit()]
    for i in digits:
        for other in "0123456789":
            if other != text[i]:
                assert number_in(text[:i] + other + text[i + 1 :]) is None
    for i, j in pairwise(digits):
        if text[i] != text[j]:
            swapped = list(text)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            assert number_in("".join(swapped)) is None


async def test_the_database_computes_the_same_reference(desk: Desk, database_url: str) -> None:
    given = [await desk.log() for _ in range(3)]
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch('SELECT id, reference FROM core."case" ORDER BY id')
    await connection.close()
    assert [row["reference"] for row in rows] == given
    assert [reference_of(row["id"]) for row in rows] == given


def test_facts_and_tables_have_the_same_columns() -> None:
    only_stored = {"reference", "recorded_at"}
    assert set(columns(CaseFacts)) == set(Case.model_fields) - only_stored
    for part in PARTS:
        assert set(part.columns) == set(part.table.model_fields) - {"case_id"}, part.table


async def test_a_wrong_reference_says_to_read_it_again(desk: Desk) -> None:
    reference = await desk.log()
    wrong = reference[:-1] + str((int(reference[-1]) + 1) % 10)
    answer = await desk.get(f"/v1/feedback/{wrong}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/case-not-found")
    assert wrong not in answer.text.replace(answer.json().get("instance", ""), "")


async def test_a_change_needs_the_version_it_was_decided_on(desk: Desk) -> None:
    reference = await desk.log()
    path = f"/v1/feedback/{reference}/notes"
    missing = await desk.client.post(path, json={"text": "x"}, headers=desk.headers)
    assert (missing.status_code, missing.json()["type"]) == (428, "/problems/if-match-missing")
    for bad in ("3", "*", 'W/"1"', '"1", "2"'):
        odd = await desk.send(reference, "notes", {"text": "x"}, **{"If-Match": bad})
        assert (odd.status_code, odd.json()["type"]) == (400, "/problems/if-match-malformed")
    read = await desk.get(f"/v1/feedback/{reference}")
    assert read.headers["etag"] == '"1"'
    done = await desk.send(reference, "notes", {"text": "x"}, **{"If-Match": '"1"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    stale = await desk.send(reference, "notes", {"text": "y"}, **{"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    assert stale.json()["etag"] == '"2"'


async def test_of_many_changes_to_one_version_one_is_made(desk: Desk) -> None:
    reference = await desk.log()
    answers = await asyncio.gather(
        *(
            desk.send(reference, "notes", {"text": f"note {n}"}, **{"If-Match": '"1"'})
            for n in range(8)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert (await desk.read(reference))["version"] == 2


async def test_an_act_sent_again_under_its_key_is_done_once(desk: Desk) -> None:
    reference = await desk.log()
    named = {"If-Match": '"1"', "Idempotency-Key": "once"}
    first = await desk.send(reference, "triage", ACCEPT, **named)
    again = await desk.send(reference, "triage", ACCEPT, **named)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["etag"] == first.headers["etag"] == '"2"'
    assert again.headers["idempotency-replayed"] == "true"
    other = await desk.send(reference, "triage", {**ACCEPT, "safeguarding": True}, **named)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    elsewhere = await desk.send(await desk.log(), "triage", ACCEPT, **named)
    assert elsewhere.json()["type"] == "/problems/key-reused"


async def test_a_refused_act_leaves_its_key_free(desk: Desk) -> None:
    reference = await desk.log()
    named = {"Idempotency-Key": "again"}
    refused = await desk.send(reference, "closure", {}, **named)
    assert refused.status_code == 409
    await desk.do(reference, "triage", **ACCEPT)
    await desk.do(reference, "stages/1/outcome", finding="upheld")
    assert (await desk.send(reference, "closure", {}, **named)).status_code == 200


async def test_history_tells_who_did_what_when_and_nothing_personal(
    desk: Desk, clock: MovableClock
) -> None:
    reference = await desk.log(narrative="Canary words about Alex.")
    await desk.do(reference, "triage", **ACCEPT)
    clock.set(datetime(2026, 10, 7, 22, 45, tzinfo=UTC))
    await desk.do(reference, "notes", text="Canary rang Alex.")
    await desk.do(reference, "stages/1/outcome", finding="upheld", reason="Canary letter.")
    answer = await desk.get(f"/v1/feedback/{reference}/history")
    assert "Canary" not in answer.text
    lines = answer.json()["items"]
    assert [line["version"] for line in lines] == [1, 2, 3, 4]
    assert [line["act"] for line in lines] == ["receive", "accept", "note", "answer"]
    assert {line["officer"] for line in lines} == {"p.officer"}
    assert lines[1]["changes"]["status"] == "in_stage"
    assert (
        lines[3]["changes"]
        == {
            "status": "answered",
            "stage": 1,
            "finding": "upheld",
            "verdict": "within_target",
            "remedies": [],
        }
        or lines[3]["changes"]["finding"] == "upheld"
    )
    assert lines[3]["recorded_at"] == "2026-10-07T22:45:00Z"
    assert lines[3]["happened_on"] == "2026-10-07"
    remarks = (await desk.get(f"/v1/feedback/{reference}/people")).json()["remarks"]
    assert [(r["version"], r["text"]) for r in remarks] == [
        (3, "Canary rang Alex."),
        (4, "Canary letter."),
    ]


async def test_history_cannot_be_rewritten(desk: Desk, database_url: str) -> None:
    await desk.log()
    connection = await asyncpg.connect(database_url)
    for statement in (
        "UPDATE audit.entry SET act = 'note'",
        "DELETE FROM audit.entry",
        "TRUNCATE audit.entry",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(statement)
    await connection.close()


async def test_a_voided_case_keeps_its_rows_and_can_only_be_noted(desk: Desk) -> None:
    reference = await desk.accepted()
    case = await desk.do(reference, "void", reason="Entered twice.")
    assert (case["status"], case["set_aside"]) == ("void", "void")
    assert case["possible_acts"] == ["note"]
    problem = await desk.refused(reference, "reopening", reason="No.")
    assert problem["type"] == "/problems/illegal-move"


async def test_standings_meet_end_to_end(
    desk: Desk, clock: MovableClock, database_url: str
) -> None:
    reference = await desk.log(received_on="2026-09-25")
    await desk.do(reference, "triage", **ACCEPT)
    clock.move(days=5)
    await desk.do(reference, "allocations", team="edt")
    await desk.do(reference, "stages/1/outcome", finding="upheld")
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "SELECT since::text, until::text, status, team, stage FROM core.standing ORDER BY seq"
    )
    await connection.close()
    assert [tuple(row) for row in rows] == [
        ("2026-09-25", "2026-10-01", "received", None, None),
        ("2026-10-01", "2026-10-06", "in_stage", None, 1),
        ("2026-10-06", "2026-10-06", "in_stage", "edt", 1),
        ("2026-10-06", None, "answered", "edt", 1),
    ]


LISTED: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({}, {"open", "answered", "comment", "void", "bare"}),
    ({"feedback_type": "comment"}, {"comment"}),
    ({"status": ["in_stage", "answered"]}, {"open", "answered"}),
    ({"channel": "post"}, {"comment"}),
    ({"service": "no-service"}, {"bare"}),
    ({"service": ["education", "no-service"]}, {"answered", "bare"}),
    ({"team": "edt"}, {"open"}),
    ({"team": "no-team"}, {"answered", "comment", "void", "bare"}),
    ({"category": "communication"}, {"open", "answered"}),
    ({"source_system": "customer_feedback", "procedure": "corporate"}, {"answered"}),
    ({"set_aside": "no"}, {"open", "answered", "comment", "bare"}),
    ({"set_aside": "void"}, {"void"}),
    ({"received_since": "2026-09-21", "received_until": "2026-09-23"}, {"comment"}),
    ({"registered_since": "2026-10-02"}, set()),
    ({"stage": 1, "outcome": "upheld"}, {"answered"}),
    ({"outcome": "closed_without_a_finding"}, set()),
    ({"verdict": "within_target", "remedy": "apology"}, {"answered"}),
    ({"remedy": "explanation"}, set()),
    ({"stage_closed_since": "2026-10-01", "stage_closed_until": "2026-10-02"}, {"answered"}),
    ({"stage_started_since": "2026-10-01"}, {"open", "answered"}),
    ({"stage_open_due_before": "2026-10-16"}, {"open"}),
    ({"stage_open_due_before": "2026-10-15"}, set()),
    ({"safeguarding": "false", "system": "contact_us"}, {"comment"}),
)


async def test_lists_filter_by_every_dimension(desk: Desk) -> None:
    cases = {
        "open": await desk.accepted(),
        "answered": await desk.log(service="education"),
        "comment": await desk.log(
            type="comment",
            channel="post",
            received_on="2026-09-22",
            systems=[{"system": "contact_us", "reference": "CU-1"}],
        ),
        "void": await desk.log(),
        "bare": await desk.log(service=None),
    }
    await desk.do(cases["open"], "allocations", team="edt")
    as_corporate = {**ACCEPT, "procedure": "corporate", "service": "education"}
    await desk.do(cases["answered"], "triage", **as_corporate)
    await desk.do(
        cases["answered"],
        "stages/1/outcome",
        finding="upheld",
        remedies=[{"kind": "apology"}],
    )
    await desk.do(cases["void"], "void", reason="Twice.")
    names = {reference: name for name, reference in cases.items()}
    for filters, expected in LISTED:
        answer = await desk.get("/v1/feedback", **filters)
        assert answer.status_code == 200, answer.text
        found = {names[case["reference"]] for case in answer.json()["items"]}
        assert found == expected, filters


async def test_lists_page_by_cursor_without_gap_or_repeat(desk: Desk) -> None:
    made = [await desk.log() for _ in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        answer = await desk.get("/v1/feedback", **params)
        page = answer.json()
        seen += [case["reference"] for case in page["items"]]
        cursor = page["next_cursor"]
        assert ("link" in answer.headers) is (cursor is not None)
        if cursor is None:
            break
        await desk.log(type="compliment")  # what arrives meanwhile does not disturb the list
    assert seen == made[::-1]


async def test_pages_asked_for_at_once_are_those_that_are_given_one_by_one(desk: Desk) -> None:
    for kind in ("complaint", "comment", "complaint") * 3:
        await desk.log(type=kind)

    async def page(path: str) -> Response:
        return await desk.client.get(path, headers=desk.headers)

    one_by_one: dict[str, Any] = {}
    for start in ("/v1/feedback?limit=2", "/v1/feedback?limit=2&feedback_type=comment"):
        path = start
        while path:
            answer = await page(path)
            one_by_one[path] = answer.json()
            path = answer.links.get("next", {}).get("url", "")
    assert [len(page["items"]) for page in one_by_one.values()] == [2, 2, 2, 2, 1, 2, 1]
    asked = [*one_by_one] * 3
    at_once = await asyncio.gather(*map(page, asked))
    assert [answer.json() for answer in at_once] == [one_by_one[path] for path in asked]


async def test_a_cursor_belongs_to_its_list_and_its_caller(
    desk: Desk, client: AsyncClient, staff: Headers
) -> None:
    for _ in range(2):
        await desk.log()
    cursor = (await desk.get("/v1/feedback", limit=1)).json()["next_cursor"]
    other_list = await desk.get("/v1/feedback", cursor=cursor, feedback_type="complaint")
    assert (other_list.status_code, other_list.json()["type"]) == (
        400,
        "/problems/cursor-refused",
    )
    other_caller = Desk(client, staff["contact_centre"])
    assert (await other_caller.get("/v1/feedback", cursor=cursor)).status_code == 400


async def test_an_unknown_filter_is_refused_by_name(desk: Desk) -> None:
    answer = await desk.get("/v1/feedback", colour="red")
    assert answer.status_code == 422
    assert "colour" in answer.text


async def test_a_key_for_some_services_sees_only_their_cases(
    desk: Desk, client: AsyncClient, settings: Settings, clock: MovableClock
) -> None:
    engine = create_async_engine(settings.sqlalchemy_url)
    async with AsyncSession(engine) as session, session.begin():
        await add_client(
            session,
            slug="schools",
            name="School partners",
            scopes=[Scope.case_read, Scope.case_manage, Scope.case_pii],
            services=["education"],
            now=clock(),
        )
        key = await issue_key(
            session,
            client="schools",
            env=KEY_ENV[settings.mode],
            pepper=settings.pepper.get_secret_value().encode(),
            now=clock(),
        )
    await engine.dispose()
    theirs, others = await desk.log(service="education"), await desk.log()
    partner = Desk(client, {"Authorization": f"Bearer {key}", "Acting-Officer": "a.partner"})
    listed = (await partner.get("/v1/feedback")).json()["items"]
    assert [case["reference"] for case in listed] == [theirs]
    assert (await partner.get(f"/v1/feedback/{theirs}")).status_code == 200
    for path in ("", "/history", "/people"):
        assert (await partner.get(f"/v1/feedback/{others}{path}")).status_code == 404
    hidden = await partner.send(others, "notes", {"text": "x"}, **{"If-Match": '"1"'})
    assert hidden.status_code == 404


async def test_text_that_cannot_be_kept_is_refused(desk: Desk) -> None:
    nul = await desk.submit({**COMPLAINT, "narrative": "a\x00b"})
    assert nul.status_code == 422
    raw = b'{"type":"comment","channel":"post","narrative":"\\ud800"}'
    lone = await desk.client.post(
        "/v1/feedback",
        content=raw,
        headers={
            **desk.headers,
            "Idempotency-Key": "s",
            "Content-Type": "application/json",
        },
    )
    assert lone.status_code in {400, 422}
