"""Handing in feedback, as the portal and the contact centre do."""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.intake import commands
from app.kit.settings import Settings
from app.main import create_app
from tests.conftest import MovableClock
from tests.desk import ACCEPT, COMPLAINT, Desk

Headers = Mapping[str, Mapping[str, str]]
BY_PORTAL = {"type": "complaint", "narrative": "Nobody rang me back."}


async def submit(
    client: AsyncClient, headers: Mapping[str, str], body: Mapping[str, Any], key: str
) -> Any:
    return await client.post("/v1/feedback", json=body, headers={**headers, "Idempotency-Key": key})


@pytest.fixture
def desk(client: AsyncClient, staff: Headers) -> Desk:
    return Desk(client, staff["customer_relations"])


async def test_the_portal_submits_for_today_and_gets_a_receipt(
    client: AsyncClient, keys: Headers, clock: MovableClock
) -> None:
    clock.set(datetime(2026, 7, 2, 23, 30, tzinfo=UTC))  # half past midnight in London
    answer = await submit(client, keys["portal"], BY_PORTAL, "first")
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt["received_on"] == receipt["registered_on"] == "2026-07-03"
    assert receipt["next_step"] == "acknowledge"
    assert receipt["by"] > "2026-07-03"
    assert receipt["by"][8:].lstrip("0") in receipt["next_step_says"]
    seen = await client.get(
        answer.headers["location"],
        headers={**keys["portal"], "Receipt-Token": receipt["receipt_token"]},
    )
    assert seen.status_code == 200
    assert seen.json()["status"] == "received"
    assert "receipt_token" not in seen.json()


@pytest.mark.parametrize(
    "more",
    [
        {"channel": "phone"},
        {"received_on": "2026-09-30"},
        {"systems": [{"system": "contact_us", "reference": "CU-1"}]},
    ],
)
async def test_the_portal_may_not_say_how_or_when_it_came(
    client: AsyncClient, keys: Headers, more: dict[str, Any]
) -> None:
    answer = await submit(client, keys["portal"], {**BY_PORTAL, **more}, "k")
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/not-for-this-key"


async def test_a_receipt_is_shown_only_to_its_key_with_its_token(
    client: AsyncClient, keys: Headers, staff: Headers
) -> None:
    receipt = (await submit(client, keys["portal"], BY_PORTAL, "k")).json()
    path = f"/v1/feedback/{receipt['reference']}/receipt"
    token = receipt["receipt_token"]
    other_key = {**staff["contact_centre"], "Receipt-Token": token}
    wrong_token = {**keys["portal"], "Receipt-Token": token[::-1]}
    assert (await client.get(path, headers=other_key)).status_code == 404
    assert (await client.get(path, headers=wrong_token)).status_code == 404
    assert (await client.get(path, headers=keys["portal"])).status_code == 422


async def test_the_contact_centre_logs_who_logged_it_and_the_true_day(
    desk: Desk, client: AsyncClient
) -> None:
    reference = await desk.log(channel="post", received_on="2026-09-28")
    case = await desk.read(reference)
    assert (case["received_on"], case["registered_on"]) == ("2026-09-28", "2026-10-01")
    assert case["channel"] == "post"
    assert case["systems"] == [{"system": "customer_feedback", "reference": reference}]
    history = (await desk.get(f"/v1/feedback/{reference}/history")).json()["items"]
    assert [(line["act"], line["officer"]) for line in history] == [("receive", "p.officer")]


async def test_staff_must_say_how_it_came_and_not_in_the_future(desk: Desk) -> None:
    unsaid = {k: v for k, v in COMPLAINT.items() if k != "channel"}
    assert (await desk.submit(unsaid)).json()["type"] == "/problems/channel-needed"
    tomorrow = await desk.submit({**COMPLAINT, "received_on": "2026-10-02"})
    assert tomorrow.json()["type"] == "/problems/received-in-the-future"


@pytest.mark.parametrize("kind", ["complaint", "comment", "compliment"])
@pytest.mark.parametrize("channel", ["portal", "phone", "email", "post"])
async def test_every_type_comes_by_every_channel(desk: Desk, kind: str, channel: str) -> None:
    case = await desk.read(await desk.log(type=kind, channel=channel))
    assert (case["type"], case["type_at_receipt"], case["channel"]) == (kind, kind, channel)


