"""The import contracts: each is kept, and each is shown to catch a breach planted in a copy."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
BREACHES = [
    pytest.param("rooms", "app/kit/clock.py", "import app.cases.vocabulary", id="kit knows a room"),
    pytest.param(
        "rooms", "app/intake/rules.py", "import app.triage.rules", id="a room knows its neighbour"
    ),
    pytest.param("rooms", "app/triage/queries.py", "import app.main", id="a room knows main"),
    pytest.param("rooms", "app/helpers/__init__.py", "", id="a room that has no place"),
    pytest.param(
        "pure", "app/triage/rules.py", "import sqlalchemy", id="a rule knows the database"
    ),
    pytest.param(
        "pure", "app/cases/workflow.py", "import app.kit.clock", id="a rule knows it by another"
    ),
    pytest.param(
        "routers", "app/demo/filling.py", "import app.intake.router", id="a router imported"
    ),
    pytest.param(
        "stats", "app/stats/engine.py", "import app.cases.commands", id="statistics change a case"
    ),
    pytest.param(
        "reports",
        "app/reports/annual.py",
        "import app.cases.commands",
        id="a report changes a case",
    ),
    pytest.param(
        "rooms", "app/reports/annual.py", "import app.imports.rules", id="a report knows imports"
    ),
    pytest.param(
        "rooms", "app/reports/queries.py", "import app.previews.router", id="a report tries an act"
    ),
]


def judged(tree: Path, *limits: str) -> subprocess.CompletedProcess[str]:
    """The verdict of import-linter on a tree."""
    return subprocess.run(
        [*LINT, "--no-cache", "--no-logo", *limits],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The house as it stands, to be spoiled."""
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept(copy: Path) -> None:
    verdict = judged(copy)
    assert verdict.returncode == 0, verdict.stdout
    assert "0 broken" in verdict.stdout


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES)
def test_a_breach_is_caught(copy: Path, contract: str, file: str, line: str) -> None:
    place = copy / file
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"{line}\n{place.read_text() if place.exists() else ''}")
    verdict = judged(copy, "--contract", contract)
    assert verdict.returncode == 1, verdict.stdout
    assert "BROKEN" in verdict.stdout or "not declared" in verdict.stdout


def test_every_contract_has_a_breach_planted() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = {one["id"] for one in settings["tool"]["importlinter"]["contracts"]}
    assert named == {str(breach.values[0]) for breach in BREACHES}


def test_reports_are_kept_from_every_other_rooms_commands() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {one["id"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    rooms = {path.parent.name for path in (ROOT / "app").glob("*/commands*")} - {"reports"}
    assert set(contracts["reports"]["forbidden_modules"]) == {
        f"app.{room}.commands" for room in rooms
    }
