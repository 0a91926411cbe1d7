"""Words that stand for personal data: each says which field it was in, and is found anywhere."""

import re
import uuid
from collections import Counter
from collections.abc import Iterable
from itertools import count
from typing import Any

import httpx

from tests.faults.installation import Installation

REPORT = "/v1/reports/annual/2026-27"
OF_REPORTS = (": remark", ": author")  # what officers write in them

_FORM = re.compile(r"zq([a-z0-9]+)x(\d+)qz", re.IGNORECASE)
_numbers = count(1)


def canary(field: str) -> str:
    """A word for a field, like no other."""
    return f"zq{re.sub('[^a-z0-9]', '', field)}x{next(_numbers)}qz"


def sentence(field: str) -> str:
    """Words in the place of a name. What looks like a field's name is told back to who sent it."""
    return f"{canary(field)} of Example Street"


def found_in(where: str, text: str) -> Counter[str]:
    """Which fields' canaries sing here."""
    return Counter(f"{where}: {field}" for field, _ in _FORM.findall(text))


def person(role: str = "complainant") -> dict[str, str]:
    """Somebody, every field a canary."""
    return {
        "role": role,
        "name": canary("name"),
        "email": f"{canary('email')}@example.org",
        "phone": f"01632 {canary('phone')}",
        "address": canary("address"),
        "relationship": canary("relationship"),
    }


def feedback(**facts: object) -> dict[str, object]:
    """Feedback with a canary wherever a person is or speaks."""
    return {
        "type": "complaint",
        "channel": "phone",
        "narrative": f"He said: {canary('narrative')}",
        "desired_outcome": canary("outcome"),
        "people": [person(), person("affected_child")],
        **facts,
    }


def summed(found: Iterable[Counter[str]]) -> Counter[str]:
    return sum(found, Counter[str]())


class Eavesdropper:
    """Calls the service, and listens for canaries in whatever it says."""

    def __init__(self, installation: Installation, client: httpx.AsyncClient) -> None:
        self.heard: Counter[str] = Counter()
        self.allowed: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.installation = installation
        self._client = client

    async def call(
        self,
        method: str,
        path: str,
        *,
        role: str | None = "admin",
        told: bool = False,
        **request: Any,
    ) -> httpx.Response:
        """Send a request; `told` where its answer is meant to show personal data."""
        by = self.installation.role(role) if role else {}
        headers = {**by, **request.pop("headers", {})}
        answer = await self._client.request(method, path, headers=headers, **request)
        self.statuses[answer.status_code] += 1
        said = f"{answer.headers!s} {answer.text}"
        of_reports = path.startswith(REPORT) and answer.is_success
        for where, times in found_in(f"{method} {answer.status_code}", said).items():
            meant = told or (of_reports and where.endswith(OF_REPORTS))
            (self.allowed if meant else self.heard)[where] += times
        return answer

    async def submit(self, body: Any, **request: Any) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid.uuid4()), **request.pop("headers", {})}
        return await self.call("POST", "/v1/feedback", json=body, headers=headers, **request)

    async def act(self, reference: str, path: str, body: Any, **headers: str) -> httpx.Response:
        at = (await self.call("GET", f"/v1/feedback/{reference}")).json()["version"]
        wanted = {"If-Match": f'"{at}"', "Idempotency-Key": str(uuid.uuid4()), **headers}
        return await self.call(
            "POST", f"/v1/feedback/{reference}/{path}", json=body, headers=wanted
        )
