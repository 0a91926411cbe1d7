"""R6: cases worked at random over HTTP, beside a clerk who keeps them on paper.

Every act with every sort of body, on cases in every state, now and then on a version that has
passed or without naming one. Service and clerk must agree on whether it can be done, on how the
case stands then, on what can be done next, and in the end on its whole history.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar

import pytest
from httpx import AsyncClient, Response
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from app.cases import workflow
from app.cases.vocabulary import Status
from tests.desk import Desk, patiently
from tests.faults.conftest import Tally, pick
from tests.faults.examples import chance
from tests.faults.paper_case import KINDS, PROCEDURES, PaperCase

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(900, 14_400))]

RUNS, STEPS = pick(300, 3_000), 40
DECISIONS = (
    *("accept", "accept", "accept", "refuse", "resolve_early"),
    *("redirect_outside_process", "redirect_not_feedback"),
)
FINDINGS = ("upheld", "partially_upheld", "not_upheld")
APOLOGY = {"kind": "apology"}
numbers = st.sampled_from([1, 1, 1, 2, 2, 3])


class Divergence(AssertionError):
    """Service and clerk do not agree."""


class Casework(RuleBasedStateMachine):
    """One case, worked at random."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    desk: ClassVar[Desk]
    seen: ClassVar[Counter[str]]

    reference = ""
    version = 1
    paper = PaperCase("complaint")

    @initialize(kind=st.sampled_from([*KINDS, "complaint", "complaint"]), far=st.integers(0, 6))
    def take_in(self, kind: str, far: int) -> None:
        """Log a case, and work it in the usual way: by chance alone few would come far."""
        self.paper = PaperCase(kind)
        self.reference = self._run(self.desk.log(type=kind, service=None))
        self.version = 1
        for _ in range(far):
            self.go_on("upheld")

    @rule(finding=st.sampled_from(FINDINGS))
    def go_on(self, finding: str) -> None:
        """Do what is usually done next."""
        stage = max(len(self.paper.stages), 1)
        match self.paper.status:
            case "received":
                self.triage("accept", None, "childrens-statutory")
            case "in_stage":
                self.answer(stage, finding, 1)
            case "answered" | "closed":
                self.escalate()
            case "escalation_requested":
                self.decide(0, "accepted")

    @rule()
    def acknowledge(self) -> None:
        self._act("acknowledgement", {"by": "email"}, lambda paper: paper.acknowledge())

    @rule(
        decision=st.sampled_from(DECISIONS),
        kind=st.sampled_from([None, None, *KINDS]),
        procedure=st.sampled_from([None, *PROCEDURES, "childrens-statutory"]),
    )
    def triage(self, decision: str, kind: str | None, procedure: str | None) -> None:
        reason = {"refusal_reason": "out_of_time"} if decision == "refuse" else {}
        body = {"decision": decision, "type": kind, "procedure": procedure, **reason}
        self._act("triage", body, lambda paper: paper.triage(decision, kind, procedure))

    @rule(kind=st.sampled_from(KINDS))
    def reclassify(self, kind: str) -> None:
        body = {"type": kind, "reason": "It is."}
        self._act("reclassifications", body, lambda paper: paper.reclassify(kind))

    @rule(service=st.sampled_from(["education", "children-and-families"]))
    def allocate(self, service: str) -> None:
        self._act("allocations", {"service": service}, lambda paper: paper.allocate(service))

    @rule(number=numbers, days=st.integers(1, 12))
    def extend(self, number: int, days: int) -> None:
        body = {"working_days": days, "extension_reason": "complexity"}
        path = f"stages/{number}/extensions"
        self._act(path, body, lambda paper: paper.extend(number, days))

    @rule(number=numbers, finding=st.sampled_from(FINDINGS), remedies=st.integers(0, 2))
    def answer(self, number: int, finding: str, remedies: int) -> None:
        body = {"finding": finding, "remedies": [APOLOGY] * remedies}
        path = f"stages/{number}/outcome"
        self._act(path, body, lambda paper: paper.answer(number, finding, remedies))

    @rule(number=numbers)
    def end_without_finding(self, number: int) -> None:
        body = {"closure": "no_finding", "no_finding_reason": "resolved_early"}
        path = f"stages/{number}/outcome"
        self._act(path, body, lambda paper: paper.answer(number, None, 0))

    @rule(number=numbers)
    def add_remedies(self, number: int) -> None:
        body = {"remedies": [APOLOGY]}
        path = f"stages/{number}/remedies"
        self._act(path, body, lambda paper: paper.add_remedies(number))

    @rule()
    def escalate(self) -> None:
        self._act("escalations", {}, lambda paper: paper.escalate())

    @rule(
        back=st.sampled_from([0, 0, 0, 1]),
        decision=st.sampled_from(["accepted", "accepted", "refused", "resolved"]),
    )
    def decide(self, back: int, decision: str) -> None:
        number = max(len(self.paper.requests) - back, 1)
        body = {"decision": decision, "reason": "Because."}
        path = f"escalations/{number}/decision"
        self._act(path, body, lambda paper: paper.decide(number, decision))

    @rule()
    def withdraw(self) -> None:
        self._act("withdrawal", {}, lambda paper: paper.withdraw())

    @rule()
    def close(self) -> None:
        self._act("closure", {}, lambda paper: paper.close())

    @rule()
    def reopen(self) -> None:
        self._act("reopening", {"reason": "More."}, lambda paper: paper.reopen())

    @rule(number=numbers, finding=st.sampled_from(FINDINGS))
    def correct(self, number: int, finding: str) -> None:
        body = {"stage": number, "finding": finding, "reason": "Mis-keyed."}
        self._act("corrections", body, lambda paper: paper.correct(number, finding))

    @rule()
    def note(self) -> None:
        self._act("notes", {"text": "Rang back."}, lambda paper: paper.note())

    @rule(surely=st.sampled_from([False] * 11 + [True]))
    def void(self, *, surely: bool) -> None:
        if surely:  # nothing but notes comes after it
            self._act("void", {"reason": "Twice."}, lambda paper: paper.void())

    @rule(off_by=st.sampled_from([None, -1, 1000]))
    def act_on_another_version(self, off_by: int | None) -> None:
        other = {} if off_by is None else {"If-Match": f'"{max(self.version + off_by, 1)}"'}
        if other.get("If-Match") == f'"{self.version}"':
            return
        answer = self._send("notes", {"text": "Rang back."}, other)
        expected = HTTPStatus.PRECONDITION_FAILED if other else HTTPStatus.PRECONDITION_REQUIRED
        if answer.status_code != expected:
            raise Divergence(f"{answer.status_code} and not {expected}")

    def teardown(self) -> None:
        if self.reference:
            here = f"/v1/feedback/{self.reference}"
            history = self._run(self.desk.get(f"{here}/history")).json()["items"]
            agree("acts", [entry["act"] for entry in history], self.paper.acts)
            self._compare(self._run(self.desk.read(self.reference)))

    def _act(self, path: str, body: Mapping[str, Any], on_paper: Any) -> None:
        trial = self.paper.trial()
        can_be_done = on_paper(trial)
        answer = self._send(path, body, {"If-Match": f'"{self.version}"'})
        name = path.rpartition("/")[2]
        self.seen["done" if can_be_done else "refused"] += 1
        if answer.status_code != (HTTPStatus.OK if can_be_done else HTTPStatus.CONFLICT):
            raise Divergence(f"{name} on {self.paper}: {answer.status_code} {answer.text}")
        if can_be_done:
            self.paper = trial
            self.version = len(trial.acts)
            self.seen[f"in {trial.status}"] += 1
            self._compare(answer.json())

    def _compare(self, case: Mapping[str, Any]) -> None:
        paper = self.paper
        told = [
            (s["number"], s["procedure"], s["finding"], s["closure"], len(s["remedies"]))
            for s in case["stages"]
        ]
        kept = [(s.number, s.procedure, s.finding, s.closure, s.remedies) for s in paper.stages]
        agree("stages", told, kept)
        agree("status", case["status"], paper.status)
        agree("version", case["version"], len(paper.acts))
        agree("type", case["type"], paper.kind)
        agree("procedure", case["procedure"], paper.procedure)
        agree("service", case["service"], paper.service)
        agree("requests", [e["decision"] for e in case["escalations"]], paper.requests)
        agree("acknowledged", case["acknowledged_on"] is not None, paper.acknowledged)
        agree("set aside", case["set_aside"], paper.set_aside)
        agree("possible", set(case["possible_acts"]), paper.possible)

    def _send(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
        sending = partial(
            self.desk.client.post,
            f"/v1/feedback/{self.reference}/{path}",
            json=dict(body),
            headers={**self.desk.headers, **headers, "Idempotency-Key": str(uuid.uuid4())},
        )
        answer: Response = self._run(patiently(sending))
        return answer

    def _run(self, doing: Any) -> Any:
        return self.loop.run_until_complete(doing)


def agree(about: str, told: object, kept: object) -> None:
    if told != kept:
        raise Divergence(f"{about}: the service says {told}, the clerk {kept}")


@pytest.fixture
async def machine(client: AsyncClient, staff: Mapping[str, dict[str, str]]) -> type[Casework]:
    Casework.loop = asyncio.get_running_loop()
    Casework.desk = Desk(client, staff["customer_relations"])
    Casework.seen = Counter()
    return Casework


def run(machine: type[Casework], runs: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=chance(runs, steps=STEPS),
    )


def test_service_and_clerk_agree_on_every_case(machine: type[Casework], tally: Tally) -> None:
    with tally.watching(machine.seen):
        run(machine, RUNS)
    tally.sum_up(
        runs=RUNS,
        steps=STEPS,
        divergences=0,
        **{k.replace(" ", "_"): n for k, n in machine.seen.items()},
    )
    assert all(machine.seen[f"in {status}"] for status in Status)


def test_a_move_that_should_not_be_is_found_out(
    machine: type[Casework], monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = {**workflow.MOVES[workflow.Act.close], Status.received: frozenset({Status.closed})}
    monkeypatch.setattr(workflow, "MOVES", {**workflow.MOVES, workflow.Act.close: loose})
    with pytest.raises(Divergence):
        run(machine, 50)
