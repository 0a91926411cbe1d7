"""Confirming what a case is, whose it is, and what happens first, over HTTP."""

from collections.abc import Mapping
from datetime import date

import asyncpg
import pytest
from httpx import AsyncClient

from tests.conftest import MovableClock
from tests.desk import ACCEPT, Desk

Headers = Mapping[str, Mapping[str, str]]


@pytest.fixture
def desk(client: AsyncClient, staff: Headers) -> Desk:
    return Desk(client, staff["customer_relations"])


async def test_acceptance_opens_stage_1_and_sets_its_due_day(desk: Desk) -> None:
    reference = await desk.log(received_on="2026-09-30")
    case = await desk.do(reference, "triage", **ACCEPT, safeguarding=True)
    assert (case["status"], case["category"], case["safeguarding"]) == (
        "in_stage",
        "communication",
        True,
    )
    (stage,) = case["stages"]
    assert stage["started_on"] == "2026-09-30"
    assert stage["due_on"] == stage["base_due_on"] == "2026-10-14"


async def test_a_complaint_needs_a_procedure_to_be_accepted(desk: Desk) -> None:
    problem = await desk.refused(await desk.log(), "triage", decision="accept")
    assert (problem["status"], problem["type"]) == (409, "/problems/procedure-needed")
    assert "childrens-statutory" in problem["procedures"]


async def test_a_comment_is_recorded_and_asks_for_no_procedure(desk: Desk) -> None:
    case = await desk.do(await desk.log(type="comment"), "triage", decision="accept")
    assert (case["status"], case["stages"]) == ("recorded", [])


async def test_a_refused_complaint_has_no_stage_and_says_why(desk: Desk) -> None:
    case = await desk.do(
        await desk.log(), "triage", decision="refuse", refusal_reason="out_of_time"
    )
    assert (case["status"], case["closure"], case["refusal_reason"]) == (
        "closed",
        "refused",
        "out_of_time",
    )
    assert case["stages"] == []
    assert case["closed_on"] == "2026-10-01"


async def test_a_refusal_without_a_reason_is_a_bad_request(desk: Desk) -> None:
    problem = await desk.refused(await desk.log(), "triage", decision="refuse")
    assert problem["status"] == 422


async def test_a_question_leaves_every_count(desk: Desk) -> None:
    case = await desk.do(await desk.log(), "triage", decision="redirect_not_feedback")
    assert (case["status"], case["set_aside"], case["stages"]) == ("closed", "not_feedback", [])


@pytest.mark.parametrize(
    ("decision", "reason", "category"),
    [
        ("redirect_outside_process", "outside_complaints_process", "outside-complaints-process"),
        ("resolve_early", "resolved_early", "communication"),
    ],
)
async def test_what_ends_at_triage_keeps_a_stage_without_a_finding(
    desk: Desk, decision: str, reason: str, category: str
) -> None:
    reference = await desk.log(category="communication")
    case = await desk.do(reference, "triage", decision=decision)
    assert (case["status"], case["closure"], case["category"]) == (
        "closed",
        "no_finding",
        category,
    )
    (stage,) = case["stages"]
    assert (stage["finding"], stage["closure"], stage["no_finding_reason"]) == (
        None,
        "no_finding",
        reason,
    )
    assert stage["closed_on"] == "2026-10-01"


async def test_triage_may_find_that_it_is_of_another_type(desk: Desk) -> None:
    reference = await desk.log(type="comment")
    case = await desk.do(reference, "triage", type="complaint", **ACCEPT)
    assert (case["type_at_receipt"], case["type"]) == ("comment", "complaint")
    assert case["status"] == "in_stage"
    acts = (await desk.get(f"/v1/feedback/{reference}/history")).json()["items"]
    assert [line["act"] for line in acts] == ["receive", "reclassify", "accept"]


async def test_a_comment_that_becomes_a_complaint_starts_its_clock_that_day(
    desk: Desk, clock: MovableClock
) -> None:
    reference = await desk.log(type="comment")
    await desk.do(reference, "triage", decision="accept")
    clock.on(date(2026, 10, 12))
    case = await desk.do(reference, "reclassifications", type="complaint", reason="unhappy")
    assert (case["status"], case["received_on"]) == ("received", "2026-10-01")
    case = await desk.do(reference, "triage", **ACCEPT)
    assert case["stages"][0]["started_on"] == "2026-10-12"
    assert case["stages"][0]["due_on"] == "2026-10-26"


