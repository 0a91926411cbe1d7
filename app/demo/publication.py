"""The demonstration's report of 2023/24: written in and published by two invented officers."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.principal import Principal, Scope
from app.kit.clock import system_clock
from app.kit.db import open_database
from app.kit.settings import Settings
from app.organisation.models import Council
from app.procedures.queries import load_reference
from app.reports import commands, frozen
from app.reports.freezing import draft
from app.reports.models import Publication
from app.reports.publications import Which, next_version
from app.reports.schemas import TextIn
from app.reports.vocabulary import Place
from app.stats.answer import Disclosure
from app.stats.disclosure import Rules
from app.stats.period import FinancialYear
from app.stats.question import Question

YEAR = FinancialYear(2023)
SERVICES = ("children-and-families", "education")
ADDRESS = frozen.address(str(YEAR), SERVICES)

_AUTHOR = "Robin Example, Customer Relations"
_TEXTS = (
    TextIn(
        services=list(SERVICES),
        place=Place.section,
        name="summary",
        author=_AUTHOR,
        text=(
            "This is the demonstration's report. The council, its cases and the people in them "
            "are invented; the totals are those that a council published for this year."
            "\n\nEvery table below was counted from the cases by the service, and frozen when the "
            "report was published."
        ),
    ),
    TextIn(
        services=list(SERVICES),
        place=Place.figure,
        name="complaints-by-month",
        author=_AUTHOR,
        text=(
            "We moved to a new system on 15 January 2024. Cases that were still open were "
            "registered in it again on that day, so January is higher than it would have been."
        ),
    ),
)


def _officer(staff_id: str) -> Principal:
    return Principal("customer_relations", frozenset(Scope)).by(staff_id)


async def is_due(session: AsyncSession) -> bool:
    """Whether the demonstration council has published nothing yet."""
    ours = await session.scalar(select(col(Council.demonstration)))
    published = await session.scalar(select(exists().select_from(Publication)))
    return bool(ours) and not published


async def publish(settings: Settings) -> None:
    """Publish the report through the same acts as any council: written in, proposed, confirmed."""
    database = await open_database(
        sqlalchemy_url=settings.sqlalchemy_url,
        asyncpg_dsn=settings.asyncpg_dsn,
        pool_size=settings.pool_size,
    )
    author, manager, now = _officer("r.example"), _officer("s.example"), system_clock()
    try:
        async with database.sessions.begin() as session:
            for text in _TEXTS:
                await commands.write_text(session, str(YEAR), text, by=author, now=now)
        async with database.stats_snapshots() as figures:
            drafted = await draft(
                figures,
                Question(now=now, year=YEAR, services=SERVICES),
                await load_reference(figures),
                whole_council=True,
                disclosure=Disclosure.exact,
                rules=Rules(below=settings.small_numbers_below),
            )
        # A machine too slow to draw its charts still gets a demonstration.
        written = await drafted.written(drawn=False)
        async with database.sessions.begin() as session:
            version = await next_version(session, Which(str(YEAR), SERVICES))
            made = await commands.propose(
                session, drafted.content(version, written), by=author, now=now
            )
            await commands.confirm(
                session, made.which, made.proposed.sha256.hex(), by=manager, now=now
            )
    finally:
        await database.close()
