"""Clients at work: they hand in feedback, and now and then work a case, and keep their own log."""

import asyncio
import uuid
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from app.kit.clock import london_day, system_clock
from tests.desk import ACCEPT, COMPLAINT
from tests.drills.council import Headers
from tests.drills.ledger import Sent

CLIENTS = 8
_WORKED = 10  # of so many cases one is worked to its outcome


class Crowd:
    """Eight clients of one service, and the log of what they were told."""

    def __init__(self, client: httpx.AsyncClient, keys: Headers) -> None:
        self.sent: list[Sent] = []
        self._client = client
        self._staff = keys["customer_relations"]
        self._numbers: Iterator[int] = count()

    async def work(self, cases: int) -> None:
        """Hand in so many more."""
        until = len(self.sent) + cases
        await asyncio.gather(*(self._work(until) for _ in range(CLIENTS)))

    async def _work(self, until: int) -> None:
        while len(self.sent) < until:
            one = Sent(str(uuid.uuid4()), f"Nobody rang me back. {uuid.uuid4()}", datetime.now(UTC))
            self.sent.append(one)
            await self.hand_in(one)
            if next(self._numbers) % _WORKED == 0:
                await self._act(one, "triage", ACCEPT)
                await self._act(one, "stages/1/outcome", {"finding": "upheld"})

    async def hand_in(self, one: Sent) -> bool:
        """Hand it in, perhaps again; say whether the service knew it already."""
        answer = await self._client.post(
            "/v1/feedback",
            json={**COMPLAINT, "narrative": one.words},
            headers={**self._staff, "Idempotency-Key": one.key},
        )
        assert answer.status_code == httpx.codes.CREATED, answer.text
        one.reference = answer.json()["reference"]
        one.told.append((1, datetime.now(UTC)))
        return "Idempotency-Replayed" in answer.headers

    async def _act(self, one: Sent, act: str, body: Mapping[str, Any]) -> None:
        version = one.told[-1][0]
        answer = await self._client.post(
            f"/v1/feedback/{one.reference}/{act}",
            json=body,
            headers={**self._staff, "If-Match": f'"{version}"'},
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        one.told.append((answer.json()["version"], datetime.now(UTC)))

    async def figures(self) -> dict[str, Any]:
        """Every figure of this year, but for when it was asked."""
        listed = await self._client.get("/v1/stats/figures", headers=self._staff)
        found = {}
        for figure in listed.json()["figures"]:
            answer = await self._client.get(
                f"/v1/stats/figures/{figure['slug']}?year={this_year()}", headers=self._staff
            )
            assert answer.status_code == httpx.codes.OK, answer.text
            found[figure["slug"]] = {**answer.json(), "as_of": None}
        return found


@asynccontextmanager
async def at(address: str, keys: Headers) -> Any:
    """A crowd at a service."""
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(base_url=address, timeout=20, limits=limits) as client:
        yield Crowd(client, keys)


def this_year() -> str:
    """The financial year that it is, as the service spells it."""
    today = london_day(system_clock())
    starts = today.year if (today.month, today.day) >= (4, 1) else today.year - 1
    return f"{starts}-{(starts + 1) % 100:02}"
