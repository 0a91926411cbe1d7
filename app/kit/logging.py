"""One line of JSON for each thing worth knowing. What may be logged is listed; nothing else is.

A list of what may be logged, and not of what may not, is the only kind that stays safe: a name or
a narrative that somebody passes by mistake is dropped.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from pydantic_core import to_json

FIELDS = frozenset({
    "timestamp", "level", "logger", "event",
    "request_id", "client", "method", "route", "status", "problem", "ms",  # a request
    "error", "at",  # a failure: the kind of error and the lines of code, never its words
    "case", "act", "version", "count", "rows", "seconds",  # work done
    "lane",  # those turned away
    "host", "port", "pid", "signal", "revision", "mode",  # the process
})  # fmt: skip

# Whose messages are whole sentences of their own making; others are cut to what they start with.
_WELL_SPOKEN = ("uvicorn", "app", "alembic")
_NAMED_LENGTH = 200


_requests: list[TextIO] = []  # where lines about requests go; nowhere before `configure`


def allow_listed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep the fields that are listed."""
    return {name: value for name, value in event.items() if name in FIELDS}


def configure(level: str, *, stream: TextIO = sys.stderr) -> None:
    """Send every log line of the process, ours and the libraries', to `stream` as JSON."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _requests[:] = [stream] if logging.getLevelName(level) <= logging.INFO else []
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
    logging.getLogger("alembic").setLevel(max(logging.WARNING, logging.getLevelName(level)))


def request_line(fields: Mapping[str, object]) -> None:
    """Write the line about a request. Its fields are listed above, all of them.

    Each request has one, and structlog's chain takes as long as finding out who is calling.
    """
    for stream in _requests:
        moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line = {**fields, "event": "request", "level": "info", "timestamp": moment}
        stream.write(to_json(line).decode() + "\n")
        stream.flush()


class _Formatter(logging.Formatter):
    """A library's log record in the same shape, without the words of its exceptions."""

    _render = structlog.processors.JSONRenderer()

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self._event(record),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return str(self._render(None, "", line))

    def _event(self, record: logging.LogRecord) -> str:
        spoken = record.name.startswith(_WELL_SPOKEN) and not record.exc_info
        words = record.getMessage() if spoken else str(record.msg)
        return words.split("\n", 1)[0][:_NAMED_LENGTH]
