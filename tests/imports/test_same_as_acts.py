"""History brought in and the same acts done over the API leave the same rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from app.cases.record import CaseFacts
from app.cases.rows import PARTS, columns
from app.imports.schemas import ImportLine
from tests.conftest import MovableClock
from tests.desk import Desk
from tests.imports.past import ACCEPT, ANSWER, Clerk, line

Headers = Mapping[str, Mapping[str, str]]
Acts = Sequence[Mapping[str, Any]]

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
IN_PATH = {"extend", "answer", "add_remedies"}


def act(name: str, on: str, **said: Any) -> dict[str, Any]:
    return {"act": name, "on": on, **said}


THROUGH_ALL_STAGES = [
    act("acknowledge", "2024-02-06", by="email"),
    {**ACCEPT, "on": "2024-02-07", "safeguarding": True, "team": "edt", "reason": "As agreed."},
    act("note", "2024-02-08", text="Rang; no answer."),
    act("allocate", "2024-02-09", team="childrens-fostering", reason="It is theirs."),
    act(
        "extend",
        "2024-02-12",
        stage=1,
        working_days=10,
        extension_reason="complexity",
        told_on="2024-02-12",
    ),
    act(
        "answer",
        "2024-02-29",
        stage=1,
        finding="partially_upheld",
        handler="t.manager",
        remedies=[
            {"kind": "apology", "done_on": "2024-02-29"},
            {"kind": "financial-symbolic", "pence": 12_500, "due_on": "2024-03-29"},
        ],
    ),
    act("add_remedies", "2024-03-04", stage=1, remedies=[{"kind": "explanation"}]),
    act("escalate", "2024-03-11", reason="My second point was not answered."),
    act("decide_escalation", "2024-03-13", decision="refused", reason="It was answered."),
    act("escalate", "2024-03-18"),
    act("decide_escalation", "2024-03-20", decision="accepted", handler="i.investigator"),
    act("extend", "2024-03-21", stage=2, working_days=5, extension_reason="advocate"),
    act("answer", "2024-04-24", stage=2, finding="upheld", remedies=[{"kind": "apology"}]),
    act("close", "2024-05-20"),
    act("escalate", "2024-05-22"),
    act("decide_escalation", "2024-05-24", decision="accepted"),
    act("answer", "2024-06-20", stage=3, finding="not_upheld"),
    act("correct", "2024-06-21", stage=3, finding="partially_upheld", reason="Mis-keyed."),
    act("correct", "2024-06-21", received_on="2024-02-02", channel="email", reason="Mis-keyed."),
    act("correct", "2024-06-24", category="staff-conduct", reason="Mis-keyed."),
    act("close", "2024-07-22"),
]
HISTORIES: dict[str, tuple[dict[str, Any], Acts]] = {
    "through all three stages": ({}, THROUGH_ALL_STAGES),
    "nothing done yet": ({}, []),
    "anonymous, on behalf of nobody": ({"people": []}, []),
    "a comment that became a complaint": (
        {"type": "comment"},
        [
            {**ACCEPT, "procedure": None},
            act("reclassify", "2024-02-13", type="complaint", reason="It is one."),
            {**ACCEPT, "on": "2024-02-14"},
            {**ANSWER, "on": "2024-02-28"},
            act("correct", "2024-02-28", stage=1, timescale_excluded="migrated", reason="So."),
        ],
    ),
    "a complaint that became a compliment": (
        {},
        [ACCEPT, act("reclassify", "2024-02-13", type="compliment", reason="It is one.")],
    ),
    "resolved early, taken up again and accepted": (
        {},
        [
            {**ACCEPT, "decision": "resolve_early"},
            act("reopen", "2024-02-12", reason="It was not."),
            {**ACCEPT, "on": "2024-02-13"},
            act("withdraw", "2024-02-20", reason="Moved away."),
            act("reopen", "2024-02-21", reason="Changed her mind."),
            act("answer", "2024-03-01", stage=1, closure="no_finding",
                no_finding_reason="concurrent_proceedings"),
        ],
    ),
    "outside the complaints process": ({}, [{**ACCEPT, "decision": "redirect_outside_process"}]),
    "not feedback": ({}, [act("triage", "2024-02-06", decision="redirect_not_feedback")]),
    "refused": (
        {},
        [act("triage", "2024-02-06", decision="refuse", refusal_reason="out_of_time")],
    ),
    "withdrawn before it was accepted": ({}, [act("withdraw", "2024-02-06")]),
    "escalated and resolved": (
        {},
        [
            ACCEPT,
            ANSWER,
            act("escalate", "2024-02-20"),
            act("decide_escalation", "2024-02-22", decision="resolved"),
        ],
    ),
    "escalated and withdrawn": (
        {},
        [ACCEPT, ANSWER, act("escalate", "2024-02-20"), act("withdraw", "2024-02-22")],
    ),
    "void": ({}, [ACCEPT, act("void", "2024-02-08", reason="Entered twice.")]),
}  # fmt: skip


@pytest.fixture
def desk(client: AsyncClient, staff: Headers) -> Desk:
    return Desk(client, staff["admin"])


async def do_over_api(desk: Desk, clock: MovableClock, given: Mapping[str, Any]) -> str:
    """Live through a history: each act on its day."""
    clock.on(date.fromisoformat(given["registered_on"]))
    facts = {name: given[name] for name in ("type", "channel", "received_on", "service", "people")}
    reference = await desk.log(narrative=given["narrative"], **facts)
    requests = 0
    for done in given["acts"]:
        clock.on(date.fromisoformat(done["on"]))
        name, stage = done["act"], done.get("stage")
        requests += name == "escalate"
        path = PATHS[name].format(stage=stage, request=requests)
        left_out = {"act", "on", *(("stage",) if name in IN_PATH else ())}
        body = {key: value for key, value in done.items() if key not in left_out}
        await desk.do(reference, path, **body)
    clock.on(date(2026, 10, 1))
    return reference


async def rows_of(pool: "asyncpg.Pool[asyncpg.Record]", reference: str) -> dict[str, Any]:
    """Everything that is kept of a case, but for its number and when it was recorded."""
    number = await pool.fetchval('SELECT id FROM core."case" WHERE reference = $1', reference)
    tables = {
        'core."case"': [name for name in columns(CaseFacts) if name != "id"],
        **{f"core.{part.table.__tablename__}": list(part.columns) for part in PARTS},
        "core.overwritten": ["version", "seq", "part", "stage", "until", "facts"],
        "audit.entry": ["version", "act", "happened_on", "client", "changes"],
        "pii.person": ["seq", "role", "name", "email", "phone", "consent", "email_key"],
        "pii.narrative": ["text", "desired_outcome"],
        "pii.remark": ["version", "text"],
    }
    found = {}
    for table, names in tables.items():
        key = "id" if table == 'core."case"' else "case_id"
        asked = f"SELECT {', '.join(names)} FROM {table} WHERE {key} = $1 ORDER BY {names[0]}"
        found[table] = sorted(tuple(map(str, row)) for row in await pool.fetch(asked, number))
    return found


@pytest.mark.parametrize("name", HISTORIES)
async def test_import_and_acts_leave_the_same_rows(
    desk: Desk,
    clerk: Clerk,
    clock: MovableClock,
    pool: "asyncpg.Pool[asyncpg.Record]",
    name: str,
) -> None:
    facts, acts = HISTORIES[name]
    given = line(*acts, **facts)
    lived = await do_over_api(desk, clock, given)
    taken = await clerk.taken(given)
    assert await rows_of(pool, taken["reference"]) == await rows_of(pool, lived)


def test_these_histories_hold_every_act() -> None:
    schema = ImportLine.model_json_schema()
    known = set(schema["properties"]["acts"]["items"]["discriminator"]["mapping"])
    assert {done["act"] for _, acts in HISTORIES.values() for done in acts} == known == set(PATHS)
