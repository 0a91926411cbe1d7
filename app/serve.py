"""`serve`, without the rest of the command line: a worker loads no more than it uses."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn, cast

from app.kit import settings as configuration
from app.kit.clock import system_clock
from app.kit.postmaster import CannotRun
from app.kit.problem import Problem
from app.kit.settings import Mode, Settings, SettingsRefused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

_CONNECT_SECONDS = 5
# What others load if it is there, 5 MB a worker: structlog for tracebacks in colour that nobody is
# shown, FastAPI to know models of Pydantic 1 when it sees one.
_UNNEEDED = ("rich", "pydantic.v1")


def serve() -> None:
    """Serve on HOST and PORT. With no DATABASE_URL: with a database and a demonstration."""
    settings = configuration.load()
    if settings.mode is Mode.production:
        _keep_out_what_is_unneeded()
    from app.kit import logging, serving
    from app.main import create_app

    logging.configure(settings.log_level)
    listening = serving.take_address(settings.host, settings.port)
    with serving.ended_by_signals() as told, database(settings, watched=True) as ready:
        asyncio.run(migrate(ready))
        if settings.mode is Mode.demonstration:
            asyncio.run(refuse_real_council(ready))
        if settings.database_url is None and settings.mode is Mode.demonstration:
            fill_apart(ready)
        announce(ready, port=listening.getsockname()[1])
        serving.run(create_app(ready), listening, told)


def _keep_out_what_is_unneeded() -> None:
    """Keep out of a worker what it never uses."""
    # None stands for what is not installed; the declared type of `sys.modules` leaves that out.
    cast("dict[str, ModuleType | None]", sys.modules).update(dict.fromkeys(_UNNEEDED))
    # uvicorn takes these names over from its command line, which weighs 1.4 MB.
    command_line = ModuleType("uvicorn.main")
    vars(command_line).update(dict.fromkeys(("Server", "main", "run")))
    sys.modules[command_line.__name__] = command_line


@contextmanager
def refusals_told() -> Iterator[None]:
    """Tell a refusal in its own words, without a traceback, and end."""
    try:
        yield
    except SettingsRefused as refusal:
        fail(*refusal.lines)
    except CannotRun as refusal:
        fail(str(refusal))
    except Problem as problem:
        fail(f"{problem.title}. {problem.detail}", *_particulars(problem))
    except Exception as error:
        from app.kit.serving import AddressTaken

        if not isinstance(error, AddressTaken):
            raise
        fail(str(error))


def say(line: str) -> None:
    """Tell whoever gave the command, at once: they may be waiting for this line."""
    print(line, flush=True)  # noqa: T201  # a command's answer


def fail(*lines: str) -> NoReturn:
    """Tell why not, and end."""
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201  # a command's answer
    raise SystemExit(1)


def _particulars(problem: Problem) -> list[str]:
    """The errors or conflicts a problem carries, a line each."""
    return [str(one) for one in getattr(problem, "faults", getattr(problem, "conflicts", []))]


@contextmanager
def database(settings: Settings, *, watched: bool = False) -> Iterator[Settings]:
    """The settings with a database that runs: our own, while this lasts, if they name none."""
    if settings.database_url is not None:
        yield settings
        return
    from app.kit import serving
    from app.kit.embedded import Embedded

    with ExitStack() as stack:
        own = stack.enter_context(Embedded(settings.data_dir))
        if watched:
            stack.enter_context(serving.watched(own))
        yield settings.on(own.url)


@asynccontextmanager
async def transaction(settings: Settings) -> "AsyncIterator[AsyncSession]":
    """One transaction of a command, on a connection of its own."""
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine(settings.sqlalchemy_url, poolclass=NullPool, hide_parameters=True)
    try:
        async with AsyncSession(engine) as session, session.begin():
            yield session
    finally:
        await engine.dispose()


async def revision_of(settings: Settings) -> str | None:
    """The revision of the database, or the end if it cannot be reached."""
    import asyncpg

    from app.kit import revision

    try:
        connection = await asyncpg.connect(settings.asyncpg_dsn, timeout=_CONNECT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        fail(f"The database does not let us in ({type(error).__name__}): check DATABASE_URL.")
    try:
        return await revision.current(connection)
    finally:
        await connection.close()


async def migrate(settings: Settings) -> None:
    """Migrate if need be; a start that need not does not load alembic."""
    from app.kit import revision

    if revision.is_behind(await revision_of(settings)):
        from app.kit import migrate as migration

        say(f"Migrating the database to {revision.head()}.")
        await migration.upgrade(settings.sqlalchemy_url)


async def refuse_real_council(settings: Settings) -> None:
    """Stop a demonstration, whose keys are printed, from starting on a real council."""
    from sqlalchemy import select
    from sqlmodel import col

    from app.organisation.models import Council

    async with transaction(settings) as session:
        invented = await session.scalar(select(col(Council.demonstration)))
    if invented is False:
        fail(
            f"{configuration.PREFIX}MODE=demonstration is for an invented council, and DATABASE_URL"
            f" holds a real one: set {configuration.PREFIX}MODE=production."
        )


def fill_apart(settings: Settings) -> None:
    """Fill what is not filled yet in a process of its own: what that loads, a worker never needs.

    Told to stop, this process ends that one; the next start goes on where it stopped.
    """
    if not asyncio.run(is_filling_due(settings)):
        return
    assert settings.database_url is not None
    told = {
        "database_url": settings.database_url.get_secret_value(),
        "mode": settings.mode.value,
        "data_dir": str(settings.data_dir),
    }
    done = subprocess.run(  # which kills it if this one is told to stop
        [sys.executable, "-m", "app", "fill"],
        env=os.environ | {configuration.env_name(field): value for field, value in told.items()},
        start_new_session=True,  # an interrupt at the terminal is this one's to hear
        check=False,
    )
    if done.returncode > 0:  # it has told why
        raise SystemExit(done.returncode)
    if done.returncode < 0:
        fail(f"Filling the demonstration was ended by signal {-done.returncode}: start again.")


async def is_filling_due(settings: Settings) -> bool:
    """Whether anything is left to do for the demonstration to be whole."""
    from app.demo import filling, publication

    async with transaction(settings) as session:
        return (
            filling.cases_are_due(settings.data_dir)
            or await filling.is_empty(session)
            or await publication.is_due(session)
        )


async def fill(settings: Settings, *, only_if_empty: bool) -> None:
    """Found the demonstration council, bring in its cases, publish its report.

    It is gone on with where it stopped.
    """
    from app.demo import filling, publication
    from app.main import KEY_ENV

    async with transaction(settings) as turn:
        await filling.take_turns(turn)
        async with transaction(settings) as session:
            empty = await filling.is_empty(session)
            if empty or not (only_if_empty or filling.cases_are_due(settings.data_dir)):
                say("Founding the demonstration council.")
                made = await filling.found_council(
                    session,
                    env=KEY_ENV[settings.mode],
                    pepper=settings.pepper.get_secret_value().encode(),
                    now=system_clock(),
                )
                filling.keep_keys(settings.data_dir, made)
                filling.write_cases(settings.data_dir)
        if filling.cases_are_due(settings.data_dir):
            await filling.bring_in_cases(settings)
        async with transaction(settings) as session:
            due = await publication.is_due(session)
        if due:
            say("Publishing its report.")
            await publication.publish(settings)
        filling.nothing_is_left(settings.data_dir)


def announce(settings: Settings, *, port: int) -> None:
    """Tell where to look, and the demonstration's keys."""
    where = f"http://{'[::1]' if settings.host == '::1' else settings.host}:{port}"
    say(f"Serving on {where}\n  {where}/docs  the API, to read and to try")
    if settings.mode is not Mode.demonstration:
        return
    from app.demo import filling, publication

    if made := filling.kept_keys(settings.data_dir):
        say(f"  {where}{publication.ADDRESS}  a published report")
        say(f"One key per role, also in {settings.data_dir / filling.KEYS_FILE}:")
        for role, key in made.items():
            say(f"  {role:20}{key}")
