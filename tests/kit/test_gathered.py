"""What many ask for at once is done together, and each is told what concerns it."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from app.kit.db import AsyncpgPool
from app.kit.gathered import Gathered
from app.kit.problem import Unavailable


class Pool:
    """Connections without a database behind them, which may not be had."""

    def __init__(self) -> None:
        self.is_open = True
        self.asked = asyncio.Event()
        self.opens = asyncio.Event()
        self.opens.set()

    @asynccontextmanager
    async def acquire(self, **_patience: float) -> Any:
        self.asked.set()
        await self.opens.wait()
        if not self.is_open:
            raise TimeoutError
        yield self

    async def expire_connections(self) -> None:
        """End all there are."""


class Desk:
    """Serves groups of numbers when it is told to; notes who was served together."""

    def __init__(self) -> None:
        self.groups: list[Sequence[int]] = []
        self.goes_on = asyncio.Event()
        self.is_mute = False
        self.pool = Pool()
        self.gathered: Gathered[int, int] = Gathered(cast("AsyncpgPool", self.pool), self.serve)

    async def serve(self, _held: object, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.groups.append(numbers)
        await self.goes_on.wait()
        if self.is_mute:
            raise TimeoutError
        if 0 in numbers:
            raise LookupError
        return [ValueError(n) if n < 0 else 10 * n for n in numbers]

    def ask(self, *numbers: int) -> list[asyncio.Task[int]]:
        return [asyncio.create_task(self.gathered.get(n)) for n in numbers]

    async def busy_with(self, *numbers: int) -> list[asyncio.Task[int]]:
        """Ask for these, each by itself: every place is taken."""
        busy = []
        for number in numbers:
            busy += self.ask(number)
            await settled()
        return busy


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_comes_alone_is_served_at_once() -> None:
    desk = Desk()
    desk.goes_on.set()
    assert await desk.gathered.get(1) == 10
    assert await desk.gathered.get(2) == 20
    assert desk.groups == [[1], [2]]


async def test_all_who_had_to_wait_are_served_together_in_their_order() -> None:
    desk = Desk()
    busy = await desk.busy_with(1, 2)
    waiting = desk.ask(*range(3, 43))
    await settled()
    assert desk.groups == [[1], [2]]
    desk.goes_on.set()
    assert await asyncio.gather(*busy, *waiting) == [10 * n for n in range(1, 43)]
    assert desk.groups[2:] == [list(range(3, 19)), list(range(19, 35)), list(range(35, 43))]


async def test_what_is_wrong_with_one_is_told_to_that_one_alone() -> None:
    desk = Desk()
    busy = await desk.busy_with(1, 2)
    waiting = desk.ask(3, -4, 5)
    desk.goes_on.set()
    told = await asyncio.gather(*busy, *waiting, return_exceptions=True)
    assert [told[0], told[1], told[2], told[4]] == [10, 20, 30, 50]
    assert isinstance(told[3], ValueError)


async def test_a_statement_that_fails_fails_for_its_group_and_no_other() -> None:
    desk = Desk()
    busy = await desk.busy_with(0, 1)
    waiting = desk.ask(2, 3)
    desk.goes_on.set()
    told = await asyncio.gather(*busy, *waiting, return_exceptions=True)
    assert isinstance(told[0], LookupError)
    assert told[1:] == [10, 20, 30]


async def test_without_a_connection_all_who_wait_are_told_at_once() -> None:
    desk = Desk()
    desk.goes_on.set()
    desk.pool.is_open = False
    desk.pool.opens.clear()
    waiting = desk.ask(*range(100))
    await desk.pool.asked.wait()
    desk.pool.opens.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in told} == {Unavailable}
    assert desk.groups == []
    desk.pool.is_open = True
    assert await desk.gathered.get(1) == 10


async def test_where_the_database_does_not_answer_those_behind_wait_no_longer() -> None:
    desk = Desk()
    busy = await desk.busy_with(1, 2)
    waiting = desk.ask(*range(3, 43))
    await settled()
    desk.is_mute = True
    desk.goes_on.set()
    told = await asyncio.gather(*busy, *waiting, return_exceptions=True)
    assert {type(one) for one in told} == {Unavailable}
    assert desk.groups == [[1], [2]]
    desk.is_mute = False
    assert await desk.gathered.get(1) == 10


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    desk = Desk()
    busy = await desk.busy_with(1, 2)
    leaving, staying = desk.ask(3, 4)
    await settled()
    for task in (busy[0], leaving):
        task.cancel()
    await settled()
    desk.goes_on.set()
    assert list(await asyncio.gather(busy[1], staying)) == [20, 40]
    assert desk.groups == [[1], [2], [4]]
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_who_comes_as_every_place_falls_free_is_served_all_the_same() -> None:
    for turns in range(20):
        desk = Desk()
        busy = await desk.busy_with(1, 2)
        desk.goes_on.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert await asyncio.gather(*busy, *desk.ask(3)) == [10, 20, 30]


async def test_when_all_have_left_nobody_is_asked_for() -> None:
    desk = Desk()
    busy = await desk.busy_with(1, 2)
    leaving = desk.ask(3)
    await settled()
    leaving[0].cancel()
    desk.goes_on.set()
    assert await asyncio.gather(*busy) == [10, 20]
    await settled()
    assert desk.groups == [[1], [2]]
    assert await desk.gathered.get(4) == 40
