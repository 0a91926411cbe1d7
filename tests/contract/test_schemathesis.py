"""Every operation answers as it is described, whatever it is sent and whoever sends it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.schemas import OpenApiSchema

from app.demo.roles import ROLES
from tests.contract.conftest import CallerOf, KeptRunning, TrialOf
from tests.contract.following import LINKS, begin, follow, wander
from tests.contract.trial import (
    CONFIG,
    DOCUMENT,
    OPERATIONS,
    YEAR,
    Caller,
    coverage,
    examples,
    fuzz,
)

pytestmark = pytest.mark.usefixtures("undrawn")

TIMES = 20  # requests at random for each operation
TURNED_AWAY = 3  # of whoever may not do it: the key is judged before anything else is read
OTHERS = [role for role in ROLES if role != "admin"]
# A complaint's way from its receipt to a second answer, each act by its first example.
WAY: tuple[tuple[str, dict[str, int]], ...] = (
    ("acknowledge", {}),
    ("triage", {}),
    ("allocate", {}),
    ("note", {}),
    ("extend", {"stage": 1}),
    ("answer", {"stage": 1}),
    ("request_escalation", {}),
    ("decide_escalation", {"request": 1}),
    ("answer", {"stage": 2}),
    ("add_remedies", {"stage": 2}),
    ("close", {}),
    ("reopen", {}),
    ("correct", {}),
)
# What each of these acts would move in reports can be asked before it is done.
PREVIEWED = {
    "triage": "preview_triage",
    "allocate": "preview_allocation",
    "reclassify": "preview_reclassification",
    "answer": "preview_answer",
    "add_remedies": "preview_remedies",
    "reopen": "preview_reopening",
    "correct": "preview_correction",
}
# What counts, or draws, a whole report is tried so many times fewer.
HEAVY = {
    "propose_publication": 10,
    "confirm_publication": 5,
    "withdraw_publication": 5,
    "read_annual_report": 2,
    **dict.fromkeys(PREVIEWED.values(), 4),
}
# The same way by nothing but what each answer gives to the next request.
LINKED = (
    "read_case",
    "acknowledge",
    "triage",
    "extend",
    "answer",
    "request_escalation",
    "decide_escalation",
    "answer",
    "read_figure",
)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_as_described(name: str, trial_of: TrialOf) -> None:
    trial = trial_of("admin")
    operation = trial.caller.schema.find_operation_by_id(name)
    for case in (*examples(operation), *coverage(operation)):
        trial.send(case)
    fuzz(operation, trial, times=TIMES // HEAVY.get(name, 1))
    statuses = trial.caller.statuses[name]
    assert any(status < 300 for status in statuses), statuses


@pytest.mark.parametrize(("source", "name"), LINKS, ids=map(" -> ".join, LINKS))
def test_a_link_leads_to_an_operation_that_takes_what_it_gives(
    source: str, name: str, trial_of: TrialOf
) -> None:
    trial = trial_of("admin")
    answered = begin(trial, source)
    assert follow(trial.caller, answered, name).response.status_code == 200


def test_links_alone_lead_from_a_submission_to_a_figure(trial_of: TrialOf) -> None:
    trial = trial_of("admin")
    step = begin(trial, "submit_feedback")
    for name in LINKED:
        step = follow(trial.caller, step, name)
        assert step.response.status_code == 200, name
    assert step.response.json()["figure"] == "outcomes"


def test_chains_of_links_at_random_are_answered_as_described(trial_of: TrialOf) -> None:
    trial = trial_of("admin")
    followed = wander(trial, chains=6, steps=24)
    assert followed <= set(LINKS)
    assert len(followed) >= 12, followed  # of some forty: most soon come to a stale version
    statuses = {status for seen in trial.caller.statuses.values() for status in seen}
    assert {200, 201, 412, 422} <= statuses


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_every_role_as_described(
    name: str, role: str, trial_of: TrialOf
) -> None:
    trial = trial_of(role)
    operation = trial.caller.schema.find_operation_by_id(name)
    for case in examples(operation):
        trial.send(case)
    if may(role, name):
        fuzz(operation, trial, times=TIMES // 2 // HEAVY.get(name, 1))
        return
    fuzz(operation, trial, times=TURNED_AWAY)
    statuses = trial.caller.statuses[name]
    assert all(status >= 400 for status in statuses), statuses


def may(role: str, name: str) -> bool:
    """Whether a role's key has what an operation asks for."""
    ways = OPERATIONS[name].get("security", [{}])
    return any({s for scopes in way.values() for s in scopes} <= ROLES[role][1] for way in ways)


