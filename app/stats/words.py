"""The shape of the vocabulary: every word that a free question may have, and what it means."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from app.kit.clock import london_day
from app.kit.shown import shown
from app.stats.asking import FreeQuery
from app.stats.catalogue import FACTS, FIGURES
from app.stats.described import CutOut, QuantityOut, ReasonOut
from app.stats.fact import Cut, Fact, Reason, Scope
from app.stats.figure import Figure
from app.stats.free import as_free, measures
from app.stats.period import Period, last_complete_year
from app.stats.reference import Reference
from app.stats.times import GRAINS
from app.stats.world import Basis

Word = Annotated[str, Field(max_length=64)]
Means = Annotated[str, Field(max_length=500)]

QUERY = "/v1/stats/query"

_EXAMPLE_FACT: JsonDict = {
    "name": "feedback",
    "means": "Each complaint, comment and compliment, once.",
    "days": [{"name": "registered", "means": "registered in the period"}],
    "cuts": [{"name": "service", "means": "the service that answers for it now"}],
    "always_leaves_out": [{"reason": "void", "means": "entered by mistake and voided"}],
    "may_leave_out": [],
    "amounts": [],
    "measures": ["count", "share"],
}


class DayOut(BaseModel):
    """A day that can decide whether something falls in the period."""

    name: Word
    means: Means


class FactOut(BaseModel):
    """What can be counted, and the words that go with it."""

    name: Word
    means: Means
    days: list[DayOut] = Field(max_length=5, description="The first decides, unless asked.")
    cuts: list[CutOut] = Field(max_length=50)
    always_leaves_out: list[ReasonOut] = Field(max_length=50)
    may_leave_out: list[ReasonOut] = Field(max_length=50)
    amounts: list[QuantityOut] = Field(max_length=10)
    measures: list[Word] = Field(max_length=50)

    @classmethod
    def of(cls, fact: Fact) -> Self:
        """A fact as JSON will have it."""
        return cls(
            name=fact.name,
            means=fact.means,
            days=[DayOut(name=day.basis, means=day.words) for day in fact.days],
            cuts=list(_described(fact.cuts)),
            always_leaves_out=list(_reasons(fact.leaves_out)),
            may_leave_out=list(_reasons(fact.reasons)),
            amounts=[QuantityOut(name=one.name, means=one.means) for one in fact.amounts],
            measures=measures(fact),
        )


class CodeOut(BaseModel):
    """A code of a cut, as it is spelled in a question, and what it is called."""

    code: Word
    name: str = Field(max_length=200)


class CodesOut(BaseModel):
    """Every code of a cut, whatever fact it cuts."""

    cut: Word
    codes: list[CodeOut] = Field(max_length=5_000)


class AskedAsOut(BaseModel):
    """A published figure, and the free question that it is."""

    figure: Word
    title: str = Field(max_length=200)
    question: str = Field(
        max_length=2_000,
        description="Ready to send; add a period, services and bases as for the figure.",
    )

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """A declaration, as a question."""
        return cls(figure=figure.slug, title=figure.title, question=f"{QUERY}?{as_free(figure)}")


class VocabularyOut(BaseModel):
    """Every word there is: facts, cuts and their codes, grains, measures, parameters, figures."""

    model_config = shown(
        {
            "facts": [_EXAMPLE_FACT],
            "codes": [{"cut": "service", "codes": [{"code": "education", "name": "Education"}]}],
            "grains": [{"name": "quarter", "means": "the quarter of the financial year"}],
            "parameters": [{"name": "fact", "means": "What is counted."}],
            "figures": [AskedAsOut.of(FIGURES[0]).model_dump()],
        }
    )

    facts: list[FactOut] = Field(max_length=50)
    codes: list[CodesOut] = Field(max_length=100)
    grains: list[CutOut] = Field(max_length=10)
    parameters: list[CutOut] = Field(max_length=50)
    figures: list[AskedAsOut] = Field(max_length=200)

    @classmethod
    def of(cls, reference: Reference, *, now: datetime) -> Self:
        """The vocabulary, with the council's own codes."""
        return cls(
            facts=[FactOut.of(fact) for fact in FACTS.values()],
            codes=list(_codes(_everything(reference, now=now))),
            grains=list(_described(grain.cut for grain in GRAINS.values())),
            parameters=[
                CutOut(name=name, means=field.description or "")
                for name, field in FreeQuery.model_fields.items()
            ],
            figures=[AskedAsOut.of(figure) for figure in FIGURES],
        )


def _described(cuts: Iterable[Cut]) -> Iterator[CutOut]:
    return (CutOut(name=cut.name, means=cut.means) for cut in cuts)


def _reasons(reasons: Iterable[Reason]) -> Iterator[ReasonOut]:
    return (ReasonOut(reason=reason.code, means=reason.words) for reason in reasons)


def _everything(reference: Reference, *, now: datetime) -> Scope:
    """A scope, for lists of codes that do not depend on it."""
    today = london_day(now)
    return Scope(
        reference=reference,
        period=Period.ending_with(last_complete_year(today)),
        day=FACTS["feedback"].days[0],
        services=(),
        basis=Basis(),
        now=now,
        today=today,
    )


def _codes(scope: Scope) -> Iterator[CodesOut]:
    named: dict[str, dict[str, str]] = {}
    for cut in (cut for fact in FACTS.values() for cut in fact.cuts):
        called = cut.called(scope.reference)
        codes = {str(code): called.get(str(code), _worded(code)) for code in cut.known(scope)}
        named.setdefault(cut.name, {}).update(codes)
    for name, codes in named.items():
        yield CodesOut(cut=name, codes=[CodeOut(code=c, name=n) for c, n in codes.items()])


def _worded(code: object) -> str:
    """What a code of the service's own is called: its words."""
    return str(code).replace("_", " ").replace("-", " ").capitalize()
