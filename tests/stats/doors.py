"""How histories go in, by the import or act by act; what was acknowledged comes back."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from httpx import AsyncClient, Response

from tests.conftest import MovableClock

Line = dict[str, Any]

PATHS = {
    "acknowledge": "acknowledgement",
    "triage": "triage",
    "reclassify": "reclassifications",
    "allocate": "allocations",
    "extend": "stages/{stage}/extensions",
    "answer": "stages/{stage}/outcome",
    "add_remedies": "stages/{stage}/remedies",
    "escalate": "escalations",
    "decide_escalation": "escalations/{request}/decision",
    "correct": "corrections",
    "withdraw": "withdrawal",
    "close": "closure",
    "reopen": "reopening",
    "note": "notes",
    "void": "void",
}
OURS = ("act", "stage", "typed_on")  # what the address says, or when it was typed in


@dataclass
class Callers:
    """Staff with every right, at a service whose clock can be moved."""

    client: AsyncClient
    headers: Mapping[str, str]
    clock: MovableClock

    async def bring_in(self, histories: Sequence[Line]) -> list[Line]:
        """Import histories as one file, and give those that were taken."""
        named = [_named(history) for history in histories]
        answer = await self.client.post(
            "/v1/imports",
            content="\n".join(json.dumps(line) for line in named),
            headers={**self.headers, "Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"]
        assert [result["line"] for result in results] == list(range(1, len(named) + 1))
        for result in results:
            codes = {problem["code"] for problem in result["problems"]}
            assert "not-storable" not in codes, (result, named[result["line"] - 1])
        return [
            line for line, result in zip(named, results, strict=True) if result["result"] == "taken"
        ]

    async def work(self, histories: Sequence[Line]) -> list[Line]:
        """Live through histories day by day, and give them with the acts that were not refused."""
        lives = [_Living(history) for history in histories]
        steps = sorted(
            (act["typed_on"], place, number, life, act)
            for place, life in enumerate(lives)
            for number, act in enumerate(life.to_do)
        )
        for typed_on, _, _, life, act in steps:
            self.clock.on(date.fromisoformat(typed_on))
            if act["act"] == "receive":
                await self._log(life)
            else:
                await self._do(life, act)
        return [life.history for life in lives]

    async def _log(self, life: "_Living") -> None:
        names = ("type", "channel", "received_on", "service", "team", "category")
        given = {name: life.history.get(name) for name in names}
        answer = await self.client.post(
            "/v1/feedback",
            json={**given, "narrative": "words"},
            headers={**self.headers, "Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code == 201, answer.text
        life.reference, life.version = answer.json()["reference"], 1

    async def _do(self, life: "_Living", act: Line) -> None:
        path = PATHS[act["act"]].format(stage=act.get("stage"), request=life.requests)
        body = {name: value for name, value in act.items() if name not in OURS}
        if act["typed_on"] == act["on"]:
            del body["on"]  # today, unless another day is named
        if act["act"] == "correct" and "stage" in act:
            body["stage"] = act["stage"]
        answer = await self.client.post(
            f"/v1/feedback/{life.reference}/{path}",
            json=body,
            headers={**self.headers, "If-Match": f'"{life.version}"'},
        )
        life.settle(act, answer)


class _Living:
    """A case on its way through the API."""

    def __init__(self, history: Line) -> None:
        received = {"act": "receive", "typed_on": history["registered_on"]}
        self.to_do = [received, *history["acts"]]
        self.history: Line = {**history, "acts": []}
        self.reference = ""
        self.version = 0
        self.requests = 1

    def settle(self, act: Line, answer: Response) -> None:
        """Note that an act was done, or that it was refused."""
        if answer.status_code == 200:
            case = answer.json()
            self.version, self.requests = case["version"], max(len(case["escalations"]), 1)
            self.history["acts"].append(act)
        else:
            assert answer.status_code in {409, 422}, (answer.text, act, self.history)


def _named(history: Line) -> Line:
    """The history with names that no other has: a migrated case has one in the old system too."""
    reference = uuid.uuid4().hex
    systems = [history["system_of_record"], *(["contact_us"] if history["migrated_on"] else [])]
    named = [{"system": system, "reference": reference} for system in systems]
    return {**history, "systems": named}
