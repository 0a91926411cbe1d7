"""A driver that fails at the Nth call to the database, in each of the ways that databases fail."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import Any
from unittest.mock import patch

import asyncpg
from asyncpg.connection import Connection

_CALLS = frozenset({"prepare", "bind_execute", "bind_execute_many", "query", "copy_in", "copy_out"})
_NEVER_CROSSED = ("BEGIN", "ROLLBACK", ";")  # what no server refuses for another's sake
_LOST = "connection was closed in the middle of operation"


class Fault(StrEnum):
    """What happens to a call."""

    cut_before = "the connection breaks before the server has heard"
    cut_after = "the connection breaks after the server has obeyed"
    crossed = "the server refuses: another transaction was faster"
    late_before = "no answer in time, and nothing was done"
    late_after = "no answer in time, and all was done"


def kinds(turn: int) -> list[Fault]:
    """A break, a refusal and a delay: those before the call and those after it take turns."""
    cut, late = (
        (Fault.cut_before, Fault.late_after) if turn % 2 else (Fault.cut_after, Fault.late_before)
    )
    return [cut, Fault.crossed, late]


class Driver:
    """Counts the calls of every connection while it is armed, and has one of them fail."""

    def __init__(self) -> None:
        self._fault = Fault.cut_before
        self._left = 0
        self._armed = False
        self.fired = False
        self.heard: list[str] = []  # what every call has said while it was armed

    @contextmanager
    def failing(self, at: int, fault: Fault) -> Iterator[None]:
        """Have the call of this number, from 1, fail."""
        self._fault, self._left, self._armed, self.fired = fault, at, True, False
        self.heard.clear()
        try:
            yield
        finally:
            self._armed = False

    async def call(
        self, connection: Any, protocol: Any, make: Callable[..., Any], *given: Any, **named: Any
    ) -> Any:
        if not self._armed:
            return await make(*given, **named)
        says = _statement(*given, **named)
        self.heard.append(says)
        self._left -= 1
        if self._left != 0:
            return await make(*given, **named)
        self.fired = True
        if self._fault is Fault.crossed and says.startswith(_NEVER_CROSSED):
            return await make(*given, **named)
        commits = says.startswith("COMMIT")
        if self._fault in {Fault.cut_after, Fault.late_after}:
            await make(*given, **named)
        elif commits and self._fault is not Fault.cut_before:
            await protocol.query("ROLLBACK", None)  # as the server does itself
        if self._fault in {Fault.cut_before, Fault.cut_after}:
            connection._transport.abort()
            while not connection.is_closed():  # noqa: ASYNC110  # asyncpg has no event for it
                await asyncio.sleep(0)
            raise asyncpg.ConnectionDoesNotExistError(_LOST)
        if self._fault is Fault.crossed:
            raise asyncpg.SerializationError("could not serialize access")
        raise TimeoutError


def _statement(*given: Any, **named: Any) -> str:
    """What a call says to the server."""
    for one in (*given, *named.values()):
        text = getattr(one, "query", one)
        if isinstance(text, str) and (" " in text or ";" in text):
            return text
    return ""


class _Wrapped:
    """The protocol of one connection, its calls going through the driver."""

    def __init__(self, protocol: Any, connection: Any, driver: Driver) -> None:
        self._protocol, self._connection, self._driver = protocol, connection, driver

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._protocol, name)
        if name not in _CALLS:
            return found
        return partial(self._driver.call, self._connection, self._protocol, found)


@contextmanager
def wrapped() -> Iterator[Driver]:
    """Every connection made while this lasts has a driver that can be told to fail."""
    driver = Driver()
    plain = Connection.__init__

    def init(self: Any, protocol: Any, *given: Any, **named: Any) -> None:
        plain(self, protocol, *given, **named)
        self._protocol = _Wrapped(protocol, self, driver)

    with patch.object(Connection, "__init__", init):
        yield driver
