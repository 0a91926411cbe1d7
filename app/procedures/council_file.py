"""A council's file: read, checked whole, and turned into the value the rules ask.

A file with anything wrong in it is refused whole, and every error is named with its line.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from app.kit.problem import Problem
from app.kit.toml_lines import Path, lines_of, nearest_line
from app.organisation.structure import (
    Organisation,
    Period,
    Placement,
    ServiceFacts,
    SystemFacts,
    TeamFacts,
)
from app.procedures.council_checks import Mistake, Reading, mistakes_in
from app.procedures.council_shape import CalendarIn, CouncilFile, ProcedureIn, VersionIn
from app.procedures.reference import (
    CategoryFacts,
    ProcedureRules,
    ReferenceData,
    RemedyFacts,
    StageRule,
)
from app.procedures.timescales import Timescale
from app.procedures.workdays import WorkingCalendar

_PLAIN = {
    "extra_forbidden": "There is no such key here",
    "missing": "This key is missing",
    "model_type": "This must be a table",
    "date_type": "Give a day, such as 2026-12-28 without quotation marks",
}
_AT_LINE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Fault:
    """One error in a file: its line, the keys that lead there, and what to do."""

    line: int
    where: str
    what: str

    def __str__(self) -> str:
        """As the command line prints it."""
        return f"line {self.line}: {self.where + ': ' if self.where else ''}{self.what}"


class BadCouncilFile(Problem):
    """A council's file with errors in it; nothing of it was loaded."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The council's file has errors"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.where, fault.what))
        super().__init__(
            f"{len(self.faults)} found; nothing was loaded.",
            faults=[asdict(fault) for fault in self.faults],
        )


def read_council(text: str) -> CouncilFile:
    """The council that a TOML text describes, or `BadCouncilFile` with every error in it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadCouncilFile([_syntax(error, text)]) from None
    mistakes, council = _shape(document)
    mistakes += mistakes_in(Reading(document, frozenset(mistake.path for mistake in mistakes)))
    if council is None or mistakes:
        lines = lines_of(text)
        raise BadCouncilFile(
            Fault(nearest_line(lines, m.path), _spoken(m.path), m.what) for m in mistakes
        )
    return council


def _syntax(error: tomllib.TOMLDecodeError, text: str) -> Fault:
    found = _AT_LINE.search(str(error))
    line = found["line"] if found else None
    what = f"This is not TOML: {_AT_LINE.sub('', str(error))}"
    return Fault(int(line) if line else text.count("\n") + 1, "", what)


def _shape(document: dict[str, Any]) -> tuple[list[Mistake], CouncilFile | None]:
    try:
        return [], CouncilFile.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [Mistake(_path(e["loc"]), _PLAIN.get(e["type"], e["msg"])) for e in found], None


def _path(location: Path) -> Path:
    """Pydantic says that the key itself is wrong by a last step of its own."""
    return location[:-1] if location[-1:] == ("[key]",) else location


def _spoken(path: Path) -> str:
    """The keys that lead to a value; entries of an array are counted from 1."""
    steps = (f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def as_reference(file: CouncilFile, *, version: int = 0) -> ReferenceData:
    """The file as the rules ask it, without a database in between."""
    calendar = _calendar(file.calendar)
    return ReferenceData(
        version=version,
        council=file.council.name,
        acknowledge_within=file.council.acknowledge_within,
        organisation=_organisation(file),
        categories={c.slug: CategoryFacts(c.slug, c.name, c.period) for c in file.category},
        remedies={r.slug: RemedyFacts(r.slug, r.name, r.financial) for r in file.remedy},
        procedures={p.slug: _versions(p) for p in file.procedure},
        calendar=calendar,
        calendars={calendar.version: calendar},
    )


def _organisation(file: CouncilFile) -> Organisation:
    return Organisation(
        services={s.slug: ServiceFacts(s.slug, s.name, s.period) for s in file.service},
        teams={
            t.slug: TeamFacts(
                t.slug, t.name, tuple(Placement(p.service, p.period) for p in t.placements)
            )
            for t in file.team
        },
        systems={
            s.slug: SystemFacts(
                s.slug,
                s.name,
                Period(s.collects_from, s.collects_until),
                collects_channel=s.collects_channel,
                reallocates_type=s.reallocates_type,
            )
            for s in file.source_system
        },
    )


def _versions(procedure: ProcedureIn) -> tuple[ProcedureRules, ...]:
    ordered = sorted(procedure.version, key=lambda version: version.since)
    return tuple(
        ProcedureRules(procedure.slug, procedure.name, v.period, v.basis, _stages(v))
        for v in ordered
    )


def _stages(version: VersionIn) -> tuple[StageRule, ...]:
    return tuple(
        StageRule(
            stage.number,
            stage.name,
            stage.clock_starts,
            Timescale(stage.respond_within, stage.extend_by_at_most),
            stage.request_within,
        )
        for stage in version.stage
    )


def _calendar(calendar: CalendarIn) -> WorkingCalendar:
    return WorkingCalendar(
        calendar.version, calendar.covers_from, calendar.covers_until, calendar.days
    )
