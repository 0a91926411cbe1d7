import json
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.kit import settings as configuration
from app.kit.settings import Mode, Settings
from app.main import VERSION

ROOT = Path(__file__).parents[2]
TOOLS = re.compile(r"\b(apt|apt-get|apk|pip|gcc|cc|make|git|curl|wget)\b")

Instructions = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Stage:
    """One image of a Dockerfile, and what is done to it."""

    base: str
    name: str
    done: Instructions = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [rest for verb, rest in self.done if verb == word]


def read(text: str) -> tuple[Instructions, list[Stage]]:
    """What stands before the first stage, and the stages."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    before: Instructions = []
    stages: list[Stage] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        verb, rest = line.split(maxsplit=1)
        if verb == "FROM":
            base, *name = re.split(r"\s+AS\s+", rest)
            stages.append(Stage(base, name[0] if name else ""))
        else:
            (stages[-1].done if stages else before).append((verb, rest))
    return before, stages


def faults(final: Stage) -> list[str]:
    """Why an image should not be shipped."""
    words = {verb for verb, _ in final.done}
    every = " ".join(rest for verb, rest in final.done if verb != "LABEL")
    return [
        *(["builds where it runs"] if words & {"RUN", "ADD", "SHELL", "VOLUME"} else []),
        *(["holds the tree it was built from"] if _from_outside(final) else []),
        *([f"names {found[0]}"] if (found := TOOLS.search(every)) else []),
        *(["runs as root"] if final.all("USER") != ["10001:10001"] else []),
        *(["does not say how it fares"] if "HEALTHCHECK" not in words else []),
        *(["starts by a shell"] if not _all_listed(final) else []),
    ]


def _from_outside(final: Stage) -> bool:
    return not all(rest.startswith("--from=") for rest in final.all("COPY"))


def _all_listed(final: Stage) -> bool:
    commands = [*final.all("ENTRYPOINT"), *final.all("CMD")]
    checks = [rest.partition("CMD ")[2].strip() for rest in final.all("HEALTHCHECK")]
    return all(one.startswith("[") for one in commands + checks)


TEXT = (ROOT / "Dockerfile").read_text()
BEFORE, STAGES = read(TEXT)
FINAL = STAGES[-1]


def test_the_image_holds_no_tools_and_its_user_is_nobody() -> None:
    assert faults(FINAL) == []
    assert FINAL.base == "scratch"


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("USER 10001:10001", "USER root"),
        ("USER 10001:10001", ""),
        ('CMD ["serve"]', 'CMD ["serve"]\nRUN chmod 777 /srv'),
        ('CMD ["serve"]', "CMD serve"),
        ("COPY --from=runtime / /", "COPY . /"),
        ("COPY --from=runtime / /", "ADD base.tar /"),
        ("HEALTHCHECK", "STOPSIGNAL SIGTERM #"),
        ("WORKDIR /srv", "ENV TOOL=pip\nWORKDIR /srv"),
    ],
)
def test_an_image_that_should_not_be_shipped_is_found(line: str, instead: str) -> None:
    start = TEXT.index("FROM scratch")
    assert TEXT.count(line, start) == 1
    broken = TEXT[:start] + TEXT[start:].replace(line, instead)
    assert faults(read(broken)[1][-1])


def test_every_stage_starts_from_a_base_that_a_council_may_choose() -> None:
    assert BEFORE == [("ARG", "BASE=python:3.11-slim-bookworm")]  # from wherever images come
    assert [stage.base for stage in STAGES] == ["${BASE}", "${BASE}", "scratch"]


def test_packages_are_checked_against_the_lock_for_servers() -> None:
    build = next(stage for stage in STAGES if stage.name == "build")
    (install,) = (run for run in build.all("RUN") if "pip install" in run)
    words = shlex.split(install.partition("&&")[0])
    assert {"--require-hashes", "--only-binary=:all:", "--no-compile"} <= set(words)
    assert words[words.index("-r") + 1] == "/tmp/requirements-server.lock"  # noqa: S108
    assert "requirements-server.lock /tmp/" in build.all("COPY")


def test_all_that_is_run_is_compiled_without_the_time() -> None:
    compiled = [run for stage in STAGES for run in stage.all("RUN") if "compileall" in run]
    assert len(compiled) == 2
    assert all("--invalidation-mode unchecked-hash" in run for run in compiled)


def environment() -> Mapping[str, str]:
    pairs = (word.split("=", 1) for line in FINAL.all("ENV") for word in shlex.split(line))
    return dict(pairs)


def test_it_is_production_and_serves_all_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    told = environment()
    assert told["PYTHONDONTWRITEBYTECODE"] == "1"
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COUNCIL_FEEDBACK_PEPPER", "a pepper that is long enough for tests")
    settings = configuration.load()
    assert (settings.mode, settings.host) == (Mode.production, "0.0.0.0")
    assert [str(settings.port)] == FINAL.all("EXPOSE")
    assert settings.port == Settings.model_fields["port"].default


def test_it_says_which_release_it_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"VERSION={VERSION}" in FINAL.all("ARG")
    assert project["version"] == VERSION
    labels = dict(word.split("=", 1) for line in FINAL.all("LABEL") for word in shlex.split(line))
    assert labels["org.opencontainers.image.description"] == project["description"]
    assert labels["org.opencontainers.image.licenses"] == project["license"]
    assert set(labels) >= {f"org.opencontainers.image.{one}" for one in ("title", "revision")}


def test_it_asks_the_service_itself_how_it_fares() -> None:
    (check,) = FINAL.all("HEALTHCHECK")
    program, *arguments = json.loads(check.partition("CMD ")[2])
    assert program == "python3"
    assert "/livez" in arguments[-1]


def test_only_what_the_image_is_made_of_is_sent_to_be_built() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if not line.startswith("#")
    ]
    copied = {word.split()[0] for stage in STAGES for word in stage.all("COPY")}
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    ours = {one for one in copied if not one.startswith("--from")}
    assert "*" in rules
    assert sent == ours
