"""S9: requests made to exhaust whoever answers them, against one worker as it ships.

Bodies and heads without end, in every way that HTTP has of sending one; JSON nested a hundred
thousand deep or with a million names; bombs of gzip; and in every field of every body what makes
careless patterns and careless storage fail. All of it is refused, nothing is answered by 500, and
the worker is hardly larger than before.
"""

import asyncio
import gzip
import json
import re
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.faults.conftest import Tally, pick
from tests.faults.installation import Installation, installed
from tests.faults.prepared import prepared

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(900, 3_600))]

DESCRIPTION = Path(__file__).parents[2] / "openapi" / "openapi.json"
MOST_GROWTH = 20.0  # megabytes
WITHOUT_END = 1_000_000_000  # bytes: a gigabyte
PIECE = b" " * 65_536
DEEP = 100_000
LONG_HEAD = 60_000_000  # bytes, of one header
AGAIN = pick(1, 20)  # that everything is done, once the worker is warm

EVIL: Mapping[str, object] = {
    "for a pattern that goes back": "a" * 50_000 + "!",
    "hyphens for a code": "a-" * 30_000 + "-",
    "an address for a pattern": "a@" * 20_000,
    "NUL": "x\x00y",
    "half of a pair": "\ud800",
    "right to left": "\u202egnp.exe\u2066",
    "many": ["x"] * 10_000,
    "a large number": 10**4_000,
    "an object": {"x": {"x": {}}},
}


