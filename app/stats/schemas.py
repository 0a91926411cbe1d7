"""The shape of every answer: the same fields for each figure, and keys by what it is cut by."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.cases.vocabulary import FeedbackType
from app.kit.shown import shown
from app.kit.text import Code, Day
from app.stats.answer import Answer
from app.stats.catalogue import FIGURES
from app.stats.figure import Figure
from app.stats.lineage import Doubt
from app.stats.period import LONGEST_YEARS
from app.stats.question import DateBasis, Question, asked_period, parameters
from app.stats.world import Basis, TeamBasis, TypeBasis

_EXAMPLE_ROW: JsonDict = {
    "service": "children-and-families",
    "service_name": "Children & Families",
    "category": "protection-of-user",
    "category_name": "Protection of user",
    "count": 44,
    "denominator": 183,
    "percent": 24,
}
_EXAMPLE: JsonDict = {
    "figure": "complaint-categories",
    "report_figures": [6],
    "title": "Complaints by subject category",
    "means": "Of the complaints that a service had registered in the period, the share in each.",
    "definition_version": 1,
    "period": {
        "since": "2023-04-01",
        "until": "2024-04-01",
        "year": "2023-24",
        "day": "registered",
    },
    "basis": {"type": "now", "team": "recorded"},
    "population": "complaints registered in the period",
    "cuts": ["service", "category"],
    "rows": [_EXAMPLE_ROW],
    "totals": [
        {
            "service": "children-and-families",
            "service_name": "Children & Families",
            "count": 183,
            "considered": 185,
        }
    ],
    "left_out": [
        {
            "service": "children-and-families",
            "service_name": "Children & Families",
            "reason": "void",
            "reason_name": "entered by mistake and voided",
            "count": 2,
        }
    ],
    "notes": ["The period is not over: it runs to 31 March 2024."],
    "as_of": "2026-10-01T09:00:00Z",
}

Count = Annotated[int, Field(ge=0, le=10**9)]
Percent = Annotated[int, Field(ge=0, le=100)]
Pence = Annotated[int, Field(ge=0, le=10**15)]
Days = Annotated[float, Field(ge=0, le=10**6)]
Volume = Annotated[int, Field(ge=0, le=10**12)]
Rate = Annotated[float, Field(ge=0, le=10**9)]
ReportFigure = Annotated[int, Field(ge=1, le=99)]
DefinitionVersion = Annotated[int, Field(ge=1, le=999)]


class FigureQuery(BaseModel):
    """What a figure may be asked with."""

    model_config = ConfigDict(extra="forbid")

    year: str | None = Field(
        default=None,
        pattern=r"^[0-9]{4}-[0-9]{2}$",
        max_length=7,
        description="A financial year; the last complete one when no period is asked for.",
        examples=["2023-24"],
    )
    years: int | None = Field(
        default=None,
        ge=1,
        le=LONGEST_YEARS,
        description="For a figure that sets years side by side: how many, `year` being the last.",
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
        )


class KeysOut(BaseModel):
    """What a row is about: a field for each of the figure's cuts, and no others."""

    service: str = Field(default="", max_length=64)
    service_name: str = Field(default="", max_length=200)
    year: str = Field(default="", max_length=7, examples=["2023-24"])
    month: str = Field(default="", max_length=7, examples=["2023-09"])
    feedback_type: FeedbackType = FeedbackType.complaint
    type_at_receipt: FeedbackType = FeedbackType.complaint
    channel: str = Field(default="", max_length=64)
    activity: str = Field(default="", max_length=64)
    activity_name: str = Field(default="", max_length=200)
    procedure: str = Field(default="", max_length=64)
    procedure_name: str = Field(default="", max_length=200)
    stage: int = Field(default=1, ge=1, le=3)
    decision: str = Field(default="", max_length=64)
    category: str = Field(default="", max_length=64)
    category_name: str = Field(default="", max_length=200)
    source_system: str = Field(default="", max_length=64)
    source_system_name: str = Field(default="", max_length=200)
    team: str = Field(default="", max_length=64)
    team_name: str = Field(default="", max_length=200)
    remedy: str = Field(default="", max_length=64)
    remedy_name: str = Field(default="", max_length=200)
    outcome: str = Field(default="", max_length=64)
    verdict: str = Field(default="", max_length=64)
    closure_reason: str = Field(default="", max_length=64)
    refusal_reason: str = Field(default="", max_length=64)
    resolution: str = Field(default="", max_length=64)
    timeliness: str = Field(default="", max_length=64)
    days_taken: str = Field(default="", max_length=64)
    days_taken_name: str = Field(default="", max_length=200)
    clock: str = Field(default="", max_length=64)
    age: str = Field(default="", max_length=64)
    age_name: str = Field(default="", max_length=200)
    fault: str = Field(default="", max_length=64)
    fault_name: str = Field(default="", max_length=200)


class QuantitiesOut(KeysOut):
    """What the amounts of what is counted come to, for a figure that says so."""

    sum_pence: Pence = 0
    median_working_days: Days | None = None
    percentile_working_days: Days | None = Field(
        default=None, description="What nine in ten do not exceed, unless another share is asked."
    )
    median_days_open: Days | None = None
    percentile_days_open: Days | None = None


