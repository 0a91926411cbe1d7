"""A complaint through its stages, over HTTP."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import MovableClock
from tests.desk import ACCEPT, Desk

Headers = Mapping[str, Mapping[str, str]]


@pytest.fixture
def desk(client: AsyncClient, staff: Headers) -> Desk:
    return Desk(client, staff["customer_relations"])


async def test_an_answer_has_a_finding_and_remedies_and_settles_its_time(
    desk: Desk, clock: MovableClock
) -> None:
    reference = await desk.accepted()
    clock.on(date(2026, 10, 15))
    remedies = [{"kind": "apology"}, {"kind": "financial-symbolic", "pence": 15_000}]
    case = await desk.do(
        reference, "stages/1/outcome", finding="upheld", remedies=remedies, handler="m.manager"
    )
    (stage,) = case["stages"]
    assert case["status"] == "answered"
    assert (stage["finding"], stage["closed_on"]) == ("upheld", "2026-10-15")
    assert (stage["verdict"], stage["working_days_taken"], stage["within_target"]) == (
        "within_target",
        10,
        True,
    )
    assert [(r["kind"], r["pence"]) for r in stage["remedies"]] == [
        ("apology", None),
        ("financial-symbolic", 15_000),
    ]


@pytest.mark.parametrize(
    ("answered", "verdict", "within"),
    [
        ("2026-10-16", "within_extension", False),
        ("2026-10-29", "within_extension", False),
        ("2026-10-30", "late", False),
    ],
)
async def test_an_extension_moves_the_due_day_and_not_the_target(
    desk: Desk, clock: MovableClock, answered: str, verdict: str, within: bool
) -> None:
    reference = await desk.accepted()
    case = await desk.do(
        reference,
        "stages/1/extensions",
        working_days=10,
        extension_reason="complexity",
        reason="Two teams are involved.",
        told_on="2026-10-01",
    )
    stage = case["stages"][0]
    assert (stage["base_due_on"], stage["due_on"]) == ("2026-10-15", "2026-10-29")
    assert stage["extensions"][0]["told_on"] == "2026-10-01"
    clock.on(date.fromisoformat(answered))
    case = await desk.do(reference, "stages/1/outcome", finding="not_upheld")
    assert case["stages"][0]["verdict"] == verdict
    assert case["stages"][0]["within_target"] is within


async def test_extensions_keep_within_what_the_procedure_allows(
    desk: Desk, clock: MovableClock
) -> None:
    reference = await desk.accepted()
    ask = {"working_days": 6, "extension_reason": "advocate"}
    await desk.do(reference, "stages/1/extensions", **ask)
    problem = await desk.refused(reference, "stages/1/extensions", **ask)
    assert (problem["status"], problem["type"]) == (409, "/problems/extension-too-long")
    clock.on(date(2026, 10, 26))
    late = await desk.refused(
        reference, "stages/1/extensions", working_days=1, extension_reason="complexity"
    )
    assert late["type"] == "/problems/too-late-to-extend"


async def test_the_clock_explains_every_day(desk: Desk, clock: MovableClock) -> None:
    clock.on(date(2026, 12, 22))
    reference = await desk.accepted()
    clock.on(date(2027, 1, 8))
    told = (await desk.get(f"/v1/feedback/{reference}/stages/1/clock")).json()
    assert (told["started_on"], told["due_on"]) == ("2026-12-22", "2027-01-08")
    assert told["verdict"] == "open_in_time"
    assert sum(day["counted"] for day in told["days"]) == told["respond_within"] == 10
    why = {day["day"]: day["why_not"] for day in told["days"]}
    assert why["2026-12-26"] is not None
    assert "weekend" in str(why["2026-12-27"])
    assert "substitute" in str(why["2026-12-28"]).lower()
    assert why["2026-12-23"] is None
    clock.on(date(2027, 1, 9))
    late = (await desk.get(f"/v1/feedback/{reference}/stages/1/clock")).json()
    assert late["verdict"] == "open_overdue"


async def test_a_clock_of_no_stage_is_refused(desk: Desk) -> None:
    answer = await desk.get(f"/v1/feedback/{await desk.log()}/stages/1/clock")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/stage-not-in-hand")


async def test_a_complaint_goes_through_all_three_stages(desk: Desk, clock: MovableClock) -> None:
    reference = await desk.answered("not_upheld")
    case: dict[str, Any] = {}
    for number, day in ((2, date(2026, 10, 20)), (3, date(2026, 12, 1))):
        clock.on(day)
        case = await desk.do(reference, "escalations", reason="Not content.")
        assert case["status"] == "escalation_requested"
        case = await desk.do(reference, f"escalations/{number - 1}/decision", decision="accepted")
        stage = case["stages"][number - 1]
        assert (case["status"], stage["number"], stage["requested_on"]) == (
            "in_stage",
            number,
            day.isoformat(),
        )
        case = await desk.do(reference, f"stages/{number}/outcome", finding="partially_upheld")
    problem = await desk.refused(reference, "escalations")
    assert (problem["status"], problem["type"]) == (409, "/problems/no-next-stage")
    assert "Ombudsman" in problem["detail"]
    assert [s["finding"] for s in case["stages"]] == [
        "not_upheld",
        "partially_upheld",
        "partially_upheld",
    ]


@pytest.mark.parametrize(("decision", "status"), [("refused", "answered"), ("resolved", "closed")])
async def test_a_request_may_be_refused_or_resolved_before_it_is_accepted(
    desk: Desk, decision: str, status: str
) -> None:
    reference = await desk.answered()
    await desk.do(reference, "escalations")
    case = await desk.do(
        reference, "escalations/1/decision", decision=decision, reason="They agreed."
    )
    assert (case["status"], len(case["stages"])) == (status, 1)
    assert case["escalations"][0]["decision"] == decision
    again = await desk.refused(reference, "escalations/1/decision", decision="accepted")
    assert again["type"] in {"/problems/no-such-escalation", "/problems/illegal-move"}


async def test_refusing_a_request_needs_a_reason(desk: Desk) -> None:
    reference = await desk.answered()
    await desk.do(reference, "escalations")
    problem = await desk.refused(reference, "escalations/1/decision", decision="refused")
    assert problem["status"] == 422


async def test_only_an_answered_complaint_can_be_escalated(desk: Desk) -> None:
    early = await desk.refused(await desk.accepted(), "escalations")
    assert early["type"] == "/problems/illegal-move"
    reference = await desk.log()
    await desk.do(reference, "triage", decision="resolve_early")
    never = await desk.refused(reference, "escalations")
    assert never["type"] == "/problems/not-answered"


async def test_money_goes_with_a_financial_remedy_only(desk: Desk) -> None:
    problem = await desk.refused(
        await desk.accepted(),
        "stages/1/outcome",
        finding="upheld",
        remedies=[{"kind": "apology", "pence": 5}],
    )
    assert (problem["status"], problem["type"]) == (422, "/problems/money-does-not-fit")


async def test_remedies_may_be_agreed_later(desk: Desk) -> None:
    reference = await desk.answered()
    case = await desk.do(
        reference, "stages/1/remedies", remedies=[{"kind": "explanation", "due_on": "2026-11-01"}]
    )
    assert [r["kind"] for r in case["stages"][0]["remedies"]] == ["explanation"]
    assert case["status"] == "answered"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"finding": "upheld", "closure": "no_finding", "no_finding_reason": "resolved_early"},
        {"closure": "no_finding"},
        {"finding": "upheld", "no_finding_reason": "resolved_early"},
        {"closure": "withdrawn"},
    ],
)
async def test_an_outcome_is_a_finding_or_a_closing_and_never_both(
    desk: Desk, body: dict[str, Any]
) -> None:
    problem = await desk.refused(await desk.accepted(), "stages/1/outcome", **body)
    assert problem["status"] == 422


async def test_a_stage_may_be_closed_without_a_finding(desk: Desk) -> None:
    case = await desk.do(
        await desk.accepted(),
        "stages/1/outcome",
        closure="no_finding",
        no_finding_reason="concurrent_proceedings",
    )
    assert (case["status"], case["closure"]) == ("closed", "no_finding")


async def test_question_answered_belongs_to_the_old_system(desk: Desk) -> None:
    problem = await desk.refused(
        await desk.accepted(), "stages/1/outcome", closure="question_answered"
    )
    assert problem["type"] == "/problems/closure-not-offered"


async def test_withdrawal_is_a_closing_wherever_it_happens(desk: Desk) -> None:
    before = await desk.do(await desk.log(), "withdrawal", reason="All is well.")
    assert (before["status"], before["stages"][0]["closure"]) == ("closed", "withdrawn")
    during = await desk.do(await desk.accepted(), "withdrawal")
    assert during["stages"][0]["closure"] == "withdrawn"
    asked = await desk.answered()
    await desk.do(asked, "escalations")
    after = await desk.do(asked, "withdrawal")
    assert (after["status"], after["escalations"][0]["decision"]) == ("closed", "withdrawn")
    assert after["stages"][0]["finding"] == "upheld"
    compliment = await desk.do(await desk.log(type="compliment"), "withdrawal")
    assert (compliment["closure"], compliment["stages"]) == ("withdrawn", [])
    settled = await desk.refused(await desk.answered(), "withdrawal")
    assert settled["type"] == "/problems/illegal-move"


async def test_a_closed_case_is_reopened_where_it_left_off(desk: Desk, clock: MovableClock) -> None:
    answered = await desk.answered()
    await desk.do(answered, "closure")
    case = await desk.do(answered, "reopening", reason="New facts.")
    assert (case["status"], case["closed_on"], case["closure"]) == ("answered", None, None)

    withdrawn = await desk.accepted()
    await desk.do(withdrawn, "withdrawal")
    clock.on(date(2026, 10, 5))
    case = await desk.do(withdrawn, "reopening", reason="Changed their mind.")
    assert (case["status"], case["stages"][0]["closed_on"]) == ("in_stage", None)
    assert case["stages"][0]["verdict"] is None

    untriaged = await desk.log()
    await desk.do(untriaged, "triage", decision="resolve_early")
    await desk.do(untriaged, "stages/1/remedies", remedies=[{"kind": "apology"}])
    case = await desk.do(untriaged, "reopening", reason="Not resolved after all.")
    assert (case["status"], case["stages"]) == ("received", [])
    case = await desk.do(untriaged, "triage", **ACCEPT)
    assert case["status"] == "in_stage"

    question = await desk.log()
    await desk.do(question, "triage", decision="redirect_not_feedback")
    case = await desk.do(question, "reopening", reason="It was a complaint.")
    assert (case["status"], case["set_aside"]) == ("received", None)

    comment = await desk.log(type="comment")
    await desk.do(comment, "triage", decision="accept")
    await desk.do(comment, "closure")
    case = await desk.do(comment, "reopening", reason="A reply is wanted.")
    assert case["status"] == "recorded"


async def test_a_corrected_day_of_receipt_moves_the_clock(desk: Desk, clock: MovableClock) -> None:
    reference = await desk.log(received_on="2026-10-01")
    clock.on(date(2026, 10, 5))
    await desk.do(reference, "triage", **ACCEPT)
    case = await desk.do(
        reference, "corrections", received_on="2026-09-25", channel="post", reason="post stamp"
    )
    assert (case["received_on"], case["channel"]) == ("2026-09-25", "post")
    assert case["stages"][0]["due_on"] == "2026-10-09"
    problem = await desk.refused(
        reference, "corrections", received_on="2026-10-02", reason="wrong again"
    )
    assert (problem["status"], problem["type"]) == (409, "/problems/day-not-possible")


async def test_a_day_of_acknowledgement_is_corrected_within_what_is_possible(
    desk: Desk, clock: MovableClock
) -> None:
    reference = await desk.log(received_on="2026-10-01")
    clock.on(date(2026, 10, 12))
    why = {"reason": "The copy of the letter."}
    early = await desk.refused(reference, "corrections", acknowledged_on="2026-10-02", **why)
    assert (early["status"], early["type"]) == (409, "/problems/not-acknowledged")
    await desk.do(reference, "acknowledgement", by="post", on="2026-10-05")
    moved: dict[str, Any] = {"acknowledged_on": "2026-10-07", "received_on": "2026-09-30"}
    case = await desk.do(reference, "corrections", **moved, **why)
    assert moved.items() <= case.items()
    history = (await desk.get(f"/v1/feedback/{reference}/history")).json()
    assert moved.items() <= history["items"][-1]["changes"].items()
    for day in ("2026-09-29", "2026-10-13"):
        never = await desk.refused(reference, "corrections", acknowledged_on=day, **why)
        assert (never["type"], never["received_on"]) == ("/problems/day-not-possible", "2026-09-30")


async def test_a_mis_keyed_outcome_is_corrected_and_settled_again(
    desk: Desk, clock: MovableClock
) -> None:
    reference = await desk.accepted()
    clock.on(date(2026, 10, 20))
    await desk.do(reference, "stages/1/outcome", finding="upheld")
    case = await desk.do(
        reference,
        "corrections",
        stage=1,
        finding="partially_upheld",
        answered_on="2026-10-14",
        timescale_excluded="migrated",
        reason="read from the letter",
    )
    (stage,) = case["stages"]
    assert (stage["finding"], stage["closed_on"], stage["timescale_excluded"]) == (
        "partially_upheld",
        "2026-10-14",
        "migrated",
    )
    assert (stage["verdict"], stage["working_days_taken"]) == ("within_target", 9)


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "nothing"},
        {"reason": "no stage", "finding": "upheld"},
        {"reason": "no fact", "stage": 1},
        {"category": "communication"},
    ],
)
async def test_a_correction_says_what_where_and_why(desk: Desk, body: dict[str, Any]) -> None:
    problem = await desk.refused(await desk.accepted(), "corrections", **body)
    assert problem["status"] == 422


async def test_no_corrected_day_puts_an_answer_before_its_question(
    desk: Desk, clock: MovableClock
) -> None:
    clock.on(date(2026, 10, 12))
    reference = await desk.log(received_on="2026-10-01")
    await desk.do(reference, "triage", **ACCEPT)
    await desk.do(reference, "stages/1/outcome", finding="upheld")
    for day in ("2026-09-30", "2026-10-13"):
        problem = await desk.refused(
            reference, "corrections", stage=1, answered_on=day, reason="typo"
        )
        assert problem["type"] == "/problems/day-not-possible"
    both = {"received_on": "2026-10-08", "stage": 1, "answered_on": "2026-10-02"}
    problem = await desk.refused(reference, "corrections", **both, reason="typo")
    assert (problem["type"], problem["latest"]) == ("/problems/day-not-possible", "2026-10-02")
    await desk.do(reference, "corrections", stage=1, answered_on="2026-10-05", reason="typo")
    problem = await desk.refused(reference, "corrections", received_on="2026-10-06", reason="typo")
    assert (problem["type"], problem["latest"]) == ("/problems/day-not-possible", "2026-10-05")


async def test_a_finding_cannot_be_corrected_into_being(desk: Desk) -> None:
    reference = await desk.accepted()
    early = await desk.refused(reference, "corrections", stage=1, finding="upheld", reason="soon")
    assert early["type"] == "/problems/stage-not-in-hand"
    await desk.do(reference, "withdrawal")
    never = await desk.refused(reference, "corrections", stage=1, finding="upheld", reason="but")
    assert never["type"] == "/problems/illegal-move"


async def test_an_act_counts_for_its_own_day_but_not_out_of_order(
    desk: Desk, clock: MovableClock
) -> None:
    reference = await desk.log()
    clock.on(date(2026, 10, 9))
    case = await desk.do(reference, "triage", **ACCEPT, on="2026-10-02")
    case = await desk.do(reference, "stages/1/outcome", finding="upheld", on="2026-10-07")
    assert case["stages"][0]["closed_on"] == "2026-10-07"
    before = await desk.refused(reference, "closure", on="2026-10-06")
    assert (before["type"], before["last_changed_on"]) == (
        "/problems/day-not-possible",
        "2026-10-07",
    )
    ahead = await desk.refused(reference, "closure", on="2026-10-10")
    assert (ahead["type"], ahead["today"]) == ("/problems/day-not-possible", "2026-10-09")


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("acknowledgement", {"by": "phone"}),
        ("notes", {"text": "Rang."}),
        ("triage", ACCEPT),
    ],
)
async def test_nothing_is_done_to_a_case_before_it_was_received(
    act: str, body: dict[str, str], desk: Desk
) -> None:
    reference = await desk.log()
    refused = await desk.refused(reference, act, **body, on="2026-09-30")
    assert (refused["type"], refused["received_on"]) == (
        "/problems/day-not-possible",
        "2026-10-01",
    )


async def test_a_procedure_may_start_its_clock_with_the_acknowledgement_and_have_no_limit(
    desk: Desk,
) -> None:
    reference = await desk.log(service=None)
    case = await desk.do(reference, "triage", decision="accept", procedure="adult-social-care")
    stage = case["stages"][0]
    assert (stage["respond_within"], stage["due_on"]) == (None, None)
    case = await desk.do(reference, "stages/1/outcome", finding="upheld")
    assert (case["stages"][0]["verdict"], case["stages"][0]["within_target"]) == (
        "no_limit",
        None,
    )