@dataclass
class Caller:
    """Sends raw bytes, and reads the status that comes back."""

    installation: Installation
    headers: Mapping[str, str]
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    async def send(
        self,
        path: str,
        body: AsyncIterator[bytes] | bytes,
        what: str,
        *,
        headers: Mapping[str, str] | None = None,
        may_be_done: bool = False,
    ) -> None:
        """Send until all is sent or an answer comes; note the status, and what it may not be."""
        address = urlsplit(self.installation.address)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        given = {"Host": "council.test", "Content-Type": "application/json", **self.headers}
        given |= {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"1"'}
        given |= {"Content-Length": str(len(body))} if isinstance(body, bytes) else {}
        given |= headers or {}
        head = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        sending = asyncio.create_task(_pour(writer, "\r\n".join([*head, "", ""]).encode(), body))
        try:
            line = await asyncio.wait_for(reader.readline(), 30)
        except ConnectionError:
            line = b""
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await sending
            writer.transport.abort()
        status = int(line.split()[1]) if line else 0
        self.statuses[str(status)] += 1
        if not (200 if may_be_done else 400) <= status < 500:
            self.wrong.append(f"{status} to {what} at {path}")


async def _pour(writer: asyncio.StreamWriter, head: bytes, body: Any) -> None:
    writer.write(head)
    if isinstance(body, bytes):
        writer.write(body)
        await writer.drain()
        return
    async for piece in body:
        writer.write(piece)
        await writer.drain()


async def without_end() -> AsyncIterator[bytes]:
    for _ in range(WITHOUT_END // len(PIECE)):
        yield PIECE


async def in_chunks(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)


async def head_without_end() -> AsyncIterator[bytes]:
    yield b"X-Long: "
    for _ in range(LONG_HEAD // len(PIECE)):
        yield PIECE.replace(b" ", b"x")


# ---------------------------------------------------------------- what is asked


def operations(description: Mapping[str, Any], reference: str) -> dict[str, Mapping[str, Any]]:
    """Every address that takes JSON, its blanks filled in, with an example of its body."""
    found = {}
    for path, methods in description["paths"].items():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {})
            if schema := content.get("application/json", {}).get("schema"):
                name = schema["$ref"].rpartition("/")[2]
                filled = {**_examples(operation), "reference": reference}
                address = re.sub(r"{(\w+)}", partial(_filling, filled), path)
                found[address] = description["components"]["schemas"][name]["examples"][0]
    return found


def _examples(operation: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        parameter["name"]: str(parameter["schema"].get("examples", [1])[0])
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
    }


def _filling(filled: Mapping[str, str], blank: re.Match[str]) -> str:
    return filled[blank[1]]


def spoiled(example: Any, evil: object) -> Iterator[Any]:
    """The example with something evil in the place of each of its values, and under a new name."""
    yield {**example, "strange": evil}
    for path in _places(example):
        body = deepcopy(example)
        place = body
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = evil
        yield body


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for name, one in inner:
        yield (*above, name)
        yield from _places(one, (*above, name))


@cache
def monsters() -> tuple[tuple[str, bytes, Mapping[str, str]], ...]:
    """Bodies that no operation takes."""
    return tuple(_monsters())


def _monsters() -> Iterator[tuple[str, bytes, Mapping[str, str]]]:
    long = {"narrative": "x" * 1_000_000}
    yield "a million names", json.dumps({f"k{n}": n for n in range(1_000_000)}).encode(), {}
    yield "as many names as fit", json.dumps({f"k{n}": n for n in range(15_000)}).encode(), {}
    yield "lists in lists", b"[" * DEEP + b"]" * DEEP, {}
    yield "lists never closed", b"[" * DEEP, {}
    yield "objects in objects", b'{"a":' * (DEEP // 3) + b"1" + b"}" * (DEEP // 3), {}
    bomb = gzip.compress(b" " * 50_000_000)
    yield "a bomb", bomb, {"Content-Encoding": "gzip"}
    yield "a bomb unannounced", bomb, {}
    yield "a megabyte", json.dumps(long).encode(), {}


async def ordinary(caller: Caller, bodies: Mapping[str, Mapping[str, Any]]) -> None:
    """Whatever fits into a body that is let in."""
    for path, example in bodies.items():
        for what, body, headers in monsters():
            await caller.send(path, body, what, headers=headers)
        for what, evil in EVIL.items():
            for body in spoiled(example, evil):
                said = json.dumps(body).encode()
                await caller.send(path, said, what, may_be_done=True)


async def endless(caller: Caller, bodies: Mapping[str, Mapping[str, Any]]) -> None:
    """A gigabyte, in every way of sending it, with a key and without."""
    stranger = Caller(caller.installation, {}, caller.statuses, caller.wrong)
    for path in (*bodies, "/v1/imports"):
        lines = {"Content-Type": "application/x-ndjson"} if path == "/v1/imports" else {}
        announced = {"Content-Length": str(WITHOUT_END), **lines}
        chunked = {"Transfer-Encoding": "chunked", **lines}
        for one in (caller, stranger):
            await one.send(path, without_end(), "a gigabyte announced", headers=announced)
            await one.send(path, in_chunks(without_end()), "a gigabyte in chunks", headers=chunked)
        short = {"Content-Length": "2", **lines}
        await caller.send(path, b"{}" + PIECE * 4, "more than was announced", headers=short)
        both = {"Content-Length": "2", **chunked}
        await caller.send(path, b"2\r\n{}\r\n0\r\n\r\n", "two lengths", headers=both)


async def large_heads(caller: Caller, bodies: Mapping[str, Mapping[str, Any]]) -> None:
    """Heads of a hundred kilobytes, and one without end."""
    path = next(iter(bodies))
    await caller.send(path, b"", "a long header", headers={"X-Long": "x" * 100_000})
    many = {f"X-{n}": "x" * 20 for n in range(4_000)}
    await caller.send(path, b"", "many headers", headers=many)
    await caller.send(f"{path}?x={'x' * 100_000}", b"", "a long address")
    address = urlsplit(caller.installation.address)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    pouring = _pour(writer, b"POST / HTTP/1.1\r\nHost: council.test\r\n", head_without_end())
    with suppress(ConnectionError):
        await pouring
    writer.transport.abort()


def resident_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


async def abused(tally: Tally, broken: str | None = None) -> tuple[Caller, float]:
    """Everything once, to be warm, and again; what was answered, and how much was kept."""
    unhurried = {"COUNCIL_FEEDBACK_RATE": "1000000", "COUNCIL_FEEDBACK_BURST": "1000000"}
    unhurried |= {"COUNCIL_FEEDBACK_FAILURE_BURST": "1000000"}
    async with installed(broken=broken, spares=0, environment=unhurried) as installation:
        role = installation.role("admin")
        async with httpx.AsyncClient(base_url=installation.address, headers=role) as client:
            reference = await anext(prepared(client, {}, "in_stage"))
        described = json.loads(DESCRIPTION.read_text())
        bodies = operations(described, reference)
        assert len(bodies) > 10, "no operation was found: this test would pass on nothing"
        caller = Caller(installation, role)
        for warming in (endless,) if broken else (ordinary, endless):
            await warming(caller, bodies)
        before = now = resident_megabytes(installation.serving.pid)
        for abuse in (large_heads,) if broken else (ordinary, endless, large_heads) * AGAIN:
            await abuse(caller, bodies)
            now = resident_megabytes(installation.serving.pid)
            tally.progress(f"{abuse.__name__}: {now - before:+.1f} MB, {dict(caller.statuses)}")
        assert installation.serving.lives
        caller.wrong += installation.errors()
        return caller, now - before


async def test_what_is_sent_to_exhaust_it_is_refused_and_not_kept(tally: Tally) -> None:
    caller, grown = await abused(tally)
    statuses = {f"n{status}": count for status, count in caller.statuses.items()}
    tally.sum_up(requests=caller.statuses.total(), **statuses, grown=f"{grown:.1f}MB")
    assert not caller.wrong, "\n".join(caller.wrong[:40])
    assert grown < MOST_GROWTH


async def test_a_service_that_keeps_a_head_of_any_length_is_found_out(tally: Tally) -> None:
    _, grown = await abused(tally, broken="heads_without_end")
    tally.sum_up(grown=f"{grown:.1f}MB")
    assert grown > MOST_GROWTH
