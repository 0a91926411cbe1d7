"""The doctor: what it finds wrong with a database, and what it says to do."""

import secrets

import asyncpg
import pytest

from app.kit import doctor
from tests.conftest import NewDatabase, Server


async def test_a_database_in_another_encoding_is_told(server: Server) -> None:
    name = f"council_tests_{secrets.token_hex(4)}"
    await server._admin(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
    )
    found = await doctor.complaints(server.address(name))
    await server._admin(f"DROP DATABASE {name} WITH (FORCE)")
    assert "The database is in SQL_ASCII; make one with ENCODING 'UTF8'." in found


async def test_a_server_that_may_lose_what_it_acknowledged_is_told(database_url: str) -> None:
    found = await doctor.complaints(database_url)
    assert "fsync is off: what was acknowledged may be lost in a crash. Turn it on." in found


async def test_tables_of_another_release_are_told(new_database: NewDatabase) -> None:
    url = await new_database()
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE public.alembic_version SET version_num = '0000'")
    await connection.close()
    *_, last = await doctor.complaints(url)
    assert last.startswith("The tables are at revision 0000, this release needs ")


async def test_an_older_server_is_told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "OLDEST", 99)
    first, *_ = await doctor.complaints(database_url)
    assert first.endswith("; 99 or newer is needed.")


async def test_a_database_that_does_not_answer_is_told() -> None:
    [found] = await doctor.complaints("postgresql://jo:secret-word@127.0.0.1:1/feedback")
    assert found.startswith("The database does not let us in (")
    assert "secret-word" not in found
