"""The service as a whole process: started, reached, told to stop, killed, and started again."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socket import create_server

import httpx
import pytest

from tests.conftest import PEPPER
from tests.kit.processes import gone, open_folder, until, working_under

pytestmark = pytest.mark.timeout(
    300
)  # whole processes, several a test, on a machine that may be busy

COMMAND = [sys.executable, "-m", "app"]


class Installation:
    """A folder with a database in it, and the services that run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.running: list[subprocess.Popen[str]] = []

    def environment(self, **changes: str) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "HOST", "PORT"}
        }
        return inherited | {
            "COUNCIL_FEEDBACK_DATA_DIR": str(self.folder / "data"),
            "COUNCIL_FEEDBACK_MODE": "production",
            "COUNCIL_FEEDBACK_PEPPER": PEPPER,
            "PORT": "0",
            **changes,
        }

    def run(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*COMMAND, *words],
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    def begin(self, **changes: str) -> subprocess.Popen[str]:
        """Start a service, and do not wait for it."""
        with self.log.open("a") as log:
            service = subprocess.Popen(
                [*COMMAND, "serve"],
                env=self.environment(**changes),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.running.append(service)
        return service

    def serve(self, **changes: str) -> tuple[subprocess.Popen[str], str]:
        """Start a service, and give its address once it is ready."""
        service = self.begin(**changes)
        assert service.stdout
        found = None
        while not found:
            line = service.stdout.readline()
            assert line, self.log.read_text()
            found = re.match(r"Serving on (\S+)", line)
        address = found[1]
        until(lambda: is_ready(address))
        return service, address

    def postgres(self) -> int:
        """The process that holds the database, or the first that initdb makes it with."""
        return int(until(self._noted)[0])

    def _noted(self) -> list[str]:
        """What a Postgres has written of itself; it makes the file first, and then writes it."""
        with suppress(FileNotFoundError):  # ended meanwhile, or its folder is moved to its place
            for notes in self.folder.rglob("postmaster.pid"):
                return notes.read_text().split()
        return []

    def end(self) -> None:
        for service in self.running:
            service.kill()
            service.wait()
            if service.stdout:
                service.stdout.close()


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def installation() -> Iterator[Installation]:
    with open_folder() as folder:
        made = Installation(folder)
        yield made
        made.end()


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_leaves_nothing_running(
    installation: Installation, kind: signal.Signals
) -> None:
    service, address = installation.serve()
    postgres = installation.postgres()
    assert httpx.get(f"{address}/livez").status_code == 200
    service.send_signal(kind)
    assert service.wait(timeout=60) == 0
    assert gone(postgres)


def test_told_to_stop_while_it_starts_it_leaves_nothing_running(
    installation: Installation,
) -> None:
    service = installation.begin()
    installation.postgres()
    service.terminate()
    assert service.wait(timeout=60) == 0
    until(lambda: not working_under(installation.folder))  # initdb is slower to end


def test_told_to_stop_while_it_fills_the_demonstration_it_ends_that_and_goes_on_next_time(
    installation: Installation,
) -> None:
    # Not watched for coverage: what fills it is tried elsewhere, and would take twice as long.
    demonstration = {"COUNCIL_FEEDBACK_MODE": "demonstration", "COVERAGE_PROCESS_CONFIG": ""}
    service = installation.begin(**demonstration)
    assert service.stdout
    while not service.stdout.readline().startswith("Founding"):
        assert service.poll() is None, installation.log.read_text()
    fills = [
        pid for pid in children(service.pid) if b"fill" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert fills, "nothing fills it in a process of its own"
    service.terminate()
    assert service.wait(timeout=60) == 0
    assert all(gone(pid) for pid in fills)
    _, address = installation.serve(**demonstration)
    page = httpx.get(f"{address}/published/annual/2023-24/children-and-families+education.html")
    assert page.status_code == 200


def children(pid: int) -> list[int]:
    """The processes that a process has started and that have not ended."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_after_it_was_killed_the_next_start_serves(installation: Installation) -> None:
    service, _ = installation.serve()
    service.kill()
    service.wait()
    left = installation.postgres()
    assert not gone(left)
    installation.serve()
    assert gone(left)


def test_while_it_serves_a_killed_postgres_comes_back(installation: Installation) -> None:
    _, address = installation.serve()
    killed = installation.postgres()
    os.kill(killed, signal.SIGKILL)
    until(lambda: gone(killed))
    until(lambda: installation.postgres() != killed)
    until(lambda: is_ready(address))


def test_two_first_starts_at_once_both_serve_until_the_last_is_stopped(
    installation: Installation,
) -> None:
    first = installation.begin()
    _, address = installation.serve()
    first.terminate()
    first.wait(timeout=60)
    assert is_ready(address)


def test_keys_are_made_used_and_taken_back_on_the_command_line(
    installation: Installation,
) -> None:
    assert installation.run("migrate").returncode == 0
    added = installation.run("keys", "add-client", "dash", "Dashboard", "--scope", "stats:read")
    assert added.returncode == 0, added.stderr
    key = installation.run("keys", "issue", "dash", "--days", "30").stdout.strip()
    _, address = installation.serve()
    header = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{address}/v1/stats/figures", headers=header).status_code == 200
    key_id = key.split("_")[2]
    assert key_id in installation.run("keys", "list").stdout
    assert installation.run("keys", "revoke", key_id).returncode == 0
    assert f"{key_id}  revoked" in installation.run("keys", "list").stdout
    assert is_ready(address), "a command beside the service stopped its database"


def test_an_unknown_scope_is_refused_with_the_list_of_scopes(installation: Installation) -> None:
    refused = installation.run("keys", "add-client", "dash", "Dashboard", "--scope", "all")
    assert refused.returncode == 1
    assert refused.stderr.startswith("No such scope: all.\nScopes are: feedback:submit,")


def test_a_refusal_is_told_in_its_own_words(installation: Installation) -> None:
    early = installation.run("keys", "list")
    assert early.returncode == 1
    assert early.stderr.endswith("run `council-feedback migrate`.\n")
    installation.run("migrate")
    refused = installation.run("keys", "issue", "nobody")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "There is no client nobody; add it first." in refused.stderr


def test_a_council_is_loaded_or_refused_with_every_error(
    installation: Installation, tmp_path: Path
) -> None:
    assert installation.run("migrate").returncode == 0
    good = installation.run("council", "load", "app/demo/council.toml")
    assert good.stdout.startswith("Reference data 1: ")
    bad = tmp_path / "bad.toml"
    bad.write_text("council = 1\nnonsense = 2\n")
    refused = installation.run("council", "load", str(bad))
    assert refused.returncode == 1
    assert "line 2: nonsense: " in refused.stderr


def test_the_demonstration_goes_into_an_empty_database_only(installation: Installation) -> None:
    assert installation.run("migrate").returncode == 0
    assert installation.run("council", "load", "app/demo/council.toml").returncode == 0
    refused = installation.run("demo")
    assert refused.returncode == 1
    assert "The demonstration council goes into an empty database only." in refused.stderr


def test_an_address_in_use_is_told_before_anything_is_started(
    installation: Installation,
) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        refused = installation.run("serve", PORT=str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert refused.stderr.startswith("Cannot listen on 127.0.0.1:")
    assert not any(installation.folder.rglob("postmaster.pid"))


def test_a_demonstration_is_not_shown_to_others(installation: Installation) -> None:
    refused = installation.run(
        "serve", COUNCIL_FEEDBACK_MODE="demonstration", HOST="0.0.0.0", COUNCIL_FEEDBACK_PEPPER=""
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("HOST must be a loopback address in demonstration mode")


def test_a_database_that_does_not_answer_is_told_without_its_password(
    installation: Installation,
) -> None:
    nobody = "postgresql://jo:secret-word@127.0.0.1:1/feedback"
    refused = installation.run("migrate", DATABASE_URL=nobody)
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database does not let us in")
    assert "secret-word" not in refused.stderr


def test_doctor_shows_what_is_in_force_and_what_is_wrong(installation: Installation) -> None:
    sick = installation.run("doctor", COUNCIL_FEEDBACK_POOL_SIZE="7")
    assert sick.returncode == 1
    assert "COUNCIL_FEEDBACK_POOL_SIZE=7" in sick.stdout
    assert "COUNCIL_FEEDBACK_PEPPER=(hidden)" in sick.stdout
    assert PEPPER not in sick.stdout
    assert "run `council-feedback migrate`" in sick.stderr
    installation.run("migrate")
    well = installation.run("doctor")
    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout.endswith("Nothing is wrong.\n")
