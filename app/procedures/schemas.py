"""What a caller is told about categories, procedures and the calendar."""

from datetime import date

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from app.kit.shown import shown
from app.procedures.vocabulary import ClockStart

MANY = 5_000  # more entries than any council has of one kind
SINCE = "The first day on which it held."
UNTIL = "The first day on which it no longer held; null while it does."

_CATEGORY: JsonDict = {
    "category": "protection-of-user",
    "category_name": "Protection of user",
    "meaning": "The complaint names a member of staff.",
    "since": "2010-04-01",
    "until": None,
}
_PROCEDURE: JsonDict = {
    "procedure": "corporate",
    "procedure_name": "Corporate complaints procedure",
    "versions": [
        {
            "since": "2024-02-15",
            "until": "2026-04-01",
            "basis": "The council's customer feedback policy",
            "stages": [
                {
                    "number": 1,
                    "name": "Local resolution",
                    "clock_starts": "receipt",
                    "respond_within": 10,
                    "extend_by_at_most": 10,
                    "request_within": None,
                }
            ],
        }
    ],
}
_CALENDAR: JsonDict = {
    "version": "england-and-wales-to-2028",
    "covers_from": "2012-01-01",
    "covers_until": "2029-01-01",
    "items": [{"day": "2026-12-28", "title": "Boxing Day (substitute day)"}],
}


class CategoryOut(BaseModel):
    """A subject category, with what the council means by it."""

    category: str = Field(max_length=64, examples=["protection-of-user"])
    category_name: str = Field(max_length=200, examples=["Protection of user"])
    meaning: str = Field(max_length=500, examples=["The complaint names a member of staff."])
    since: date = Field(description=SINCE, examples=["2010-04-01"])
    until: date | None = Field(description=UNTIL, examples=[None])


class CategoryList(BaseModel):
    """Every subject category there is or was, in the council's order."""

    model_config = shown({"items": [_CATEGORY]})

    items: list[CategoryOut] = Field(max_length=MANY)


class StageRuleOut(BaseModel):
    """What a version of a procedure allows one stage; all limits are in working days."""

    number: int = Field(ge=1, le=3, examples=[1])
    name: str = Field(max_length=200, examples=["Local resolution"])
    clock_starts: ClockStart = Field(description="What happens on day 0 of its clock.")
    respond_within: int | None = Field(
        ge=1, le=260, description="Null where there is no fixed limit.", examples=[10]
    )
    extend_by_at_most: int = Field(
        ge=0, le=260, description="All extensions together.", examples=[10]
    )
    request_within: int | None = Field(
        ge=1,
        le=260,
        description="How long a person has to ask for it; null where nothing is said.",
        examples=[None],
    )


class ProcedureVersionOut(BaseModel):
    """A procedure as it stood for a time."""

    since: date = Field(description=SINCE, examples=["2024-02-15"])
    until: date | None = Field(description=UNTIL, examples=["2026-04-01"])
    basis: str = Field(
        max_length=500,
        description="The law or policy it rests on.",
        examples=["The council's customer feedback policy"],
    )
    stages: list[StageRuleOut] = Field(min_length=1, max_length=3)


class ProcedureOut(BaseModel):
    """A complaints procedure and all its versions, oldest first."""

    procedure: str = Field(max_length=64, examples=["corporate"])
    procedure_name: str = Field(max_length=200, examples=["Corporate complaints procedure"])
    versions: list[ProcedureVersionOut] = Field(min_length=1, max_length=MANY)


class ProcedureList(BaseModel):
    """Every procedure, in the council's order."""

    model_config = shown({"items": [_PROCEDURE]})

    items: list[ProcedureOut] = Field(max_length=MANY)


class BankHolidayOut(BaseModel):
    """A day that is not a working day."""

    day: date = Field(examples=["2026-12-28"])
    title: str = Field(max_length=200, examples=["Boxing Day (substitute day)"])


class CalendarOut(BaseModel):
    """The bank holidays in force. Day 0 of a clock never counts; weekends never count."""

    model_config = shown(_CALENDAR)

    version: str = Field(max_length=64, examples=["england-and-wales-to-2028"])
    covers_from: date = Field(examples=["2012-01-01"])
    covers_until: date = Field(
        description="The first day for which bank holidays are not known; no due day is promised"
        " from then on.",
        examples=["2029-01-01"],
    )
    items: list[BankHolidayOut] = Field(max_length=MANY)
