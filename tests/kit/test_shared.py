"""What many wait for is fetched once, and everybody is told the same."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.kit.shared import Shared


class Source:
    """Something that takes its time, is counted, and may fail."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = asyncio.Event()
        self.fails = False
        self.shared = Shared(self.fetch)

    async def fetch(self) -> int:
        self.asked += 1
        number = self.asked
        await self.answers.wait()
        if self.fails:
            raise LookupError
        return number


async def test_all_who_wait_get_what_one_fetched() -> None:
    source = Source()
    waiting = [asyncio.create_task(source.shared.get()) for _ in range(5)]
    await asyncio.sleep(0)
    source.answers.set()
    assert await asyncio.gather(*waiting) == [1] * 5
    assert await source.shared.get() == 2


async def test_all_who_wait_are_told_of_the_failure_and_the_next_tries_again() -> None:
    source = Source()
    source.fails = True
    waiting = [asyncio.create_task(source.shared.get()) for _ in range(5)]
    await asyncio.sleep(0)
    source.answers.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in told] == [LookupError] * 5
    assert source.asked == 1
    source.fails = False
    assert await source.shared.get() == 2


async def test_who_wants_the_newest_shares_a_fetch_begun_since() -> None:
    source = Source()
    early = asyncio.create_task(source.shared.get())
    await asyncio.sleep(0)
    late = [asyncio.create_task(source.shared.get_anew()) for _ in range(3)]
    await asyncio.sleep(0)
    source.answers.set()
    assert await asyncio.gather(early, *late) == [1, 2, 2, 2]


@pytest.mark.parametrize("get", [Shared.get, Shared.get_anew])
async def test_who_comes_in_the_very_turn_in_which_a_fetch_ends_gets_another(
    get: Callable[[Shared[int]], Awaitable[int]],
) -> None:
    source = Source()
    first = asyncio.create_task(source.shared.get())
    await asyncio.sleep(0)
    source.answers.set()
    await asyncio.sleep(0)
    assert await get(source.shared) == 2
    assert await first == 1


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    source = Source()
    leaving = asyncio.create_task(source.shared.get())
    staying = asyncio.create_task(source.shared.get())
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    source.answers.set()
    assert await staying == 1


async def test_a_failure_that_nobody_waited_for_is_no_error() -> None:
    source = Source()
    source.fails = True
    leaving = asyncio.create_task(source.shared.get())
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    source.answers.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    source.fails = False
    assert await source.shared.get() == 2
