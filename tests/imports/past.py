"""Lines of history for tests, and somebody who sends them."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import Any

from httpx import AsyncClient, Response

JSON_LINES = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv; charset=utf-8"}

ACCEPT = {
    "act": "triage",
    "on": "2024-02-06",
    "decision": "accept",
    "procedure": "childrens-statutory",
    "category": "communication",
    "service": "children-and-families",
}
ANSWER = {"act": "answer", "on": "2024-02-14", "stage": 1, "finding": "upheld"}

_numbers = count(1)


def line(*acts: Mapping[str, Any], **facts: Any) -> dict[str, Any]:
    """A complaint received and registered on 5 February 2024, and what was done since."""
    reference = facts.pop("reference", None) or f"CFS-{next(_numbers)}"
    made: dict[str, Any] = {
        "system_of_record": "customer_feedback",
        "systems": [{"system": "customer_feedback", "reference": reference}],
        "type": "complaint",
        "channel": "phone",
        "received_on": "2024-02-05",
        "registered_on": "2024-02-05",
        "service": "children-and-families",
        "people": [{"role": "complainant", "name": "Alex Example", "email": "a@example.org"}],
        "narrative": "Nobody rang me back.",
        "acts": [dict(act) for act in acts],
    }
    return {**deepcopy(made), **facts}


def migrated(**facts: Any) -> dict[str, Any]:
    """A case of the older system that the newer one took over."""
    number = next(_numbers)
    return line(
        systems=[
            {"system": "contact_us", "reference": f"CU-{number}"},
            {"system": "customer_feedback", "reference": f"CFS-{number}"},
        ],
        channel=None,
        received_on="2023-12-11",
        registered_on="2024-01-16",
        migrated_on="2024-01-16",
        **facts,
    )


def written(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in lines)


async def in_pieces(data: bytes, size: int = 1_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@dataclass
class Clerk:
    """Brings files in over HTTP and looks at what became of them."""

    client: AsyncClient
    headers: Mapping[str, str]

    async def send(
        self, *lines: Mapping[str, Any], body: bytes | None = None, **params: Any
    ) -> dict[str, Any]:
        answer = await self.post(written(lines) if body is None else body, **params)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def post(
        self,
        body: bytes | AsyncIterator[bytes],
        kind: Mapping[str, str] = JSON_LINES,
        **params: Any,
    ) -> Response:
        headers = {**self.headers, **kind}
        return await self.client.post("/v1/imports", content=body, headers=headers, params=params)

    async def one(self, given: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        """Send a single line and give its result."""
        (result,) = (await self.send(given, **params))["results"]
        found: dict[str, Any] = result
        return found

    async def taken(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Send a line that must be taken, and give the case."""
        result = await self.one(given)
        assert result["result"] == "taken", result
        answer = await self.get(f"/v1/feedback/{result['reference']}")
        case: dict[str, Any] = answer.json()
        return case

    async def refused(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Send a line that must be refused, and give its reasons: which, by where."""
        result = await self.one(given)
        assert result["result"] == "refused", result
        return {problem["pointer"]: problem["code"] for problem in result["problems"]}

    async def get(self, path: str, **params: Any) -> Response:
        return await self.client.get(path, headers=self.headers, params=params)
