"""The head of a request has an end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from app.kit.heads import HEAD_LIMIT, BoundedHeads

FIRST = b"POST / HTTP/1.1\r\nHost: council.test\r\n"


class Server(uvicorn.Server):
    """Leaves the signals to the tests."""

    capture_signals = nullcontext  # type: ignore[assignment]


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where a server listens that says yes to whatever is let in."""
    app = PlainTextResponse("yes")
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, http=BoundedHeads)
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def told(port: int, *pieces: bytes) -> bytes:
    """What a server answers to what is sent piece by piece."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    with suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
    writer.transport.abort()
    return answer


@pytest.mark.parametrize(
    "head",
    [
        pytest.param([b"X: " + b"x" * HEAD_LIMIT + b"\r\n\r\n"], id="one long header, at once"),
        pytest.param([b"X: ", *[b"x" * 9_000] * 8], id="one without end, in pieces"),
        pytest.param([b"".join(b"X-%d: x\r\n" % n for n in range(9_000))], id="many headers"),
    ],
)
async def test_a_head_without_end_is_refused(port: int, head: list[bytes]) -> None:
    answer = await told(port, FIRST, *head)
    first, _, body = answer.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 431 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert json.loads(body)["type"] == "/problems/head-too-large"


async def test_a_long_address_is_refused(port: int) -> None:
    answer = await told(port, b"GET /?" + b"x" * HEAD_LIMIT + b" HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_long_body_is_no_head(port: int) -> None:
    body = b"x" * (2 * HEAD_LIMIT)
    one = FIRST + b"Content-Length: %d\r\n\r\n" % len(body) + body
    answer = await told(port, one, FIRST + b"Content-Length: 1\r\nConnection: close\r\n\r\nx")
    assert answer.count(b"HTTP/1.1 200 ") == 2


async def test_what_is_no_http_is_refused_as_ever(port: int) -> None:
    assert (await told(port, b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_trailers_have_an_end(port: int) -> None:
    first = FIRST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    trailers = [b"X-%d: %b\r\n" % (n, b"x" * 9_000) for n in range(12)]
    again = b"\r\n" + FIRST + b"Content-Length: 0\r\n\r\n"
    assert (await told(port, first, *trailers, again)).count(b"HTTP/1.1 200 ") < 2


async def test_a_few_trailers_are_read_over(port: int) -> None:
    first = FIRST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Checked: yes\r\n\r\n"
    again = FIRST + b"Content-Length: 0\r\n\r\n"
    assert (await told(port, first, again)).count(b"HTTP/1.1 200 ") == 2
