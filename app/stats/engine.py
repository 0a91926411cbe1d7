"""The engine: figures, declared as data, become few SQL statements; every total is counted.

Figures of the same fact and period share one statement. Inside it each row of the fact is put
in its place once for each population (counted, left out and why, or outside), rows that are alike
in all that is asked become one line that says how many they are, and GROUPING SETS then count the
rows and the wholes of every figure at once, so no whole is a sum of rounded parts and no share is
averaged. A figure asked alone costs two statements, the other being the lists.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.stats.answer import Answer, answer, only_counts
from app.stats.counted import Counted, Key, Tally, Total
from app.stats.fact import Condition, Cut, Expression, Fact, Quantity, Reason, Scope
from app.stats.figure import Figure, Population
from app.stats.known import what_is_known
from app.stats.measures import Before
from app.stats.placed import COUNTED, OUTSIDE, happened, place
from app.stats.queries import load_reference
from app.stats.question import Asked, Question, asked
from app.stats.times import years_away


@dataclass(frozen=True, slots=True)
class Batch:
    """Figures that one statement counts: same fact, period and day, and amounts or none."""

    scope: Scope
    figures: tuple[Figure, ...]

    @property
    def fact(self) -> Fact:
        """What they count."""
        return self.figures[0].fact

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """Everything that any of them is cut by."""
        return tuple(dict.fromkeys(cut for figure in self.figures for cut in figure.cuts))

    @property
    def populations(self) -> tuple[Population, ...]:
        """Every population that any of them counts."""
        return tuple(dict.fromkeys(figure.population for figure in self.figures))

    def quantities(self, population: Population) -> tuple[Quantity, ...]:
        """What else than how many is asked of a population."""
        of = (figure for figure in self.figures if figure.population is population)
        return tuple(dict.fromkeys(one for figure in of for one in figure.quantities))

    @property
    def asks_of_amounts(self) -> bool:
        """Whether more than how many is asked."""
        return any(figure.quantities for figure in self.figures)

    @property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """The sets of cuts that rows, or wholes, are counted under."""
        both = ((figure.by, figure.measure.of) for figure in self.figures)
        return tuple(dict.fromkeys(level for pair in both for level in pair))

    def leaves_out(self, population: Population) -> tuple[Reason, ...]:
        """What is left out of a population, in the order in which reasons apply."""
        return (*self.fact.leaves_out, *population.leaves_out)

    def prefix(self, population: Population) -> str:
        """How the columns of a population begin."""
        return f"p{self.populations.index(population)}"

    def mask(self, level: Sequence[str]) -> int:
        """What GROUPING() answers for a level: one bit for each cut that is not in it."""
        bits = "".join("0" if cut.name in level else "1" for cut in self.cuts)
        return int(bits, 2)


async def compute(
    session: AsyncSession, figures: Sequence[Figure], question: Question
) -> list[Answer]:
    """Answer one question of every figure given, in their order, from one snapshot."""
    reference = await load_reference(session)
    asks = [asked(figure, question, reference) for figure in figures]
    now = await _count(session, {ask.figure: ask.scope for ask in asks})
    before = await _count(session, {ask.figure: ask.before for ask in asks if ask.before})
    known = await what_is_known(session, asks[0].scope) if asks else None
    return [
        answer(ask.figure, ask.scope, now[ask.figure], before=_before(ask, before), known=known)
        for ask in asks
    ]


async def count(
    session: AsyncSession, figures: Sequence[Figure], question: Question
) -> list[Answer]:
    """The same answers, but of counts alone: for whoever only has to know which of them are one."""
    reference = await load_reference(session)
    bare = [replace(figure, quantities=(), notes=()) for figure in figures]
    asks = [asked(figure, question, reference, to_read=False) for figure in bare]
    found = await _count(session, {ask.figure: ask.scope for ask in asks})
    return [only_counts(ask.figure, ask.scope, found[ask.figure]) for ask in asks]


def _before(ask: Asked, counted: Mapping[Figure, Counted]) -> Before | None:
    """The counts of a year earlier, under the codes of a year later."""
    if ask.before is None:
        return None
    found, cuts = counted[ask.figure], ask.figure.cuts

    def later(key: Key) -> Key:
        return tuple(years_away(cut, code, years=1) for cut, code in zip(cuts, key, strict=False))

    rows = {later(key): count for key, count in found.rows.items()}
    totals = {later(key): total for key, total in found.totals.items()}
    return Before(ask.before, replace(found, rows=rows, totals=totals), annualise=ask.annualise)


async def _count(session: AsyncSession, scopes: Mapping[Figure, Scope]) -> dict[Figure, Counted]:
    counted: dict[Figure, Counted] = {}
    for batch in batches(scopes):
        lines = (await session.execute(statement(batch))).mappings().all()
        for figure in batch.figures:
            counted[figure] = _counted(batch, figure, lines)
    return counted


def batches(scopes: Mapping[Figure, Scope]) -> list[Batch]:
    """Put together the figures that one statement can count; apart, those that ask of amounts."""
    together: dict[object, list[Figure]] = {}
    for figure, scope in scopes.items():
        span = (scope.period, scope.last_days)
        alike = (figure.fact, span, scope.day, bool(figure.quantities))
        together.setdefault(alike, []).append(figure)
    return [Batch(scopes[figures[0]], tuple(figures)) for figures in together.values()]


def statement(batch: Batch) -> sa.Select[Any]:
    """Count every row and every whole of a batch of figures."""
    lines = _lines(batch)
    cuts = [lines.c[cut.name] for cut in batch.cuts]
    counts = [
        count for population in batch.populations for count in _counts(batch, population, lines)
    ]
    sets = [sa.tuple_(*(lines.c[name] for name in level)) for level in batch.levels]
    return sa.select(sa.func.grouping(*cuts).label("level"), *cuts, *counts).group_by(
        sa.func.grouping_sets(*sets)
    )


def line(batch: Batch) -> sa.Select[Any]:
    """The fact's rows in the period, each with its codes, its place in every population, its day.

    Amounts are there where they are asked of.
    """
    scope, fact, day = batch.scope, batch.fact, batch.scope.day
    columns: list[Expression] = [cut.expression(day).label(cut.name) for cut in batch.cuts]
    columns += [part.where.label(part.name) for part in fact.parts]
    columns += [
        place(one, batch.leaves_out(one)).label(batch.prefix(one)) for one in batch.populations
    ]
    if batch.asks_of_amounts:
        columns += [amount.column for amount in fact.amounts]
    among = sa.or_(*(population.among for population in batch.populations))
    happened_on = day.expression.label("happened_on")
    return happened(fact, scope, [*columns, happened_on]).where(among)


def _lines(batch: Batch) -> sa.Subquery:
    """Rows alike in all but their day as one line: how many `times`, first and last on which days.

    Where amounts are asked of, which differ, every row is a line by itself.
    """
    each = line(batch).subquery("each")
    *alike, on = each.c
    if batch.asks_of_amounts:
        once = sa.literal_column("1", sa.Integer)
        return sa.select(*alike, *_times(once, on, on)).subquery("line")
    many = sa.cast(sa.func.count(), sa.Integer)
    times = _times(many, sa.func.min(on), sa.func.max(on))
    return sa.select(*alike, *times).group_by(*alike).subquery("line")


def _times(times: Expression, first: Expression, last: Expression) -> tuple[Expression, ...]:
    return times.label("times"), first.label("first_on"), last.label("last_on")


def _counts(batch: Batch, population: Population, lines: sa.Subquery) -> Iterable[Expression]:
    prefix = batch.prefix(population)
    placed = lines.c[prefix]

    def times(among: Condition) -> Expression:
        return sa.func.coalesce(sa.func.sum(lines.c.times).filter(among), 0)

    counted = placed == COUNTED
    yield times(counted).label(f"{prefix}_count")
    yield times(placed != OUTSIDE).label(f"{prefix}_considered")
    for reason in batch.leaves_out(population):
        yield times(placed == reason.code).label(f"{prefix}_out_{reason.code}")
    for part in batch.fact.parts:
        within = counted & lines.c[part.name]
        yield times(within).label(f"{prefix}_{part.name}_count")
        yield sa.func.min(lines.c.first_on).filter(within).label(f"{prefix}_{part.name}_first")
        yield sa.func.max(lines.c.last_on).filter(within).label(f"{prefix}_{part.name}_last")
    for quantity in batch.quantities(population):
        amount = lines.c[quantity.amount.name]
        yield quantity.over(counted, amount).label(f"{prefix}_{quantity.name}")


def _counted(batch: Batch, figure: Figure, lines: Sequence[Mapping[Any, Any]]) -> Counted:
    """Pick one figure's rows and wholes out of what its batch counted."""
    prefix, depth = batch.prefix(figure.population), len(figure.measure.of)
    rows_at, totals_at = batch.mask(figure.by), batch.mask(figure.measure.of)
    counting = [line for line in lines if line["level"] == rows_at and line[f"{prefix}_count"]]
    wholes = [line for line in lines if line["level"] == totals_at]
    return Counted(
        rows={_key(figure.cuts, line): line[f"{prefix}_count"] for line in counting},
        totals={_key(figure.cuts[:depth], line): _total(figure, prefix, line) for line in wholes},
        quantities={
            _key(cuts, line): {one.name: line[f"{prefix}_{one.name}"] for one in figure.quantities}
            for cuts, some in ((figure.cuts, counting), (figure.cuts[:depth], wholes))
            for line in some
        },
    )


def _key(cuts: Sequence[Cut], line: Mapping[Any, Any]) -> Key:
    return tuple(cut.read(line[cut.name]) if cut.read else line[cut.name] for cut in cuts)


def _total(figure: Figure, prefix: str, line: Mapping[Any, Any]) -> Total:
    return Total(
        count=line[f"{prefix}_count"],
        considered=line[f"{prefix}_considered"],
        left_out={reason.code: line[f"{prefix}_out_{reason.code}"] for reason in figure.leaves_out},
        parts={
            part.name: Tally(
                *(line[f"{prefix}_{part.name}_{what}"] for what in ("count", "first", "last"))
            )
            for part in figure.fact.parts
        },
    )
