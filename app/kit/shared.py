"""Fetching what many wait for: one fetches, and all are given what it brings, or why it failed.

Behind a lock they would try one after another, and while the database does not answer, each would
wait as long again as the one before.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Fetched = TypeVar("Fetched")


class Shared(Generic[Fetched]):
    """A fetch of which at most one is under way. It goes on when those who wait for it leave."""

    def __init__(self, fetch: Callable[[], Coroutine[Any, Any, Fetched]]) -> None:
        self._fetch = fetch
        self._under_way: asyncio.Task[Fetched] | None = None

    async def get(self) -> Fetched:
        """What the fetch that is under way brings, or one that is begun now."""
        # Not left to a callback, which is called a turn later: who came in that turn would be given
        # what others have used up, and who asked again without waiting would never let go.
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._fetch())
            self._under_way.add_done_callback(_look_at_its_error)
        return await asyncio.shield(self._under_way)

    async def get_anew(self) -> Fetched:
        """What a fetch brings that was begun after this was asked for."""
        if self._under_way is not None:
            await asyncio.wait([self._under_way])
        return await self.get()


def _look_at_its_error(fetch: asyncio.Task[Any]) -> None:
    """Or asyncio would log it, though those who waited have been told, or have left."""
    if not fetch.cancelled():
        fetch.exception()
