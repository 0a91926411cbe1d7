"""Every setting, where it comes from, and what makes it unusable. Unknown ones are refused."""

import ipaddress
import os
import secrets
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "COUNCIL_FEEDBACK_"
ENV_FILE = ".env"
UNPREFIXED = frozenset({"database_url", "host", "port"})

# asyncpg and SQLAlchemy spell the rest differently; libpq's PGSSLROOTCERT is honoured by both.
_URL_PARAMETERS = frozenset({"host", "port", "sslmode"})
_PEPPER_LENGTH = 32


Room = Annotated[int | None, Field(default=None, ge=1, le=10_000)]


class Mode(StrEnum):
    """Whether the service may make itself at home, or must be told everything it relies on."""

    demonstration = "demonstration"
    production = "production"


class SettingsRefused(Exception):
    """The service will not start with these settings; each line names one and says why."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


class Settings(BaseSettings):
    """The effective configuration, checked as a whole."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        dotenv_filtering="only_existing",  # load() has refused the unknown ones by name
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    # None: the service runs its own Postgres, in the data folder.
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    host: str = Field(default="127.0.0.1", validation_alias="HOST")
    port: int = Field(default=8000, ge=0, le=65_535, validation_alias="PORT")
    mode: Mode = Mode.production
    # Keys of clients, cursors and receipt tokens are signed with it; changing it ends them all.
    pepper: SecretStr = SecretStr("")
    data_dir: Path = Path(".data")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # Connections of each of a worker's two pools, beside three for statistics: 23 in all.
    pool_size: int = Field(default=10, ge=2, le=100)
    # Requests of a kind that a worker has in hand at once; None: as many as the pool bears.
    room_for_intake: Room = None
    room_for_work: Room = None
    room_for_statistics: Room = None
    room_for_bulk: Room = None
    # What one client may ask for: so many requests a second for good, and so many at once.
    rate: int = Field(default=300, ge=1, le=1_000_000)
    burst: int = Field(default=3_000, ge=1, le=1_000_000)
    # The same for one address without a good key.
    failure_rate: int = Field(default=10, ge=1, le=1_000_000)
    failure_burst: int = Field(default=200, ge=1, le=1_000_000)
    # What is not told to keys without stats:full: counts from one up to, and not with, this.
    small_numbers_below: int = Field(default=5, ge=3, le=100)
    # A replica to read statistics from; None: they are read where everything is written.
    stats_database_url: SecretStr | None = None
    # Whom to tell about a weakness, for /.well-known/security.txt: mailto:… or https://…
    security_contact: str | None = Field(
        default=None, pattern=r"^(?:mailto:|https://)[\x21-\x7e]+$", max_length=200
    )

    @model_validator(mode="before")
    @classmethod
    def _mode_by_default(cls, given: dict[str, Any]) -> dict[str, Any]:
        has_database = given.get("DATABASE_URL") or given.get("database_url")
        fallback = Mode.production if has_database else Mode.demonstration
        return {"mode": fallback} | given

    @field_validator("database_url", "stats_database_url")
    @classmethod
    def _usable_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _parsed(value.get_secret_value())
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _demonstration_stays_at_home(self) -> Self:
        if self.mode is Mode.demonstration and not is_loopback(self.host):
            raise ValueError(
                "HOST must be a loopback address in demonstration mode, whose keys are printed."
                f" To serve others, set {PREFIX}MODE=production."
            )
        return self

    @model_validator(mode="after")
    def _replica_of_something(self) -> Self:
        if self.stats_database_url is not None and self.database_url is None:
            raise ValueError(
                f"{PREFIX}STATS_DATABASE_URL names a replica: name its primary in DATABASE_URL."
            )
        return self

    @model_validator(mode="after")
    def _has_a_pepper(self) -> Self:
        given = len(self.pepper.get_secret_value())
        if given == 0 and self.mode is Mode.demonstration:
            self.pepper = SecretStr(kept_secret(self.data_dir / "pepper"))
        elif given < _PEPPER_LENGTH:
            raise ValueError(
                f"{PREFIX}PEPPER must be a secret of at least {_PEPPER_LENGTH} characters,"
                " such as the output of `openssl rand -hex 32`; keep it with your backups' keys."
            )
        return self

    @property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy wants it named."""
        return _for_sqlalchemy(self._url)

    @property
    def asyncpg_dsn(self) -> str:
        """The database as asyncpg wants it named."""
        return _for_asyncpg(self._url)

    @property
    def stats_sqlalchemy_url(self) -> str | None:
        """The replica that statistics are read from, if there is one, for SQLAlchemy."""
        given = self.stats_database_url
        return None if given is None else _for_sqlalchemy(_parsed(given.get_secret_value()))

    @property
    def stats_asyncpg_dsn(self) -> str | None:
        """The same for asyncpg."""
        given = self.stats_database_url
        return None if given is None else _for_asyncpg(_parsed(given.get_secret_value()))

    @property
    def _url(self) -> URL:
        if self.database_url is None:
            raise RuntimeError("No database yet: the embedded one has not been started.")
        return _parsed(self.database_url.get_secret_value())

    def on(self, database_url: str) -> Self:
        """These settings with a database that has been started for them."""
        return self.model_copy(update={"database_url": SecretStr(database_url)})


def load() -> Settings:
    """Read the environment and `.env`; raise `SettingsRefused` with every reason at once."""
    unknown = [f"{name}: no such setting." for name in _unknown_names()]
    if unknown:
        known = ", ".join(env_name(field) for field in Settings.model_fields)
        raise SettingsRefused([*unknown, f"Settings are: {known}."])
    try:
        return Settings()
    except ValidationError as refusal:
        raise SettingsRefused(_reasons(refusal)) from None


def env_name(field: str) -> str:
    """The environment variable that sets a field."""
    return field.upper() if field in UNPREFIXED else f"{PREFIX}{field.upper()}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a service bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def kept_secret(path: Path) -> str:
    """A secret made once per installation and kept for its owner's eyes only."""
    if not path.exists():
        path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(draft)  # of two first starts at once, one wins and both read it
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _unknown_names() -> Iterator[str]:
    known = {env_name(field) for field in Settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            yield name
    for name in sorted(dotenv_values(ENV_FILE)):
        if name.upper() not in known:
            yield f"{name} (in {ENV_FILE})"


def _reasons(refusal: ValidationError) -> Iterator[str]:
    for error in refusal.errors(include_input=False, include_url=False, include_context=False):
        message = error["msg"].removeprefix("Value error, ")
        place = ".".join(str(part) for part in error["loc"])
        yield f"{env_name(place.lower())}: {message}" if place else message


def _for_sqlalchemy(url: URL) -> str:
    query = {("ssl" if name == "sslmode" else name): value for name, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query).render_as_string(
        hide_password=False
    )


def _for_asyncpg(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _parsed(spelled: str) -> URL:
    """A Postgres address, or a ValueError that does not repeat the password in it."""
    try:
        url = make_url(spelled)
    except ArgumentError:
        raise ValueError("not a database address; expected postgresql://…") from None
    if url.drivername not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise ValueError("must begin with postgresql:// or postgresql+asyncpg://")
    if not url.database:
        raise ValueError("must name a database, as in postgresql://user:password@host:5432/name")
    if strange := sorted(set(url.query) - _URL_PARAMETERS):
        allowed = ", ".join(sorted(_URL_PARAMETERS))
        raise ValueError(f"parameter not understood: {', '.join(strange)} (allowed: {allowed})")
    return url
