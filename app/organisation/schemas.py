"""What a caller is told about the organisation."""

from datetime import date

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from app.kit.shown import shown
from app.kit.text import Code
from app.organisation.vocabulary import LineageBasis, LineageKind

MANY = 5_000  # more entries than any council has of one kind
SINCE = "The first day on which it held."
UNTIL = "The first day on which it no longer held; null while it does."

_SERVICE: JsonDict = {
    "service": "children-and-families",
    "service_name": "Children & Families",
    "directorate": "children-and-young-people",
    "directorate_name": "Children & Young People",
    "since": "2010-04-01",
    "until": None,
    "activity": [
        {
            "measure": "children-worked-with",
            "name": "Children worked with",
            "since": "2023-04-01",
            "until": "2024-04-01",
            "volume": 12969,
        }
    ],
}
_TEAM: JsonDict = {
    "team": "initial-response",
    "team_name": "Initial Response",
    "since": "2010-04-01",
    "until": "2024-01-15",
    "placements": [{"service": "children-and-families", "since": "2010-04-01", "until": None}],
    "source_systems": ["contact_us"],
    "became": [
        {
            "team": "initial-response-south",
            "on": "2024-01-15",
            "kind": "split",
            "basis": "published",
        }
    ],
}


class ActivityOut(BaseModel):
    """How much of something the service did in a period: the denominator of a rate."""

    measure: str = Field(max_length=64, examples=["children-worked-with"])
    name: str = Field(max_length=200, examples=["Children worked with"])
    since: date = Field(description=SINCE, examples=["2023-04-01"])
    until: date = Field(description="The first day after the period.", examples=["2024-04-01"])
    volume: int = Field(ge=0, le=10**12, examples=[12969])


class ServiceOut(BaseModel):
    """A service of the council, as figures name it."""

    service: str = Field(max_length=64, examples=["children-and-families"])
    service_name: str = Field(max_length=200, examples=["Children & Families"])
    directorate: str = Field(max_length=64, examples=["children-and-young-people"])
    directorate_name: str = Field(max_length=200, examples=["Children & Young People"])
    since: date = Field(description=SINCE, examples=["2010-04-01"])
    until: date | None = Field(description=UNTIL, examples=[None])
    activity: list[ActivityOut] = Field(max_length=MANY)


class ServiceList(BaseModel):
    """Every service there is or was, in the council's order."""

    model_config = shown({"items": [_SERVICE]})

    items: list[ServiceOut] = Field(max_length=MANY)


class PlacementOut(BaseModel):
    """The service that a team belonged to for a time."""

    service: str = Field(max_length=64, examples=["education"])
    since: date = Field(description=SINCE, examples=["2022-04-01"])
    until: date | None = Field(description=UNTIL, examples=[None])


class SuccessorOut(BaseModel):
    """A team that this one became."""

    team: str = Field(max_length=64, examples=["initial-response-south"])
    on: date = Field(examples=["2024-01-15"])
    kind: LineageKind
    basis: LineageBasis = Field(description="Whether the council published it or we assume it.")


class TeamOut(BaseModel):
    """A team that answers feedback, where it belonged and what became of it."""

    team: str = Field(max_length=64, examples=["school-admissions"])
    team_name: str = Field(max_length=200, examples=["School Admissions"])
    since: date = Field(description=SINCE, examples=["2010-04-01"])
    until: date | None = Field(description=UNTIL, examples=[None])
    placements: list[PlacementOut] = Field(max_length=MANY)
    source_systems: list[Code] = Field(
        max_length=MANY,
        description="The source systems whose lists name it.",
        examples=[["contact_us"]],
    )
    became: list[SuccessorOut] = Field(max_length=MANY)


class TeamList(BaseModel):
    """Every team there is or was, in the council's order."""

    model_config = shown({"items": [_TEAM]})

    items: list[TeamOut] = Field(max_length=MANY)
