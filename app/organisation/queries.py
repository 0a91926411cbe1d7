"""Reads of the organisation: as one value for the rules, and as lists for callers."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.organisation.models import (
    Activity,
    Directorate,
    Service,
    SourceSystem,
    Team,
    TeamLineage,
    TeamListing,
    TeamPlacement,
)
from app.organisation.schemas import ActivityOut, PlacementOut, ServiceOut, SuccessorOut, TeamOut
from app.organisation.structure import (
    Organisation,
    Period,
    Placement,
    ServiceFacts,
    SystemFacts,
    TeamFacts,
)
from app.organisation.vocabulary import LineageBasis, LineageKind


async def load_organisation(session: AsyncSession) -> Organisation:
    """Services, teams and source systems in the council's own order."""
    services = await session.scalars(select(Service).order_by(col(Service.position)))
    systems = await session.scalars(select(SourceSystem).order_by(col(SourceSystem.position)))
    teams = await session.scalars(select(Team).order_by(col(Team.position)))
    placements = await _placements(session)
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


async def _placements(session: AsyncSession) -> dict[str, list[Placement]]:
    """Where each team belonged, oldest first."""
    placements: dict[str, list[Placement]] = defaultdict(list)
    for row in await session.scalars(select(TeamPlacement).order_by(col(TeamPlacement.since))):
        placements[row.team].append(Placement(row.service, Period(row.since, row.until)))
    return placements


async def services(session: AsyncSession) -> list[ServiceOut]:
    """Every service with its directorate and its activity, in the council's order."""
    query = (
        select(Service, Directorate)
        .join(Directorate, col(Directorate.slug) == col(Service.directorate))
        .order_by(col(Service.position))
    )
    activity = await _activity(session)
    return [
        ServiceOut(
            service=service.slug,
            service_name=service.name,
            directorate=directorate.slug,
            directorate_name=directorate.name,
            since=service.since,
            until=service.until,
            activity=activity[service.slug],
        )
        for service, directorate in await session.execute(query)
    ]


async def _activity(session: AsyncSession) -> dict[str, list[ActivityOut]]:
    activity: dict[str, list[ActivityOut]] = defaultdict(list)
    query = select(Activity).order_by(col(Activity.measure).collate("C"), col(Activity.since))
    for row in await session.scalars(query):
        activity[row.service].append(ActivityOut(**row.model_dump(exclude={"service"})))
    return activity


async def teams(session: AsyncSession) -> list[TeamOut]:
    """Every team with where it belonged, who lists it and what became of it."""
    placements = await _placements(session)
    listed = await _listed(session)
    became = await _became(session)
    return [
        TeamOut(
            team=team.slug,
            team_name=team.name,
            since=team.since,
            until=team.until,
            placements=[
                PlacementOut(service=p.service, since=p.period.since, until=p.period.until)
                for p in placements[team.slug]
            ],
            source_systems=listed[team.slug],
            became=became[team.slug],
        )
        for team in await session.scalars(select(Team).order_by(col(Team.position)))
    ]


async def _listed(session: AsyncSession) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = defaultdict(list)
    query = (
        select(TeamListing)
        .join(SourceSystem, col(SourceSystem.slug) == col(TeamListing.source_system))
        .order_by(col(SourceSystem.position))
    )
    for row in await session.scalars(query):
        listed[row.team].append(row.source_system)
    return listed


async def _became(session: AsyncSession) -> dict[str, list[SuccessorOut]]:
    became: dict[str, list[SuccessorOut]] = defaultdict(list)
    query = (
        select(TeamLineage)
        .join(Team, col(Team.slug) == col(TeamLineage.successor))
        .order_by(col(Team.position))
    )
    for row in await session.scalars(query):
        became[row.predecessor].append(
            SuccessorOut(
                team=row.successor,
                on=row.happened_on,
                kind=LineageKind(row.kind),
                basis=LineageBasis(row.basis),
            )
        )
    return became
