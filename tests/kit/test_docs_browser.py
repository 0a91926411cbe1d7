"""The page for people, as a browser without the internet shows it. Run by `make test-tools`."""

import html
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from app.kit.openapi import operations
from app.kit.settings import Settings
from app.main import create_app
from tests.kit.chromium import shown

pytestmark = pytest.mark.browser

APP = create_app(Settings.model_construct())


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


def opened(url: str, folder: Path) -> tuple[str, list[str]]:
    """What a browser makes of a page, and what it complains of."""
    page, complaints = shown(url, folder, virtual_seconds=20)
    # Swagger UI warns of what it will change in its next release; nothing of ours is at fault.
    return page, [line for line in complaints if "unsupported in v4.0" not in line]


def test_the_page_shows_every_operation(address: str, tmp_path: Path) -> None:
    page, complaints = opened(f"{address}/docs", tmp_path)
    assert complaints == []
    described = list(operations(APP.openapi()))
    assert len(described) > 30
    for operation in described:
        tag = operation["tags"][0].replace(" ", "_")
        assert f'id="operations-{tag}-{operation["operationId"]}"' in page
        assert html.escape(operation["summary"], quote=False) in page


def test_the_page_shows_what_to_send_and_what_comes_back(address: str, tmp_path: Path) -> None:
    page, complaints = opened(f"{address}/docs#/feedback/submit_feedback", tmp_path)
    assert complaints == []
    for said in ("Nobody has rung me back", "receipt_token", "/problems/channel-needed"):
        assert said in page
