"""Reads the lists that figures are cut by, all in one statement."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from app.organisation.vocabulary import LineageBasis, LineageKind
from app.stats.lineage import Link
from app.stats.reference import Listed, Placement, Reference, System, Volume
from app.stats.tables import (
    ACTIVITY,
    CATEGORY,
    PROCEDURE,
    REMEDY_KIND,
    SERVICE,
    SOURCE_SYSTEM,
    TEAM,
    TEAM_LINEAGE,
    TEAM_LISTING,
    TEAM_PLACEMENT,
)


async def load_reference(session: AsyncSession) -> Reference:
    """Every list at once: the names of a figure cost one round trip."""
    row = (await session.execute(_LISTS)).one()
    return Reference(
        services=tuple(Listed(*_dated(line)) for line in row.services),
        teams=tuple(Listed(*_dated(line)) for line in row.teams),
        categories=tuple(Listed(*_dated(line)) for line in row.categories),
        procedures=tuple(Listed(slug, name, date.min, None) for slug, name in row.procedures),
        remedies=tuple(Listed(slug, name, date.min, None) for slug, name in row.remedies),
        systems=tuple(System(*_dated(line)) for line in row.systems),
        placements=tuple(Placement(*_dated(line)) for line in row.placements),
        listings=tuple((system, team) for system, team in row.listings),
        lineage=tuple(
            Link(was, now, date.fromisoformat(on), LineageKind(kind), LineageBasis(basis))
            for was, now, on, kind, basis in row.lineage
        ),
        activities=tuple(Volume(*_dated(line)) for line in row.activities),
    )


def _dated(line: list[Any]) -> tuple[Any, ...]:
    """Two codes or names, then two days which JSON holds as text, then the rest."""
    first, second, since, until, *rest = line
    ends = date.fromisoformat(until) if until else None
    return (first, second, date.fromisoformat(since), ends, *rest)


def _all(name: str, table: sa.Table, columns: str, *, order: str) -> sa.Label[Any]:
    """A table's columns as a JSON array of arrays, in a stated order that no locale changes."""
    line = sa.func.jsonb_build_array(*(table.c[column] for column in columns.split()))
    by = [
        sa.collate(table.c[column], "C") if isinstance(table.c[column].type, sa.Text)
        else table.c[column]
        for column in order.split()
    ]  # fmt: skip
    gathered = sa.func.jsonb_agg(aggregate_order_by(line, *by))
    lines = sa.func.coalesce(gathered, sa.text("'[]'::jsonb"), type_=JSONB)
    return sa.select(lines).select_from(table).scalar_subquery().label(name)


_LISTS = sa.select(
    _all("services", SERVICE, "slug name since until", order="position slug"),
    _all("teams", TEAM, "slug name since until", order="position slug"),
    _all("categories", CATEGORY, "slug name since until", order="position slug"),
    _all("procedures", PROCEDURE, "slug name", order="position slug"),
    _all("remedies", REMEDY_KIND, "slug name", order="position slug"),
    _all(
        "systems",
        SOURCE_SYSTEM,
        "slug name collects_from collects_until collects_channel reallocates_type",
        order="position slug",
    ),
    _all("placements", TEAM_PLACEMENT, "team service since until", order="team since"),
    _all("listings", TEAM_LISTING, "source_system team", order="source_system position team"),
    _all(
        "lineage",
        TEAM_LINEAGE,
        "predecessor successor happened_on kind basis",
        order="happened_on predecessor successor",
    ),
    _all(
        "activities",
        ACTIVITY,
        "measure name since until service volume",
        order="service measure since",
    ),
)
