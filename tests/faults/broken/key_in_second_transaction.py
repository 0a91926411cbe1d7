"""Broken on purpose: feedback is stored in one transaction, and its key in a second one."""

from typing import Any

from app.intake import commands
from app.kit.db import AsyncpgPool, connection
from app.kit.idempotency import Kept, fingerprint, replay

_submit = commands.submit
_WITH_KEY, _THE_REST = commands._INTAKE.split("), new_case AS (", 1)
_KEY = _WITH_KEY.split("claimed AS (", 1)[1]
_WITHOUT_KEY = (
    "WITH claimed AS (SELECT $5::bigint AS case_id WHERE NOT EXISTS (SELECT FROM ops.idempotency"
    " WHERE (client, operation, key) = ($1, $2, $3::text) AND $4::bytea IS NOT NULL"
    " AND ($6::int, $7::bytea, $8::text) IS NOT NULL)"
)


async def submit(pool: AsyncpgPool, record: Any, asked: Any, **named: Any) -> Kept | None:
    of, printed = (named["by"].client, commands.OPERATION, named["key"]), fingerprint(asked)
    arguments = commands._arguments(record, asked, named["now"])
    whole = (*of, printed, record.case.id, 201, named["answer"], named["location"])
    async with connection(pool) as held:
        statement = f"{_WITHOUT_KEY}), new_case AS ({_THE_REST}"
        if await held.fetchval(statement, *whole, *arguments) is not None:
            await held.execute(_KEY, *whole)
            return None
        first = await held.fetchrow(commands._FIRST_ANSWER, *of)
    assert first is not None
    return replay(*first, fingerprint=printed)


vars(commands)["submit"] = submit
