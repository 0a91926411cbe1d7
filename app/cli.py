"""The command line. Each command imports what it needs, so that none loads all."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated

import typer

from app.kit import settings as configuration
from app.kit.clock import system_clock
from app.kit.settings import Settings
from app.serve import (
    announce,
    database,
    fail,
    fill,
    migrate,
    refusals_told,
    revision_of,
    serve,
    transaction,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
council = typer.Typer(no_args_is_help=True, help="The council's reference data.")
keys = typer.Typer(no_args_is_help=True, help="Who may call the service, and their keys.")
app.add_typer(council, name="council")
app.add_typer(keys, name="keys")

_BATCH = 10_000
OPENAPI = Path(__file__).parents[1] / "openapi" / "openapi.json"


def main() -> None:
    """Run the command line; a refusal is told in its own words, without a traceback."""
    with refusals_told():
        app(prog_name="council-feedback")


@app.command("serve")
def serve_command() -> None:
    """Serve on HOST and PORT. With no DATABASE_URL: with a database and a demonstration."""
    serve()


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database's tables to this release."""
    with database(configuration.load()) as settings:
        asyncio.run(migrate(settings))


@app.command()
def demo() -> None:
    """Fill an empty database with the demonstration council."""
    with database(configuration.load()) as settings:
        asyncio.run(migrate(settings))
        asyncio.run(fill(settings, only_if_empty=False))
        announce(settings, port=settings.port)


@app.command("fill", hidden=True)
def fill_command() -> None:
    """Go on with the demonstration where it stopped: `serve` has this done before it serves."""
    asyncio.run(fill(configuration.load(), only_if_empty=True))


@app.command()
def doctor() -> None:
    """Show the configuration in force, secrets hidden, and what is wrong with it."""
    from app.kit import doctor as examination

    settings = configuration.load()
    for name, value in examination.effective(settings):
        typer.echo(f"{name}={value}")
    with database(settings) as ready:
        wrong = asyncio.run(examination.every_complaint(ready))
    if wrong:
        fail(*wrong)
    typer.echo("Nothing is wrong.")


@app.command()
def prune(
    days: Annotated[int, typer.Option(min=7, help="How old an answer must be.")] = 30,
) -> None:
    """Forget answers that were kept for repeats, once nobody will repeat the request."""
    from datetime import timedelta

    from app.kit.idempotency import forget

    async def clear(settings: Settings) -> None:
        before, forgotten = system_clock() - timedelta(days=days), 0
        while True:
            async with transaction(settings) as session:  # short ones, which hold nobody up
                batch = await forget(session, before=before, most=_BATCH)
            forgotten += batch
            if batch < _BATCH:
                break
        typer.echo(f"{forgotten} answers from before {before:%Y-%m-%d} forgotten.")

    _with_database(clear)


@app.command()
def dump(file: Path) -> None:
    """Write the embedded database to a new file as SQL, to move it to a server of your own."""
    from app.kit import dump as dumping
    from app.kit.embedded import Embedded

    settings = configuration.load()
    if settings.database_url is not None:
        fail("DATABASE_URL names a server: dump it with its own pg_dump.")
    with Embedded(settings.data_dir) as own:
        dumping.write(own, file)
    typer.echo(f"Written to {file}. It holds personal data; how to go on: docs/operations.md.")


@app.command()
def openapi(
    *, check: Annotated[bool, typer.Option(help="Fail if the file is not up to date.")] = False
) -> None:
    """Write the description of the API to openapi/openapi.json."""
    from app.kit.openapi import as_text
    from app.main import create_app

    text = as_text(create_app(Settings.model_construct()))
    if not check:
        OPENAPI.write_text(text)
    elif not OPENAPI.exists() or OPENAPI.read_text() != text:
        fail(f"{OPENAPI.name} differs from what the code says: run `make openapi`.")


