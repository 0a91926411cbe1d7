"""A fact's rows as a question sees them, each in its place: counted, left out and why, or outside.

Whatever counts things and whatever lists them asks here, so that both mean the same things.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.stats.cuts import SERVICE
from app.stats.fact import Expression, Fact, Filter, Reason, Scope
from app.stats.figure import Population
from app.stats.world import World

COUNTED, OUTSIDE = "counted", "outside"


def happened(fact: Fact, scope: Scope, columns: Sequence[Expression]) -> sa.Select[Any]:
    """Columns of the rows that fall in the days, and under the services, that are asked about."""
    day, seen = scope.day.expression, World(scope.basis, scope.today, scope.last_days)
    rows = (
        sa.select(*columns)
        .select_from(fact.rows(seen).subquery("happened"))
        .where(day >= scope.period.since, day < scope.period.until)
    )
    return rows.where(Filter(SERVICE, scope.services).where) if scope.services else rows


def place(population: Population, leaves_out: Sequence[Reason]) -> sa.ColumnElement[str]:
    """Outside a population, left out of it for the first reason that applies, or counted."""
    return sa.case(
        (population.among.is_not(sa.true()), OUTSIDE),
        *((reason.where, reason.code) for reason in leaves_out),
        else_=COUNTED,
    )
