"""The people who call the service, as tests want them: each act is one sentence."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from httpx import AsyncClient, Response

COMPLAINT = {
    "type": "complaint",
    "channel": "phone",
    "narrative": "Nobody rang me back.",
    "service": "children-and-families",
    "people": [{"role": "complainant", "name": "Alex Example", "email": "alex@example.org"}],
}
ACCEPT = {
    "decision": "accept",
    "procedure": "childrens-statutory",
    "category": "communication",
    "service": "children-and-families",
}


async def patiently(ask: Callable[[], Awaitable[Response]]) -> Response:
    """Ask, and come again while the service is busy: what is asked must bear to be asked twice."""
    answer = await ask()
    for _ in range(20):
        busy = answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        if not busy or "Retry-After" not in answer.headers:
            break
        await asyncio.sleep(0.5)
        answer = await ask()
    return answer


@dataclass
class Desk:
    """Staff at work: logs feedback, reads cases, and sends each act with the ETag it last saw."""

    client: AsyncClient
    headers: Mapping[str, str]

    async def log(self, **facts: Any) -> str:
        """Log feedback and give its reference."""
        answer = await self.submit({**COMPLAINT, **facts})
        assert answer.status_code == 201, answer.text
        reference: str = answer.json()["reference"]
        return reference

    async def submit(self, body: Mapping[str, Any], *, key: str | None = None) -> Response:
        return await self.client.post(
            "/v1/feedback",
            json=body,
            headers={**self.headers, "Idempotency-Key": key or str(uuid.uuid4())},
        )

    async def read(self, reference: str) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/feedback/{reference}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        case: dict[str, Any] = answer.json()
        return case

    async def get(self, path: str, **params: Any) -> Response:
        return await self.client.get(path, headers=self.headers, params=params)

    async def send(
        self, reference: str, act: str, body: Mapping[str, Any] | None = None, **headers: str
    ) -> Response:
        """Do an act on the case as it stands now, whatever comes of it."""
        if "If-Match" not in headers:
            version = (await self.read(reference))["version"]
            headers["If-Match"] = f'"{version}"'
        return await self.client.post(
            f"/v1/feedback/{reference}/{act}",
            json=dict(body or {}),
            headers={**self.headers, **headers},
        )

    async def do(self, reference: str, act: str, **body: Any) -> dict[str, Any]:
        """Do an act that must succeed, and give the case as it is then."""
        answer = await self.send(reference, act, body)
        assert answer.status_code == 200, answer.text
        case: dict[str, Any] = answer.json()
        return case

    async def refused(self, reference: str, act: str, **body: Any) -> dict[str, Any]:
        """Do an act that must be refused, and give the problem."""
        answer = await self.send(reference, act, body)
        assert answer.status_code >= 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = answer.json()
        return problem

    async def accepted(self, **facts: Any) -> str:
        """A complaint at stage 1 of the children's procedure."""
        reference = await self.log(**facts)
        await self.do(reference, "triage", **ACCEPT)
        return reference

    async def answered(self, finding: str = "upheld", **facts: Any) -> str:
        """A complaint answered at stage 1."""
        reference = await self.accepted(**facts)
        await self.do(reference, "stages/1/outcome", finding=finding)
        return reference
