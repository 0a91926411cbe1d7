"""A council's file as rows of the tables, in an order in which each finds what it refers to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from app.organisation.models import (
    Activity,
    Council,
    Directorate,
    Service,
    SourceSystem,
    Team,
    TeamLineage,
    TeamListing,
    TeamPlacement,
)
from app.procedures.council_shape import CouncilFile
from app.procedures.models import (
    Category,
    Procedure,
    ProcedureStage,
    ProcedureVersion,
    RemedyKind,
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TableRows:
    """What one table is to hold. Codes that cases may use are kept for ever."""

    table: type[SQLModel]
    rows: list[Row]
    removable: bool = False


def rows_of(file: CouncilFile) -> Iterator[TableRows]:
    """Every row of the file but the calendar's, which is never changed once loaded."""
    yield from _organisation(file)
    yield TableRows(Category, _listed(file.category))
    yield TableRows(RemedyKind, _listed(file.remedy))
    yield from _procedures(file)


def _listed(entries: list[Any], *, leave_out: frozenset[str] = frozenset()) -> list[Row]:
    """Entries whose keys are the table's columns, with the position each has in the file."""
    return [
        {**entry.model_dump(exclude=leave_out), "position": position}
        for position, entry in enumerate(entries, start=1)
    ]


def _organisation(file: CouncilFile) -> Iterator[TableRows]:
    yield TableRows(Council, [{"id": 1, **file.council.model_dump()}])
    yield TableRows(Directorate, _listed(file.directorate))
    yield TableRows(Service, _listed(file.service))
    yield TableRows(SourceSystem, _listed(file.source_system, leave_out=frozenset({"teams"})))
    yield TableRows(Team, _listed(file.team, leave_out=frozenset({"service", "placed"})))
    placements = [{"team": t.slug, **p.model_dump()} for t in file.team for p in t.placements]
    yield TableRows(TeamPlacement, placements, removable=True)
    listings = [
        {"source_system": system.slug, "team": team, "position": position}
        for system in file.source_system
        for position, team in enumerate(system.teams, start=1)
    ]
    yield TableRows(TeamListing, listings, removable=True)
    yield TableRows(TeamLineage, _lineage(file), removable=True)
    yield TableRows(Activity, [a.model_dump() for a in file.activity], removable=True)


def _lineage(file: CouncilFile) -> list[Row]:
    return [
        {
            "predecessor": line.was,
            "successor": became,
            "happened_on": line.on,
            "kind": line.kind.value,
            "basis": line.basis.value,
        }
        for line in file.lineage
        for became in line.became
    ]


def _procedures(file: CouncilFile) -> Iterator[TableRows]:
    yield TableRows(Procedure, _listed(file.procedure, leave_out=frozenset({"version"})))
    versions = [
        {"procedure": procedure.slug, **version.model_dump(exclude={"stage"})}
        for procedure in file.procedure
        for version in procedure.version
    ]
    yield TableRows(ProcedureVersion, versions)
    stages = [
        {
            "procedure": procedure.slug,
            "procedure_since": version.since,
            **stage.model_dump(mode="python"),
            "clock_starts": stage.clock_starts.value,
        }
        for procedure in file.procedure
        for version in procedure.version
        for stage in version.stage
    ]
    yield TableRows(ProcedureStage, stages)
