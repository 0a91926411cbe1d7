"""Every operation answers as it is described, whatever it is sent and whoever sends it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from schemathesis.core.failures import FailureGroup

from app.demo.roles import ROLES
from tests.contract.conftest import CallerOf, KeptRunning, TrialOf
from tests.contract.trial import CONFIG, DOCUMENT, OPERATIONS, Caller, coverage, examples, fuzz

TIMES = 20  # requests at random for each operation
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


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_as_described(name: str, trial_of: TrialOf) -> None:
    trial = trial_of("admin")
    operation = trial.caller.schema.find_operation_by_id(name)
    for case in (*examples(operation), *coverage(operation)):
        trial.send(case)
    fuzz(operation, trial, times=TIMES)
    statuses = trial.caller.statuses[name]
    assert any(status < 300 for status in statuses), statuses


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_every_role_as_described(
    name: str, role: str, trial_of: TrialOf
) -> None:
    trial = trial_of(role)
    operation = trial.caller.schema.find_operation_by_id(name)
    for case in examples(operation):
        trial.send(case)
    fuzz(operation, trial, times=TIMES // 2)
    statuses = trial.caller.statuses[name]
    assert may(role, name) or all(status >= 400 for status in statuses), statuses


def may(role: str, name: str) -> bool:
    """Whether a role's key has what an operation asks for."""
    ways = OPERATIONS[name].get("security", [{}])
    return any({s for scopes in way.values() for s in scopes} <= ROLES[role][1] for way in ways)


def test_the_examples_lead_from_a_submission_to_the_figures(caller_of: CallerOf) -> None:
    by = caller_of("admin")
    receipt = by.do("submit_feedback").json()
    case = {"reference": receipt["reference"]}
    (tag,) = by.do("read_case", path=case).headers["etag"]
    for name, numbers in WAY:
        tag = by.act(name, {**case, **numbers}, tag)
    by.do("read_clock", path={**case, "stage": 2})
    by.do("read_receipt", path=case, headers={"Receipt-Token": receipt["receipt_token"]})
    for name in ("read_history", "read_people", "read_likely_repeats"):
        by.do(name, path=case)
    for end in (("reclassify", "withdraw"), ("void",)):
        other, tag = by.do("submit_feedback").json(), '"1"'
        for name in end:
            tag = by.act(name, {"reference": other["reference"]}, tag)
    run = by.do("import_history").json()["run"]["id"]
    by.do("read_import", path={"run": run})
    by.do("list_rejects", path={"run": run})
    by.do("read_figure", path={"slug": "outcomes"}, query={"year": "2025-26"})
    for name, operation in OPERATIONS.items():
        if all(one["in"] != "path" for one in operation.get("parameters", ())):
            by.do(name)
    assert set(by.statuses) == set(OPERATIONS)
    assert {s for seen in by.statuses.values() for s in seen} <= {200, 201}, by.statuses


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


@pytest.mark.parametrize("breach", [no_status, other_problem, more_required, other_type])
def test_an_answer_that_is_not_as_described_is_noticed(
    breach: Callable[[dict[str, Any]], None],
    service: KeptRunning,
    caller_of: CallerOf,
) -> None:
    document = copy.deepcopy(DOCUMENT)
    breach(document)
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(CONFIG))
    schema.app = service
    case = {"reference": "CF-999999-27"}
    assert caller_of("admin").do("read_case", path=case).status_code == 404
    with pytest.raises(FailureGroup):
        Caller(schema, caller_of("admin").key).do("read_case", path=case)
