"""What a report is made of: sections, figures, tables and sentences. Its JSON is these classes.

A report is a value: whatever is shown of it, in whatever format, is in here, so that what was
published can be kept as JSON and shown again for ever.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter

from app.kit.shown import shown

Name: TypeAlias = Annotated[str, Field(max_length=200)]
Sentence: TypeAlias = Annotated[str, Field(max_length=2_000)]
Prose: TypeAlias = Annotated[str, Field(max_length=20_000)]
Slug: TypeAlias = Annotated[str, Field(max_length=64)]
Cell: TypeAlias = (
    Annotated[int, Field(ge=-(10**15), le=10**15)]
    | Annotated[float, Field(ge=-(10**15), le=10**15)]
    | Annotated[str, Field(max_length=500)]
)
"""A number, a name, or the shorthand of `stats.table` for why there is no number."""

Cells: TypeAlias = Annotated[tuple[Cell, ...], Field(max_length=50)]


class Kind(StrEnum):
    """How the cells of a column are to be read."""

    text = "text"
    number = "number"
    percent = "percent"
    rate = "rate"  # a count for every hundred of something, to two decimals
    days = "days"
    pence = "pence"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and what its cells are."""

    heading: Name
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first cell of each names it. `totals` are rows of wholes."""

    caption: Sentence
    columns: Annotated[tuple[Column, ...], Field(max_length=50)]
    rows: Annotated[tuple[Cells, ...], Field(max_length=10_000)]
    totals: Annotated[tuple[Cells, ...], Field(max_length=10)] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of a figure, as a Vega-Lite specification, and what it shows in words."""

    specification: Annotated[dict[str, Any], Field(max_length=100)]
    alternative: Annotated[str, Field(max_length=5_000)]


@dataclass(frozen=True, slots=True)
class Remark:
    """What an officer wrote: narrative for a section, or a note on a figure."""

    paragraphs: Annotated[tuple[Prose, ...], Field(max_length=200)]
    author: Name
    written_on: date


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A figure as the report shows it: what it means, its tables, and what they say in words."""

    figure: Slug
    label: Name  # "Figure 4", "Figures 7 and 8"
    title: Name
    means: Sentence
    population: Annotated[str, Field(max_length=5_000)]
    sentences: Annotated[tuple[Sentence, ...], Field(max_length=1_000)]
    chart: Chart | None  # none where there is nothing to draw
    tables: Annotated[tuple[Table, ...], Field(max_length=200)]
    notes: Annotated[tuple[Sentence, ...], Field(max_length=1_000)]
    remarks: Annotated[tuple[Remark, ...], Field(max_length=100)] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under a heading of its own."""

    key: Slug
    title: Name
    paragraphs: Annotated[tuple[Sentence, ...], Field(max_length=1_000)] = ()
    remarks: Annotated[tuple[Remark, ...], Field(max_length=100)] = ()
    tables: Annotated[tuple[Table, ...], Field(max_length=50)] = ()
    exhibits: Annotated[tuple[Exhibit, ...], Field(max_length=100)] = ()


_EXAMPLE: Any = {
    "council": "Example County Council",
    "title": "Customer feedback annual report 2023/24",
    "subject": "Children & Families",
    "year": "2023-24",
    "since": "2023-04-01",
    "until": "2024-04-01",
    "services": ["children-and-families"],
    "as_of": "2026-10-01T09:00:00Z",
    "sections": [
        {
            "key": "volumes",
            "title": "Complaints, compliments and comments",
            "paragraphs": [],
            "remarks": [
                {
                    "paragraphs": ["The new form went live in January."],
                    "author": "Jo Bloggs, Customer Relations",
                    "written_on": "2024-06-03",
                }
            ],
            "tables": [],
            "exhibits": [
                {
                    "figure": "feedback-by-service",
                    "label": "Figure 2",
                    "title": "Complaints, compliments and comments by service",
                    "means": "How many complaints, compliments and comments each service had.",
                    "population": "complaints, compliments and comments registered in the period",
                    "sentences": [
                        "Complaints to Children & Families: 183 in 2023/24, 14% fewer than before."
                    ],
                    "chart": None,
                    "tables": [
                        {
                            "caption": "Children & Families",
                            "columns": [
                                {"heading": "Year", "kind": "text"},
                                {"heading": "Complaint", "kind": "number"},
                            ],
                            "rows": [["2022/23", 212], ["2023/24", 183]],
                            "totals": [],
                        }
                    ],
                    "notes": [],
                    "remarks": [],
                }
            ],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: every figure of one year, counted at one instant."""

    council: Name
    title: Name
    subject: Annotated[str, Field(max_length=5_000)]  # the services it is about, or all
    year: Annotated[str, Field(max_length=7)]
    since: date
    until: date  # the day after the last
    services: Annotated[tuple[Slug, ...], Field(max_length=50)]  # none: every service
    as_of: datetime
    sections: Annotated[tuple[Section, ...], Field(max_length=50)]

    __pydantic_config__: ClassVar[ConfigDict] = shown(_EXAMPLE)

    def only(self, key: str) -> "Report":
        """The same report with one of its sections and no other."""
        return replace(self, sections=tuple(one for one in self.sections if one.key == key))


OF_JSON = TypeAdapter(Report)
"""Reads and writes reports as JSON."""
