"""Running the service in this process: its address, its signals, and the Postgres beside it."""

import gc
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

import structlog
from fastapi import FastAPI
from uvicorn.config import Config
from uvicorn.server import Server

from app.kit.embedded import Embedded
from app.kit.heads import BoundedHeads
from app.kit.postmaster import CannotRun

# Requests under way when the service is told to stop get this long: within the 30 s that
# orchestrators wait before they kill.
DRAIN_SECONDS = 25
_LOOK_EVERY = 0.5  # seconds
_COLLECT_AFTER = (20_000, 20, 20)  # objects, young collections, middle ones; 700, 10, 10 by itself

_log = structlog.get_logger("app")


class AddressTaken(Exception):
    """Another program listens where the service should."""


def take_address(host: str, port: int) -> socket.socket:
    """Claim the address before the slow part of a start, so that a clash is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise AddressTaken(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
    return taken


@dataclass
class Told:
    """Whether this process has been told to stop."""

    to_stop: bool = False


class _Server(Server):
    """Stops at once if that was asked for before it listened to signals itself."""

    def __init__(self, config: Config, told: Told) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _leave_alone_what_stays()
        self.should_exit = self.should_exit or self._told.to_stop


def run(app: FastAPI, listening: socket.socket, told: Told) -> None:
    """Serve until told to stop, then finish what has begun."""
    config = Config(
        app,
        loop="uvloop",
        http=BoundedHeads,
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    _Server(config, told).run(sockets=[listening])


def _leave_alone_what_stays() -> None:
    """Keep collections of garbage short and few: what the start made is never looked at again.

    A request leaves hardly any cycles behind, and 200 objects that a collection would walk.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


@contextmanager
def ended_by_signals() -> Iterator[Told]:
    """Let SIGTERM and SIGINT unwind the process in order, so that what it started is stopped.

    Python drops an exception raised while it collects garbage, so the wish is noted as well.
    """
    told = Told()

    def leave(_signal: int, _frame: FrameType | None) -> NoReturn:
        told.to_stop = True
        raise SystemExit(0)

    kinds = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(kind, leave) for kind in kinds]
    try:
        yield told
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


@contextmanager
def watched(own: Embedded) -> Iterator[None]:
    """Start Postgres again whenever it dies, for as long as this lasts."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_EVERY):
            try:
                if own.revive():
                    _log.warning("Postgres had died and was started again")
            except (CannotRun, OSError) as error:
                _log.error("Postgres had died and does not start", error=type(error).__name__)

    watcher = threading.Thread(target=watch, name="postgres-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
