"""Cases made ready for an act, by importing their history; and what is held of a case."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import asyncpg
from httpx import AsyncClient

from app.kit.tables import metadata
from tests.imports.past import line, written

_DAY = "2026-09-22"
_ACCEPT = {
    "act": "triage",
    "on": _DAY,
    "decision": "accept",
    "procedure": "childrens-statutory",
    "category": "communication",
}
_ANSWER = {"act": "answer", "on": _DAY, "stage": 1, "finding": "upheld"}
_REMEDIES = [{"kind": "apology", "pence": None, "due_on": None, "done_on": None}]

# What was done to a case before the act that is tried.
STATES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "received": (),
    "recorded": ({"act": "triage", "on": _DAY, "decision": "accept"},),
    "in_stage": (_ACCEPT,),
    "answered": (_ACCEPT, _ANSWER),
    "escalated": (_ACCEPT, _ANSWER, {"act": "escalate", "on": _DAY, "reason": "Not content."}),
    "closed": (_ACCEPT, _ANSWER, {"act": "close", "on": _DAY}),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """An act as it is sent, and the state of the cases it is tried on."""

    state: str
    path: str
    body: Mapping[str, Any]


DEEDS: Mapping[str, Deed] = {
    "acknowledge": Deed("received", "acknowledgement", {"by": "email"}),
    "accept": Deed(
        "received", "triage", {"decision": "accept", "procedure": "corporate", "reason": "Ours."}
    ),
    "refuse": Deed("received", "triage", {"decision": "refuse", "refusal_reason": "out_of_time"}),
    "resolve_early": Deed("received", "triage", {"decision": "resolve_early"}),
    "redirect_outside": Deed("received", "triage", {"decision": "redirect_outside_process"}),
    "redirect_not_feedback": Deed("received", "triage", {"decision": "redirect_not_feedback"}),
    "retype_and_record": Deed("received", "triage", {"decision": "accept", "type": "comment"}),
    "reclassify": Deed("in_stage", "reclassifications", {"type": "comment", "reason": "Praise."}),
    "allocate": Deed("in_stage", "allocations", {"service": "education", "reason": "Theirs."}),
    "extend": Deed(
        "in_stage",
        "stages/1/extensions",
        {"on": _DAY, "working_days": 10, "extension_reason": "complexity"},
    ),
    "answer": Deed(
        "in_stage",
        "stages/1/outcome",
        {"finding": "upheld", "remedies": _REMEDIES, "reason": "Yes."},
    ),
    "close_stage": Deed(
        "in_stage",
        "stages/1/outcome",
        {"closure": "no_finding", "no_finding_reason": "resolved_early"},
    ),
    "add_remedies": Deed("answered", "stages/1/remedies", {"remedies": _REMEDIES}),
    "escalate": Deed("answered", "escalations", {"reason": "Not content."}),
    "accept_escalation": Deed("escalated", "escalations/1/decision", {"decision": "accepted"}),
    "refuse_escalation": Deed(
        "escalated", "escalations/1/decision", {"decision": "refused", "reason": "Too late."}
    ),
    "withdraw": Deed("in_stage", "withdrawal", {"reason": "Moved away."}),
    "close": Deed("answered", "closure", {}),
    "reopen": Deed("closed", "reopening", {"reason": "More to say."}),
    "correct": Deed(
        "closed", "corrections", {"reason": "Mis-keyed.", "stage": 1, "finding": "not_upheld"}
    ),
    "note": Deed("received", "notes", {"text": "Rang back."}),
    "void": Deed("received", "void", {"reason": "Entered twice."}),
}

_names = count(1)


async def prepared(
    client: AsyncClient, importer: Mapping[str, str], state: str
) -> AsyncIterator[str]:
    """Cases that stand in a state, one after another, for as many as are asked for."""
    while True:
        lines = [
            line(
                *STATES[state],
                reference=f"FAULT-{next(_names)}",
                type="comment" if state == "recorded" else "complaint",
                received_on="2026-09-21",
                registered_on="2026-09-21",
            )
            for _ in range(60)
        ]
        headers = {**importer, "Content-Type": "application/x-ndjson"}
        answer = await client.post("/v1/imports", content=written(lines), headers=headers)
        assert answer.status_code == 200, answer.text
        for result in answer.json()["results"]:
            assert result["result"] == "taken", result
            yield result["reference"]


_TABLES = [table for table in metadata.sorted_tables if "case_id" in table.columns]
# What differs between two cases to which the same was done.
_OWN = ("id", "case_id", "reference", "recorded_at", "run_id", "fingerprint", "at")
_HELD = " UNION ALL ".join(
    f"SELECT '{table.fullname}' AS held, to_jsonb(t) - '{{{','.join(_OWN)}}}'::text[] AS row"
    f' FROM {table.schema}."{table.name}" AS t'
    f" WHERE {'id' if table.name == 'case' else 'case_id'} = $1"
    for table in [metadata.tables["core.case"], *_TABLES]
    if table.name != "idempotency"
)


async def held(connection: "asyncpg.Connection[asyncpg.Record]", case_id: int) -> list[str]:
    """Every row that belongs to a case, but for what is its own."""
    rows = await connection.fetch(_HELD, case_id)
    return sorted(
        f"{row['held']} {json.dumps(json.loads(row['row']), sort_keys=True)}" for row in rows
    )