async def test_feedback_may_be_anonymous_or_for_somebody_else(desk: Desk) -> None:
    nobody = await desk.read(await desk.log(people=[]))
    assert (nobody["anonymous"], nobody["on_behalf"]) == (True, False)
    mother = {"role": "representative", "name": "Sam Sample", "relationship": "mother"}
    child = {"role": "affected_child", "name": "Kim Sample", "consent": "given"}
    behalf = await desk.read(await desk.log(people=[mother, child]))
    assert (behalf["anonymous"], behalf["on_behalf"]) == (False, True)


async def test_a_repeat_is_answered_byte_for_byte_also_after_a_restart(
    client: AsyncClient, staff: Headers, settings: Settings, clock: MovableClock
) -> None:
    headers = staff["contact_centre"]
    first = await submit(client, headers, COMPLAINT, "once")
    clock.move(days=3)
    again = await submit(client, headers, COMPLAINT, "once")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["location"] == first.headers["location"]
    restarted = create_app(settings, clock=clock)
    async with restarted.router.lifespan_context(restarted):
        transport = ASGITransport(app=restarted)
        async with AsyncClient(transport=transport, base_url="http://council.test") as anew:
            assert (await submit(anew, headers, COMPLAINT, "once")).content == first.content


async def test_a_repeat_is_answered_the_same_when_the_rules_would_now_refuse_it(
    client: AsyncClient, keys: Headers, clock: MovableClock
) -> None:
    clock.set(datetime(2026, 10, 1, 22, 59, 59, tzinfo=UTC))  # a second before midnight in London
    today = {**BY_PORTAL, "received_on": "2026-10-01"}
    first = await submit(client, keys["portal"], today, "late")
    assert first.status_code == 201
    clock.move(seconds=1)
    again = await submit(client, keys["portal"], today, "late")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = await submit(client, keys["portal"], {**today, "narrative": "Other."}, "late")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    new = await submit(client, keys["portal"], today, "new")
    assert (new.status_code, new.json()["type"]) == (403, "/problems/not-for-this-key")


async def test_a_key_with_another_body_is_refused(client: AsyncClient, staff: Headers) -> None:
    headers = staff["contact_centre"]
    await submit(client, headers, COMPLAINT, "once")
    other = await submit(client, headers, {**COMPLAINT, "narrative": "Other."}, "once")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


async def test_a_key_belongs_to_its_client(
    client: AsyncClient, staff: Headers, keys: Headers
) -> None:
    one = await submit(client, staff["contact_centre"], COMPLAINT, "same")
    two = await submit(client, staff["customer_relations"], COMPLAINT, "same")
    assert one.json()["reference"] != two.json()["reference"]


async def test_a_submission_needs_a_key(client: AsyncClient, keys: Headers) -> None:
    answer = await client.post("/v1/feedback", json=BY_PORTAL, headers=keys["portal"])
    assert (answer.status_code, answer.json()["type"]) == (
        400,
        "/problems/idempotency-key-missing",
    )


