"""What Postgres writes as JSON is what the schemas would have written, byte for byte."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient, Response
from pydantic import BaseModel, TypeAdapter

from app.cases.schemas import CaseOut, CasePage, CaseSummary
from tests.conftest import MovableClock
from tests.desk import ACCEPT, Desk

ODD = 'Zoë “the” \\ "o/Neill\u2028<&> 😀'
JOURNEY: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("2026-10-01", "acknowledgement", {"by": "email"}),
    ("2026-10-02", "triage", ACCEPT),
    ("2026-10-05", "allocations", {"team": "rugby-childrens-safeguarding-and-support-team"}),
    (
        "2026-10-06",
        "stages/1/extensions",
        {"working_days": 5, "extension_reason": "complexity", "told_on": "2026-10-06"},
    ),
    ("2026-10-07", "stages/1/extensions", {"working_days": 2, "extension_reason": "advocate"}),
    (
        "2026-10-08",
        "stages/1/outcome",
        {
            "finding": "partially_upheld",
            "handler": ODD,
            "remedies": [
                {"kind": "apology"},
                {"kind": "financial-symbolic", "pence": 15_000, "due_on": "2026-11-01"},
            ],
        },
    ),
    ("2026-10-09", "escalations", {"reason": "Not what I asked."}),
    ("2026-10-12", "escalations/1/decision", {"decision": "refused", "reason": "Too late."}),
    ("2026-10-13", "escalations", {"reason": "Look again."}),
    ("2026-10-14", "escalations/2/decision", {"decision": "accepted"}),
    ("2026-10-20", "stages/2/outcome", {"finding": "upheld"}),
    ("2026-10-21", "closure", {}),
    ("2026-10-22", "void", {"reason": "Entered twice."}),
)


@pytest.fixture
def desk(client: AsyncClient, staff: Mapping[str, Mapping[str, str]]) -> Desk:
    return Desk(client, staff["customer_relations"])


def as_written_by(model: type[BaseModel], answer: Response) -> bytes:
    return TypeAdapter(model).validate_json(answer.content).model_dump_json().encode()


async def test_a_case_reads_as_its_last_act_answered_and_as_its_schema_writes_it(
    desk: Desk, clock: MovableClock
) -> None:
    systems = [{"system": "contact_us", "reference": ODD[:40]}]
    reference = await desk.log(systems=systems)
    for day, act, body in JOURNEY:
        clock.on(date.fromisoformat(day))
        answer = await desk.send(reference, act, body)
        assert answer.status_code == 200, (act, answer.text)
        read = await desk.get(f"/v1/feedback/{reference}")
        assert read.content == answer.content, act
        assert read.content == as_written_by(CaseOut, read), act
        assert read.headers["ETag"] == answer.headers["ETag"], act


async def test_a_list_shows_the_same_facts_as_each_case_by_itself(desk: Desk) -> None:
    references = [await desk.accepted(), await desk.log(type="compliment", service=None, people=[])]
    page = await desk.get("/v1/feedback")
    assert page.content == as_written_by(CasePage, page)
    found = {item["reference"]: item for item in page.json()["items"]}
    assert sorted(found) == sorted(references)
    for reference, item in found.items():
        case = await desk.read(reference)
        assert item == {name: case[name] for name in CaseSummary.model_fields}


async def test_an_empty_list_is_a_list(desk: Desk) -> None:
    page = await desk.get("/v1/feedback")
    assert page.content == b'{"items":[],"next_cursor":null}'
