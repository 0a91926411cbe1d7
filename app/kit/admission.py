"""The door: how much of each kind of work is let in at once, and how often one caller may ask.

Each kind of work has a room. Whoever comes when it is full is turned away at once, before anything
but the address is looked at: turning away costs a fraction of letting in, and a crowd in one room
leaves the others as they were. Such a request has no line of its own in the log, or a flood would
be logged at the cost of those who were let in: once a second the log tells how many there were.
Beside that each key has a rate, so that no client can take what is there for all; whoever fails
to show a good key is held to a lower one, by address.

Rates are kept in this process, in memory, by the generic cell rate algorithm (GCRA): of each
caller one number is remembered, the moment by which all it has asked will have been paid for.
"""

import math
import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.errors import MEDIA_TYPE, render
from app.kit.metrics import Metrics
from app.kit.middleware import SECURITY_HEADERS
from app.kit.problem import Problem, Unavailable

RATE = "rate"
"""Where in the scope the standing of a caller lies, once it is known who calls."""

_SOONEST, _LATEST = 1, 5  # seconds: those turned away at once do not come back at once
_REMEMBERED = 4096  # callers of a rate; of more, those who asked longest ago are forgotten

_TELL_EVERY = 1.0  # seconds

_log = structlog.get_logger("app")

LaneOf = Callable[[Scope], str | None]


class Overloaded(Unavailable):
    """There is more work of this kind than there is room for."""

    title = "There is too much to do just now"


_FULL = bytes(
    render(Overloaded("Send the same request again after Retry-After."), instance="%s").body
)
_HEADERS = ((b"content-type", MEDIA_TYPE.encode()), *SECURITY_HEADERS.items())


class TooManyRequests(Problem):
    """The caller asks more often than it may."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"
    sends = ("Retry-After",)

    @property
    def headers(self) -> dict[str, str]:
        """When there is room again, in seconds."""
        return {"Retry-After": str(self.members["retry_after"])}


class Door:
    """Lets in as many requests of each kind as there is room for. Nothing stands before it."""

    def __init__(
        self, app: ASGIApp, *, lane_of: LaneOf, rooms: Mapping[str, int], metrics: Metrics
    ) -> None:
        self._app = app
        self._lane_of = lane_of
        self._rooms = rooms
        self._metrics = metrics
        self._within: Counter[str] = Counter()
        self._untold: Counter[str] = Counter()
        self._told_at = float("-inf")
        for lane in rooms:  # known from the start, or the first who are shed would be in no rate
            metrics.shed.labels(lane)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or turn it away."""
        lane = self._lane_of(scope) if scope["type"] == "http" else None
        if lane is None:
            await self._app(scope, receive, send)
            return
        if self._within[lane] >= self._rooms[lane]:
            self._note(lane)
            for message in _turned_away():
                await send(message)
            return
        self._within[lane] += 1
        try:
            await self._app(scope, receive, _telling(scope, send))
        finally:
            self._within[lane] -= 1

    def _note(self, lane: str) -> None:
        """Count one who is turned away, and tell of all such once a second."""
        self._metrics.shed.labels(lane).inc()
        self._untold[lane] += 1
        if monotonic() - self._told_at >= _TELL_EVERY:
            self._told_at = monotonic()
            for kind, count in self._untold.items():
                _log.warning("turned_away", lane=kind, count=count)
            self._untold.clear()


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one caller may ask: so many a second for good, and so many at once."""

    name: str
    per_second: float
    at_once: int

    @property
    def window(self) -> float:
        """The seconds after which a caller who has asked for all at once may do so again."""
        return self.at_once / self.per_second


@dataclass(frozen=True, slots=True)
class Standing:
    """What a caller has left of its rate."""

    rate: Rate
    owed: float  # seconds until everything it asked for is paid for
    allowed: bool

    @property
    def left(self) -> int:
        """How many more it may ask for at once."""
        return math.floor((self.rate.window - self.owed) * self.rate.per_second + 1e-6)

    @property
    def retry_after(self) -> int:
        """Whole seconds after which one more is allowed."""
        wait = self.owed + 1 / self.rate.per_second - self.rate.window
        return max(1, math.ceil(wait - 1e-6))

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """As the draft of the RateLimit header fields has it; experimental."""
        name = self.rate.name
        policy = f'"{name}";q={self.rate.at_once};w={math.ceil(self.rate.window)}'
        limit = f'"{name}";r={self.left};t={math.ceil(self.owed)}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", limit.encode())]


class Meter:
    """Counts what each caller asks for against one rate."""

    def __init__(self, rate: Rate, *, seconds: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._seconds = seconds
        self._paid_by: dict[str, float] = {}  # in order of who asked last

    def ask(self, caller: str) -> Standing:
        """Count one request, if it is allowed."""
        now = self._seconds()
        paid_by = max(self._paid_by.pop(caller, now), now)
        dearer = paid_by + 1 / self._rate.per_second
        allowed = dearer - now <= self._rate.window + 1e-9
        self._paid_by[caller] = dearer if allowed else paid_by
        if len(self._paid_by) > _REMEMBERED:
            del self._paid_by[next(iter(self._paid_by))]
        return Standing(self._rate, self._paid_by[caller] - now, allowed)


class Rates:
    """The rates that callers are held to: one for each key holder, one for each stranger."""

    def __init__(self, *, key: Rate, failures: Rate, metrics: Metrics) -> None:
        self._keys = Meter(key)
        self._failures = Meter(failures)
        self._metrics = metrics

    def used(self, scope: Scope, client: str) -> None:
        """Count a request of a key holder; refuse it if there were too many."""
        scope[RATE] = standing = self._keys.ask(client)
        self._hold_to(standing)

    def failed(self, scope: Scope) -> None:
        """Count a request without a good key; say no more than that if there were too many."""
        address = (scope.get("client") or ("",))[0]
        scope[RATE] = standing = self._failures.ask(address)
        self._hold_to(standing)

    def _hold_to(self, standing: Standing) -> None:
        if not standing.allowed:
            self._metrics.limited.labels(standing.rate.name).inc()
            raise TooManyRequests(
                "Ask again after the seconds in Retry-After.", retry_after=standing.retry_after
            )


def _turned_away() -> tuple[Message, Message]:
    """An answer that was made before it was needed, but for the id of the request."""
    after = random.randint(_SOONEST, _LATEST)  # noqa: S311  # chance, not secrecy
    request_id = secrets.token_hex(8).encode()
    body = _FULL % request_id
    headers = [
        *_HEADERS,
        (b"content-length", b"%d" % len(body)),
        (b"retry-after", b"%d" % after),
        (b"x-request-id", request_id),
    ]
    start = {"type": "http.response.start", "status": int(Overloaded.status), "headers": headers}
    return start, {"type": "http.response.body", "body": body}


def _telling(scope: Scope, send: Send) -> Send:
    """What sends an answer with the caller's standing in its head, if it has one."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            standing: Standing | None = scope.get(RATE)
            if standing is not None:
                message["headers"] = [*message.get("headers", ()), *standing.headers]
        await send(message)

    return told
