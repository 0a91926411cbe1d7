"""The handbook and the alerts speak of what there is: measurements, problems, commands, places."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from httpx import AsyncClient
from typer.main import get_command

from app.access.principal import Scope
from app.cli import app as command_line
from app.kit.health import faults
from app.kit.problem import Problem
from tests.conftest import MakeKey
from tests.desk import Desk

ROOT = Path(__file__).parents[2]
HANDBOOK = ROOT / "docs" / "operations.md"
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
PREFIX = "council_feedback_"
NOT_YET = {"limited_requests", "statistics_age_seconds"}  # nobody was, and there is no replica
_SUFFIX = re.compile(r"_(total|bucket|sum|count)$")


@pytest.fixture
async def measured(
    app: FastAPI,
    client: AsyncClient,
    staff: Mapping[str, Mapping[str, str]],
    make_key: MakeKey,
    monkeypatch: pytest.MonkeyPatch,
) -> set[str]:
    """The names of everything that is measured."""
    monkeypatch.setattr("app.kit.metrics.LOOK_SECONDS", 10.0)  # a test machine may be busy
    desk = Desk(client, staff["customer_relations"])
    await desk.refused(await desk.log(), "closure")
    await client.get("/v1/stats/figures/outcomes", headers=staff["reporting"])
    headers = {"Authorization": f"Bearer {await make_key(Scope.ops_metrics)}"}
    text = (await client.get("/metrics", headers=headers)).text
    return {bare(name) for name in re.findall(rf"^{PREFIX}(\w+)", text, re.MULTILINE)} | NOT_YET


def bare(name: str) -> str:
    """A measurement without what Prometheus adds to its name."""
    return _SUFFIX.sub("", name)


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def problems(of: type[Problem] = Problem) -> set[str]:
    found = {of.slug()}
    return found.union(*(problems(kind) for kind in of.__subclasses__()))


async def test_the_handbook_has_every_measurement_and_no_other(measured: set[str]) -> None:
    rows = re.findall(rf"^\| `{PREFIX}(\w+)`", HANDBOOK.read_text(), re.MULTILINE)
    assert {bare(name) for name in rows} == measured


async def test_alerts_watch_what_is_measured(measured: set[str]) -> None:
    used = {bare(name) for rule in RULES for name in re.findall(rf"{PREFIX}(\w+)", str(rule))}
    assert len(used) > 5
    assert used <= measured
    text = HANDBOOK.read_text()
    assert {bare(name) for name in re.findall(rf"{PREFIX}(\w+)", text)} <= measured


def test_whoever_is_turned_away_at_the_door_is_not_forgotten() -> None:
    (rule,) = (one for one in RULES if one["alert"] == "CouncilFeedbackUnavailable")
    above, below = rule["expr"].split(" / ")
    assert all(f"{PREFIX}shed_requests_total" in part for part in (above, below))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_what_to_do(rule: Mapping[str, Any]) -> None:
    assert rule["annotations"]["says"].endswith(".")
    assert rule["annotations"]["do"].endswith(".")
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["for"]
    for named in re.findall(r'problem=~?"([^"]+)"', rule["expr"]):
        assert set(named.split("|")) <= problems()


def test_commands_in_the_handbook_are_there() -> None:
    group: Any = get_command(command_line)
    text = HANDBOOK.read_text() + (ROOT / "docs" / "alerts.yml").read_text()
    told = set(re.findall(r"(?<!-n )council-feedback ([a-z]+)", text))
    assert {"doctor", "dump", "keys", "prune"} <= told <= set(group.commands)


def test_modules_and_files_in_the_handbook_are_there() -> None:
    text = HANDBOOK.read_text()
    modules = re.findall(r"python -m ([\w.]+)", text)
    assert modules
    for module in modules:
        assert (ROOT / f"{module.replace('.', '/')}.py").exists()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (HANDBOOK.parent / target).exists(), target


def test_places_in_the_handbook_are_there() -> None:
    text = HANDBOOK.read_text()
    headings = {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


def test_the_handbook_knows_every_reason_not_to_be_ready() -> None:
    unfit = {"standby": True, "read_only": "on", "fsync": "off", "full_page_writes": "on"}
    reasons = {*faults({**unfit, "synchronous_commit": "on"}), "database", "migrations"}
    text = HANDBOOK.read_text()
    assert all(f"`/readyz` says `{reason}`" in text for reason in reasons)
