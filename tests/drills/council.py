"""A council on a cluster of a rehearsal: tables, reference data, and a key for each role."""

from collections.abc import Mapping

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.demo.roles import admit
from app.kit import migrate
from app.kit.clock import system_clock
from app.kit.settings import Mode, Settings
from app.main import KEY_ENV
from tests.conftest import PEPPER, as_sqlalchemy, load_demonstration_council

Headers = Mapping[str, Mapping[str, str]]


async def found(url: str) -> Headers:
    """Found it, and give for each role the headers that its requests carry."""
    await migrate.upgrade(as_sqlalchemy(url))
    await load_demonstration_council(url)
    engine = create_async_engine(as_sqlalchemy(url), poolclass=NullPool)
    async with AsyncSession(engine) as session, session.begin():
        keys = await admit(
            session, env=KEY_ENV[Mode.production], pepper=PEPPER.encode(), now=system_clock()
        )
    await engine.dispose()
    return {
        role: {"Authorization": f"Bearer {key}", "Acting-Officer": "p.officer"}
        for role, key in keys.items()
    }


def settings_on(url: str, replica: str | None = None) -> Settings:
    """The service's settings on a cluster, and perhaps its replica."""
    return Settings(
        database_url=SecretStr(url),
        stats_database_url=None if replica is None else SecretStr(replica),
        mode=Mode.production,
        pepper=SecretStr(PEPPER),
    )
