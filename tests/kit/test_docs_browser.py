"""The page for people, as a browser without the internet shows it. Run by `make test-tools`."""

import html
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from app.kit.openapi import operations
from app.kit.settings import Settings
from app.main import create_app

pytestmark = pytest.mark.browser

APP = create_app(Settings.model_construct())
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--enable-logging=stderr", "--virtual-time-budget=20000",
)  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the pages are served. They need no database, so the service is not started whole."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(APP, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


def shown(url: str, profile: Path) -> tuple[str, str]:
    """What a browser makes of a page, and what it complains of."""
    found = [path for path in map(shutil.which, NAMES) if path]
    assert found, "this test needs Chromium: apt-get install chromium"
    done = subprocess.run(
        [found[0], *QUIET, f"--user-data-dir={profile}", "--dump-dom", url],
        capture_output=True,
        check=True,
        text=True,
        timeout=90,
    )
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    # Swagger UI warns of what it will change in its next release; nothing of ours is at fault.
    return done.stdout, "\n".join(line for line in said if "unsupported in v4.0" not in line)


def test_the_page_shows_every_operation(address: str, tmp_path: Path) -> None:
    page, complaints = shown(f"{address}/docs", tmp_path)
    assert complaints == ""
    described = list(operations(APP.openapi()))
    assert len(described) > 30
    for operation in described:
        tag = operation["tags"][0].replace(" ", "_")
        assert f'id="operations-{tag}-{operation["operationId"]}"' in page
        assert html.escape(operation["summary"], quote=False) in page


def test_the_page_shows_what_to_send_and_what_comes_back(address: str, tmp_path: Path) -> None:
    page, complaints = shown(f"{address}/docs#/feedback/submit_feedback", tmp_path)
    assert complaints == ""
    for said in ("Nobody has rung me back", "receipt_token", "/problems/channel-needed"):
        assert said in page
