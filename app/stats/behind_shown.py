"""The shape of what is behind a count, and the addresses at which it is listed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from app.cases.reference import PATTERN, reference_of
from app.cases.vocabulary import Status
from app.kit.shown import shown
from app.stats.answer import Answer
from app.stats.asking import FigureQuery
from app.stats.behind import Behind
from app.stats.lines import Count, KeysOut
from app.stats.measures import Line

_NOT_LISTED = {"compare", "annualise"}  # a row's own days are listed, not those of a year before


class ThingOut(KeysOut):
    """One thing that was counted: whose it is, and every code that it was counted under."""

    reference: str = Field(pattern=PATTERN, max_length=32)
    status: Status = Field(description="Where the case stands, or stood on the day asked about.")
    happened_on: date = Field(description="The day that decided that it counts.")

    @classmethod
    def of(cls, thing: Mapping[str, Any]) -> Self:
        """A row of a fact as JSON will have it."""
        codes = {name: value for name, value in thing.items() if name != "case_id"}
        return cls(reference=reference_of(thing["case_id"]), **codes)


class BehindOut(BaseModel):
    """A page of what is behind a count; `next_cursor` fetches the next, and is none on the last."""

    model_config = shown(
        {
            "count": 44,
            "withheld": 0,
            "items": [
                {
                    "reference": "CF-100001-19",
                    "status": "closed",
                    "happened_on": "2023-05-02",
                    "feedback_type": "complaint",
                    "service": "children-and-families",
                    "category": "protection-of-user",
                }
            ],
            "next_cursor": None,
        }
    )

    count: Count = Field(description="How many there are: what the row says.")
    withheld: Count = Field(description="How many of them are of services not the key's, today.")
    items: list[ThingOut] = Field(max_length=200)
    next_cursor: str | None = Field(max_length=2_000)

    @classmethod
    def of(cls, found: Behind, *, next_cursor: str | None) -> Self:
        """A page as JSON will have it."""
        return cls(
            count=found.count,
            withheld=found.withheld,
            items=[ThingOut.of(thing) for thing in found.things],
            next_cursor=next_cursor,
        )


def linked(answer: Answer, asked: FigureQuery, *, path: str) -> Answer:
    """The same answer, with where to find what each of its lines counted."""
    sent = asked.model_dump(mode="json", exclude_defaults=True, exclude=_NOT_LISTED)
    if asked.year is None and asked.since is None:
        sent["year"] = str(answer.period.year)  # the usual one is another next year
    start = f"{path}/cases?{_spelled(sent)}"

    def with_link(line: Line, cuts: Sequence[str]) -> Line:
        row = [f"{name}:{line[name]}" for name in cuts]
        reason = {"left_out": line["reason"]} if "reason" in line else {}
        return {**line, "cases": "&".join(filter(None, (start, _spelled({"row": row, **reason}))))}

    by, of = answer.figure.by, answer.figure.measure.of
    return replace(
        answer,
        rows=tuple(with_link(line, by) for line in answer.rows),
        totals=tuple(with_link(line, of) for line in answer.totals),
        left_out=tuple(with_link(line, of) for line in answer.left_out),
    )


def _spelled(parameters: Mapping[str, object]) -> str:
    return urlencode(parameters, doseq=True, safe=":,")
