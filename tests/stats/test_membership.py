"""The cases named behind a number are as many as the number, in every row of every figure."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.stats.catalogue import FIGURES
from app.stats.engine import compute
from app.stats.membership import members
from app.stats.period import FinancialYear
from app.stats.question import Question
from tests.conftest import MORNING, Server, as_sqlalchemy
from tests.stats import demonstration

YEAR = FinancialYear.parse("2023-24")


@pytest.mark.parametrize("services", [(), ("children-and-families", "education")])
async def test_every_row_names_as_many_cases_as_it_counts(
    server: Server, services: tuple[str, ...]
) -> None:
    url = await server.filled("demonstration", demonstration.fill)
    engine = create_async_engine(as_sqlalchemy(url), poolclass=NullPool)
    question = Question(now=MORNING, year=YEAR, services=services)
    async with AsyncSession(engine) as session:
        answers = await compute(session, FIGURES, question)
        found = await members(session, FIGURES, question)
    await engine.dispose()
    for answer, one in zip(answers, found, strict=True):
        named = [len(cases) for cases in one.behind(answer)]
        assert named == [row["count"] for row in answer.rows], answer.figure.slug
        assert sum(named) == sum(len(cases) for cases in one.of.values()), answer.figure.slug
    assert sum(row["count"] for row in answers[0].rows) > 1_000
