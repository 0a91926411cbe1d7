"""Examples that are made by chance and carried out one after another, over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

Example = TypeVar("Example")


def chance(times: int, *, steps: int = 50) -> settings:
    """So many examples, none of them kept or made smaller: each takes longer than one at hand."""
    return settings(
        max_examples=times,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        stateful_step_count=steps,
    )


def carried_out(
    examples: SearchStrategy[Example],
    carry_out: Callable[[Example], Awaitable[None]],
    loop: asyncio.AbstractEventLoop,
    *,
    times: int,
) -> None:
    """Carry out so many examples; whatever is wrong with one is raised."""

    @chance(times)
    @given(examples)
    def each(example: Example) -> None:
        loop.run_until_complete(carry_out(example))

    each()
