"""Migrations: one line of them, agreeing with the tables as declared, there and back again."""

import asyncio
import io
import os
import re
import subprocess
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.kit import migrate, revision
from app.kit.tables import metadata
from tests.conftest import PEPPER, NewDatabase, as_sqlalchemy, load_demonstration_council

# Everything Postgres knows of our tables, in its own words; a migration that says something else
# than the declarations shows here, down to the text of a CHECK.
SHAPE = """
    SELECT 'column', table_schema || '.' || table_name || '.' || column_name,
           concat_ws(' ', data_type, udt_name, is_nullable, column_default, identity_generation,
                     generation_expression)
    FROM information_schema.columns WHERE table_schema = ANY ($1)
    UNION ALL
    SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace::regnamespace::text = ANY ($1)
    UNION ALL
    SELECT 'index', schemaname || '.' || indexname, indexdef
    FROM pg_indexes WHERE schemaname = ANY ($1)
    UNION ALL
    SELECT 'sequence', sequence_schema || '.' || sequence_name, data_type || ' ' || start_value
    FROM information_schema.sequences WHERE sequence_schema = ANY ($1)
"""
SCHEMAS = sorted(migrate.SCHEMAS)
PROPOSED = """
    INSERT INTO core.publication (id, year, services, version, disclosure, as_of, document, sha256,
                                  cases, cases_sha256, proposed_by, proposed_at, client)
    VALUES (1, '2023-24', '{}', 1, 'exact', now(), '{}', sha256('{}'), '{}', sha256('{}'),
            'first', now(), 'reports')
"""
CONFIRMED = """
    INSERT INTO core.publication_confirmation VALUES (1, 'first', '{}', now(), 'reports')
"""
# Rules of squawk's that do not fit.
NO_HAZARD = (
    "prefer-bigint-over-int",  # stages, versions, positions and pence stay far below 2^31
)


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(revision.SCRIPTS))
    return ScriptDirectory.from_config(config)


def revisions() -> list[Path]:
    return sorted((revision.SCRIPTS / "versions").glob("*.py"))


async def shape(url: str) -> set[tuple[str, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return {tuple(row) for row in await connection.fetch(SHAPE, SCHEMAS)}
    finally:
        await connection.close()


async def contents(url: str) -> dict[str, str]:
    """A digest of the rows of every table that has any."""
    connection = await asyncpg.connect(url)
    try:
        return {
            table.fullname: digest
            for table in metadata.sorted_tables
            if (
                digest := await connection.fetchval(
                    f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C"))'
                    f' FROM {table.schema}."{table.name}" AS t'
                )
            )
        }
    finally:
        await connection.close()


def test_there_is_one_head_and_the_file_names_it() -> None:
    assert scripts().get_heads() == [revision.head()]


@pytest.mark.parametrize("path", revisions(), ids=lambda path: path.stem)
def test_a_revision_waits_for_no_lock_for_long(path: Path) -> None:
    text = path.read_text()
    for step in ("upgrade", "downgrade"):
        body = text.split(f"def {step}()")[1]
        assert body.index("LOCK_TIMEOUT") < body.index("STATEMENT_TIMEOUT") < len(body)


def as_sql(step: str) -> str:
    """What a step of revisions applies, as `alembic upgrade --sql` writes it down."""
    written = io.StringIO()
    config = Config(output_buffer=written)
    config.set_main_option("script_location", str(revision.SCRIPTS))
    command.upgrade(config, step, sql=True)
    _, begun, rest = written.getvalue().partition("-- Running upgrade")  # alembic's own table
    assert begun
    return f"BEGIN;\n{begun}{rest}"


def hazards(sql: str) -> str:
    """What squawk warns of: locks, scans and rewrites that a running service would feel."""
    program = Path(sys.executable).with_name("squawk")
    options = ["--pg-version=15", "--reporter=gcc", f"--exclude={','.join(NO_HAZARD)}"]
    found = subprocess.run(
        [program, *options], input=sql, capture_output=True, text=True, check=False
    )
    assert not found.stderr, found.stderr
    return found.stdout


@pytest.mark.parametrize("path", revisions(), ids=lambda path: path.stem)
def test_a_revision_does_nothing_that_a_running_service_would_feel(path: Path) -> None:
    found = scripts().get_revision(re.sub(r"^(?:\d{8}_)?(\d{4})_.*", r"\1", path.stem))
    assert found is not None
    assert hazards(as_sql(f"{found.down_revision or 'base'}:{found.revision}")) == ""


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ('CREATE INDEX i ON core."case" (team)', "require-concurrent-index-creation"),
        ('ALTER TABLE core."case" ADD COLUMN x text NOT NULL', "adding-required-field"),
        ('ALTER TABLE core."case" ALTER COLUMN team TYPE int', "changing-column-type"),
        ('ALTER TABLE core."case" RENAME COLUMN team TO crew', "renaming-column"),
    ],
)
def test_a_revision_that_a_running_service_would_feel_is_found_out(
    statement: str, told: str
) -> None:
    assert told in hazards(f"BEGIN;\n{statement};\nCOMMIT;\n")


