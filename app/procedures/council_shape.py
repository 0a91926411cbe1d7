"""What a council's file may hold: the shape of every entry, before entries are compared."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.organisation.structure import Period
from app.organisation.vocabulary import LineageBasis, LineageKind
from app.procedures.vocabulary import ClockStart

_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SNAKE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_CODE = 64


def _kebab(text: str) -> str:
    if len(text) > _LONGEST_CODE or not _KEBAB.fullmatch(text):
        message = "Give small letters and digits joined by single hyphens, 64 at most"
        raise PydanticCustomError("code", message)
    return text


def _snake(text: str) -> str:
    if len(text) > _LONGEST_CODE or not _SNAKE.fullmatch(text):
        message = "Give small letters and digits joined by single underscores, 64 at most"
        raise PydanticCustomError("code", message)
    return text


def _line(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        message = "Give one line of text with no space at its ends"
        raise PydanticCustomError("line", message)
    return text


def day_of(key: object) -> date | None:
    """The day that a key of `calendar.days` names, or none where it names none."""
    if isinstance(key, str) and _DAY.fullmatch(key):
        try:
            return date.fromisoformat(key)
        except ValueError:
            return None
    return None


def _day(key: object) -> date:
    day = day_of(key)
    if day is None:
        raise PydanticCustomError("day", "Give the day as year-month-day, such as 2026-12-28")
    return day


Slug = Annotated[str, AfterValidator(_kebab)]
SystemSlug = Annotated[str, AfterValidator(_snake)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_line)]
Sentence = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_line)]
DayKey = Annotated[date, BeforeValidator(_day)]
WorkingDays = Annotated[int, Field(ge=1, le=260)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Dated(_Entry):
    since: date
    until: date | None = None

    @property
    def period(self) -> Period:
        """When it held."""
        return Period(self.since, self.until)


class CouncilIn(_Entry):
    """The council itself."""

    name: Name
    acknowledge_within: WorkingDays
    demonstration: bool = False


class DirectorateIn(_Dated):
    """A part of the council that holds services."""

    slug: Slug
    name: Name


class ServiceIn(_Dated):
    """What figures call a service."""

    slug: Slug
    name: Name
    directorate: Slug


class PlacementIn(_Dated):
    """A service that a team belonged to for a time."""

    service: Slug


class TeamIn(_Dated):
    """A team, in one service for all its life or placed in several in turn."""

    slug: Slug
    name: Name
    service: Slug | None = None
    placed: list[PlacementIn] | None = None

    @property
    def placements(self) -> list[PlacementIn]:
        """Where it belonged, in order."""
        if self.service is None:
            return sorted(self.placed or [], key=lambda placement: placement.since)
        return [PlacementIn(service=self.service, since=self.since, until=self.until)]


class LineageIn(_Entry):
    """What a team became."""

    was: Slug
    became: list[Slug] = Field(min_length=1)
    on: date
    kind: LineageKind = Field(strict=False)
    basis: LineageBasis = Field(strict=False)


class SourceSystemIn(_Entry):
    """A system that cases are registered in, and its own list of teams in its order."""

    slug: SystemSlug
    name: Name
    collects_from: date
    collects_until: date | None = None
    collects_channel: bool
    reallocates_type: bool
    teams: list[Slug] = Field(default_factory=list)


class CategoryIn(_Dated):
    """A subject category, with what it means here."""

    slug: Slug
    name: Name
    meaning: Sentence


class RemedyIn(_Entry):
    """A kind of remedy."""

    slug: Slug
    name: Name
    ombudsman_group: Slug
    financial: bool


class StageIn(_Entry):
    """What a version of a procedure allows one stage."""

    number: int = Field(ge=1, le=3)
    name: Name
    clock_starts: ClockStart = Field(strict=False)
    respond_within: WorkingDays | None = None
    extend_by_at_most: int = Field(ge=0, le=260)
    request_within: WorkingDays | None = None


class VersionIn(_Dated):
    """A procedure as it stood for a time."""

    basis: Sentence
    stage: list[StageIn] = Field(min_length=1, max_length=3)


class ProcedureIn(_Entry):
    """A complaints procedure and its versions."""

    slug: Slug
    name: Name
    version: list[VersionIn] = Field(min_length=1)


class ActivityIn(_Entry):
    """How much of something a service did in a period."""

    service: Slug
    measure: Slug
    name: Name
    since: date
    until: date
    volume: int = Field(ge=0, le=10**12)


class CalendarIn(_Entry):
    """Bank holidays, and the period for which the list is complete."""

    version: Slug
    division: Literal["england-and-wales", "scotland", "northern-ireland"]
    covers_from: date
    covers_until: date
    days: dict[DayKey, Name]


class CouncilFile(_Entry):
    """A council's whole file: every section that is an array of tables, and two tables."""

    council: CouncilIn
    directorate: list[DirectorateIn] = Field(min_length=1)
    service: list[ServiceIn] = Field(min_length=1)
    source_system: list[SourceSystemIn] = Field(min_length=1)
    team: list[TeamIn] = Field(default_factory=list)
    lineage: list[LineageIn] = Field(default_factory=list)
    category: list[CategoryIn] = Field(min_length=1)
    remedy: list[RemedyIn] = Field(min_length=1)
    procedure: list[ProcedureIn] = Field(min_length=1)
    activity: list[ActivityIn] = Field(default_factory=list)
    calendar: CalendarIn