async def test_a_complaint_in_hand_that_becomes_a_comment_ends_its_stage(desk: Desk) -> None:
    reference = await desk.accepted()
    case = await desk.do(reference, "reclassifications", type="comment", reason="only a view")
    assert (case["status"], case["type"]) == ("recorded", "comment")
    assert case["stages"][0]["closure"] == "reclassified"
    case = await desk.do(reference, "reclassifications", type="complaint", reason="a complaint")
    case = await desk.do(reference, "triage", **ACCEPT)
    assert (case["status"], case["stages"][0]["closed_on"]) == ("in_stage", None)


async def test_a_complaint_once_more_is_taken_up_anew(desk: Desk, clock: MovableClock) -> None:
    in_hand = await desk.accepted()
    await desk.do(in_hand, "stages/1/remedies", remedies=[{"kind": "apology"}])
    refused = await desk.log()
    await desk.do(refused, "triage", decision="refuse", refusal_reason="out_of_time")
    for reference in (in_hand, refused):
        await desk.do(reference, "reclassifications", type="comment", reason="only a view")
    clock.on(date(2026, 10, 12))
    for reference in (in_hand, refused):
        case = await desk.do(reference, "reclassifications", type="complaint", reason="after all")
        assert (case["stages"], case["refusal_reason"]) == ([], None)
        await desk.do(reference, "acknowledgement", by="email")
        case = await desk.do(reference, "corrections", received_on="2026-09-28", reason="post")
        assert case["received_on"] == "2026-09-28"
        case = await desk.do(reference, "withdrawal")
        assert (case["closure"], case["stages"][0]["started_on"]) == ("withdrawn", "2026-10-12")


async def test_a_comment_that_became_a_complaint_the_day_it_came_keeps_that_clock(
    desk: Desk,
) -> None:
    reference = await desk.log(type="comment")
    await desk.do(reference, "reclassifications", type="complaint", reason="unhappy")
    await desk.do(reference, "triage", **ACCEPT)
    case = await desk.do(reference, "corrections", received_on="2026-09-21", reason="post stamp")
    assert (case["received_on"], case["stages"][0]["started_on"]) == ("2026-09-21", "2026-10-01")


async def test_a_complaint_with_a_finding_stays_a_complaint(desk: Desk) -> None:
    problem = await desk.refused(
        await desk.answered(), "reclassifications", type="comment", reason="looks better"
    )
    assert (problem["status"], problem["type"]) == (409, "/problems/has-finding")


async def test_reclassifying_to_the_same_type_is_refused(desk: Desk) -> None:
    problem = await desk.refused(
        await desk.log(), "reclassifications", type="complaint", reason="to be sure"
    )
    assert problem["type"] == "/problems/already-that"


async def test_a_case_is_acknowledged_once(desk: Desk) -> None:
    reference = await desk.log()
    case = await desk.do(reference, "acknowledgement", by="email", on="2026-10-01")
    assert (case["acknowledged_on"], case["acknowledged_by"]) == ("2026-10-01", "email")
    problem = await desk.refused(reference, "acknowledgement", by="phone")
    assert (problem["type"], problem["acknowledged_on"]) == (
        "/problems/already-acknowledged",
        "2026-10-01",
    )


async def test_a_team_brings_its_service_and_a_new_service_drops_the_team(desk: Desk) -> None:
    reference = await desk.log(service=None)
    case = await desk.do(reference, "allocations", team="edt")
    assert (case["service"], case["team"]) == ("children-and-families", "edt")
    case = await desk.do(reference, "allocations", service="education")
    assert (case["service"], case["team"]) == ("education", None)


async def test_an_illegal_move_says_what_is_possible_now(desk: Desk) -> None:
    problem = await desk.refused(await desk.accepted(), "triage", **ACCEPT)
    assert (problem["status"], problem["type"]) == (409, "/problems/illegal-move")
    assert "answer" in problem["possible_now"]
    assert "accept" not in problem["possible_now"]


async def test_an_unknown_procedure_is_refused_with_those_in_force(desk: Desk) -> None:
    problem = await desk.refused(
        await desk.log(), "triage", decision="accept", procedure="trial-by-combat"
    )
    assert (problem["status"], problem["type"]) == (422, "/problems/no-such-procedure")
    assert "corporate" in problem["allowed"]


async def test_a_case_of_a_system_that_fixes_types_keeps_its_type(
    desk: Desk, database_url: str
) -> None:
    reference = await desk.log()
    connection = await asyncpg.connect(database_url)
    await connection.execute("""UPDATE core."case" SET system_of_record = 'contact_us'""")
    await connection.close()
    problem = await desk.refused(
        reference, "reclassifications", type="comment", reason="only a view"
    )
    assert problem["type"] == "/problems/type-is-fixed"
