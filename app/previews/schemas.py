"""What an act would move, as it is answered."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from app.kit.shown import shown
from app.kit.text import Code
from app.previews.moves import Cell, FigureMove, Move, Said
from app.previews.rehearsing import Effect
from app.reports.schemas import Services, Version, Year
from app.stats.lines import Count, KeysOut

Number = (
    Annotated[int, Field(ge=-(10**15), le=10**15)]
    | Annotated[float, Field(ge=-(10**15), le=10**15)]
    | None
)
Sentences = Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=1_000)]

_SAID: JsonDict = {
    "no_longer": ["Of the 52 complaints to Education with a finding, 26 were upheld."],
    "instead": ["Of the 52 complaints to Education with a finding, 27 were upheld."],
}


class CellOut(KeysOut):
    """A number that would move, in a row or in what was left out."""

    reason: str = Field(
        default="", max_length=64, description="Of what was left out: for which reason."
    )
    column: Code = Field(examples=["count"])
    published: Number = Field(
        default=None, description="Only of what is published; none where it was withheld."
    )
    before: Number = Field(description="As it is counted now; none where there is no such row.")
    after: Number = Field(description="As it would be counted once the act is done.")

    @classmethod
    def of(cls, cell: Cell, *, published: bool) -> Self:
        """A number, beside what was published of it if anything was."""
        keys = {name: code for name, code in cell.keys.items() if name in cls.model_fields}
        if published:
            keys["published"] = cell.published
        return cls(**keys, column=cell.column, before=cell.before, after=cell.after)


class SaidOut(BaseModel):
    """Sentences, written from exact numbers: those no longer said, and those said instead."""

    no_longer: Sentences
    instead: Sentences

    @classmethod
    def of(cls, said: Said) -> Self:
        """What would be said otherwise."""
        return cls(no_longer=list(said.no_longer), instead=list(said.instead))


class FigureMoveOut(BaseModel):
    """A figure that would move."""

    figure: Code
    title: str = Field(max_length=200)
    cells: list[CellOut] = Field(max_length=50_000)
    sentences: SaidOut

    @classmethod
    def of(cls, one: FigureMove, *, published: bool) -> Self:
        """What would move in it."""
        return cls(
            figure=one.figure.slug,
            title=one.figure.title,
            cells=[CellOut.of(cell, published=published) for cell in one.cells],
            sentences=SaidOut.of(one.said),
        )


class ReportMoveOut(BaseModel):
    """A report in which something would move: as it was published last, or as it stands."""

    year: Year
    services: Services
    version: Version | None = Field(description="None: nothing is published; as it stands now.")
    published_at: datetime | None
    headlines: SaidOut = Field(description="What the summary would say otherwise.")
    figures: list[FigureMoveOut] = Field(max_length=200)

    @classmethod
    def of(cls, move: Move) -> Self:
        """What would move in it."""
        told, found = move.telling, move.telling.publication
        return cls(
            year=str(told.year),
            services=list(told.services),
            version=found.which.version if found else None,
            published_at=found.confirmed.confirmed_at if found and found.confirmed else None,
            headlines=SaidOut.of(move.headlines),
            figures=[FigureMoveOut.of(one, published=bool(found)) for one in move.figures],
        )


class PreviewOut(BaseModel):
    """What an act would move in reports if it were done now. Nothing has been changed."""

    model_config = shown({
        "reports": [{
            "year": "2023-24", "services": ["children-and-families", "education"], "version": 1,
            "published_at": "2026-10-02T09:00:00Z", "headlines": {"no_longer": [], "instead": []},
            "figures": [{
                "figure": "outcomes", "title": "Outcomes of complaints closed at stage 1",
                "cells": [
                    {"service": "education", "service_name": "Education", "outcome": "upheld",
                     "column": "count", "published": 26, "before": 26, "after": 27},
                ],
                "sentences": _SAID,
            }],
        }],
        "unmoved": 1,
        "withheld": 0,
    })  # fmt: skip

    reports: list[ReportMoveOut] = Field(
        max_length=1_000,
        description="The newest published version of each report; and, of each year that the case"
        " has to do with, all that the key may see as it stands.",
    )
    unmoved: Count = Field(description="How many other reports were looked at: nothing moves.")
    withheld: Count = Field(
        description="How many published reports are about services not the key's."
    )

    @classmethod
    def of(cls, effect: Effect) -> Self:
        """An effect as JSON will have it."""
        return cls(
            reports=[ReportMoveOut.of(move) for move in effect.moved],
            unmoved=effect.unmoved,
            withheld=effect.withheld,
        )
