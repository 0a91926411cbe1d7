"""The service on a database with every case of the demonstration, and someone who reads figures."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.access.commands import add_client, issue_key
from app.access.principal import Scope
from app.demo.generator import write_lines
from app.demo.roles import admit
from app.kit.settings import Mode, Settings
from app.main import KEY_ENV, create_app
from tests.conftest import MORNING, PEPPER, as_sqlalchemy
from tests.demo import paper
from tests.stats.tables import Asked

Headers: TypeAlias = dict[str, str]
Row: TypeAlias = Mapping[str, Any]

ENV = KEY_ENV[Mode.production]


async def fill(url: str) -> None:
    """Admit the demonstration's callers, and bring its cases in through the import."""
    engine = create_async_engine(as_sqlalchemy(url), poolclass=NullPool)
    async with AsyncSession(engine) as session, session.begin():
        keys = await admit(session, env=ENV, pepper=PEPPER.encode(), now=MORNING)
    await engine.dispose()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cases.jsonl"
        write_lines(path)
        async with serving(url) as client:
            answer = await client.post(
                "/v1/imports",
                content=path.read_bytes(),
                headers={**headers(keys["admin"]), "Content-Type": "application/x-ndjson"},
            )
            assert answer.status_code == 200, answer.text


async def key(url: str, role: str, *scopes: Scope) -> Headers:
    """What one more caller of that role sends; of a new one, where it is told what it may do."""
    engine = create_async_engine(as_sqlalchemy(url), poolclass=NullPool)
    async with AsyncSession(engine) as session, session.begin():
        if scopes:
            await add_client(
                session, slug=role, name=role, scopes=scopes, services=None, now=MORNING
            )
        made = await issue_key(session, client=role, env=ENV, pepper=PEPPER.encode(), now=MORNING)
    await engine.dispose()
    return headers(str(made))


def headers(key: str) -> Headers:
    return {"Authorization": f"Bearer {key}", "Acting-Officer": "p.officer"}


@asynccontextmanager
async def serving(url: str) -> AsyncIterator[AsyncClient]:
    """The service on that database, for as long as somebody calls it."""
    with TemporaryDirectory() as folder:
        settings = Settings(
            database_url=SecretStr(url),
            mode=Mode.production,
            pepper=SecretStr(PEPPER),
            data_dir=Path(folder),
        )
        app = create_app(settings, clock=lambda: MORNING)
        async with app.router.lifespan_context(app):
            transport = ASGITransport(app=app)
            async with AsyncClient(transport=transport, base_url="http://council.test") as client:
                yield client


@dataclass(frozen=True)
class Answer:
    """A figure's answer, and how to read numbers from it."""

    said: Mapping[str, Any]

    def rows(self, **codes: object) -> list[Row]:
        """The rows that are about this, in the order given."""
        return [row for row in self.said["rows"] if codes.items() <= row.items()]

    def row(self, **codes: object) -> Row:
        """The only row about this."""
        (found,) = self.rows(**codes)
        return found

    def count(self, **codes: object) -> int:
        """How many there are of this."""
        return int(self.row(**codes)["count"])

    def counts(self, of: str, **codes: object) -> dict[Any, int]:
        """How many of each, under these codes, in the order given."""
        return {row[of]: row["count"] for row in self.rows(**codes)}

    def printed(self, of: str, **codes: object) -> dict[Any, tuple[int, int]]:
        """As the report prints it: how many of each, and their share."""
        return {row[of]: (row["count"], row["percent"]) for row in self.rows(**codes)}

    def whole(self, **codes: object) -> int:
        """What the shares of these rows are shares of."""
        (found,) = [total for total in self.said["totals"] if codes.items() <= total.items()]
        return int(found["count"])

    def left_out(self, **codes: object) -> int:
        """How many were left out for that reason."""
        return sum(line["count"] for line in self.said["left_out"] if codes.items() <= line.items())

    def note(self, *words: str) -> str:
        """The only remark that has all these words."""
        (found,) = [note for note in self.said["notes"] if all(word in note for word in words)]
        return str(found)


@dataclass(frozen=True)
class Reader:
    """A client of the service that holds every case."""

    client: AsyncClient
    headers: Headers

    async def get(self, path: str, **asked: Asked) -> Any:
        response = await self.client.get(path, params=asked, headers=self.headers)
        assert response.status_code == 200, response.text
        return response.json()

    async def ask(self, figure: str, **asked: Asked) -> Answer:
        """A figure, of the year of the report unless other days are asked for."""
        if "since" not in asked:
            asked.setdefault("year", paper.YEAR)
        return Answer(await self.get(f"/v1/stats/figures/{figure}", **asked))


def highest(counts: Mapping[Any, int], number: int = 1) -> list[Any]:
    """The codes that count most, in order; that they are clearly apart is asserted."""
    ranked = sorted(counts, key=lambda code: -counts[code])
    shown = [counts[code] for code in ranked[: number + 1]]
    assert len(set(shown)) == len(shown), f"a tie among {ranked[: number + 1]}"
    return ranked[:number]
