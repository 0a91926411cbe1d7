"""The shape of every answer: the same fields for each figure, and keys by what it is cut by."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from app.kit.shown import shown
from app.kit.text import Code
from app.stats.answer import Answer, Disclosure
from app.stats.described import DefinitionVersion, ReportFigure
from app.stats.lines import LeftOutOut, RowOut, TotalOut
from app.stats.period import Period
from app.stats.world import Basis, TeamBasis, TypeBasis

_EXAMPLE_ROW: JsonDict = {
    "service": "children-and-families",
    "service_name": "Children & Families",
    "category": "protection-of-user",
    "category_name": "Protection of user",
    "count": 44,
    "denominator": 183,
    "percent": 24,
    "rank": 1,
    "not_comparable": [],
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
    "basis": {"type": "now", "team": "recorded", "as_at": None},
    "population": "complaints registered in the period",
    "cuts": ["service", "category"],
    "denominator": ["service"],
    "denominator_means": "the population of each service, less what is left out",
    "rows": [_EXAMPLE_ROW],
    "totals": [
        {
            "service": "children-and-families",
            "service_name": "Children & Families",
            "count": 183,
            "considered": 185,
            "since": "2023-04-01",
            "until": "2024-04-01",
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
    "disclosure": "exact",
    "as_of": "2026-10-01T09:00:00Z",
}


class PeriodOut(BaseModel):
    """The days covered: `until` is the day after the last; `year` names the last whole year."""

    since: date
    until: date
    year: str | None = Field(max_length=7, examples=["2023-24"])
    day: str = Field(max_length=64, description="Which day decides that something counts.")


class DaysOut(BaseModel):
    """Days, the last of them being the one before `until`."""

    since: date
    until: date


class BasisOut(BaseModel):
    """In which of several true ways the cases were looked at."""

    type: TypeBasis
    team: TeamBasis
    as_at: date | None = Field(description="The day at whose end it was so; none: now.")

    @classmethod
    def of(cls, basis: Basis) -> Self:
        """A basis as JSON will have it."""
        return cls(type=basis.type, team=basis.team, as_at=basis.as_at)


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
    cuts: list[Code] = Field(max_length=6)
    denominator: list[Code] = Field(max_length=6, description="The cuts that make the whole.")
    denominator_means: str = Field(max_length=500, description="What shares are shares of.")
    compared_with: DaysOut | None = Field(default=None, description="If that was asked.")
    rows: list[RowOut] = Field(max_length=50_000)
    totals: list[TotalOut] = Field(max_length=50_000)
    left_out: list[LeftOutOut] = Field(max_length=50_000)
    notes: list[Annotated[str, Field(max_length=2_000)]] = Field(max_length=1000)
    disclosure: Disclosure = Field(
        description="Whether small numbers are told (`exact`), or withheld (`public`)."
    )
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
            denominator=list(figure.measure.of),
            denominator_means=figure.whole,
            **_compared(answer.compared_with),
            rows=[RowOut.model_validate(row) for row in answer.rows],
            totals=[TotalOut.model_validate(total) for total in answer.totals],
            left_out=[LeftOutOut.model_validate(left) for left in answer.left_out],
            notes=list(answer.notes),
            disclosure=answer.disclosure,
            as_of=answer.as_of,
        )


def _compared(period: Period | None) -> dict[str, Any]:
    """Left out of an answer that is set against nothing."""
    days = DaysOut(since=period.since, until=period.until) if period else None
    return {"compared_with": days} if days else {}
