"""Doing together what many ask for at the same time: one statement for all of them.

Who asks while there is a free place is served at once. Who asks meanwhile waits, and all who have
waited are served together as soon as a place is free: the more there is to do, the cheaper each
becomes, and nobody waits for a clock.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from app.kit.db import AsyncpgConnection, AsyncpgPool, connection

_PLACES = 2  # statements under way: while one becomes durable, the next is worked on
_TOGETHER = 16  # at most: of 32 who ask, some are answered while others are served

Asked = TypeVar("Asked")
Given = TypeVar("Given")
Serve = Callable[[AsyncpgConnection, Sequence[Asked]], Coroutine[Any, Any, Sequence[Given]]]


class Gathered(Generic[Asked, Given]):
    """Serves many on few connections.

    What `serve` gives in the place of an answer and is an exception is raised where it was asked.
    What it raises is raised for all that it was to serve.
    """

    def __init__(self, pool: AsyncpgPool, serve: Serve[Asked, Given | Exception]) -> None:
        self._pool = pool
        self._serve = serve
        self._waiting: deque[tuple[Asked, asyncio.Future[Given]]] = deque()
        self._under_way = 0  # not the tasks below: they are taken out a turn after they have ended
        self._serving: set[asyncio.Task[None]] = set()

    async def get(self, asked: Asked) -> Given:
        """What is given for this, by a statement that begins after it was asked."""
        mine: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, mine))
        if self._under_way < _PLACES:
            self._under_way += 1
            serving = asyncio.create_task(self._serve_all())
            self._serving.add(serving)
            serving.add_done_callback(self._serving.discard)
        return await mine

    async def _serve_all(self) -> None:
        try:
            while self._waiting:
                await self._serve_some()
        finally:
            self._under_way -= 1

    async def _serve_some(self) -> None:
        group: list[tuple[Asked, asyncio.Future[Given]]] = []
        try:
            async with connection(self._pool) as held:
                group = self._next(_TOGETHER)
                if not group:
                    return
                answers = await self._serve(held, [asked for asked, _ in group])
        except Exception as error:  # noqa: BLE001  # whatever it is: who asked would wait for ever
            # Without a connection, or an answer, all are told: those behind would wait in vain.
            if not group or isinstance(error.__cause__, TimeoutError):
                group += self._next(len(self._waiting))
            answers = [error] * len(group)
        for (_, waiting), answer in zip(group, answers, strict=True):
            if waiting.done():
                continue  # who asked has left
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)

    def _next(self, most: int) -> list[tuple[Asked, asyncio.Future[Given]]]:
        """Those who have waited longest, without those who have left."""
        group = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        return [(asked, waiting) for asked, waiting in group if not waiting.done()]
