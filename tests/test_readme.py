"""The README's commands, run as it says, against a service started as it says."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.kit.processes import open_folder

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 120  # seconds; only to end a start that never comes


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[Path, int]]:
    """What `make run` starts, in a folder and on a port of its own."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
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


@pytest.mark.tools
@pytest.mark.timeout(300)
def test_every_command_of_the_readme_works(served: tuple[Path, int]) -> None:
    assert shutil.which("curl"), "this test needs curl: apt-get install curl"
    folder, port = served
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(blocks) >= 4
    script = "\n".join(["set -eu -o pipefail", *blocks]).replace(
        "127.0.0.1:8000", f"127.0.0.1:{port}"
    )
    script = script.replace("curl -sS", "curl -sS --fail-with-body")
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    acts = re.findall(r"^act ", "\n".join(blocks), re.MULTILINE)
    assert len(acts) > 10
    assert done.stdout.count('"possible_acts"') == len(acts)
    assert '"verdict":"open_in_time"' in done.stdout
    assert '"act":"reopen"' in done.stdout
    assert '"name":"Kim Sample"' in done.stdout
    assert '"count":40,"denominator":105,"percent":38' in done.stdout  # Figure 6, communication
