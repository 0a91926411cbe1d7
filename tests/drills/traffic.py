"""Twenty requests a second, come what may, spread over whatever instances say they are ready."""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import httpx

from tests.desk import COMPLAINT
from tests.drills.council import Headers
from tests.drills.ledger import Sent

RATE = 20  # requests a second
_LOOK_EVERY = 0.2  # seconds between two looks at who is ready


@dataclass
class Traffic:
    """What clients ask for, at their pace and not at the service's, and what they were answered."""

    client: httpx.AsyncClient
    keys: Headers
    instances: dict[str, str] = field(default_factory=dict)  # name → address
    ready: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    by_instance: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    somebody_is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    enough: bool = False

    @property
    def failures(self) -> int:
        """Answers that were none, or not what was asked for, but for a polite 503."""
        return sum(
            n for said, n in self.answers.items() if not said.startswith("2") and said != "503"
        )

    async def run(self) -> None:
        """Send requests until it is enough, then wait for the last answers."""
        begun = time.monotonic()
        async with asyncio.TaskGroup() as requests:
            for number in count():
                await asyncio.sleep(max(0.0, begun + number / RATE - time.monotonic()))
                if self.enough:
                    return
                requests.create_task(self._one())

    async def look(self) -> None:
        """What a load balancer does: ask each instance whether it is ready."""
        while not self.enough:
            names = list(self.instances)
            states = await asyncio.gather(*(self._is_ready(name) for name in names))
            self.ready = [name for name, ready in zip(names, states, strict=True) if ready]
            if self.ready:
                self.somebody_is_ready.set()
            await asyncio.sleep(_LOOK_EVERY)

    async def _is_ready(self, name: str) -> bool:
        try:
            return (await self.client.get(f"{self.instances[name]}/readyz")).status_code == 200
        except (httpx.TransportError, KeyError):
            return False

    async def _one(self) -> None:
        choices = [name for name in self.ready if name in self.instances]
        if not choices:
            self.answers["nobody is ready"] += 1
            return
        name = random.choice(choices)  # noqa: S311  # chance, not secrecy
        begun = time.perf_counter()
        try:
            said = str(await self._ask(self.instances[name]))
        except httpx.TransportError as error:
            said = type(error).__name__
        self.answers[said] += 1
        self.by_instance[name] += 1
        self.seconds.append(time.perf_counter() - begun)

    async def _ask(self, address: str) -> int:
        staff = self.keys["customer_relations"]
        acknowledged = [one for one in self.sent if one.reference]
        chance = random.random()  # noqa: S311  # as above
        if chance < 0.5 or not acknowledged:
            return await self._hand_in(address, staff)
        one = acknowledged[-1 - int(chance * 1000) % min(len(acknowledged), 20)]
        if chance < 0.6 and len(one.told) == 1:
            return await self._note(address, one, staff)
        path = {
            6: f"/v1/feedback/{one.reference}",
            7: f"/v1/feedback/{one.reference}/history",
            8: "/v1/feedback?limit=20",
        }.get(int(chance * 10), "/v1/stats/figures/complaints-by-month")
        return (await self.client.get(f"{address}{path}", headers=staff)).status_code

    async def _hand_in(self, address: str, staff: Mapping[str, str]) -> int:
        one = Sent(str(uuid.uuid4()), f"Nobody rang me back. {uuid.uuid4()}", datetime.now(UTC))
        self.sent.append(one)
        answer = await self.client.post(
            f"{address}/v1/feedback",
            json={**COMPLAINT, "narrative": one.words},
            headers={**staff, "Idempotency-Key": one.key},
        )
        if answer.status_code == httpx.codes.CREATED:
            one.reference = answer.json()["reference"]
            one.told.append((1, datetime.now(UTC)))
        return answer.status_code

    async def _note(self, address: str, one: Sent, staff: Mapping[str, str]) -> int:
        one.told.append((1, datetime.now(UTC)))  # nobody else is to change it meanwhile
        answer = await self.client.post(
            f"{address}/v1/feedback/{one.reference}/notes",
            json={"text": "Rang back."},
            headers={**staff, "If-Match": '"1"'},
        )
        if answer.status_code == httpx.codes.OK:
            one.told.append((2, datetime.now(UTC)))
        return answer.status_code


@asynccontextmanager
async def flowing(keys: Headers, **instances: str) -> AsyncIterator[Traffic]:
    """Traffic to these instances, and those added, for as long as this lasts."""
    limits = httpx.Limits(max_connections=100)
    async with (
        httpx.AsyncClient(timeout=20, limits=limits) as client,
        asyncio.TaskGroup() as working,
    ):
        traffic = Traffic(client, keys, instances)
        working.create_task(traffic.look())
        async with asyncio.timeout(30):
            await traffic.somebody_is_ready.wait()
        working.create_task(traffic.run())
        try:
            yield traffic
        finally:
            traffic.enough = True
