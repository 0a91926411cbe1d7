"""The shape of rows, wholes and what was left out: the same for every figure.

In a public answer a number may be withheld. It is null then, and a line whose count is withheld
says `"suppressed": true`; other lines do not have the word. A nought is never withheld.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from app.cases.vocabulary import FeedbackType
from app.stats.lineage import Doubt

Count = Annotated[int, Field(ge=0, le=10**9)]
Percent = Annotated[int, Field(ge=0, le=100)]
Rank = Annotated[int, Field(ge=1, le=50_000)]
Change = Annotated[int, Field(ge=-(10**9), le=10**9)]
PercentChange = Annotated[int, Field(ge=-100, le=10**11)]
Amount = Annotated[int, Field(ge=0, le=10**15)]
Middle = Annotated[float, Field(ge=0, le=10**15)]
Days = Annotated[float, Field(ge=0, le=10**6)]
Volume = Annotated[int, Field(ge=0, le=10**12)]
Rate = Annotated[float, Field(ge=0, le=10**9)]


_WITHHELD = "None where a public answer withholds it."


class KeysOut(BaseModel):
    """What a row is about: a field for each of the figure's cuts, and no others."""

    service: str = Field(default="", max_length=64)
    service_name: str = Field(default="", max_length=200)
    year: str = Field(default="", max_length=7, examples=["2023-24"])
    quarter: str = Field(default="", max_length=10, examples=["2023-24-q1"])
    month: str = Field(default="", max_length=7, examples=["2023-09"])
    week: str = Field(default="", max_length=10, examples=["2023-09-04"])
    day: str = Field(default="", max_length=10, examples=["2023-09-04"])
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
    suppressed: bool = Field(
        default=False, description="Present, and true, where a public answer withholds the count."
    )


class CountedOut(KeysOut):
    """Where what was counted is listed, for a key that may read cases and exact counts."""

    cases: str = Field(default="", max_length=10_000, description="Lists exactly what it counted.")


class QuantitiesOut(CountedOut):
    """What the amounts of what is counted come to, for a figure that says so."""

    sum_pence: Amount | None = Field(default=0, description=_WITHHELD)
    median_pence: Middle | None = None
    percentile_pence: Middle | None = None
    sum_working_days: Amount | None = Field(default=0, description=_WITHHELD)
    median_working_days: Days | None = None
    percentile_working_days: Days | None = Field(
        default=None, description="What nine in ten do not exceed, unless another share is asked."
    )
    sum_days_open: Amount | None = Field(default=0, description=_WITHHELD)
    median_days_open: Days | None = None
    percentile_days_open: Days | None = None


class ChangeOut(QuantitiesOut):
    """The same days of the year before, and what changed; only where that was asked."""

    count_before: Count | None = Field(default=0, description=_WITHHELD)
    change: Change | None = Field(
        default=None, description="None where the days are not alike, unless annualised."
    )
    percent_change: PercentChange | None = Field(
        default=None, description="The exact fraction, rounded half up; none from nothing."
    )
    annualised: Count | None = Field(
        default=None, description="The count scaled up to the whole, where that was asked."
    )
    annualised_before: Count | None = None


class RowOut(ChangeOut):
    """One count, the whole it is part of, and its share of it, rounded half up."""

    count: Count | None = Field(description=_WITHHELD)
    denominator: Count | None = Field(description=_WITHHELD)
    percent: Percent | None = Field(description="None where the whole is nothing, or withheld.")
    percent_of_findings: Percent | None = None
    denominator_of_findings: Count | None = Field(default=0, description=_WITHHELD)
    volume: Volume | None = Field(
        default=None, description="How much of the activity there was; none where not known."
    )
    percent_of_volume: Rate | None = Field(
        default=None, description="The count per hundred of the volume, to two decimals."
    )
    rank: Rank | None = Field(
        default=1,
        description="Its place in its whole, the most first; equal counts share one. "
        "Not given in a public answer.",
    )
    not_comparable: list[Doubt] = Field(
        default=[],
        max_length=len(Doubt),
        description="Why the row cannot be set beside another without a word of caution.",
    )
    denominator_before: Count | None = Field(default=0, description=_WITHHELD)
    percent_before: Percent | None = None
    rank_before: Rank | None = Field(default=1, description=_WITHHELD)


class TotalOut(ChangeOut):
    """A whole, counted by itself: what was considered is it and what was left out of it."""

    count: Count | None = Field(description=_WITHHELD)
    considered: Count | None = Field(description=_WITHHELD)
    since: date | None = Field(description="The first day it covers; none if there is none.")
    until: date | None = Field(description="The day after the last that it covers.")


class LeftOutOut(CountedOut):
    """What was considered and left out, for one reason."""

    reason: str = Field(max_length=64)
    reason_name: str = Field(max_length=200)
    count: Count | None = Field(description=_WITHHELD)
