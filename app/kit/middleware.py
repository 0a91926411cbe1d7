"""What surrounds every request, as plain ASGI: an id, a log line, headers, limits, a last resort.

A class of Starlette's `BaseHTTPMiddleware` costs more than a hundred microseconds a request; these
cost about one each.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from time import perf_counter
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.errors import failure, render
from app.kit.logging import request_line
from app.kit.metrics import Metrics
from app.kit.problem import Problem

REQUEST_ID = b"x-request-id"
BODY_LIMIT = 256 * 1024

SECURITY_HEADERS: Mapping[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"strict-transport-security": b"max-age=31536000; includeSubDomains",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}
_GOOD_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Unreadable(Problem):
    """The address or a header holds what is not text."""

    status = HTTPStatus.BAD_REQUEST
    title = "The request could not be read"


class BodyTooLarge(Problem):
    """The body is larger than this address takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The body is too large"


class ResponseCutShort(Exception):
    """An answer failed after it had begun: the connection is closed, so that nobody trusts it."""


def stack(*, body_limits: Mapping[str, int], metrics: Metrics) -> Sequence[Middleware]:
    """Everything around the app, outermost first; the door (`app.kit.admission`) is before it."""
    return (
        Middleware(Recorded, metrics=metrics),
        Middleware(SecurityHeaders),
        Middleware(LastResort),
        Middleware(ReadableOnly),
        Middleware(BodyLimit, limits=body_limits),
    )


class Recorded:
    """Gives each request an id, says it in the answer, counts it, and writes one log line."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and write down that it came and how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (REQUEST_ID, request_id.encode("ascii")),
                ]
            await send(message)

        self._metrics.in_flight += 1
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._metrics.in_flight -= 1
            seconds = perf_counter() - started
            self._metrics.answered(scope, status, seconds)
            request_line(_line(scope, status, seconds))


class SecurityHeaders:
    """Adds the headers that every answer carries, where the handler has not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and add to the head of its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message.get("headers", ()) if pair[0] != b"server"]
                present = {name for name, _ in headers}
                headers += [pair for pair in SECURITY_HEADERS.items() if pair[0] not in present]
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class LastResort:
    """Answers an error nobody expected, without its words."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and answer if nothing else has."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  # it is the last resort
            response = failure(error, instance=scope.get("request_id"))
            if begun:
                raise ResponseCutShort from None
            await response(scope, receive, send)


class ReadableOnly:
    """Refuses addresses and headers with NUL, or that are not UTF-8 once they are unquoted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through if its address and headers are text."""
        if scope["type"] == "http" and not _readable(scope):
            problem = Unreadable("An address is UTF-8, percent-encoded, without NUL.")
            response = render(problem, instance=scope.get("request_id"))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a body that says it is too large, or turns out to be while it is read."""

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, counting what it brings."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], BODY_LIMIT)
        if _declared_length(scope) > limit:
            problem = BodyTooLarge(f"At most {limit} bytes are taken here.", limit=limit)
            response = render(problem, instance=scope.get("request_id"))
            await response(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                # The framework lets only its own exception out of the reading of a body.
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, counted, send)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == REQUEST_ID and _GOOD_ID.fullmatch(value):
            sent: str = value.decode("ascii")
            return sent
    return secrets.token_hex(8)


def _line(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    principal = scope.get("state", {}).get("principal")
    problem = scope.get("problem")
    return {
        "request_id": scope["request_id"],
        "client": getattr(principal, "client", None),
        "method": scope["method"],
        "route": getattr(scope.get("route"), "path_format", None),
        "status": status,
        "ms": round(seconds * 1000, 1),
        **({"problem": problem} if problem else {}),
    }


def _readable(scope: Scope) -> bool:
    if any(b"\x00" in value for _, value in scope["headers"]):
        return False
    for part in (scope.get("raw_path") or b"", scope["query_string"]):
        if b"%" in part or not part.isascii():
            unquoted = unquote_to_bytes(part)
            if b"\x00" in unquoted or not _is_utf8(unquoted):
                return False
    return "\x00" not in scope["path"]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0
