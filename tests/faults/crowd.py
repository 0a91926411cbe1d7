"""Clients that hand in feedback and write notes, each sending until it is acknowledged."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import httpx

from tests.faults.ledger import Ledger, Sent

NOT_NOW = frozenset({409, 429, 503})


class Crowd:
    """Clients of one role that work until they are told to stop; the ledger has what they did."""

    def __init__(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        clients: int = 16,
        patience: float = 0.05,
        word: Callable[[str], str] = lambda _field: str(uuid.uuid4()),
    ) -> None:
        self.ledger = Ledger()
        self.surprises: list[str] = []
        self.successes: list[float] = []  # when
        self._address = address
        self._headers = headers
        self._clients = clients
        self._patience = patience  # before a request is sent again; a real client waits longer
        self._word = word  # one like no other, for what a person says
        self._enough = asyncio.Event()
        self._working: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for _ in range(self._clients):
            client = await self._stack.enter_async_context(
                httpx.AsyncClient(base_url=self._address, headers=self._headers, timeout=15)
            )
            self._working.append(asyncio.create_task(self._work(client)))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await self._stack.aclose()

    async def finish(self) -> None:
        """Have every client come to the end of what it is doing."""
        self._enough.set()
        await asyncio.gather(*self._working)

    async def acknowledged(self, more: int) -> None:
        """Wait until so many more have been acknowledged: the service works."""
        wanted = self.ledger.acknowledged + more
        while self.ledger.acknowledged < wanted:
            await asyncio.sleep(0.01)
            for task in self._working:
                if task.done():
                    await task  # it can only have failed

    async def _work(self, client: httpx.AsyncClient) -> None:
        while not self._enough.is_set():
            reference = await self._hand_in(client)
            if reference and random.random() < 0.5:  # noqa: S311  # chance, not secrecy
                await self._note(client, reference)

    async def _hand_in(self, client: httpx.AsyncClient) -> str:
        sent = Sent(key=str(uuid.uuid4()), words=f"Nobody rang me. {self._word('narrative')}")
        self.ledger.feedback[sent.words] = sent
        body = {
            "type": "complaint",
            "channel": "phone",
            "narrative": sent.words,
            "people": [{"role": "complainant", "name": f"Alex {self._word('name')}"}],
        }
        answer = await self._answered(client, "/v1/feedback", body, sent)
        if answer is not None:
            sent.place = answer.json()["reference"]
        return sent.place

    async def _note(self, client: httpx.AsyncClient, reference: str) -> None:
        sent = Sent(key=str(uuid.uuid4()), words=f"Rang back. {self._word('note')}")
        self.ledger.notes[sent.words] = sent
        path, as_taken_in = f"/v1/feedback/{reference}/notes", {"If-Match": '"1"'}
        answer = await self._answered(client, path, {"text": sent.words}, sent, **as_taken_in)
        if answer is not None:
            sent.place = f"{reference} {answer.json()['version']}"

    async def _answered(
        self,
        client: httpx.AsyncClient,
        path: str,
        body: Mapping[str, Any],
        sent: Sent,
        **headers: str,
    ) -> httpx.Response | None:
        """Send a request until it is acknowledged; none where it is refused for good."""
        while True:
            self.ledger.tries += 1
            try:
                answer = await client.post(
                    path, json=dict(body), headers={**headers, "Idempotency-Key": sent.key}
                )
            except httpx.TransportError:
                self.ledger.cut_off += 1
            else:
                if answer.is_success:
                    sent.answers.append(answer.content)
                    self.successes.append(time.monotonic())
                    return answer
                if self._is_refused(answer):
                    return None
            await asyncio.sleep(self._patience * random.uniform(0.5, 1.5))  # noqa: S311

    def _is_refused(self, answer: httpx.Response) -> bool:
        self.ledger.turned_away += 1
        wait = answer.status_code in NOT_NOW and "Retry-After" in answer.headers
        if not wait:
            self.surprises.append(f"{answer.status_code} {answer.text}")
        return not wait and answer.is_client_error
