"""Broken on purpose: addresses go to the log whole, and words into the history."""

from typing import Any

from app.cases import commands
from app.kit import middleware

_line, _entry_row = middleware._line, commands.entry_row


def line(scope: Any, *given: Any) -> dict[str, Any]:
    query = scope["query_string"].decode("latin-1")
    return {**_line(scope, *given), "route": f"{scope['path']}?{query}"}


def entry_row(case_id: int, entry: Any, **named: Any) -> dict[str, Any]:
    row = _entry_row(case_id, entry, **named)
    return {**row, "changes": {**row["changes"], "reason": entry.text}}


vars(middleware)["_line"] = line
vars(commands)["entry_row"] = entry_row
