"""The shape of the extract's dictionary, written from the declarations of its columns."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from app.kit.answers import Responses, named
from app.kit.problem import refuses
from app.kit.shown import shown
from app.kit.text import Code, Instant
from app.stats import forms
from app.stats.asking import ServiceNotYours
from app.stats.extract import AS_OF_COLUMN, CASE_COLUMN, COLUMNS, HEADER, Kind
from app.stats.question import QuestionRefused

_EXTRA = {
    CASE_COLUMN: (Kind.code, "The case, by a name that no other system knows; it never changes."),
    AS_OF_COLUMN: (Kind.instant, "When the extract was begun: send it as `changed_since` next."),
}

_EXAMPLE = "case,changed_at,feedback_type\r\n5f0c7a9b,2026-10-01T09:00:00Z,complaint\r\n"
EXTRACTED: Responses = {
    200: {
        "description": "A line for each case.",
        "headers": named("Content-Disposition"),
        "content": {
            forms.CSV.media_type: {
                "schema": {"type": "string", "maxLength": 10_000_000_000},
                "example": _EXAMPLE,
            }
        },
    },
    **refuses(QuestionRefused, ServiceNotYours),
}
Word = Annotated[str, Field(max_length=64)]


class ExtractQuery(BaseModel):
    """Which cases the extract is about."""

    model_config = ConfigDict(extra="forbid")

    service: list[Code] = Field(
        default_factory=list,
        max_length=50,
        description="A service; may be repeated. The whole council when left out.",
        examples=[["children-and-families"]],
    )
    changed_since: Instant | None = Field(
        default=None,
        description="Only what has been changed since: the `as_of` of the extract before.",
        examples=["2026-10-01T09:00:00Z"],
    )


class ColumnOut(BaseModel):
    """A column of the extract."""

    name: Word
    kind: Kind
    means: str = Field(max_length=500)
    codes: list[Word] = Field(
        max_length=50, description="All that it may hold; none listed where the council sets them."
    )


class DictionaryOut(BaseModel):
    """What every column of the extract means, in their order."""

    model_config = shown(
        {
            "columns": [
                {
                    "name": "feedback_type",
                    "kind": "code",
                    "means": "What it is now.",
                    "codes": ["complaint", "comment", "compliment"],
                }
            ]
        }
    )

    columns: list[ColumnOut] = Field(max_length=200)

    @classmethod
    def whole(cls) -> Self:
        """The dictionary."""
        described = {
            column.name: (column.kind, column.means, list(column.codes)) for column in COLUMNS
        } | {name: (kind, means, []) for name, (kind, means) in _EXTRA.items()}
        return cls(
            columns=[
                ColumnOut(name=name, kind=kind, means=means, codes=codes)
                for name in HEADER
                for kind, means, codes in (described[name],)
            ]
        )
