"""What surrounds every request: an id, one log line, headers, limits, and a last resort."""

import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from httpx import Response

from app.kit import logging as kit_logging
from app.kit.metrics import Metrics
from app.kit.middleware import BODY_LIMIT, LastResort, ResponseCutShort, stack

if TYPE_CHECKING:
    from tests.kit.conftest import Probe

Lines = Callable[[], list[dict[str, Any]]]
OPEN = ("/", "/livez", "/docs", "/docs/start.js", "/openapi.json", "/nothing")


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What has been logged since the test began."""
    stream = io.StringIO()
    root, level, handlers = logging.getLogger(), logging.root.level, logging.root.handlers[:]
    kit_logging.configure("INFO", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def accesses(lines: Lines) -> list[dict[str, Any]]:
    return [line for line in lines() if line["event"] == "request"]


async def test_a_request_id_that_was_sent_is_kept(probe: "Probe") -> None:
    answer = await probe.client.get("/livez", headers={"X-Request-ID": "from-the-portal.1"})
    assert answer.headers["X-Request-ID"] == "from-the-portal.1"


@pytest.mark.parametrize("sent", [None, "", "a b", "x" * 65, 'a"b', "a;b"])
async def test_a_request_has_an_id_of_its_own_otherwise(probe: "Probe", sent: str | None) -> None:
    headers = {} if sent is None else {"X-Request-ID": sent}
    one = (await probe.client.get("/livez", headers=headers)).headers["X-Request-ID"]
    two = (await probe.client.get("/livez", headers=headers)).headers["X-Request-ID"]
    assert len({one, two, sent}) == 3
    assert one.isalnum()


async def test_a_request_is_logged_by_what_may_be_logged(probe: "Probe", lines: Lines) -> None:
    answer = await probe.client.get("/v1/probe/things/77?tag=mrs-smith")
    (line,) = accesses(lines)
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": answer.headers["X-Request-ID"],
        "client": "prober",
        "method": "GET",
        "route": "/v1/probe/things/{number}",
        "status": 200,
    }


async def test_a_refused_stranger_is_logged_without_a_client(probe: "Probe", lines: Lines) -> None:
    await probe.client.get("/v1/probe/clash", headers={"Authorization": "Bearer no"})
    await probe.client.get("/v1/mrs-smith")
    found = [(line["client"], line["route"], line["status"]) for line in accesses(lines)]
    assert found == [(None, "/v1/probe/clash", 401), (None, None, 404)]


async def test_an_unexpected_error_is_logged_by_kind_and_place_only(
    probe: "Probe", lines: Lines
) -> None:
    answer = await probe.client.get("/v1/probe/boom")
    (line,) = [line for line in lines() if line["event"] == "unexpected_error"]
    assert line["error"] == "RuntimeError"
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert any("conftest.py" in place for place in line["at"])
    assert "Smith" not in json.dumps(lines())


def test_what_may_not_be_logged_is_dropped(lines: Lines) -> None:
    structlog.get_logger("app").warning("done", name="Mrs Smith", count=3)
    (line,) = lines()
    assert (line["event"], line["count"], "name" in line) == ("done", 3, False)


def test_a_library_is_logged_without_the_words_of_its_errors(lines: Lines) -> None:
    try:
        int("Mrs Smith")
    except ValueError:
        logging.getLogger("library").exception("could not tell %s", "Mrs Smith")
        logging.getLogger("uvicorn.error").exception("failed\nMrs Smith")
    logging.getLogger("uvicorn.error").info("listening on port %s", 8000)
    logging.getLogger("uvicorn.access").info("GET /v1/mrs-smith")
    found = [(line["logger"], line["event"], line.get("error")) for line in lines()]
    assert found == [
        ("library", "could not tell %s", "ValueError"),
        ("uvicorn.error", "failed", "ValueError"),
        ("uvicorn.error", "listening on port 8000", None),
    ]


@pytest.mark.parametrize("address", OPEN)
async def test_every_answer_carries_the_headers_of_a_careful_service(
    probe: "Probe", address: str
) -> None:
    headers = (await probe.client.get(address)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in policy
    assert "Server" not in headers
    assert "Access-Control-Allow-Origin" not in headers


async def test_nothing_is_stored_unless_the_handler_says_so(probe: "Probe") -> None:
    usual = await probe.client.get("/v1/probe/clash")
    chosen = await probe.client.get("/v1/probe/cached")
    assert usual.headers["Cache-Control"] == "no-store"
    assert chosen.headers.get_list("Cache-Control") == ["max-age=60"]
    assert "Server" not in chosen.headers


async def pieces(size: int) -> AsyncIterator[bytes]:
    """A body of `size` bytes that does not say how long it is."""
    while size > 0:
        yield b" " * min(size, 10_000)
        size -= 10_000


def refused_as_too_large(answer: Response) -> bool:
    body = answer.json()
    return (answer.status_code, body["status"], answer.headers["Content-Type"]) == (
        413,
        413,
        "application/problem+json",
    )


@pytest.mark.parametrize("address", ["everything", "hot"])
async def test_a_body_that_is_too_large_is_refused(probe: "Probe", address: str) -> None:
    headers = {"Content-Type": "application/json"}
    path = f"/v1/probe/{address}"
    said = await probe.client.post(path, content=b" " * (BODY_LIMIT + 1), headers=headers)
    unsaid = await probe.client.post(path, content=pieces(BODY_LIMIT + 1), headers=headers)
    assert refused_as_too_large(said)
    assert refused_as_too_large(unsaid)


async def test_a_body_as_large_as_may_be_is_read(probe: "Probe") -> None:
    body = b'{"line": "x"}'.ljust(BODY_LIMIT)
    answer = await probe.client.post(
        "/v1/probe/everything", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200


async def test_a_large_body_of_a_stranger_is_not_read(probe: "Probe") -> None:
    read = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(10):
            read += 1
            yield b" " * 1_000

    answer = await probe.client.post(
        "/v1/probe/everything", content=counted(), headers={"Authorization": "Bearer no"}
    )
    assert (answer.status_code, read) == (401, 0)


async def test_imports_may_be_larger(probe: "Probe") -> None:
    answer = await probe.client.post("/v1/imports", content=b" " * (BODY_LIMIT + 1))
    assert answer.status_code == 404  # there is no such room in this small service


@pytest.mark.parametrize(
    "address",
    [
        "/v1/probe/things/%00",
        "/v1/probe/things/1?tag=%00",
        "/v1/probe/things/1?tag=a%00b",
        "/v1/probe/things/%ff",
        "/v1/probe/things/1?tag=%ED%A0%80",
        "/v1/probe/things/1?%ff=1",
    ],
)
async def test_an_address_with_what_is_not_text_is_refused(probe: "Probe", address: str) -> None:
    answer = await probe.client.get(address)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/unreadable")


async def test_a_header_with_nul_is_refused(probe: "Probe") -> None:
    answer = await probe.client.get("/livez", headers=[(b"X-Any", b"a\x00b")])
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/unreadable")


async def test_an_address_may_hold_any_whole_character(probe: "Probe") -> None:
    answer = await probe.client.get("/v1/probe/things/1?tag=caf%C3%A9")
    assert answer.status_code == 422


async def test_an_answer_that_fails_once_begun_is_cut_off(probe: "Probe", lines: Lines) -> None:
    answer = await probe.client.get("/v1/probe/cut")
    assert answer.text == "a beginning"
    assert "Smith" not in json.dumps(lines())
    assert [line["error"] for line in lines() if line["event"] == "unexpected_error"] == [
        "RuntimeError"
    ]


async def test_a_caller_who_leaves_before_all_has_come_is_no_failure(
    probe: "Probe", lines: Lines
) -> None:
    headers = {**probe.client.headers, "idempotency-key": "k", "content-type": "application/json"}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/probe/once",
        "raw_path": b"/v1/probe/once",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    messages = iter(
        [
            {"type": "http.request", "body": b'{"word"', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:  # ASGI
        return next(messages)

    async def unheard(_message: Any) -> None:  # ASGI
        pass

    await probe.app(scope, receive, unheard)
    (line,) = accesses(lines)
    assert (line["status"], line["problem"]) == (400, "cut-off")
    assert [line["event"] for line in lines()] == ["request"]


async def test_the_cut_says_nothing_of_what_went_wrong() -> None:
    async def failing(_scope: Any, _receive: Any, send: Any) -> None:  # ASGI
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("Mrs Smith")

    async def ignored(_message: Any) -> None:  # ASGI
        pass

    async def nothing() -> Any:  # ASGI
        return {"type": "http.disconnect"}

    with pytest.raises(ResponseCutShort) as cut:
        await LastResort(failing)({"type": "http"}, nothing, ignored)
    assert cut.value.__suppress_context__


async def test_what_is_not_http_goes_straight_through() -> None:
    seen: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:  # ASGI
        seen.append(scope["type"])

    async def unused(*_: Any) -> Any:  # ASGI
        raise AssertionError

    wrapped: Any = app
    for one in reversed(stack(body_limits={}, metrics=Metrics(version="0"))):
        wrapped = one.cls(wrapped, *one.args, **one.kwargs)
    await wrapped({"type": "lifespan"}, unused, unused)
    assert seen == ["lifespan"]
