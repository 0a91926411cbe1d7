"""The shape of the catalogue: what each figure means, and how it may be asked."""

from typing import Annotated, Self

from pydantic import BaseModel, Field

from app.kit.shown import shown
from app.kit.text import Code
from app.stats.catalogue import FIGURES
from app.stats.figure import Figure
from app.stats.period import LONGEST_YEARS
from app.stats.question import parameters

ReportFigure = Annotated[int, Field(ge=1, le=99)]
DefinitionVersion = Annotated[int, Field(ge=1, le=999)]


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
