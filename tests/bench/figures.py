"""What is timed of the statistics: each figure, and the annual report that is made of them all."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.kit.clock import system_clock
from app.kit.settings import Settings
from app.procedures.queries import load_reference
from app.reports.queries import gather
from app.stats.asking import FigureQuery
from app.stats.catalogue import FIGURES
from app.stats.disclosure import Rules
from app.stats.engine import compute
from tests.bench import asks, timing
from tests.bench.stand import Stand
from tests.bench.timing import Ask, Timed, listening

YEAR = "2023-24"  # the fullest of the demonstration
REPORT = "whole report"
PUBLIC_REPORT = "whole report, small numbers withheld"


async def timed(address: str, stand: Stand, *, rounds: int) -> Sequence[Timed]:
    """All of it, over HTTP and as bare statements."""
    settings = stand.settings(stand.url)
    return await timing.timed(address, settings, await _asks(settings, stand.keys), rounds=rounds)


async def _asks(settings: Settings, keys: Mapping[str, str]) -> Sequence[Ask]:
    """Every figure, and then the report: for who may have exact counts, and for who may not."""
    engine = create_async_engine(settings.sqlalchemy_url, poolclass=NullPool)
    question = FigureQuery(year=YEAR).question(now=system_clock(), services=())
    reader, public = asks.by(keys, "reporting"), asks.by(keys, asks.PUBLIC)
    found = []
    for figure in FIGURES:
        with listening(engine) as sent:
            async with AsyncSession(engine) as session:
                await compute(session, [figure], question)
        path = f"/v1/stats/figures/{figure.slug}"
        found.append(Ask(figure.slug, path, reader, sent, {"year": YEAR}))
    with listening(engine) as sent:
        async with AsyncSession(engine) as session:
            council = await load_reference(session)
            await gather(session, question, council, whole_council=True, exact=True, rules=Rules())
    path = f"/v1/reports/annual/{YEAR}"
    found.append(Ask(REPORT, path, reader, sent, follows=True))
    found.append(Ask(PUBLIC_REPORT, path, public, follows=True))
    await engine.dispose()
    return found
