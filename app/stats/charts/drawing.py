"""Has charts drawn by a process of their own, few at a time, and not for longer than a while."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from app.kit.problem import Unavailable

Kind: TypeAlias = Literal["svg", "png"]

PEN = (sys.executable, "-m", "app.stats.charts.pen")
AT_ONCE = 1  # processes of a worker: each takes 130 MB, or 200 MB for many pictures
SECONDS = 20.0  # for waiting, starting and the first picture
SECONDS_EACH = 2.0  # for every picture
_HANDED_ON = frozenset({"HOME", "LANG", "PATH", "PYTHONPATH", "TMPDIR"})
_PENS = asyncio.Semaphore(AT_ONCE)


class NotDrawn(Unavailable):
    """No picture could be made; the numbers can be had all the same."""

    title = "The chart could not be drawn just now"


async def drawn(
    specs: Sequence[Mapping[str, Any]], kind: Kind, *, seconds: float = SECONDS
) -> list[bytes]:
    """A picture of each specification, all drawn by one process, which ends with this call."""
    try:
        async with asyncio.timeout(seconds + SECONDS_EACH * len(specs)), _PENS:
            return await _draw(specs, kind)
    except TimeoutError:
        raise NotDrawn("Charts take too long just now. Ask for the table (.csv).") from None


async def _draw(specs: Sequence[Mapping[str, Any]], kind: Kind) -> list[bytes]:
    try:
        pen = await asyncio.create_subprocess_exec(
            *PEN,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={name: os.environ[name] for name in _HANDED_ON & os.environ.keys()},
        )
    except OSError:  # there is no memory, or no place, for another process
        raise NotDrawn("Its table can be had all the same (.csv).") from None
    try:
        pictures, _ = await pen.communicate(json.dumps({"kind": kind, "specs": specs}).encode())
    finally:
        if pen.returncode is None:
            pen.kill()
            await pen.wait()
    if pen.returncode:
        raise NotDrawn("Its table can be had all the same (.csv).")
    return [b64decode(picture) for picture in json.loads(pictures)]
