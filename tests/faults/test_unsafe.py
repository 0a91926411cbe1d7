"""S13: a service that would be unsafe does not start, and names the setting that makes it so."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest

from app.kit.settings import PREFIX
from tests.conftest import PEPPER, NewDatabase

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
URL = "postgresql://jo:secret-word@127.0.0.1:1/feedback"
PRODUCTION = {f"{PREFIX}MODE": "production", "DATABASE_URL": URL, f"{PREFIX}PEPPER": PEPPER}
DEMONSTRATION = {f"{PREFIX}MODE": "demonstration"}

# What is set, and what the refusal must name.
UNSAFE: Mapping[str, tuple[Mapping[str, str], str]] = {
    "a demonstration for everybody": ({"HOST": "0.0.0.0"}, "HOST"),
    "a demonstration for everybody, in IPv6": ({"HOST": "::"}, "HOST"),
    "a demonstration under a name": ({"HOST": "council.example"}, "HOST"),
    "a demonstration for everybody on a server": (
        {**PRODUCTION, **DEMONSTRATION, "HOST": "0.0.0.0"},
        "HOST",
    ),
    "no pepper": ({**PRODUCTION, f"{PREFIX}PEPPER": ""}, f"{PREFIX}PEPPER"),
    "a short pepper": ({**PRODUCTION, f"{PREFIX}PEPPER": "salt"}, f"{PREFIX}PEPPER"),
    "production without a word of its pepper": ({f"{PREFIX}MODE": "production"}, f"{PREFIX}PEPPER"),
    "a mode that is none": ({**PRODUCTION, f"{PREFIX}MODE": "debug"}, f"{PREFIX}MODE"),
    "a setting that is none": ({**PRODUCTION, f"{PREFIX}DEBUG": "1"}, f"{PREFIX}DEBUG"),
    "a mistyped setting": ({**PRODUCTION, f"{PREFIX}PEPER": PEPPER}, f"{PREFIX}PEPER"),
    "another kind of database": ({**PRODUCTION, "DATABASE_URL": "sqlite:///x"}, "DATABASE_URL"),
    "options for the server": (
        {**PRODUCTION, "DATABASE_URL": f"{URL}?options=-cfsync%3Doff"},
        "DATABASE_URL",
    ),
    "a replica of nothing": ({f"{PREFIX}STATS_DATABASE_URL": URL}, f"{PREFIX}STATS_DATABASE_URL"),
    "no limit to what one may ask": ({**PRODUCTION, f"{PREFIX}RATE": "0"}, f"{PREFIX}RATE"),
    "a contact that runs a script": (
        {**PRODUCTION, f"{PREFIX}SECURITY_CONTACT": "javascript:alert(1)"},
        f"{PREFIX}SECURITY_CONTACT",
    ),
}


async def started(folder: Path, given: Mapping[str, str]) -> tuple[int | None, str]:
    """Try to serve: how it ended, and what it said."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIX) and name not in {"DATABASE_URL", "HOST", "PORT"}
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "serve"),
        cwd=folder.parent,  # away from a developer's .env
        env={
            **inherited,
            "PYTHONPATH": str(ROOT),
            f"{PREFIX}DATA_DIR": str(folder),
            "PORT": "0",
            **given,
        },
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), 120)
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode, said.decode()


@pytest.mark.parametrize("name", UNSAFE)
async def test_it_does_not_start_with(name: str, tmp_path: Path) -> None:
    given, setting = UNSAFE[name]
    code, said = await started(tmp_path / "data", given)
    assert code not in {0, None}
    assert setting in said
    assert "Traceback" not in said
    assert "secret-word" not in said
    assert not (tmp_path / "data").exists(), "it made something before it refused"


async def test_a_demonstration_does_not_start_on_a_real_council(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = await new_database()
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE core.council SET demonstration = false")
    await connection.close()
    code, said = await started(tmp_path, {**DEMONSTRATION, "DATABASE_URL": url})
    assert code == 1
    assert f"{PREFIX}MODE" in said
    assert "Traceback" not in said


async def test_what_is_safe_gets_as_far_as_its_database(tmp_path: Path) -> None:
    """Or the refusals above would prove too little."""
    code, said = await started(tmp_path, PRODUCTION)
    assert (code, said.startswith("The database does not let us in")) == (1, True)
