"""The demonstration's cases, generated once."""

from pathlib import Path
from typing import Any

import pytest

from app.demo.generator import lines, write_lines
from tests.demo.folding import Case, fold


@pytest.fixture(scope="session")
def generated() -> list[dict[str, Any]]:
    """Every line, as the importer is handed it."""
    return list(lines())


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of all lines."""
    path = tmp_path_factory.mktemp("demo") / "cases.jsonl"
    write_lines(path)
    return path


@pytest.fixture(scope="session")
def everything(generated: list[dict[str, Any]]) -> list[Case]:
    """Every case as it is after its last act, those set aside included."""
    return [fold(line) for line in generated]
