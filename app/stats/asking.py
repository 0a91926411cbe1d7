"""The parameters that figures and free questions are asked with, and who may ask about whom."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.access.principal import Principal
from app.cases.filters import NO_SERVICE, NO_TEAM
from app.kit.page import DEFAULT_LIMIT, MOST_ITEMS, CursorText
from app.kit.problem import Problem
from app.kit.text import Code, Day
from app.stats.faults import FaultCode
from app.stats.period import LONGEST_YEARS
from app.stats.question import Comparison, DateBasis, Question, asked_period
from app.stats.world import TeamBasis, TypeBasis

MOST_CUTS = 4
MOST_CUTS_SHOWN = MOST_CUTS + 2  # with a grain, and with years side by side
MOST_WORDS = 20

Measure = Annotated[
    str, StringConstraints(pattern=r"^[a-z_-]+(?::[a-z_]+)?$", min_length=1, max_length=64)
]
Codes = Annotated[  # a cut, and some of its codes
    str,
    StringConstraints(pattern=r"^[a-z_]+:[a-z0-9_-]+(?:,[a-z0-9_-]+)*$", max_length=1_000),
]

OneCode = Annotated[  # a cut, and one of its codes
    str, StringConstraints(pattern=r"^[a-z_]+:[a-z0-9_-]+$", max_length=130)
]


class ServiceNotYours(Problem):
    """The key was given for certain services, and asks about another."""

    status = HTTPStatus.FORBIDDEN
    title = "The key is not for that service"


def services_for(asked: Sequence[str], *, by: Principal) -> tuple[str, ...]:
    """The services to count: a key for certain services sees those, and no others."""
    if by.services is None:
        return tuple(asked)
    if not by.services or not set(asked) <= by.services:
        raise ServiceNotYours("Ask about the services of your key.", allowed=sorted(by.services))
    return tuple(asked) or tuple(sorted(by.services))


class PeriodQuery(BaseModel):
    """Of what days and services something is asked."""

    model_config = ConfigDict(extra="forbid")

    year: str | None = Field(
        default=None,
        pattern=r"^[0-9]{4}-[0-9]{2}$",
        max_length=7,
        description="A financial year; the last complete one when no period is asked for.",
        examples=["2023-24"],
    )
    since: Day | None = Field(default=None, description="The first day; goes with `until`.")
    until: Day | None = Field(
        default=None, description="The day after the last; goes with `since`."
    )
    service: list[Code] = Field(
        default_factory=list,
        max_length=50,
        description="A service to count; may be repeated. The whole council when left out.",
        examples=[["children-and-families"]],
    )


class ScopeQuery(PeriodQuery):
    """Of what days, services and bases something is asked."""

    years: int | None = Field(
        default=None,
        ge=1,
        le=LONGEST_YEARS,
        description="Sets so many financial years side by side, `year` being the last.",
    )
    date_basis: DateBasis | None = Field(
        default=None,
        description="Which day decides, where the figure counts by the day registered.",
    )
    type_basis: TypeBasis = Field(
        default=TypeBasis.now,
        description="By what feedback is now or by what it was at receipt, where both make sense.",
    )
    team_basis: TeamBasis = Field(
        default=TeamBasis.recorded,
        description="By the team recorded or by today's equivalent, where a figure has teams.",
    )
    as_at: Day | None = Field(
        default=None,
        description="Counts everything as it stood at the end of that day, today at the latest.",
    )

    def question(self, *, now: datetime, services: tuple[str, ...]) -> Question:
        """The question that is meant; refuses a period that is none."""
        year, between = asked_period(self.year, since=self.since, until=self.until)
        return Question(
            now=now,
            year=year,
            years=self.years,
            between=between,
            services=services,
            date_basis=self.date_basis,
            type_basis=self.type_basis,
            team_basis=self.team_basis,
            as_at=self.as_at,
        )


class FigureQuery(ScopeQuery):
    """What a figure may be asked with."""

    compare: Comparison | None = Field(
        default=None,
        description="Sets each row beside the same days of the year before: change and rank.",
    )
    annualise: bool = Field(
        default=False,
        description="With `compare`: scales counts of unlike days up to the whole. Only if asked.",
    )

    def question(self, *, now: datetime, services: tuple[str, ...]) -> Question:
        """The question that is meant; refuses a period that is none."""
        question = super().question(now=now, services=services)
        return replace(question, compare=self.compare, annualise=self.annualise)


class Words(BaseModel):
    """What a free question asks for, in the words that the catalogue lists."""

    model_config = ConfigDict(extra="forbid")

    fact: Code = Field(description="What is counted.", examples=["feedback"])
    by: list[Code] = Field(
        default_factory=list,
        max_length=MOST_CUTS,
        description="What it is cut by, in order; may be repeated.",
        examples=[["service", "category"]],
    )
    grain: Code | None = Field(
        default=None,
        description="A stretch of time to show apart: the same as naming it first in `by`.",
        examples=["quarter"],
    )
    of: list[Code] | None = Field(
        default=None,
        max_length=MOST_CUTS + 1,
        description="The first of the cuts, which make a whole, or `everything`; all but the last "
        "if left out.",
        examples=[["service"]],
    )
    measure: list[Measure] = Field(
        default_factory=list,
        max_length=MOST_WORDS,
        description="What to say besides the count and its share, which every answer has.",
        examples=[["median:working_days"]],
    )
    percentile: int | None = Field(
        default=None, ge=1, le=99, description="Which one a `percentile` is: the 90th if left out."
    )
    where: list[Codes] = Field(
        default_factory=list,
        max_length=MOST_WORDS,
        description="Only what has one of these codes under a cut; may be repeated.",
        examples=[["feedback_type:complaint"]],
    )
    without: list[Codes] = Field(
        default_factory=list,
        max_length=MOST_WORDS,
        description="Nothing that has one of these codes under a cut; may be repeated.",
        examples=[["channel:portal,email"]],
    )
    leave_out: list[Code] = Field(
        default_factory=list,
        max_length=MOST_WORDS,
        description="Reasons for which something is left out, and said to be, the first first.",
        examples=[["withdrawn"]],
    )


class FreeQuery(FigureQuery, Words):
    """A free question."""


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(
        default=DEFAULT_LIMIT, ge=1, le=MOST_ITEMS, description="How many items a page holds."
    )
    cursor: CursorText | None = Field(
        default=None, description="The `next_cursor` of the page before this one."
    )


class ListingQuery(PageQuery):
    """Which of the things that were counted to list, and which page of them."""

    row: list[OneCode] = Field(
        default_factory=list,
        max_length=MOST_CUTS_SHOWN,
        description="A code under one of the cuts; one for each cut lists what a row counted.",
        examples=[["service:education"]],
    )
    left_out: Code | None = Field(
        default=None, description="What was left out for this reason, instead of what was counted."
    )


class FigureCasesQuery(ScopeQuery, ListingQuery):
    """What a figure counted, to be listed."""


class FreeCasesQuery(ScopeQuery, Words, ListingQuery):
    """What a free question counted, to be listed."""


class QueueQuery(PeriodQuery, PageQuery):
    """Which faults to list, of which cases, and which page of them."""

    year: str | None = Field(
        default=None,
        pattern=r"^[0-9]{4}-[0-9]{2}$",
        max_length=7,
        description="Cases registered in a financial year; in any, when no period is asked for.",
        examples=["2023-24"],
    )
    service: list[Code] = Field(
        default_factory=list,
        max_length=50,
        description=f"A service, or `{NO_SERVICE}`; may be repeated.",
        examples=[["children-and-families"]],
    )
    team: list[Code] = Field(
        default_factory=list,
        max_length=50,
        description=f"A team, or `{NO_TEAM}`; may be repeated.",
        examples=[["warwick-childrens-team"]],
    )
    fault: list[FaultCode] = Field(
        default_factory=list,
        max_length=len(FaultCode),
        description="Cases with this fault, whatever else is wrong with them; may be repeated.",
        examples=[["no_team"]],
    )
