"""R15: every revision taken back and applied again, on a database with fifty thousand cases in it.

A few hundred cases of every kind, with their history, come in through the service's import; the
database then multiplies them. What the oldest revision knows of them must be the same at the
newest, at the oldest, and at the newest again, whatever was rewritten on the way.
"""

import shutil
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Table

from app.kit import migrate, revision
from app.kit.settings import Settings
from app.kit.tables import metadata
from tests.conftest import MovableClock, NewDatabase, as_sqlalchemy
from tests.desk import patiently
from tests.faults.conftest import Tally, pick
from tests.faults.house import administrator, serving
from tests.faults.prepared import DEEDS, STATES, prepared

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(900, 7_200))]

CASES = pick(50_000, 1_000_000)
OF_EACH = 5  # cases on which each act is done, before they are multiplied

COLUMNS = """
    SELECT format('%I.%I', table_schema, table_name) AS name,
           string_agg(quote_ident(column_name), ', ' ORDER BY column_name COLLATE "C") AS columns
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = ANY ($1) AND table_type = 'BASE TABLE' GROUP BY 1
"""
DIGEST = """
    SELECT count(*) || ' rows ' || md5(string_agg(d, '' ORDER BY d COLLATE "C"))
    FROM (SELECT md5(row({columns})::text) AS d FROM {name}) AS digests
"""
# Names that have to be unique, made anew for each copy.
RENAMED = {"case_system": "reference", "idempotency": "key"}
OF_CASES = (
    'core."case"',
    "core.standing",
    "core.stage",
    "core.remedy",
    "audit.entry",
    "pii.remark",
)
FORGETS = """
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{before}", None, None


def upgrade() -> None:
    op.execute("UPDATE core.standing SET category = 'not-categorised'")


def downgrade() -> None:
    pass
"""


async def a_few(url: str, settings: Settings, clock: MovableClock) -> None:
    """Cases of every kind: every act done to some, on top of an imported history."""
    async with serving(settings, clock, url=url) as (app, client):
        staff = await administrator(app)
        of_state: Mapping[str, AsyncIterator[str]] = {
            state: prepared(client, staff, state) for state in STATES
        }
        for deed in DEEDS.values():
            for _ in range(OF_EACH):
                case = f"/v1/feedback/{await anext(of_state[deed.state])}"
                version = (await client.get(case, headers=staff)).headers["ETag"]
                named = {**staff, "If-Match": version, "Idempotency-Key": str(uuid.uuid4())}
                path = f"{case}/{deed.path}"
                answer = await patiently(
                    partial(client.post, path, json=dict(deed.body), headers=named)
                )
                assert answer.status_code == 200, answer.text