@app.command("import")
def import_history(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    *,
    dry_run: Annotated[bool, typer.Option(help="Judge everything and store nothing.")] = False,
) -> None:
    """Bring in history: JSON Lines, or the flat form where the file ends in .csv.

    It can be run again at any time: what was stored is known, and the rest is gone on with.
    """
    from app.imports.terminal import import_file
    from app.kit.db import open_database

    whole = True

    async def bring_in(settings: Settings) -> None:
        nonlocal whole
        database = await open_database(
            sqlalchemy_url=settings.sqlalchemy_url,
            asyncpg_dsn=settings.asyncpg_dsn,
            pool_size=settings.pool_size,
        )
        try:
            whole = await import_file(database, file, dry_run=dry_run)
        finally:
            await database.close()

    try:
        _with_database(bring_in)
    except KeyboardInterrupt:
        fail("Stopped. What was stored stays; give the same command again to go on from there.")
    if not whole:
        raise SystemExit(1)


@council.command("load")
def council_load(
    file: Annotated[typer.FileText, typer.Argument(encoding="utf-8", help="`-`: standard input.")],
) -> None:
    """Make the reference data what a TOML file says, or list every error in it."""
    from app.procedures.commands import load_council

    async def load(settings: Settings) -> None:
        async with transaction(settings) as session:
            loaded = await load_council(session, file.read())
        typer.echo(
            f"Reference data {loaded.version}: {loaded.added} rows added,"
            f" {loaded.changed} changed, {loaded.removed} removed."
        )

    _with_database(load)


@keys.command("add-client")
def add_client(
    slug: str,
    name: str,
    scope: Annotated[list[str], typer.Option(help="What it may do; repeat for more.")],
    service: Annotated[
        list[str] | None, typer.Option(help="A service it may see; repeat; none: all.")
    ] = None,
) -> None:
    """Admit a system that may call the service."""
    from app.access import commands
    from app.access.principal import Scope

    unknown = sorted(set(scope) - set(Scope))
    if unknown:
        fail(f"No such scope: {', '.join(unknown)}.", f"Scopes are: {', '.join(Scope)}.")

    async def add(settings: Settings) -> None:
        async with transaction(settings) as session:
            await commands.add_client(
                session,
                slug=slug,
                name=name,
                scopes=[Scope(one) for one in scope],
                services=service,
                now=system_clock(),
            )

    _with_database(add)


@keys.command("issue")
def issue_key(
    client: str, days: Annotated[int, typer.Option(min=1, max=365, help="How long it lives.")] = 365
) -> None:
    """Make a key and show it, once. A client may have two, to change from one to the next."""
    from datetime import timedelta

    from app.access import commands
    from app.main import KEY_ENV

    async def issue(settings: Settings) -> None:
        async with transaction(settings) as session:
            key = await commands.issue_key(
                session,
                client=client,
                env=KEY_ENV[settings.mode],
                pepper=settings.pepper.get_secret_value().encode(),
                now=system_clock(),
                lives=timedelta(days=days),
            )
        typer.echo(str(key))

    _with_database(issue)


@keys.command("revoke")
def revoke_key(key_id: str) -> None:
    """End a key: the part of it between the second and the third underscore."""
    from app.access import commands

    async def revoke(settings: Settings) -> None:
        async with transaction(settings) as session:
            await commands.revoke_key(session, key_id=key_id, now=system_clock())

    _with_database(revoke)


@keys.command("list")
def list_keys() -> None:
    """Show every client and its keys."""
    from sqlalchemy import text

    async def show(settings: Settings) -> None:
        async with transaction(settings) as session:
            for row in await session.execute(text(_CLIENTS)):
                typer.echo("  ".join(str(value) for value in row))

    _with_database(show)


_CLIENTS = """
    SELECT c.slug, array_to_string(c.scopes, ','), coalesce(k.id, '(no key)'),
           CASE WHEN k.id IS NULL THEN ''
                WHEN k.revoked_at IS NOT NULL THEN 'revoked ' || k.revoked_at::date
                WHEN k.expires_at <= now() THEN 'expired ' || k.expires_at::date
                ELSE 'until ' || k.expires_at::date END
    FROM ops.client AS c LEFT JOIN ops.api_key AS k ON k.client = c.slug
    ORDER BY c.slug COLLATE "C", k.created_at
"""


def _with_database(act: Callable[[Settings], Coroutine[None, None, None]]) -> None:
    """Run an act on a database that is up to date; nothing but `migrate` and `serve` migrates."""
    from app.kit import revision

    async def checked(settings: Settings) -> None:
        if behind := revision.complaint(await revision_of(settings)):
            fail(behind)
        await act(settings)

    with database(configuration.load()) as settings:
        asyncio.run(checked(settings))


if __name__ == "__main__":
    main()
