"""Two councils: the demonstration's, and one quite unlike it."""

from pathlib import Path

import pytest

from app.procedures.council_file import as_reference, read_council
from app.procedures.reference import ReferenceData

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def demonstration_text() -> str:
    """The demonstration council's file."""
    file = HERE.parents[1] / "app" / "demo" / "council.toml"
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def another_text() -> str:
    """Another council's file."""
    return (HERE / "another_council.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def demonstration(demonstration_text: str) -> ReferenceData:
    """The demonstration council as the rules ask it."""
    return as_reference(read_council(demonstration_text))


@pytest.fixture(scope="session")
def another(another_text: str) -> ReferenceData:
    """Another council as the rules ask it."""
    return as_reference(read_council(another_text))
