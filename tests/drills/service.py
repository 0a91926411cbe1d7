"""The service as the process that councils run, on a cluster of a rehearsal."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.conftest import PEPPER
from tests.kit.processes import until

_ROOT = Path(__file__).parents[2]


class Service:
    """One process, serving while this lasts; `source` is another release's folder."""

    def __init__(
        self, url: str, *, source: Path = _ROOT, settings: Mapping[str, str] | None = None
    ) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in {"HOST", "PORT"}}
        self._environment = kept | {
            "DATABASE_URL": url,
            "COUNCIL_FEEDBACK_PEPPER": PEPPER,
            "COUNCIL_FEEDBACK_LOG_LEVEL": "ERROR",
            "PORT": "0",
            **(settings or {}),
        }
        self._source = source
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115  # as long as the process
        self.address = ""
        self._process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"],
            cwd=self._source,
            env={**self._environment, "PYTHONPATH": str(self._source)},
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        assert self._process.stdout
        for line in self._process.stdout:
            if found := re.match(r"Serving on (\S+)", line):
                self.address = found[1]
                break
        else:
            code = self.stop()
            self._said.seek(0)
            raise RuntimeError(f"the service ended with {code}: {self._said.read()[-2000:]}")
        until(self.is_ready)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._said.close()

    def is_ready(self) -> bool:
        """Whether it says that requests may be sent to it."""
        try:
            return httpx.get(f"{self.address}/readyz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop, and say how it ended."""
        if self._process.poll() is None:
            self._process.send_signal(how)
        ended = self._process.wait(timeout=40)
        if self._process.stdout:
            self._process.stdout.close()
        return ended


def migrate(url: str, *, source: Path = _ROOT) -> None:
    """Bring the tables to the release in a folder."""
    environment: Mapping[str, str] = {
        **os.environ,
        "DATABASE_URL": url,
        "COUNCIL_FEEDBACK_PEPPER": PEPPER,
        "PYTHONPATH": str(source),
    }
    subprocess.run(
        [sys.executable, "-m", "app.cli", "migrate"],
        cwd=source,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