async def test_many_at_once_under_one_key_make_one_case(
    client: AsyncClient, staff: Headers, database_url: str
) -> None:
    answers = await asyncio.gather(
        *(submit(client, staff["contact_centre"], COMPLAINT, "rush") for _ in range(12))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval('SELECT count(*) FROM core."case"') == 1
    assert await connection.fetchval("SELECT count(*) FROM audit.entry") == 1
    await connection.close()


async def test_of_many_at_once_none_suffers_from_what_is_wrong_with_another(
    client: AsyncClient, staff: Headers, session: AsyncSession
) -> None:
    headers = staff["contact_centre"]
    named = {"systems": [{"system": "contact_us", "reference": "CU-1"}]}
    wrong = {"systems": [{"system": "contact_us", "reference": "CU-2"}]}
    await submit(client, headers, {**COMPLAINT, **named}, "first")
    bodies = [{**COMPLAINT, "narrative": f"The letter of day {n} never came."} for n in range(20)]
    answers = await asyncio.gather(
        *(submit(client, headers, body, f"k{n}") for n, body in enumerate(bodies)),
        submit(client, headers, {**COMPLAINT, **named}, "taken"),
        submit(client, headers, COMPLAINT | wrong, "k1"),  # the key of another one
        submit(client, headers, bodies[2], "k2"),  # a repeat
    )
    assert [answer.status_code for answer in answers] == [201] * 20 + [409, 422, 201]
    taken, another, repeat = (answer.json() for answer in answers[20:])
    assert taken["type"] == "/problems/system-reference-taken"
    assert another["type"] == "/problems/key-reused"
    assert repeat == answers[2].json()
    told = {answer.json()["reference"]: n for n, answer in enumerate(answers[:20])}
    assert len(told) == 20
    for reference, n in told.items():
        path = f"/v1/feedback/{reference}/people"
        read = await client.get(path, headers=staff["customer_relations"])
        assert read.json()["narrative"] == bodies[n]["narrative"]


async def test_a_request_whose_first_is_not_yet_stored_is_told_to_wait_for_it(
    client: AsyncClient, staff: Headers, database_url: str
) -> None:
    first = """
        INSERT INTO ops.idempotency (client, operation, key, fingerprint)
        VALUES ('contact_centre', 'submit_feedback', 'busy', '')
    """
    elsewhere = await asyncpg.connect(database_url)
    async with elsewhere.transaction():
        await elsewhere.execute(first)
        answer = await submit(client, staff["contact_centre"], COMPLAINT, "busy")
        await elsewhere.execute("DELETE FROM ops.idempotency WHERE key = 'busy'")
    await elsewhere.close()
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/still-working")


async def test_while_a_table_is_locked_all_are_told_to_come_again_and_none_tries_for_long(
    client: AsyncClient, staff: Headers, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []
    alone = commands._alone

    async def counted(held: Any, row: Any) -> Any:
        tried.append(row)
        return await alone(held, row)

    monkeypatch.setattr(commands, "_alone", counted)
    elsewhere = await asyncpg.connect(database_url)

    async def all_of_them() -> list[Any]:
        some = (submit(client, staff["contact_centre"], COMPLAINT, f"k{n}") for n in range(12))
        return list(await asyncio.gather(*some))

    async with elsewhere.transaction():
        await elsewhere.execute('LOCK TABLE core."case" IN SHARE MODE')
        refused = await all_of_them()
    await elsewhere.close()
    assert {(one.status_code, one.headers["retry-after"]) for one in refused} == {(503, "1")}
    assert len(tried) <= 4
    assert {one.status_code for one in await all_of_them()} == {201}


async def test_feedback_handed_in_at_once_shares_its_transactions(
    client: AsyncClient, staff: Headers, session: AsyncSession
) -> None:
    sent = (submit(client, staff["contact_centre"], COMPLAINT, f"k{n}") for n in range(40))
    assert {answer.status_code for answer in await asyncio.gather(*sent)} == {201}
    transactions = 'SELECT count(*), count(DISTINCT xmin::text) FROM core."case"'
    cases, groups = (await session.execute(sa.text(transactions))).one()
    assert cases == 40
    assert groups <= 10


async def test_a_name_in_a_system_is_unique_for_ever(desk: Desk) -> None:
    named = {"systems": [{"system": "contact_us", "reference": "CU-7"}]}
    reference = await desk.log(**named)
    clash = await desk.submit({**COMPLAINT, **named})
    assert (clash.status_code, clash.json()["type"]) == (
        409,
        "/problems/system-reference-taken",
    )
    await desk.do(reference, "void", reason="entered twice")
    assert (await desk.submit({**COMPLAINT, **named})).status_code == 409
    found = await desk.get("/v1/feedback", system="contact_us", system_reference="CU-7")
    assert [case["reference"] for case in found.json()["items"]] == [reference]


@pytest.mark.parametrize(
    ("fact", "problem"),
    [
        ({"service": "moon-base"}, "unknown-service"),
        ({"team": "moon-team"}, "unknown-team"),
        ({"category": "moonshine"}, "unknown-category"),
        ({"systems": [{"system": "moon", "reference": "1"}]}, "unknown-system"),
        ({"service": "education", "team": "edt"}, "team-elsewhere"),
    ],
)
async def test_a_code_the_council_does_not_have_is_refused_with_what_it_has(
    desk: Desk, fact: dict[str, Any], problem: str
) -> None:
    answer = await desk.submit({**COMPLAINT, **fact})
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}")
    assert answer.json().get("allowed") or answer.json().get("service")


async def test_likely_repeats_are_shown_to_staff_and_never_merged(
    desk: Desk, client: AsyncClient, keys: Headers
) -> None:
    spelled = {"role": "complainant", "name": "A", "email": " ALEX@example.org "}
    first = await desk.log()
    second = await desk.log(type="comment", people=[spelled])
    phone = {"role": "complainant", "phone": "+44 1632 960 123"}
    third = await desk.log(people=[{**phone, "email": "alex@example.org"}])
    fourth = await desk.log(people=[{"role": "complainant", "phone": "01632 960123"}])
    shown = (await desk.get(f"/v1/feedback/{third}/likely-repeats")).json()["items"]
    assert {(one["reference"], tuple(one["because"])) for one in shown} == {
        (first, ("same_email",)),
        (second, ("same_email",)),
        (fourth, ("same_phone",)),
    }
    told = await client.get(f"/v1/feedback/{third}/likely-repeats", headers=keys["portal"])
    assert told.status_code == 403


async def test_a_case_from_long_before_is_no_repeat(desk: Desk, clock: MovableClock) -> None:
    await desk.log()
    clock.on(date(2027, 3, 1))
    later = await desk.log()
    assert (await desk.get(f"/v1/feedback/{later}/likely-repeats")).json() == {"items": []}


async def test_people_are_kept_apart_and_their_disclosure_is_recorded(
    desk: Desk, database_url: str
) -> None:
    reference = await desk.log(desired_outcome="A call back.")
    assert "Alex" not in (await desk.get(f"/v1/feedback/{reference}")).text
    people = (await desk.get(f"/v1/feedback/{reference}/people")).json()
    assert people["people"][0]["name"] == "Alex Example"
    assert (people["narrative"], people["desired_outcome"]) == (
        "Nobody rang me back.",
        "A call back.",
    )
    connection = await asyncpg.connect(database_url)
    disclosed = await connection.fetch("SELECT client, what FROM audit.disclosure")
    await connection.close()
    assert [tuple(row) for row in disclosed] == [
        ("customer_relations", "people, narrative, remarks")
    ]


async def test_a_request_cut_off_leaves_all_or_nothing(
    app: FastAPI, client: AsyncClient, staff: Headers, database_url: str
) -> None:
    whole, none = 0, 0
    for delay in range(20):
        key = str(uuid.uuid4())
        sending = asyncio.create_task(submit(client, staff["contact_centre"], COMPLAINT, key))
        await asyncio.sleep(delay / 1000)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    connection = await asyncpg.connect(database_url)
    for case in await connection.fetch('SELECT id FROM core."case"'):
        parts = await connection.fetchrow(
            """SELECT (SELECT count(*) FROM audit.entry WHERE case_id = $1),
                      (SELECT count(*) FROM core.standing WHERE case_id = $1),
                      (SELECT count(*) FROM pii.person WHERE case_id = $1),
                      (SELECT count(*) FROM pii.narrative WHERE case_id = $1),
                      (SELECT count(*) FROM core.case_system WHERE case_id = $1),
                      (SELECT count(*) FROM ops.idempotency WHERE case_id = $1)""",
            case["id"],
        )
        assert parts is not None
        assert tuple(parts) == (1, 1, 1, 1, 1, 1)
        whole += 1
    none = await connection.fetchval(
        """SELECT count(*) FROM ops.idempotency
           WHERE case_id NOT IN (SELECT id FROM core."case")"""
    )
    await connection.close()
    assert none == 0
    assert whole <= 20
    assert (await submit(client, staff["contact_centre"], COMPLAINT, "after")).status_code == 201


NEXT: tuple[tuple[tuple[tuple[str, dict[str, Any]], ...], str, str | None], ...] = (
    ((), "acknowledge", "2026-10-06"),
    ((("triage", ACCEPT),), "reply", "2026-10-15"),
    (
        (("triage", {"decision": "accept", "procedure": "adult-social-care"}),),
        "reply",
        None,
    ),
    ((("triage", ACCEPT), ("stages/1/outcome", {"finding": "upheld"})), "answered", None),
    (
        (
            ("triage", ACCEPT),
            ("stages/1/outcome", {"finding": "upheld"}),
            ("escalations", {}),
        ),
        "decide_escalation",
        None,
    ),
    ((("triage", {"decision": "accept", "type": "comment"}),), "passed_on", None),
    ((("withdrawal", {}),), "closed", None),
    ((("void", {"reason": "Entered twice."}),), "closed", None),
)


@pytest.mark.parametrize(("acts", "step", "by"), NEXT)
async def test_a_receipt_says_what_happens_next_wherever_the_case_stands(
    desk: Desk,
    client: AsyncClient,
    keys: Headers,
    acts: tuple[tuple[str, dict[str, Any]], ...],
    step: str,
    by: str | None,
) -> None:
    receipt = (await submit(client, keys["portal"], BY_PORTAL, "k")).json()
    for act, body in acts:
        await desk.do(receipt["reference"], act, **body)
    seen = await client.get(
        f"/v1/feedback/{receipt['reference']}/receipt",
        headers={**keys["portal"], "Receipt-Token": receipt["receipt_token"]},
    )
    assert (seen.json()["next_step"], seen.json()["by"]) == (step, by)
    assert seen.json()["next_step_says"]