async def multiplied(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Copy every case, with all that belongs to it, until there are enough; say how many."""
    found = await connection.fetchrow('SELECT min(id), max(id), count(*) FROM core."case"')
    assert found is not None
    first, last, few = found
    await connection.execute("SET session_replication_role = replica")  # triggers and keys sleep
    copies, apart = CASES // few, last - first + 1
    for table in metadata.sorted_tables:
        if table.name == "case" or "case_id" in table.columns:
            await connection.execute(_copying(table), copies, apart)
    await connection.execute("SET session_replication_role = DEFAULT")
    await connection.execute("ANALYZE")
    return int(await connection.fetchval('SELECT count(*) FROM core."case"'))


def _copying(table: Table) -> str:
    values = {
        column.name: f'"{column.name}"'
        for column in table.columns
        if column.identity is None and column.computed is None
    }
    values["id" if table.name == "case" else "case_id"] += " + copy * $2::bigint"
    if unique := RENAMED.get(table.name):
        values[unique] += " || '-' || copy"
    names = ", ".join(f'"{name}"' for name in values)
    return (
        f'INSERT INTO {table.schema}."{table.name}" ({names})'
        f' SELECT {", ".join(values.values())} FROM {table.schema}."{table.name}",'
        " generate_series(1, $1::int) AS copy"
    )


async def columns(url: str) -> Mapping[str, str]:
    """The columns of every table, as it is now."""
    connection = await asyncpg.connect(url)
    found = await connection.fetch(COLUMNS, sorted(migrate.SCHEMAS))
    await connection.close()
    return {row["name"]: row["columns"] for row in found}


async def digests(url: str, of: Mapping[str, str]) -> Mapping[str, str]:
    """How many rows there are, and a digest of these columns of them all."""
    connection = await asyncpg.connect(url)
    found = {
        name: await connection.fetchval(DIGEST.format(name=name, columns=these))
        for name, these in of.items()
    }
    await connection.close()
    return found


async def oldest_columns(new_database: NewDatabase) -> Mapping[str, str]:
    """What there is at the oldest revision: nothing of that may ever change by migrating."""
    url = await new_database(empty=True)
    await migrate.upgrade(as_sqlalchemy(url), "0001")
    return await columns(url)


async def stepped(
    url: str, kept: Mapping[str, str], tally: Tally, scripts: Path = revision.SCRIPTS
) -> tuple[Mapping[str, str], list[str]]:
    """Down to the oldest and up again, a revision at a time: the time of each, and what changed."""
    before = await digests(url, kept)
    seconds, wrong = {}, []
    down, up = _steps(scripts)
    for way, steps in ((migrate.downgrade, down), (migrate.upgrade, up)):
        for to in steps:
            begun = time.monotonic()
            await way(as_sqlalchemy(url), to)
            step = f"{way.__name__}_to_{to}"
            seconds[step] = f"{time.monotonic() - begun:.2f}s"
            tally.progress(f"{step}: {seconds[step]}")
            now = await digests(url, kept)
            wrong += [
                f"{way.__name__} to {to}: {name}" for name in kept if now[name] != before[name]
            ]
            before = now
    return seconds, wrong


def _steps(scripts: Path) -> tuple[list[str], list[str]]:
    """The revisions on the way down from the head to the oldest, and back up."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    newest_first = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    return newest_first[1:], newest_first[-2::-1]


async def full(
    new_database: NewDatabase, settings: Settings, clock: MovableClock
) -> tuple[str, int]:
    url = await new_database()
    await a_few(url, settings, clock)
    connection = await asyncpg.connect(url)
    many = await multiplied(connection)
    await connection.close()
    return url, many


async def test_every_revision_goes_down_and_up_and_changes_nothing_of_what_is_kept(
    new_database: NewDatabase, settings: Settings, clock: MovableClock, tally: Tally
) -> None:
    url, many = await full(new_database, settings, clock)
    tally.progress(f"{many} cases")
    kept = await oldest_columns(new_database)
    rows = await digests(url, kept)
    assert min(int(rows[name].split()[0]) for name in OF_CASES) >= many / 100
    seconds, wrong = await stepped(url, kept, tally)
    tally.sum_up(cases=many, **seconds, wrong=len(wrong))
    assert wrong == []
    assert many >= CASES * 0.95
    await migrate.check(as_sqlalchemy(url))


async def test_a_revision_that_forgets_something_is_found_out(
    new_database: NewDatabase,
    settings: Settings,
    clock: MovableClock,
    tally: Tally,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = await new_database()
    await a_few(url, settings, clock)
    copy = tmp_path / "migrations"
    shutil.copytree(revision.SCRIPTS, copy)
    (copy / "versions" / "9999_forget.py").write_text(FORGETS.format(before=revision.head()))
    monkeypatch.setattr("app.kit.migrate.SCRIPTS", copy)
    await migrate.upgrade(as_sqlalchemy(url))
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE core.standing SET category = 'communication'")
    await connection.close()
    _, wrong = await stepped(url, await oldest_columns(new_database), tally, copy)
    assert wrong == ["upgrade to 9999: core.standing"]
