"""A small service of odd operations, on a database of its own, to try the plumbing with."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Literal

import pytest
from fastapi import Depends, FastAPI, Query, Request, Response
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse

from app.access.commands import add_client, issue_key
from app.access.guard import Router, StatsReader
from app.access.principal import Scope
from app.kit.clock import system_clock
from app.kit.db import Pool, Read, StatsRead, Write, connection
from app.kit.idempotency import OptionalKey, RequiredKey, claim, fingerprint, keep
from app.kit.problem import Problem, refuses
from app.kit.routing import body_of
from app.kit.settings import Settings
from app.kit.text import Code, Line, Prose
from app.main import KEY_ENV, build

TABLES = """
CREATE SCHEMA probe;
CREATE TABLE probe.note (id bigserial PRIMARY KEY, word text NOT NULL);
CREATE FUNCTION probe.judge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.word = 'doomed' THEN
        RAISE EXCEPTION 'refused at the last moment: %', NEW.word USING ERRCODE = 'check_violation';
    ELSIF NEW.word = 'crossed' THEN
        RAISE EXCEPTION 'lost a race: %', NEW.word USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER judge AFTER INSERT ON probe.note
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION probe.judge();
"""


class Kind(StrEnum):
    """A closed list."""

    one = "one"
    two = "two"


class Cat(BaseModel):
    """One kind of animal."""

    animal: Literal["cat"]


class Dog(BaseModel):
    """Another."""

    animal: Literal["dog"]
    age: int


class Item(BaseModel):
    """A thing in a list."""

    model_config = ConfigDict(extra="forbid")

    word: Line


class Everything(BaseModel):
    """A body with a field of every sort."""

    model_config = ConfigDict(extra="forbid")

    line: Line
    prose: Prose | None = None
    code: Code | None = None
    count: Annotated[int, Field(ge=0, le=100)] = 0
    day: date | None = None
    moment: datetime | None = None
    kind: Kind | None = None
    items: Annotated[list[Item], Field(max_length=3)] = []
    animal: Annotated[Cat | Dog, Field(discriminator="animal")] | None = None
    anything: dict[str, Any] = {}

    @model_validator(mode="after")
    def _reasoned(self) -> "Everything":
        if self.line == "reasoned":
            raise ValueError("a reason of our own")
        if self.line == "broken":
            raise UnicodeError("words that quote what was sent: broken")
        return self


class Note(BaseModel):
    """What is written down."""

    word: Line


class Clash(Problem):
    """A refusal that tries to say more than it may."""

    status = HTTPStatus.CONFLICT
    title = "It clashes"


@dataclass
class Probe:
    """The small service, with somebody who may use it and a way into its database."""

    app: FastAPI
    client: AsyncClient
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def words(self) -> list[str]:
        """Every word that has been committed."""
        async with connection(self.app.state.pool) as held:
            rows = await held.fetch("SELECT word FROM probe.note ORDER BY id")
        return [row["word"] for row in rows]


router = Router(prefix="/v1/probe", tags=["probe"])


@router.post("/everything")
async def everything(body: Everything, by: StatsReader) -> dict[str, str]:
    """Take a body of every sort."""
    return {"line": body.line}


@router.post("/hot")
async def hot(request: Request, by: StatsReader) -> dict[str, str]:
    """Take the same body by the short way."""
    return {"line": (await body_of(request, Everything)).line}


@router.get("/things/{number}")
async def things(
    number: int,
    by: StatsReader,
    size: Annotated[int, Query(ge=1)] = 1,
    tag: Annotated[list[Code] | None, Query()] = None,
    kind: Kind | None = None,
) -> dict[str, object]:
    """Take parameters of every sort."""
    return {"number": number, "size": size, "tag": tag}


@router.post("/things/{number}")
async def change_thing(number: int, by: StatsReader) -> dict[str, int]:
    """Another method at the same address."""
    return {"number": number}


@router.get("/clash", responses=refuses(Clash))
async def clash(by: StatsReader) -> dict[str, str]:
    """Refuse."""
    raise Clash("It is so.", status=200, type="x", possible=["a", "b"], on=date(2026, 1, 1))


@router.get("/boom")
async def boom(by: StatsReader) -> dict[str, str]:
    """Fail with somebody's name in the error."""
    raise RuntimeError("Mrs Smith of 1 High Street")


