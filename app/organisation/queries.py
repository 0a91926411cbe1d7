"""Reads of the organisation: as one value for the rules, and as lists for callers."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.organisation.models import Service, SourceSystem, Team, TeamPlacement
from app.organisation.structure import (
    Organisation,
    Period,
    Placement,
    ServiceFacts,
    SystemFacts,
    TeamFacts,
)


async def load_organisation(session: AsyncSession) -> Organisation:
    """Services, teams and source systems in the council's own order."""
    services = await session.scalars(select(Service).order_by(col(Service.position)))
    systems = await session.scalars(select(SourceSystem).order_by(col(SourceSystem.position)))
    teams = await session.scalars(select(Team).order_by(col(Team.position)))
    placements = await placements_by_team(session)
    return Organisation(
        services={s.slug: ServiceFacts(s.slug, s.name, Period(s.since, s.until)) for s in services},
        teams={t.slug: TeamFacts(t.slug, t.name, tuple(placements[t.slug])) for t in teams},
        systems={
            s.slug: SystemFacts(
                s.slug,
                s.name,
                Period(s.collects_from, s.collects_until),
                collects_channel=s.collects_channel,
                reallocates_type=s.reallocates_type,
            )
            for s in systems
        },
    )


async def placements_by_team(session: AsyncSession) -> dict[str, list[Placement]]:
    """Where each team belonged, oldest first."""
    placements: dict[str, list[Placement]] = defaultdict(list)
    for row in await session.scalars(select(TeamPlacement).order_by(col(TeamPlacement.since))):
        placements[row.team].append(Placement(row.service, Period(row.since, row.until)))
    return placements
