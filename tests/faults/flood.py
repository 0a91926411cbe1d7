"""Load from a process of its own: requests sent when they are due, answered or not.

`python -m tests.faults.flood` reads a wave as a line of JSON, makes it, and tells what came of it
in another. A closed loop, in which whoever is not answered asks no more, would hide an overload.
Callers heed Retry-After: one that is told to come back later sends nothing until then, and what
it would have sent meanwhile is counted as held back.
"""

import asyncio
import json
import sys
import uuid
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any, Self, cast
from urllib.parse import urlsplit

import uvloop

_TICK = 0.004  # seconds: looking more often would take a core from the service
_LAST_ANSWERS = 10.0  # seconds that answers may take after the last request was sent


@dataclass(frozen=True, slots=True)
class Wave:
    """What to send, and how often; with no rate, as often as so many callers are answered.

    `connections` is how many may wait for an answer at once, if the system lets so many; one more
    is cut off.
    """

    address: str
    path: str
    headers: Mapping[str, str]
    seconds: float
    callers: int
    rate: float | None = None
    body: str | None = None
    connections: int = 2_000


@dataclass(slots=True)
class Outcome:
    """What came of a wave."""

    seconds: float = 0.0
    sent: int = 0
    held_back: int = 0
    cut_off: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    without_retry_after: int = 0
    p50: float = 0.0  # seconds, of those that were served
    p99: float = 0.0

    @property
    def served(self) -> int:
        """How many were answered as they wished."""
        return sum(count for status, count in self.answers.items() if status.startswith("2"))

    @property
    def turned_away(self) -> int:
        """How many were told to come again."""
        return self.answers.get("503", 0)

    @property
    def per_second(self) -> float:
        """How many were served in a second."""
        return self.served / self.seconds


class Generator:
    """The process, as whoever asks it for waves sees it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.flood",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def make(self, wave: Wave) -> Outcome:
        """Have a wave made."""
        process = self._process
        assert process
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(asdict(wave)).encode() + b"\n")
        told = await process.stdout.readline()
        assert told, f"the generator has ended with {await process.wait()}"
        return Outcome(**json.loads(told))


class _Sea:
    """One wave while it is made."""

    def __init__(self, wave: Wave) -> None:
        self.wave = wave
        self.outcome = Outcome()
        self.answers: Counter[str] = Counter()
        self.took: list[float] = []
        self.waits_until = [0.0] * wave.callers
        self.idle: deque[_Line] = deque()
        self.lines: set[_Line] = set()
        self.under_way = 0
        parts = urlsplit(wave.address)
        assert parts.hostname
        assert parts.port
        self._where = parts.hostname, parts.port
        self._head, self._tail = _spelled(wave, parts.netloc)

    async def make(self) -> Outcome:
        """Send it all, wait for the last answers, and sum up."""
        begun = perf_counter()
        until = begun + self.wave.seconds
        await (self._as_due(begun, until) if self.wave.rate else self._as_answered(until))
        self.outcome.seconds = perf_counter() - begun
        last = perf_counter() + _LAST_ANSWERS
        while self.under_way and perf_counter() < last:  # noqa: ASYNC110  # no event per answer
            await asyncio.sleep(0.01)
        self.outcome.cut_off += self.under_way
        for line in self.lines:
            line.transport.close()
        self.outcome.answers = dict(self.answers)
        if self.took:
            self.took.sort()
            self.outcome.p50 = self.took[len(self.took) // 2]
            self.outcome.p99 = self.took[len(self.took) * 99 // 100]
        return self.outcome

    async def _as_due(self, begun: float, until: float) -> None:
        assert self.wave.rate
        number = 0
        while (now := perf_counter()) < until:
            while begun + number / self.wave.rate <= now:
                await self._send(number % self.wave.callers, now)
                number += 1
            await asyncio.sleep(_TICK)

    async def _as_answered(self, until: float) -> None:
        async def caller(number: int) -> None:
            while (now := perf_counter()) < until:
                line = await self._send(number, now)
                await (line.answered() if line else asyncio.sleep(self.waits_until[number] - now))

        await asyncio.gather(*(caller(number) for number in range(self.wave.callers)))

    async def _send(self, caller: int, now: float) -> "_Line | None":
        if now < self.waits_until[caller]:
            self.outcome.held_back += 1
            return None
        self.outcome.sent += 1
        if not self.idle and len(self.lines) == self.wave.connections:
            self.outcome.cut_off += 1  # so many wait already
            return None
        try:
            line = self.idle.pop() if self.idle else await self._another()
        except OSError:
            self.outcome.cut_off += 1  # the machine has no room for more to wait
            return None
        self.under_way += 1
        line.send(b"%b%b%b" % (self._head, uuid.uuid4().hex.encode(), self._tail), caller)
        return line

    async def _another(self) -> "_Line":
        loop = asyncio.get_running_loop()
        host, port = self._where
        _, line = await loop.create_connection(lambda: _Line(self), host, port)
        self.lines.add(line)
        return line


class _Line(asyncio.Protocol):
    """A connection: one request at a time, and its answer."""

    transport: asyncio.Transport

    def __init__(self, sea: _Sea) -> None:
        self._sea = sea
        self._caller = 0
        self._sent = 0.0
        self._heard = b""
        self._waiting = False
        self._answered = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:

        self.transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, caller: int) -> None:
        self._caller, self._waiting, self._heard = caller, True, b""
        self._answered.clear()
        self._sent = perf_counter()
        self.transport.write(request)

    async def answered(self) -> None:
        """Wait until it has an answer, or will have none."""
        await self._answered.wait()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        if not found:
            return
        status, headers = _read(head)
        if len(body) < int(headers[b"content-length"]):
            return
        sea, now = self._sea, perf_counter()
        self._done()
        sea.answers[status] += 1
        if status.startswith("2"):
            sea.took.append(now - self._sent)
        elif status == "503":
            after = headers.get(b"retry-after")
            sea.outcome.without_retry_after += after is None
            sea.waits_until[self._caller] = now + float(after or 0)
        if headers.get(b"connection") == b"close":
            self.transport.close()
        else:
            sea.idle.append(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._sea.lines.discard(self)
        if self in self._sea.idle:
            self._sea.idle.remove(self)
        if self._waiting:
            self._done()
            self._sea.outcome.cut_off += 1

    def _done(self) -> None:
        self._waiting = False
        self._sea.under_way -= 1
        self._answered.set()


def _spelled(wave: Wave, host: str) -> tuple[bytes, bytes]:
    """A request, before and after what is new in each: its Idempotency-Key."""
    body = (wave.body or "").encode()
    lines = [f"{'GET' if wave.body is None else 'POST'} {wave.path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in wave.headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\nIdempotency-Key: ").encode(), b"\r\n\r\n" + body


def _read(head: bytes) -> tuple[str, Mapping[bytes, bytes]]:
    first, *lines = head.split(b"\r\n")
    pairs = (line.partition(b":") for line in lines)
    return first[9:12].decode(), {name.lower(): value.strip() for name, _, value in pairs}


async def _main() -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        given: dict[str, Any] = json.loads(line)
        outcome = await _Sea(Wave(**given)).make()
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(_main())
