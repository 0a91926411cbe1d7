"""The embedded Postgres: made, shared, stopped, and found again after a crash."""

import gc
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from app.kit import embedded, unprivileged
from app.kit.embedded import Embedded
from app.kit.postmaster import CannotRun, Postmaster
from app.kit.unprivileged import Runner
from tests.kit.processes import gone, open_folder, until, working_under

# A process that uses the database until it reads a line, as a service and a command do.
USER = """
import sys
from pathlib import Path
from app.kit.embedded import Embedded
with Embedded(Path(sys.argv[1]), throwaway=True) as own:
    print(own.pid, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


def own(folder: Path, *, patience: float = 90.0) -> Embedded:
    return Embedded(folder, throwaway=True, patience=patience)


def start_user(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """A process of its own that uses the database, and the Postgres it found."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate("leave\n", timeout=90)
    assert process.returncode == 0


async def ask(url: str, *statements: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        *before, last = statements
        for statement in before:
            await connection.execute(statement)
        return await connection.fetchval(last)
    finally:
        await connection.close()


async def test_it_makes_a_database_that_keeps_what_it_acknowledges(folder: Path) -> None:
    with Embedded(folder) as found:
        settings = {
            name: await ask(found.url, f"SHOW {name}")
            for name in (
                "fsync", "full_page_writes", "synchronous_commit", "server_encoding",
                "listen_addresses", "log_error_verbosity", "log_parameter_max_length",
                "log_parameter_max_length_on_error", "log_min_error_statement", "is_superuser",
            )
        }  # fmt: skip
        assert settings == {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "server_encoding": "UTF8",
            "listen_addresses": "",
            "log_error_verbosity": "terse",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "log_min_error_statement": "panic",
            "is_superuser": "off",
        }
        pid = found.pid
        assert pid
    assert gone(pid)


async def test_nobody_gets_in_without_the_password(folder: Path) -> None:
    with own(folder) as found:
        user, _, rest = found.url.partition(":")[2].partition(":")
        wrong = f"postgresql:{user}:guess@{rest.partition('@')[2]}"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong)


async def test_the_log_holds_nothing_that_was_written(folder: Path) -> None:
    with own(folder) as found:
        await ask(found.url, "CREATE TABLE person (name text PRIMARY KEY)", "SELECT 1")
        for _ in range(2):
            connection = await asyncpg.connect(found.url)
            try:
                await connection.execute("INSERT INTO person VALUES ($1)", "Alex Example")
            except asyncpg.UniqueViolationError:
                pass
            finally:
                await connection.close()
    log = next(folder.rglob("postgres.log")).read_text()
    assert "duplicate key" in log, "nothing was logged: this test would pass on nothing"
    assert "Alex" not in log


async def test_what_was_written_is_there_at_the_next_start(folder: Path) -> None:
    with own(folder) as first:
        await ask(first.url, "CREATE TABLE kept AS SELECT 7 AS n", "SELECT 1")
    with own(folder) as second:
        assert await ask(second.url, "SELECT n FROM kept") == 7


def test_processes_that_start_at_once_share_one_postgres(folder: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        started = list(pool.map(start_user, [folder] * 3))
    users, pids = zip(*started, strict=True)
    assert len(set(pids)) == 1
    for user in users[:2]:
        leave(user)
        assert not gone(pids[0]), "it was stopped while another still used it"
    leave(users[2])
    assert gone(pids[0])


async def test_one_who_started_postgres_may_leave_it_to_another(folder: Path) -> None:
    first = own(folder)
    first.start()
    pid = first.pid
    with own(folder) as second:
        first.stop()
        del first
        gc.collect()  # would warn of a child left running
        assert second.pid == pid
        assert await ask(second.url, "SELECT 1") == 1
    assert pid
    until(lambda: gone(pid))


async def test_what_a_killed_process_left_behind_is_stopped_at_the_next_start(
    folder: Path,
) -> None:
    user, left = start_user(folder)
    user.kill()
    user.communicate()
    assert not gone(left)
    with own(folder) as found:
        assert found.pid != left
        assert gone(left)
        assert await ask(found.url, "SELECT 1") == 1


async def test_a_killed_process_takes_nothing_from_another_that_shares(folder: Path) -> None:
    first, pid = start_user(folder)
    with own(folder) as second:
        first.kill()
        first.communicate()
        assert second.pid == pid
        assert await ask(second.url, "SELECT 1") == 1
    assert gone(pid)


async def test_postgres_is_started_again_when_it_was_killed(folder: Path) -> None:
    with own(folder) as found:
        assert not found.revive()
        pid, url = found.pid, found.url
        assert pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: found.pid is None)
        assert found.revive()
        assert found.url == url
        assert found.pid not in {None, pid}
        assert await ask(url, "SELECT 1") == 1


