"""Broken on purpose: a case is read, decided on and written, without a lock or a second look."""

import inspect
from typing import Any

from app.cases import commands
from app.cases.queries import Found, find

_COMPARED = ", _CASE.c.version == before.case.version"
_save = inspect.getsource(commands.save)
assert _COMPARED in _save


async def hold(session: Any, reference: str, *, by: Any, version: int) -> Found:
    return await find(session, reference, by=by)


exec(_save.replace(_COMPARED, ""), vars(commands))  # noqa: S102  # the app's own code, less a line
vars(commands)["hold"] = hold
