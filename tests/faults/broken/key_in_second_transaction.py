"""Broken on purpose: feedback is stored in one transaction, and its key in a second one."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json

from app.intake import commands
from app.kit.db import AsyncpgConnection
from app.kit.idempotency import Kept

_GIVEN, _more = commands._INTAKE.split("), claimed AS (")
_CLAIM, _THE_REST = _more.split("), taken AS")
_KEY = f"{_GIVEN}) {_CLAIM}"
_WITHOUT_KEY = f"""{_GIVEN}), claimed AS (
    SELECT case_id FROM given WHERE NOT EXISTS (
      SELECT FROM ops.idempotency AS kept
      WHERE (kept.client, kept.operation, kept.key) = (given.client, given.operation, given.key))
), taken AS{_THE_REST}"""


async def _one(held: AsyncpgConnection, row: commands.Row) -> Kept | Exception | None:
    text = to_json([row]).decode()
    if await held.fetchval(_WITHOUT_KEY, text) is None:
        return await commands._first_answer(held, row)
    await held.execute(_KEY, text)
    return None


async def _store(held: AsyncpgConnection, rows: Sequence[Any]) -> list[Kept | Exception | None]:
    return [await _one(held, row) for row in rows]


vars(commands)["_store"] = _store
