"""Load: wrk over HTTP, pgbench straight at Postgres. Both say how many a second, and how slow."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HTTP_CONNECTIONS = 32

# Each thread of wrk has a Lua state of its own; one thread is enough for what one worker answers.
_LUA = """
local paths, headers, body, post = {paths}, {headers}, {body}, {post}
local at, n = 0, #paths
math.randomseed({seed})
local random, hex = math.random, string.format
function request()
  at = at % n + 1
  if post then
    headers["Idempotency-Key"] = hex("%08x-%08x-%08x", random(0, 4294967295),
      random(0, 4294967295), random(0, 4294967295))
    return wrk.format("POST", paths[at], headers, body)
  end
  return wrk.format("GET", paths[at], headers)
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(hex("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.status,
    e.connect + e.read + e.write + e.timeout))
end
"""


class NoTool(Exception):
    """A program that the bench needs is not installed."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a load came to."""

    per_second: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests to send again and again: the paths in turn, all with the same headers and body."""

    paths: Sequence[str]
    headers: Mapping[str, str]
    body: str | None = None


def over_http(address: str, requests: Requests, *, seconds: float, script: Path) -> Measured:
    """As many requests as are answered on 32 connections that wait for their answers."""
    if shutil.which("wrk") is None:
        raise NoTool("wrk is needed to make load: apt-get install wrk")
    script.write_text(_lua(requests))
    said = subprocess.run(
        ["wrk", "-t1", f"-c{HTTP_CONNECTIONS}", f"-d{seconds:g}s", "--timeout", "10s",
         "-s", str(script), address],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", said)
    assert found, said
    count, micros, p50, p99, refused, failed = (int(part) for part in found.groups())
    if refused or failed:
        raise RuntimeError(f"{requests.paths[0]}: {refused} refused, {failed} failed of {count}")
    return Measured(count / micros * 1e6, p50 / 1000, p99 / 1000)


def at_postgres(
    program: str,
    url: str,
    statement: str,
    *,
    clients: int,
    seconds: int,
    script: Path,
    variables: Mapping[str, str] | None = None,
) -> Measured:
    """As many runs of a script as Postgres manages for that many clients, prepared."""
    script.write_text(statement)
    parts = urlsplit(url)
    said = subprocess.run(
        [program, "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds),
         "-f", str(script), "-h", parse_qs(parts.query)["host"][0], "-U", parts.username or "",
         *(f"-D{name}={value}" for name, value in (variables or {}).items()),
         parts.path[1:]],
        env={"PGPASSWORD": parts.password or "", "PGOPTIONS": "-c jit=off"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    rate = re.search(r"tps = ([\d.]+)", said.stdout)
    if said.returncode or not rate:
        raise RuntimeError(said.stdout + said.stderr)
    return Measured(float(rate[1]))


def _lua(requests: Requests) -> str:
    return (
        _LUA.replace("{paths}", "{" + ", ".join(_quoted(path) for path in requests.paths) + "}")
        .replace(
            "{headers}",
            "{"
            + ", ".join(f"[{_quoted(n)}] = {_quoted(v)}" for n, v in requests.headers.items())
            + "}",
        )
        .replace("{body}", _quoted(requests.body or ""))
        .replace("{post}", "true" if requests.body is not None else "false")
        .replace("{seed}", "os.time() + (os.clock() * 1000000)")
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
