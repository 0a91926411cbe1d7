"""Faults: long or short, and one line of figures for each test, told at the end.

`pytest -m fault tests/faults` runs the short form; with FAULTS=long, every count is larger.
The lines travel with each test's report, so that they are told for tests of other workers too.
"""

import asyncio
import logging
import os
import resource
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import structlog

from app.kit.settings import Settings
from tests.conftest import MovableClock
from tests.faults.trials import Trial, trying

LONG = os.environ.get("FAULTS") == "long"
_FIGURES = "figures"
_TELL_EVERY = 10.0  # seconds
_FILES = 32_768  # open at once: a flood has as many connections as it sends in a second


@dataclass
class Tally:
    """The figures of one test, printed while it runs and summed up at the end."""

    name: str
    told: list[tuple[str, object]]  # what goes into the test's report
    begun: float = field(default_factory=time.monotonic)

    def progress(self, words: str) -> None:
        sys.stdout.write(f"  {self.name} {time.monotonic() - self.begun:5.0f} s  {words}\n")
        sys.stdout.flush()

    @contextmanager
    def watching(self, figures: Mapping[str, object]) -> Iterator[None]:
        """Tell figures that change, every ten seconds while this lasts."""
        over = threading.Event()

        def tell() -> None:
            while not over.wait(_TELL_EVERY):
                self.progress(_said(dict(figures)))

        teller = threading.Thread(target=tell, daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()

    def sum_up(self, **figures: object) -> None:
        line = f"{self.name}: {_said(figures)} ({time.monotonic() - self.begun:.0f} s)"
        self.told.append((_FIGURES, line))


def _said(figures: Mapping[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in figures.items())


def pick(short: int, long: int) -> int:
    """How many: in the short form, which always runs, or in the long one."""
    return long if LONG else short


@pytest.fixture(scope="package", autouse=True)
def many_files() -> None:
    """Let this process, and those it starts, have many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


@pytest.fixture(scope="package", autouse=True)
def quiet() -> Iterator[None]:
    """Say nothing of each fault: there are thousands, and every one is meant."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    """Where the service runs, for a test that is handed its examples one by one."""
    return asyncio.get_running_loop()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    return Tally(request.node.name, request.node.user_properties)


@pytest.fixture
async def trial(
    settings: Settings,
    clock: MovableClock,
    staff: Mapping[str, Mapping[str, str]],
    database_url: str,
    emptied: None,
) -> AsyncIterator[Trial]:
    async with trying(settings, clock, staff, database_url) as one:
        yield one


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = [
        str(line)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        for name, line in getattr(report, "user_properties", ())
        if name == _FIGURES and report.when == "call"
    ]
    if told:
        terminalreporter.section("faults" + (" (long form)" if LONG else ""))
        for line in told:
            terminalreporter.write_line(line)
