"""Broken on purpose: feedback is acknowledged while it is still being stored."""

import asyncio
from contextlib import suppress
from typing import Any

from app.intake import commands

_submit = commands.submit
_storing: set[asyncio.Task[None]] = set()


async def _store(*given: Any, **named: Any) -> None:
    with suppress(Exception):
        await _submit(*given, **named)


async def submit(*given: Any, **named: Any) -> None:
    task = asyncio.create_task(_store(*given, **named))
    _storing.add(task)
    task.add_done_callback(_storing.discard)


vars(commands)["submit"] = submit