class RowOut(QuantitiesOut):
    """One count, the whole it is part of, and its share of it, rounded half up."""

    count: Count
    denominator: Count
    percent: Percent | None = Field(description="None where the whole is nothing.")
    percent_of_findings: Percent | None = None
    denominator_of_findings: Count = 0
    volume: Volume | None = Field(
        default=None, description="How much of the activity there was; none where not known."
    )
    percent_of_volume: Rate | None = Field(
        default=None, description="The count per hundred of the volume, to two decimals."
    )
    not_comparable: list[Doubt] = Field(
        default=[],
        max_length=len(Doubt),
        description="Why the row cannot be set beside another without a word of caution.",
    )


class TotalOut(QuantitiesOut):
    """A whole, counted by itself: what was considered is it and what was left out of it."""

    count: Count
    considered: Count


class LeftOutOut(KeysOut):
    """What was considered and left out, for one reason."""

    reason: str = Field(max_length=64)
    reason_name: str = Field(max_length=200)
    count: Count


class PeriodOut(BaseModel):
    """The days covered: `until` is the day after the last; `year` names the last whole year."""

    since: date
    until: date
    year: str | None = Field(max_length=7, examples=["2023-24"])
    day: str = Field(max_length=64, description="Which day decides that something counts.")


class BasisOut(BaseModel):
    """In which of several true ways the cases were looked at."""

    type: TypeBasis
    team: TeamBasis

    @classmethod
    def of(cls, basis: Basis) -> Self:
        """A basis as JSON will have it."""
        return cls(type=basis.type, team=basis.team)


class AnswerOut(BaseModel):
    """A figure for a period. Its rows sum to their denominators."""

    model_config = shown(_EXAMPLE)

    figure: str = Field(max_length=64)
    report_figures: list[ReportFigure] = Field(max_length=10)
    title: str = Field(max_length=200)
    means: str = Field(max_length=500)
    definition_version: DefinitionVersion
    period: PeriodOut
    basis: BasisOut
    population: str = Field(max_length=5000)
    cuts: list[Code] = Field(max_length=5)
    rows: list[RowOut] = Field(max_length=50_000)
    totals: list[TotalOut] = Field(max_length=50_000)
    left_out: list[LeftOutOut] = Field(max_length=50_000)
    notes: list[Annotated[str, Field(max_length=2_000)]] = Field(max_length=1000)
    as_of: datetime

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """An answer as JSON will have it."""
        figure, period = answer.figure, answer.period
        return cls(
            figure=figure.slug,
            report_figures=list(figure.report_figures),
            title=figure.title,
            means=figure.means,
            definition_version=figure.definition_version,
            period=PeriodOut(
                since=period.since,
                until=period.until,
                year=str(period.year) if period.year else None,
                day=answer.day,
            ),
            basis=BasisOut.of(answer.basis),
            population=answer.population,
            cuts=list(figure.by),
            rows=[RowOut.model_validate(row) for row in answer.rows],
            totals=[TotalOut.model_validate(total) for total in answer.totals],
            left_out=[LeftOutOut.model_validate(left) for left in answer.left_out],
            notes=list(answer.notes),
            as_of=answer.as_of,
        )


class CutOut(BaseModel):
    """A way in which a figure's rows are divided."""

    name: str = Field(max_length=64)
    means: str = Field(max_length=500)


class ReasonOut(BaseModel):
    """Why something may be left out of a figure."""

    reason: str = Field(max_length=64)
    means: str = Field(max_length=500)


class QuantityOut(BaseModel):
    """What else than how many a figure says: a sum, a median or a percentile of an amount."""

    name: str = Field(max_length=64)
    means: str = Field(max_length=500)


class FigureOut(BaseModel):
    """What a figure means, and how it may be asked."""

    slug: str = Field(max_length=64)
    report_figures: list[ReportFigure] = Field(max_length=10)
    title: str = Field(max_length=200)
    means: str = Field(max_length=500)
    definition_version: DefinitionVersion
    population: str = Field(max_length=500)
    day: str = Field(max_length=64, description="Which day decides the period, unless asked.")
    years: int = Field(
        ge=1,
        le=LONGEST_YEARS,
        description="How many financial years it covers, unless asked otherwise.",
    )
    cuts: list[CutOut] = Field(max_length=5)
    denominator: list[Code] = Field(max_length=5, description="The cuts that make the whole.")
    leaves_out: list[ReasonOut] = Field(max_length=50)
    quantities: list[QuantityOut] = Field(max_length=10)
    parameters: list[Code] = Field(max_length=20)

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """A declaration as JSON will have it."""
        day = figure.fact.days[0]
        return cls(
            slug=figure.slug,
            report_figures=list(figure.report_figures),
            title=figure.title,
            means=figure.means,
            definition_version=figure.definition_version,
            population=f"{figure.population.words} {day.words}",
            day=day.basis,
            years=figure.years,
            cuts=[CutOut(name=cut.name, means=cut.means) for cut in figure.cuts],
            denominator=list(figure.measure.of),
            leaves_out=[
                ReasonOut(reason=reason.code, means=reason.words) for reason in figure.leaves_out
            ],
            quantities=[
                QuantityOut(name=one.name, means=one.amount.means) for one in figure.quantities
            ],
            parameters=list(parameters(figure)),
        )


class CatalogueOut(BaseModel):
    """Every figure, in the order of the report."""

    model_config = shown({"figures": [FigureOut.of(FIGURES[0]).model_dump(mode="json")]})

    figures: list[FigureOut] = Field(max_length=200)