def test_the_examples_lead_from_a_submission_to_a_published_report(caller_of: CallerOf) -> None:
    by = caller_of("admin")
    receipt = by.do("submit_feedback").json()
    case = {"reference": receipt["reference"]}
    (tag,) = by.do("read_case", path=case).headers["etag"]
    for name, numbers in WAY:
        tag = previewed(by, name, {**case, **numbers}, tag)
    by.do("read_clock", path={**case, "stage": 2})
    by.do("read_receipt", path=case, headers={"Receipt-Token": receipt["receipt_token"]})
    for name in ("read_history", "read_people", "read_likely_repeats"):
        by.do(name, path=case)
    for end in (("reclassify", "withdraw"), ("void",)):
        other, tag = by.do("submit_feedback").json(), '"1"'
        for name in end:
            tag = previewed(by, name, {"reference": other["reference"]}, tag)
    run = by.do("import_history").json()["run"]["id"]
    by.do("read_import", path={"run": run})
    by.do("list_rejects", path={"run": run})
    report, place = proposed(by)
    by.do("withdraw_publication", path=place)
    report, place = proposed(by)
    by.do("read_publication", path=place)
    read = {"sha256": report["sha256"]}
    by.do("confirm_publication", path=place, headers={"Acting-Officer": "s.officer"}, body=read)
    by.do("read_published_report", path=place)
    by.do("read_published_reconciliation", path=place)
    by.do("read_newest_published_report", path={"year": YEAR, "name": place["about"]})
    freely = {"fact": "feedback", "by": "service", "year": YEAR}
    for name in ("ask_freely", "ask_freely_in_form", "list_counted_freely"):
        by.do(name, path=path_of(name), query=freely)
    for name in set(OPERATIONS) - set(by.statuses):
        by.do(name, path=path_of(name))
    assert set(by.statuses) == set(OPERATIONS)
    assert {name: seen for name, seen in by.statuses.items() if set(seen) - {200, 201}} == {}


def previewed(by: Caller, name: str, place: dict[str, Any], tag: str) -> str:
    """Ask what an act would move, if that can be asked, and do it; the ETag after it."""
    if name in PREVIEWED:
        by.do(PREVIEWED[name], path=place, headers={"If-Match": tag})
    return by.act(name, place, tag)


def proposed(by: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    """A report that is proposed for publication, and where it is."""
    report = by.do("propose_publication", path={"year": YEAR}).json()
    about = "+".join(report["services"])
    return report, {"year": YEAR, "about": about, "version": report["version"]}


def path_of(name: str) -> dict[str, Any]:
    """The path of an operation by its examples."""
    parameters = OPERATIONS[name].get("parameters", ())
    return {one["name"]: one["schema"]["examples"][0] for one in parameters if one["in"] == "path"}


def no_status(document: dict[str, Any]) -> None:
    """The status is not described."""
    del document["paths"]["/v1/feedback/{reference}"]["get"]["responses"]["404"]


def other_problem(document: dict[str, Any]) -> None:
    """The kind of refusal is not described."""
    answer = document["paths"]["/v1/feedback/{reference}"]["get"]["responses"]["404"]
    answer["content"]["application/problem+json"]["examples"] = {}


def more_required(document: dict[str, Any]) -> None:
    """The body lacks what is described."""
    document["components"]["schemas"]["Problem"]["required"].append("remedy")


def other_type(document: dict[str, Any]) -> None:
    """The media type is not the one described."""
    content = document["paths"]["/v1/feedback/{reference}"]["get"]["responses"]["404"]["content"]
    content["application/json"] = content.pop("application/problem+json")


def no_header(document: dict[str, Any]) -> None:
    """A header that is sent is not described."""
    answer = document["paths"]["/v1/feedback/{reference}"]["get"]["responses"]["404"]
    del answer["headers"]["X-Request-ID"]


def more_headers(document: dict[str, Any]) -> None:
    """A header that is described is not sent."""
    answer = document["paths"]["/v1/feedback/{reference}"]["get"]["responses"]["404"]
    answer["headers"]["ETag"] = {"$ref": "#/components/headers/ETag"}


def described_as(document: dict[str, Any], service: KeptRunning) -> OpenApiSchema:
    """The service as another document describes it."""
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(CONFIG))
    schema.app = service
    return schema


BREACHES = (no_status, other_problem, more_required, other_type, no_header, more_headers)


@pytest.mark.parametrize("breach", BREACHES)
def test_an_answer_that_is_not_as_described_is_noticed(
    breach: Callable[[dict[str, Any]], None],
    service: KeptRunning,
    caller_of: CallerOf,
) -> None:
    document = copy.deepcopy(DOCUMENT)
    breach(document)
    schema = described_as(document, service)
    case = {"reference": "CF-999999-27"}
    assert caller_of("admin").do("read_case", path=case).status_code == 404
    with pytest.raises(FailureGroup):
        Caller(schema, caller_of("admin").key).do("read_case", path=case)


def test_a_link_to_what_an_answer_does_not_hold_is_noticed(
    service: KeptRunning, trial_of: TrialOf
) -> None:
    document = copy.deepcopy(DOCUMENT)
    links = document["paths"]["/v1/feedback"]["post"]["responses"]["201"]["links"]
    links["read_case"]["parameters"]["reference"] = "$response.body#/receipt"
    trial = trial_of("admin")
    trial.caller.schema = described_as(document, service)
    with pytest.raises(AssertionError, match="reference"):
        follow(trial.caller, begin(trial, "submit_feedback"), "read_case")
