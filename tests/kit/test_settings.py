"""Settings: what is understood, what is refused and how that is said."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.kit import settings
from app.kit.settings import Mode, SettingsRefused

PEPPER = "p" * 32
URL = "postgresql://jo:secret-word@db.example:5433/feedback"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that says nothing, in an empty folder."""
    for name in list(os.environ):
        if name.startswith(settings.PREFIX) or name in {"DATABASE_URL", "HOST", "PORT"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refused(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refusal:
        settings.load()
    return str(refusal.value)


def test_with_nothing_said_it_is_a_demonstration_on_loopback(tmp_path: Path) -> None:
    found = settings.load()
    assert (found.mode, found.host, found.port) == (Mode.demonstration, "127.0.0.1", 8000)
    assert found.data_dir == tmp_path / ".data"
    assert found.database_url is None


def test_with_a_database_it_is_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("COUNCIL_FEEDBACK_PEPPER", PEPPER)
    monkeypatch.setenv("HOST", "0.0.0.0")
    assert settings.load().mode is Mode.production


def test_an_env_file_is_read_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("PORT=9001\nCOUNCIL_FEEDBACK_LOG_LEVEL=WARNING\n")
    monkeypatch.setenv("PORT", "9002")
    found = settings.load()
    assert (found.port, found.log_level) == (9002, "WARNING")


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert settings.load().database_url is None


def test_a_setting_nobody_knows_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    words = refused(monkeypatch, COUNCIL_FEEDBACK_PEPER=PEPPER)
    assert "COUNCIL_FEEDBACK_PEPER: no such setting." in words
    assert "COUNCIL_FEEDBACK_PEPPER" in words


@pytest.mark.parametrize("name", ["COUNCIL_FEEDBACK_HOST", "DATABASE", "POOL_SIZE"])
def test_a_name_nobody_knows_in_the_env_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    Path(".env").write_text(f"{name}=1\n")
    assert f"{name} (in .env): no such setting." in refused(monkeypatch)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "many"}, "PORT: Input should be a valid integer"),
        ({"PORT": "70000"}, "PORT: Input should be less than or equal to 65535"),
        ({"HOST": "0.0.0.0"}, "HOST must be a loopback address in demonstration mode"),
        ({"HOST": "council.example"}, "HOST must be a loopback address"),
        ({"COUNCIL_FEEDBACK_MODE": "test"}, "COUNCIL_FEEDBACK_MODE: Input should be"),
        ({"COUNCIL_FEEDBACK_MODE": "production"}, "PEPPER must be a secret of at least 32"),
        ({"COUNCIL_FEEDBACK_PEPPER": "salt"}, "PEPPER must be a secret of at least 32"),
        ({"DATABASE_URL": "mysql://db/x"}, "DATABASE_URL: must begin with postgresql://"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL: not a database address"),
        ({"DATABASE_URL": "postgresql://db"}, "DATABASE_URL: must name a database"),
        ({"DATABASE_URL": f"{URL}?options=x"}, "DATABASE_URL: parameter not understood: options"),
        ({"COUNCIL_FEEDBACK_STATS_DATABASE_URL": URL}, "name its primary in DATABASE_URL"),
        (
            {"COUNCIL_FEEDBACK_STATS_DATABASE_URL": "nonsense"},
            "COUNCIL_FEEDBACK_STATS_DATABASE_URL: not a database address",
        ),
    ],
)
def test_a_setting_that_cannot_work_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str
) -> None:
    assert words in refused(monkeypatch, **environment)


def test_every_reason_is_given_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    words = refused(monkeypatch, PORT="many", COUNCIL_FEEDBACK_POOL_SIZE="1")
    assert words.startswith("PORT: ")
    assert "\nCOUNCIL_FEEDBACK_POOL_SIZE: " in words


def test_no_refusal_repeats_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    words = refused(
        monkeypatch, DATABASE_URL=f"{URL}?a=b", COUNCIL_FEEDBACK_PEPPER="a short pepper"
    )
    assert "secret-word" not in words
    assert "a short pepper" not in words


def test_no_settings_show_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("COUNCIL_FEEDBACK_PEPPER", PEPPER)
    monkeypatch.setenv("COUNCIL_FEEDBACK_STATS_DATABASE_URL", URL)
    shown = f"{settings.load()!r} {settings.load()}"
    assert "secret-word" not in shown
    assert PEPPER not in shown


@pytest.mark.parametrize("spelled", ["postgresql", "postgresql+asyncpg", "postgres"])
def test_either_spelling_of_the_address_serves_both_libraries(
    monkeypatch: pytest.MonkeyPatch, spelled: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{spelled}://jo:s%40fe@db/feedback?sslmode=verify-full")
    monkeypatch.setenv("COUNCIL_FEEDBACK_PEPPER", PEPPER)
    found = settings.load()
    assert found.sqlalchemy_url == "postgresql+asyncpg://jo:s%40fe@db/feedback?ssl=verify-full"
    assert found.asyncpg_dsn == "postgresql://jo:s%40fe@db/feedback?sslmode=verify-full"
    assert found.stats_sqlalchemy_url is found.stats_asyncpg_dsn is None
    monkeypatch.setenv(
        "COUNCIL_FEEDBACK_STATS_DATABASE_URL", f"{spelled}://jo:s%40fe@copy/feedback"
    )
    found = settings.load()
    assert found.stats_sqlalchemy_url == "postgresql+asyncpg://jo:s%40fe@copy/feedback"
    assert found.stats_asyncpg_dsn == "postgresql://jo:s%40fe@copy/feedback"


def test_before_the_embedded_database_has_started_there_is_no_address() -> None:
    found = settings.load()
    with pytest.raises(RuntimeError, match="has not been started"):
        _ = found.asyncpg_dsn
    assert found.on(URL).asyncpg_dsn == URL


def test_a_demonstration_makes_its_own_pepper_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    first = settings.load().pepper.get_secret_value()
    assert len(first) >= 32
    assert settings.load().pepper.get_secret_value() == first
    kept = tmp_path / ".data" / "pepper"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_two_first_starts_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        path = tmp_path / "new" / "secret"
        made = set(pool.map(lambda _: settings.kept_secret(path), range(8)))
    assert len(made) == 1
    assert [one.name for one in path.parent.iterdir()] == ["secret"]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("10.0.0.1", False), ("::", False)],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert settings.is_loopback(host) is loopback
