"""What of some figures one case is behind: where two traces of it are alike, nothing has moved."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.stats.engine import Batch, batches, line
from app.stats.figure import Figure
from app.stats.placed import COUNTED, OUTSIDE
from app.stats.queries import load_reference
from app.stats.question import Question, asked

Asking: TypeAlias = tuple[Sequence[Figure], Question]
"""Figures, and one question that is asked of all of them."""

Trace: TypeAlias = Mapping[tuple[int, str], Counter[tuple[Any, ...]]]
"""Of each asking, by its place, and each figure's slug: what a case adds to it, and how often."""


async def traced(session: AsyncSession, askings: Iterable[Asking], case_id: int) -> Trace:
    """What a case adds to these figures: its place, the codes that it is under, its amounts."""
    reference = await load_reference(session)
    whose = sa.column("case_id", sa.BigInteger)
    trace = {}
    for place, (figures, question) in enumerate(askings):
        asks = [asked(figure, question, reference) for figure in figures]
        for batch in batches({ask.figure: ask.scope for ask in asks}):
            found = await session.execute(line(batch).where(whose == case_id))
            rows = found.mappings().all()
            for figure in batch.figures:
                trace[place, figure.slug] = Counter(_added(batch, figure, rows))
    return trace


def moved(before: Trace, after: Trace) -> set[str]:
    """The slugs of the figures to which a case adds something else than it did."""
    return {slug for place, slug in before if before[place, slug] != after[place, slug]}


def _added(
    batch: Batch, figure: Figure, rows: Sequence[Mapping[Any, Any]]
) -> Iterable[tuple[Any, ...]]:
    amounts = [quantity.amount.name for quantity in figure.quantities]
    parts = [part.name for part in figure.fact.parts]
    for row in rows:
        placed = row[batch.prefix(figure.population)]
        if placed == COUNTED:
            yield (placed, *(row[name] for name in (*figure.by, *amounts, *parts)))
        elif placed != OUTSIDE:
            yield (placed, *(row[name] for name in figure.measure.of))
