"""Clients generated from the committed description work a case, against the service running."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DESCRIPTION = HERE.parents[2] / "openapi" / "openapi.json"
TYPESCRIPT = HERE / "typescript"

pytestmark = [pytest.mark.clients, pytest.mark.timeout(400)]


def run(*words: str | Path, cwd: Path) -> None:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]


def test_a_typescript_client_works_a_case_from_portal_to_figure(served: tuple[Path, int]) -> None:
    folder, port = served
    programs = TYPESCRIPT / "node_modules" / ".bin"
    made = TYPESCRIPT / "generated"
    run(
        programs / "openapi-typescript",
        DESCRIPTION,
        "--default-non-nullable=false",  # what has a default may be left out of a request
        "-o",
        made / "api.d.ts",
        cwd=TYPESCRIPT,
    )
    run(programs / "tsc", "-p", "tsconfig.json", cwd=TYPESCRIPT)
    run(
        "node",
        made / "journey.js",
        f"http://127.0.0.1:{port}",
        folder / ".data" / "demo-keys.json",
        cwd=TYPESCRIPT,
    )


def test_a_python_client_works_a_case_from_portal_to_figure(
    served: tuple[Path, int], tmp_path: Path
) -> None:
    folder, port = served
    run(sys.executable, "-m", "venv", "own", cwd=tmp_path)
    python = tmp_path / "own" / "bin" / "python"
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(python, *install, "--require-hashes", "-r", HERE / "python.lock", cwd=tmp_path)
    run(
        python.with_name("openapi-python-client"),
        "generate",
        *("--path", DESCRIPTION, "--meta", "none", "--output-path", "council_client"),
        cwd=tmp_path,
    )
    shutil.copy(HERE / "journey.py", tmp_path)
    run(
        python,
        "journey.py",
        f"http://127.0.0.1:{port}",
        folder / ".data" / "demo-keys.json",
        cwd=tmp_path,
    )
