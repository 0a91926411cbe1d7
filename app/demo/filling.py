"""Filling an empty database with the demonstration council, its cases and a key for every role."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases.models import Case
from app.demo.generator import write_lines
from app.demo.roles import admit
from app.imports.terminal import import_file
from app.kit.db import open_database
from app.kit.problem import Problem
from app.kit.settings import Settings
from app.organisation.models import Council
from app.procedures.commands import load_council

COUNCIL_FILE = Path(__file__).with_name("council.toml")
KEYS_FILE = "demo-keys.json"
CASES_FILE = "demo-cases.jsonl"
"""There from before the council is founded until its report is out: something is left to do."""


class NotEmpty(Problem):
    """The demonstration council would mix its invented cases with what is there."""

    status = HTTPStatus.CONFLICT
    title = "The database is not empty"


class CasesRefused(Problem):
    """The rules and the generator of the demonstration no longer agree."""

    status = HTTPStatus.CONFLICT
    title = "The demonstration's cases were not all taken"


async def is_empty(session: AsyncSession) -> bool:
    """Whether nobody has loaded a council or a case yet."""
    found = await session.execute(
        select(exists().select_from(Council) | exists().select_from(Case))
    )
    return not found.scalar_one()


async def take_turns(session: AsyncSession) -> None:
    """Of two that found the council at once, let the second see what the first has done."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('demonstration'))"))


async def found_council(
    session: AsyncSession, *, env: str, pepper: bytes, now: datetime
) -> Mapping[str, str]:
    """Load the council, admit its callers, and return each role's key; refused if not empty."""
    if not await is_empty(session):
        raise NotEmpty("The demonstration council goes into an empty database only.")
    await load_council(session, COUNCIL_FILE.read_text())
    return await admit(session, env=env, pepper=pepper, now=now)


def write_cases(data_dir: Path) -> None:
    """Invent the cases, and leave them to be brought in."""
    data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    write_lines(data_dir / CASES_FILE)


def cases_are_due(data_dir: Path) -> bool:
    """Whether there are invented cases still to be brought in."""
    return (data_dir / CASES_FILE).exists()


async def bring_in_cases(settings: Settings) -> None:
    """Bring the invented cases in through the bulk import, as any council's history."""
    database = await open_database(
        sqlalchemy_url=settings.sqlalchemy_url,
        asyncpg_dsn=settings.asyncpg_dsn,
        pool_size=settings.pool_size,
    )
    file = settings.data_dir / CASES_FILE
    try:
        if not await import_file(database, file, dry_run=False):
            raise CasesRefused("The import did not take every invented case; see what it said.")
    finally:
        await database.close()


def nothing_is_left(data_dir: Path) -> None:
    """Remember that all was done."""
    (data_dir / CASES_FILE).unlink(missing_ok=True)


def keep_keys(data_dir: Path, keys: Mapping[str, str]) -> Path:
    """Write the keys where only their owner reads them."""
    path = data_dir / KEYS_FILE
    data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(dict(keys), file, indent=2)
        file.write("\n")
    return path


def kept_keys(data_dir: Path) -> dict[str, str]:
    """The keys written when the demonstration council was founded; none if there are none."""
    path = data_dir / KEYS_FILE
    return dict(json.loads(path.read_text())) if path.exists() else {}