async def test_tables_as_migrated_are_tables_as_declared(new_database: NewDatabase) -> None:
    migrated, declared = await new_database(), await new_database(empty=True)
    engine = create_async_engine(as_sqlalchemy(declared), poolclass=NullPool)
    async with engine.begin() as connection:
        for schema in SCHEMAS:
            await connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    assert await shape(migrated) == await shape(declared)


async def test_alembic_finds_nothing_left_to_migrate(new_database: NewDatabase) -> None:
    await migrate.check(as_sqlalchemy(await new_database()))


async def test_the_tables_go_down_and_come_up_again(new_database: NewDatabase) -> None:
    url = await new_database()
    before = await shape(url)
    filled = await contents(url)
    assert "core.service" in filled, "there was nothing to lose: this test would pass on nothing"
    for _ in revisions()[1:]:
        await migrate.downgrade(as_sqlalchemy(url), "-1")
    await migrate.upgrade(as_sqlalchemy(url))
    assert await contents(url) == filled
    await migrate.downgrade(as_sqlalchemy(url), "base")
    assert await shape(url) == set()
    await migrate.upgrade(as_sqlalchemy(url))
    assert await shape(url) == before
    await load_demonstration_council(url)


async def test_processes_that_migrate_at_once_take_turns(new_database: NewDatabase) -> None:
    url = await new_database(empty=True)
    environment = os.environ | {"DATABASE_URL": url, "COUNCIL_FEEDBACK_PEPPER": PEPPER}
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.cli", "migrate", env=environment, stderr=PIPE
        )
        for _ in range(3)
    ]
    ended = [await one.communicate() for one in started]
    assert [one.returncode for one in started] == [0, 0, 0], ended
    connection = await asyncpg.connect(url)
    assert await revision.current(connection) == revision.head()
    await connection.close()


async def test_a_database_never_migrated_is_at_no_revision(new_database: NewDatabase) -> None:
    connection = await asyncpg.connect(await new_database(empty=True))
    assert await revision.current(connection) is None
    await connection.close()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("audit.entry", "client"),
        ("audit.disclosure", "client"),
        ("core.report_text", "text"),
        ("core.publication", "document"),
        ("core.publication_confirmation", "confirmed_by"),
        ("core.publication_file", "form"),
    ],
)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
async def test_what_was_done_cannot_be_rewritten(
    database_url: str, table: str, column: str, statement: str
) -> None:
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="is insert-only"):
        await connection.execute(statement.format(table, column))
    await connection.close()


async def test_a_release_that_knows_no_publications_takes_none_away(
    new_database: NewDatabase,
) -> None:
    url = await new_database()
    connection = await asyncpg.connect(url)
    await connection.execute(PROPOSED)
    before, rest = await contents(url), "core.publication"
    assert rest in before
    await migrate.downgrade(as_sqlalchemy(url), "0002")
    await migrate.upgrade(as_sqlalchemy(url))
    assert await contents(url) == {name: rows for name, rows in before.items() if name != rest}
    await connection.execute(PROPOSED)
    await connection.execute(CONFIRMED.format("second"))
    published = await contents(url)
    with pytest.raises(DBAPIError, match="kept for ever"):
        await migrate.downgrade(as_sqlalchemy(url), "0002")
    await migrate.upgrade(as_sqlalchemy(url))
    assert await contents(url) == published
    await connection.close()


async def test_a_release_that_knows_no_withdrawals_cannot_let_out_what_was_withdrawn(
    new_database: NewDatabase,
) -> None:
    url = await new_database()
    connection = await asyncpg.connect(url)
    await connection.execute(PROPOSED)
    await connection.execute(
        "INSERT INTO core.publication_withdrawal SELECT id, 'Wrong.', 'second', now(), 'test'"
        " FROM core.publication"
    )
    with pytest.raises(DBAPIError, match="not to be published"):
        await migrate.downgrade(as_sqlalchemy(url), "0003")
    await connection.close()


@pytest.mark.parametrize("officer", ["first", "First"])
async def test_nobody_confirms_what_they_proposed(new_database: NewDatabase, officer: str) -> None:
    connection = await asyncpg.connect(await new_database())
    await connection.execute(PROPOSED)
    with pytest.raises(asyncpg.CheckViolationError, match="second_person"):
        await connection.execute(CONFIRMED.format(officer))
    await connection.close()


def closed_lists() -> list[tuple[str, str, frozenset[str]]]:
    """Every CHECK that holds a column to a list, with the list as the code has it."""
    found = []
    for table in metadata.sorted_tables:
        for check in table.constraints:
            if isinstance(check, CheckConstraint) and str(check.name).endswith("_listed"):
                listed = frozenset(re.findall(r"'([^']*)'", str(check.sqltext)))
                found.append((table.fullname, str(check.name), listed))
    return sorted(found)


async def test_lists_the_code_depends_on_are_those_the_database_holds_to(
    database_url: str,
) -> None:
    lists = closed_lists()
    assert lists, "no list was found: this test would pass on nothing"
    connection = await asyncpg.connect(database_url)
    for table, name, listed in lists:
        definition = await connection.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = $1::text::regclass AND conname = $2",
            table,
            name,
        )
        assert frozenset(re.findall(r"'([^']*)'::text", definition)) == listed, name
    await connection.close()