@router.get("/cut")
async def cut(by: StatsReader) -> StreamingResponse:
    """Fail after the answer has begun."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"a beginning"
        raise RuntimeError("Mrs Smith of 1 High Street")

    return StreamingResponse(pieces())


@router.get("/cached")
async def cached(by: StatsReader) -> Response:
    """Set a header that otherwise is set for it."""
    return Response("{}", headers={"Cache-Control": "max-age=60", "Server": "secret/1.0"})


@router.post("/notes", status_code=HTTPStatus.CREATED)
async def write_note(body: Note, by: StatsReader, session: Write) -> dict[str, str]:
    """Write a word down, in a transaction that judges it at its end."""
    await session.execute(text("INSERT INTO probe.note (word) VALUES (:word)"), {"word": body.word})
    return {"word": body.word}


async def _late(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.database.sessions.begin() as session:
        yield session


@router.post("/late-notes", status_code=HTTPStatus.CREATED)
async def write_note_late(
    body: Note, by: StatsReader, session: Annotated[AsyncSession, Depends(_late)]
) -> dict[str, str]:
    """Write a word down as nobody should: the commit comes after the answer."""
    await session.execute(text("INSERT INTO probe.note (word) VALUES (:word)"), {"word": body.word})
    return {"word": body.word}


@router.post("/pairs", status_code=HTTPStatus.CREATED)
async def write_pair(
    request: Request, body: Note, by: StatsReader, session: Write
) -> dict[str, str]:
    """Write two words down, and wait in between for the test."""
    statement = text("INSERT INTO probe.note (word) VALUES (:word)")
    await session.execute(statement, {"word": f"{body.word} 1"})
    request.app.state.probe.reached.set()
    await request.app.state.probe.gate.wait()
    await session.execute(statement, {"word": f"{body.word} 2"})
    return {"word": body.word}


@router.post("/once", status_code=HTTPStatus.CREATED)
async def once(
    request: Request, body: Note, key: RequiredKey, by: StatsReader, session: Write
) -> Response:
    """Write a word down once for each key."""
    named = {"client": by.client, "operation": "once", "key": key}
    kept = await claim(session, **named, fingerprint=fingerprint(body))
    if kept is not None:
        return kept.response()
    row = await session.execute(
        text("INSERT INTO probe.note (word) VALUES (:word) RETURNING id"), {"word": body.word}
    )
    answer = f'{{"id": {row.scalar_one()}}}'.encode()
    if body.word == "slow":
        request.app.state.probe.reached.set()
        await request.app.state.probe.gate.wait()
    await keep(session, **named, status=201, body=answer, etag='"1"', location="/v1/probe/notes/1")
    return Response(
        answer, 201, {"ETag": '"1"', "Location": "/v1/probe/notes/1"}, "application/json"
    )


@router.post("/maybe-once")
async def maybe_once(by: StatsReader, key: OptionalKey = None) -> dict[str, str | None]:
    """Say which key came."""
    return {"key": key}


@router.get("/settings")
async def read_settings(
    by: StatsReader, read: Read, stats: StatsRead, pool: Pool, write: Write
) -> dict[str, dict[str, str]]:
    """Say how each way into the database is set up."""
    names = (
        "transaction_isolation", "transaction_read_only", "statement_timeout", "lock_timeout",
        "idle_in_transaction_session_timeout", "jit", "TimeZone",
    )  # fmt: skip
    asked = ", ".join(f"current_setting('{name}') AS \"{name}\"" for name in names)
    async with connection(pool) as held:
        by_pool = dict(await held.fetchrow(f"SELECT {asked}") or {})
    found = {"pool": by_pool}
    for name, session in (("read", read), ("stats", stats), ("write", write)):
        row = await session.execute(text(f"SELECT {asked}"))
        found[name] = dict(row.mappings().one())
    return found


@router.get("/sneaky")
async def sneaky(by: StatsReader, session: Read) -> dict[str, str]:
    """Try to write where only reading is allowed."""
    await session.execute(text("INSERT INTO probe.note (word) VALUES ('sneaked')"))
    return {}


@router.get("/state/{code}")
async def state(code: str, by: StatsReader, session: Write) -> dict[str, str]:
    """Have the database fail in a certain way."""
    await session.execute(
        text("DO $$ BEGIN RAISE EXCEPTION 'Mrs Smith' USING ERRCODE = '" + code + "'; END $$")
    )
    return {}


@pytest.fixture(scope="session")
async def probe_settings(server: Any, settings: Settings) -> Settings:  # the run's
    url = await server.copy()
    return settings.model_copy(update={"database_url": SecretStr(url)})


@pytest.fixture(scope="session")
async def shared_probe(probe_settings: Settings) -> AsyncIterator[Probe]:
    """The small service, started once."""
    app = build([router], settings=probe_settings, clock=system_clock)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        async with connection(app.state.pool) as held:
            await held.execute(TABLES)
        now = datetime.now(UTC)
        async with app.state.database.sessions.begin() as session:
            await add_client(
                session, slug="prober", name="Prober", scopes=[Scope.stats_read], now=now
            )
            env, pepper = KEY_ENV[probe_settings.mode], app.state.pepper
            key = await issue_key(session, client="prober", env=env, pepper=pepper, now=now)
        client.headers["Authorization"] = f"Bearer {key}"
        app.state.probe = Probe(app, client)
        yield app.state.probe


@pytest.fixture
async def probe(shared_probe: Probe) -> Probe:
    """The small service, with nothing written down and nothing waiting."""
    shared_probe.gate.clear()
    shared_probe.reached.clear()
    async with connection(shared_probe.app.state.pool) as held:
        await held.execute("TRUNCATE probe.note; DELETE FROM ops.idempotency")
    return shared_probe
