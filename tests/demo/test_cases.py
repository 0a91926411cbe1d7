"""The generated cases are plausible, legal to import, and about nobody."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from tests.demo import paper
from tests.demo.folding import Case, is_working

LAST_DAY = "2024-03-31"
OFCOM = re.compile(r"^(07700 900\d{3}|01632 960\d{3})$")
EXAMPLE = re.compile(r"^[a-z.]+\.\d+@example\.(org|com)$")


@pytest.fixture(scope="module")
def cases(everything: list[Case]) -> list[Case]:
    return everything


def acts(cases: list[Case], name: str) -> Iterator[tuple[Case, Mapping[str, Any]]]:
    return ((case, act) for case in cases for act in case.line["acts"] if act["act"] == name)


def test_every_case_has_a_name_of_its_own_in_each_of_its_systems(cases: list[Case]) -> None:
    names = [(n["system"], n["reference"]) for c in cases for n in c.line["systems"]]
    assert len(set(names)) == len(names)
    assert all(c.system in {n["system"] for n in c.line["systems"]} for c in cases)


def test_acts_follow_one_another_from_receipt_to_the_last_day(cases: list[Case]) -> None:
    for case in cases:
        days = [case.received, *(act["on"] for act in case.line["acts"])]
        assert days == sorted(days)
        assert days[-1] <= LAST_DAY
        assert case.received <= case.line["received_on"] <= case.registered <= LAST_DAY


def test_the_council_acts_on_working_days(cases: list[Case]) -> None:
    days = {act["on"] for case in cases for act in case.line["acts"]}
    assert all(is_working(date.fromisoformat(day)) for day in days)
    assert all(is_working(date.fromisoformat(c.registered)) for c in cases if not c.migrated)


def test_a_case_is_kept_in_the_system_of_its_day(cases: list[Case]) -> None:
    for case in cases:
        new = case.registered >= paper.SWITCH
        assert case.system == (paper.CUSTOMER_FEEDBACK if new else paper.CONTACT_US)
        assert case.line["migrated_on"] in {None, case.registered}


def test_types_change_only_in_the_new_system(cases: list[Case]) -> None:
    changed = [case for case, _ in acts(cases, "reclassify")]
    assert {case.system for case in changed} == {paper.CUSTOMER_FEEDBACK}
    ways = {(case.line["type"], case.type) for case in changed}
    assert {("complaint", "comment"), ("comment", "complaint")} <= ways
    assert all(was != now for was, now in ways)


def test_questions_are_answered_as_complaints_only_in_the_old_system(cases: list[Case]) -> None:
    closed = [c for c, act in acts(cases, "answer") if act.get("closure") == "question_answered"]
    assert {case.system for case in closed} == {paper.CONTACT_US}


def test_a_stage_has_remedies_where_something_was_found(cases: list[Case]) -> None:
    stages = [stage for case in cases for stage in case.stages.values() if stage.closed]
    for stage in stages:
        assert bool(stage.remedies) == (stage.ending in {"upheld", "partially_upheld"})
    assert max(len(stage.remedies) for stage in stages) > 2
    several = [c for c in cases if sum(bool(s.remedies) for s in c.stages.values()) > 1]
    assert several


def test_only_financial_remedies_carry_an_amount_some_with_pence(cases: list[Case]) -> None:
    remedies = [r for _, act in acts(cases, "answer") for r in act.get("remedies", [])]
    amounts = [r["pence"] for r in remedies if "pence" in r]
    assert all(r["kind"].startswith("financial-") == ("pence" in r) for r in remedies)
    assert any(pence % 100 for pence in amounts)


def test_requests_for_a_further_stage_are_accepted_refused_and_resolved(
    cases: list[Case],
) -> None:
    decisions = Counter(act["decision"] for _, act in acts(cases, "decide_escalation"))
    assert set(decisions) == {"accepted", "refused", "resolved"}
    refused = {
        c.procedure for c, a in acts(cases, "decide_escalation") if a["decision"] == "refused"
    }
    assert paper.PROCEDURE_WITH_STAGE_3 not in refused


def test_some_feedback_leaves_every_count(cases: list[Case]) -> None:
    assert {case.set_aside for case in cases} == {None, "void", "not_feedback"}


def test_some_cases_have_notes_extensions_corrections_and_concerns(cases: list[Case]) -> None:
    done = Counter(act for case in cases for act in case.done)
    assert min(done[act] for act in ("note", "extend", "correct", "allocate", "reopen")) > 10
    assert any(act.get("safeguarding") for _, act in acts(cases, "triage"))
    assert done["acknowledge"] * 2 > len(cases)


def test_nobody_can_be_reached_at_what_is_invented(cases: list[Case]) -> None:
    people = [person for case in cases for person in case.line["people"]]
    assert all(OFCOM.match(p["phone"]) for p in people if "phone" in p)
    assert all(EXAMPLE.match(p["email"]) for p in people if "email" in p)
    assert all(" ZZ" in p["address"] for p in people if "address" in p)


def test_people_write_for_themselves_for_others_and_without_a_name(cases: list[Case]) -> None:
    roles = Counter(person["role"] for case in cases for person in case.line["people"])
    assert set(roles) == {
        "complainant",
        "affected_child",
        "affected_adult",
        "representative",
        "advocate",
    }
    assert any(not case.line["people"] for case in cases)
    for case in cases:
        others = [p for p in case.line["people"] if p["role"] != "complainant"]
        assert case.line["on_behalf"] == bool(others)
