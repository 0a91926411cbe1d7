"""Reads: which cases of a file are known, the runs, and what they could not take."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.imports.knowledge import Knowledge, Known
from app.imports.models import ImportReject, ImportRun
from app.imports.reading import Name
from app.imports.schemas import Counts, RejectOut, RunOut
from app.kit.db import AsyncpgConnection
from app.kit.metrics import Look
from app.kit.problem import Problem

_KNOWN = """
SELECT names.system, names.reference, c.id, c.system_of_record, c.type_at_receipt, c.received_on,
       i.fingerprint
FROM unnest($1::text[], $2::text[]) AS given (system, reference)
JOIN core.case_system AS names USING (system, reference)
JOIN core."case" AS c ON c.id = names.case_id
LEFT JOIN ops.imported_case AS i ON i.case_id = c.id
"""

BACKLOG = Look(
    what="imports",
    sql="""
    SELECT (SELECT count(*) FROM pii.import_reject WHERE resolved_at IS NULL) AS unresolved_rejects,
           (SELECT count(*) FROM ops.import_run WHERE finished_at IS NULL) AS unfinished_imports
    """,
    means={
        "unresolved_rejects": "Imported lines that were not taken, and not corrected since.",
        "unfinished_imports": "Imports that have begun and not ended.",
    },
)


class RunNotFound(Problem):
    """No import has that number."""

    status = HTTPStatus.NOT_FOUND
    title = "There is no such import"


async def what_is_known(connection: AsyncpgConnection, names: Iterable[Name]) -> Knowledge:
    """The cases that go by any of these names."""
    asked = list(names)
    if not asked:
        return {}
    systems, references = zip(*asked, strict=True)
    cases: dict[int, Known] = {}
    found: Knowledge = {}
    for row in await connection.fetch(_KNOWN, systems, references):
        system, reference, number, *facts = row
        found[system, reference] = cases.setdefault(number, Known(number, *facts))
    return found


def _runs() -> sa.Select[Any]:
    open_rejects = (
        sa.select(sa.func.count())
        .where(
            col(ImportReject.run_id) == col(ImportRun.id),
            col(ImportReject.resolved_at).is_(None),
        )
        .scalar_subquery()
    )
    return sa.select(ImportRun, open_rejects)


def _shown(run: ImportRun, open_rejects: int) -> RunOut:
    columns = run.model_dump()
    counts = Counts.model_validate({name: columns[name] for name in Counts.model_fields})
    return RunOut.model_validate({**columns, "counts": counts, "open_rejects": open_rejects})


async def one_run(session: AsyncSession, number: int) -> RunOut:
    """An import by its number. Raises RunNotFound."""
    found = (await session.execute(_runs().where(col(ImportRun.id) == number))).first()
    if found is None:
        raise RunNotFound("No import has that number; the list of imports has them all.")
    return _shown(*found)


async def runs(session: AsyncSession, *, before: int | None, limit: int) -> list[RunOut]:
    """Imports, newest first."""
    asked = _runs().order_by(col(ImportRun.id).desc()).limit(limit)
    if before is not None:
        asked = asked.where(col(ImportRun.id) < before)
    return [_shown(*row) for row in await session.execute(asked)]


async def rejects(
    session: AsyncSession,
    number: int,
    *,
    resolved: bool | None,
    after: int,
    limit: int,
    with_raw: bool,
) -> list[RejectOut]:
    """What an import did not take, in order of the file."""
    asked = (
        sa.select(
            col(ImportReject.line_number).label("line"),
            col(ImportReject.result),
            col(ImportReject.names),
            col(ImportReject.problems),
            col(ImportReject.resolved_at),
            col(ImportReject.raw) if with_raw else sa.null().label("raw"),
        )
        .where(col(ImportReject.run_id) == number, col(ImportReject.line_number) > after)
        .order_by(col(ImportReject.line_number))
        .limit(limit)
    )
    if resolved is not None:
        settled = col(ImportReject.resolved_at).is_not(None)
        asked = asked.where(settled if resolved else ~settled)
    rows = (await session.execute(asked)).mappings()
    return [RejectOut.model_validate(dict(row)) for row in rows]
