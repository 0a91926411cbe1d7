"""Which cases a figure counted, row by row: what is behind each of its numbers.

A case that happened several times under one row, such as by its remedies, is named as often.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from app.stats.answer import Answer
from app.stats.counted import Key
from app.stats.figure import Figure
from app.stats.placed import COUNTED, happened, place
from app.stats.queries import load_reference
from app.stats.question import Asked, Question, asked

_CASE = sa.column("case_id", sa.BigInteger)


@dataclass(frozen=True, slots=True)
class Members:
    """The numbers of the cases behind the rows of a figure; no row counts what is not here."""

    figure: Figure
    of: dict[Key, tuple[int, ...]]

    def behind(self, answer: Answer) -> list[tuple[int, ...]]:
        """The cases behind each row of an answer, in its order."""
        return [self.of.get(tuple(row[cut] for cut in answer.figure.by), ()) for row in answer.rows]


async def members(
    session: AsyncSession, figures: Sequence[Figure], question: Question
) -> list[Members]:
    """The cases that each figure counts for a question, in the order of the figures."""
    reference = await load_reference(session)
    found = []
    for figure in figures:
        ask = asked(figure, question, reference)
        rows = (await session.execute(_statement(ask))).all()
        found.append(Members(ask.figure, {_key(ask, row): tuple(row[-1]) for row in rows}))
    return found


def _key(ask: Asked, row: Sequence[Any]) -> Key:
    pairs = zip(ask.figure.cuts, row, strict=False)  # the cases come after the codes
    return tuple(cut.read(code) if cut.read else code for cut, code in pairs)


def _statement(ask: Asked) -> sa.Select[Any]:
    figure, scope = ask.figure, ask.scope
    codes = [cut.expression(scope.day).label(cut.name) for cut in figure.cuts]
    counted = place(figure.population, figure.leaves_out) == COUNTED
    # Grouped outside: a code reckoned from the day has parameters, each of which would differ.
    line = happened(figure.fact, scope, [*codes, _CASE]).where(counted).subquery("line")
    cuts = [line.c[cut.name] for cut in figure.cuts]
    case = line.c.case_id
    return sa.select(*cuts, sa.func.array_agg(aggregate_order_by(case, case))).group_by(*cuts)
