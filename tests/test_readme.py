"""The README's commands, and those for reporting, run as they say on a service so started."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import httpx
import pytest

from tests.kit.processes import free_port, open_folder

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 280  # seconds; only to end a start that never comes


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[Path, int]]:
    """What `make run` starts, in a folder and on a port of its own."""
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if k != "DATABASE_URL"},
        "PYTHONPATH": str(ROOT),
        "COUNCIL_FEEDBACK_DATA_DIR": str(folder / ".data"),
        "PORT": str(port),
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            _wait(process, port, folder / "log")
            yield folder, port
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0, (folder / "log").read_text()[-2_000:]


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    last = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < last and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(log.read_text()[-2_000:])


def blocks(page: str, language: str) -> list[str]:
    """What a page says to paste."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


def ran(command: list[str], script: str, served: tuple[Path, int]) -> str:
    """What a script prints that asks the service of the test, not that of the page."""
    folder, port = served
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    done = subprocess.run(
        [*command, script], cwd=folder, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return done.stdout


def in_bash(page: str, served: tuple[Path, int]) -> str:
    """What the commands of a page print, each of which must succeed."""
    assert shutil.which("curl"), "this test needs curl: apt-get install curl"
    script = "\n".join(["set -eu -o pipefail", *blocks(page, "bash")])
    return ran(["bash", "-c"], script.replace("curl -sS", "curl -sS --fail-with-body"), served)


@pytest.mark.tools
@pytest.mark.timeout(300)
def test_every_command_of_the_readme_works(served: tuple[Path, int]) -> None:
    found = blocks("README.md", "bash")
    assert len(found) >= 4
    said = in_bash("README.md", served)
    paths = re.findall(r"^act \S+ (\S+)", "\n".join(found), re.MULTILINE)
    tried = [path for path in paths if path.endswith("/preview")]
    assert len(paths) > 10
    assert said.count('"possible_acts"') == len(paths) - len(tried)
    assert said.count('"unmoved"') == len(tried) == 1
    assert '"verdict":"open_in_time"' in said
    assert '"act":"reopen"' in said
    assert '"name":"Kim Sample"' in said
    assert '"count":40,"denominator":105,"percent":38' in said  # Figure 6, communication


@pytest.mark.tools
@pytest.mark.timeout(300)
def test_every_command_for_reporting_works(served: tuple[Path, int]) -> None:
    said = in_bash("docs/reporting.md", served).splitlines()
    assert said[0].startswith("service,service_name,category,category_name,count,")
    assert said[-1] == "304"
    kept = {path.name: path.read_bytes() for path in served[0].iterdir() if path.is_file()}
    assert kept["categories.xlsx"].startswith(b"PK")
    assert kept["months.svg"].startswith(b"<svg ")


@pytest.mark.tools
@pytest.mark.timeout(300)
def test_the_python_for_reporting_works(served: tuple[Path, int]) -> None:
    found = blocks("docs/reporting.md", "python")
    assert len(found) == 2
    said = ran([sys.executable, "-c"], "\n".join(found), served)
    assert re.search(r"^Communication +41 +40$", said, re.MULTILINE)  # Figure 6, both services
    assert re.search(r"^2023-24 +105$", said, re.MULTILINE)
    assert re.search(r"^education +105$", said, re.MULTILINE)


@pytest.mark.tools
@pytest.mark.timeout(300)
def test_what_other_programs_are_told_to_ask_for_is_there(served: tuple[Path, int]) -> None:
    (power_query,), (r,) = (
        blocks("docs/reporting.md", "powerquery"),
        blocks("docs/reporting.md", "r"),
    )
    path = re.findall(r'RelativePath = "(.*?)"', power_query)[0]
    assert f"/{path}" in r
    columns = set(re.findall(r'{"(\w+)", (?:type|Int64|null)', power_query))
    columns |= set(re.findall(r"xtabs\((\w+) ~ (\w+) \+ (\w+)", r)[0])
    assert len(columns) > 6
    key = json.loads((served[0] / ".data" / "demo-keys.json").read_text())["reporting"]
    answer = httpx.get(
        f"http://127.0.0.1:{served[1]}/{path}", headers={"Authorization": f"Bearer {key}"}
    )
    assert columns <= set(answer.text.splitlines()[0].split(","))