async def test_postgres_killed_before_a_start_does_not_stand_in_its_way(folder: Path) -> None:
    user, pid = start_user(folder)
    os.kill(pid, signal.SIGKILL)
    user.kill()
    user.communicate()
    with own(folder) as found:
        assert await ask(found.url, "SELECT 1") == 1


async def test_another_program_with_the_number_of_the_last_postgres_is_let_be(
    folder: Path,
) -> None:
    with own(folder) as found:
        place = found._place
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **place.runner.arguments)
    (place.data / "postmaster.pid").write_text(f"{stranger.pid}\n{place.data}\n")
    with own(folder) as again:
        assert again.pid != stranger.pid
        assert await ask(again.url, "SELECT 1") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


async def test_half_a_database_is_made_afresh(folder: Path) -> None:
    with own(folder) as found:
        place = found._place
    place.data.rename(place.home / "data.new")
    (place.home / "data.new" / "PG_VERSION").unlink()
    with own(folder) as again:
        assert await ask(again.url, "SELECT 1") == 1
    assert not (place.home / "data.new").exists()


def test_data_of_another_major_version_is_left_alone_with_a_clear_message(folder: Path) -> None:
    with own(folder) as found:
        marker = found._place.data / "PG_VERSION"
    marker.write_text("16\n")
    with pytest.raises(CannotRun, match=r"made by Postgres 16; this release brings Postgres 18"):
        own(folder).start()
    assert marker.read_text() == "16\n"


def test_when_postgres_does_not_start_its_own_words_say_why(folder: Path) -> None:
    with own(folder) as found:
        place = found._place
    (place.data / "global" / "pg_control").unlink()
    with pytest.raises(CannotRun, match=r"Postgres will not start: .*pg_control"):
        own(folder).start()


def test_a_database_that_cannot_be_made_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "kept_secret", lambda path: path.write_text("") or "")
    with pytest.raises(CannotRun, match=r"initdb failed: .*password"):
        own(folder).start()


def test_without_the_package_it_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    with pytest.raises(CannotRun, match="set DATABASE_URL"):
        own(folder).start()


def test_one_interrupted_as_it_launches_postgres_leaves_none_running(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own(folder):
        pass  # the database is made
    launch = Postmaster._launch

    def interrupted(of: Postmaster) -> None:
        launch(of)  # it has no more than begun, and has written nothing of itself
        raise KeyboardInterrupt

    monkeypatch.setattr(Postmaster, "_launch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        own(folder).start()
    assert not working_under(folder)


def test_nobody_waits_for_ever_for_another_to_finish_starting(folder: Path) -> None:
    words = "Another process has been starting or stopping"
    with own(folder) as found, found._one_at_a_time(), pytest.raises(CannotRun, match=words):
        own(folder, patience=0.1).start()


async def test_a_long_path_does_not_keep_the_socket_from_working(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    for place in (deep, deep.parent):
        place.chmod(0o711)
    sockets = set()
    for _ in range(2):
        with own(deep) as found:
            assert await ask(found.url, "SELECT 1") == 1
            sockets.add(found._place.socket)
    assert len(sockets) == 1
    socket = sockets.pop()
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    socket.rmdir()


async def test_folders_that_were_there_keep_their_permissions(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    state = folder / "state"
    monkeypatch.setattr(unprivileged, "STATE", state)
    before = {path: path.stat().st_mode for path in (*private.parents, private)}
    with own(private / "data") as found:
        assert await ask(found.url, "SELECT 1") == 1
        home = found._place.home
    assert {path: path.stat().st_mode for path in before} == before
    # root's own folders are closed to the user Postgres runs as; anybody else is that user
    assert home.is_relative_to(state if os.geteuid() == 0 else private)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    with own(private / "data") as again:
        assert again._place.home == home


async def test_programs_its_user_cannot_reach_are_copied_to_where_it_can(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "may_read", lambda *_: False)
    for _ in range(2):
        with own(folder) as found:
            assert await ask(found.url, "SELECT 1") == 1
            assert found._place.programs.is_relative_to(found._place.home)


def test_a_user_is_told_from_owner_group_and_others(tmp_path: Path) -> None:
    stranger = Runner(uid=64_000, gid=64_000)
    kin = Runner(uid=64_000, gid=tmp_path.stat().st_gid)
    owner = Runner(uid=tmp_path.stat().st_uid, gid=64_000)
    reached = {}
    for mode in (0o700, 0o710, 0o711):
        tmp_path.chmod(mode)
        reached[mode] = [
            who.may_pass(tmp_path.stat(), stat.S_IXUSR) for who in (owner, kin, stranger)
        ]
    assert reached == {
        0o700: [True, False, False],
        0o710: [True, True, False],
        0o711: [True, True, True],
    }
