"""What a caller sends to work a complaint through its stages."""

from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from app.cases.examples import EXTENSION
from app.cases.schemas import MAX_DAYS, MAX_PENCE, ActIn, ExtensionOut
from app.cases.vocabulary import (
    Channel,
    Closure,
    Finding,
    NoFindingReason,
    TimescaleExclusion,
)
from app.kit.shown import shown
from app.kit.text import Code, Day, Line, Prose
from app.procedures.vocabulary import ClockStart, Verdict

MAX_REMEDIES = 20

_CLOCK: JsonDict = {
    "stage": 1,
    "procedure": "childrens-statutory",
    "procedure_since": "2006-09-01",
    "calendar_version": "england-and-wales-to-2028",
    "clock_starts": "receipt",
    "started_on": "2026-10-01",
    "respond_within": 10,
    "extend_by_at_most": 10,
    "base_due_on": "2026-10-15",
    "extensions": [EXTENSION],
    "due_on": "2026-10-22",
    "closed_on": None,
    "working_days_taken": None,
    "verdict": "open_in_time",
    "days": [
        {
            "day": "2026-10-01",
            "number": 0,
            "counted": False,
            "why_not": "day 0: the clock starts after it",
        },
        {"day": "2026-10-02", "number": 1, "counted": True, "why_not": None},
        {"day": "2026-10-03", "number": None, "counted": False, "why_not": "weekend"},
    ],
}


class ExtensionReason(StrEnum):
    """Why a stage may take longer."""

    complexity = "complexity"
    advocate = "advocate"
    awaiting_information = "awaiting_information"
    agreed_with_complainant = "agreed_with_complainant"


class ExtensionIn(ActIn):
    """More working days for the stage in hand, agreed before its due day has passed."""

    model_config = shown(
        {
            "working_days": 5,
            "extension_reason": "complexity",
            "reason": "Two teams are involved.",
        }
    )

    working_days: int = Field(ge=1, le=100, strict=True)
    extension_reason: ExtensionReason
    told_on: Day | None = Field(
        default=None, description="The day the person was told of the new due day."
    )


class RemedyIn(BaseModel):
    """One thing done, or promised, to put the person right."""

    model_config = ConfigDict(extra="forbid")

    kind: Code = Field(examples=["apology"])
    pence: int | None = Field(
        default=None, ge=1, le=MAX_PENCE, strict=True, description="Only for a financial kind."
    )
    due_on: Day | None = None
    done_on: Day | None = None


class OutcomeIn(ActIn):
    """How a stage was answered: a finding, or a closing without one."""

    model_config = shown(
        {
            "finding": "partially_upheld",
            "remedies": [{"kind": "apology"}, {"kind": "financial-symbolic", "pence": 15000}],
            "handler": "r.handler",
        },
        {"closure": "no_finding", "no_finding_reason": "concurrent_proceedings"},
    )

    finding: Finding | None = None
    closure: Literal[Closure.question_answered, Closure.no_finding] | None = None
    no_finding_reason: NoFindingReason | None = None
    remedies: list[RemedyIn] = Field(default=[], max_length=MAX_REMEDIES)
    handler: Line | None = Field(default=None, description="Staff id of who answered.")

    @model_validator(mode="after")
    def _one_ending(self) -> Self:
        if (self.finding is None) == (self.closure is None):
            message = "give either a finding or a closure"
            raise ValueError(message)
        if (self.closure is Closure.no_finding) != (self.no_finding_reason is not None):
            message = "closure no_finding goes with a no_finding_reason, and nothing else does"
            raise ValueError(message)
        return self


class RemediesIn(ActIn):
    """Remedies agreed after a stage was answered."""

    model_config = shown({"remedies": [{"kind": "explanation"}]})

    remedies: list[RemedyIn] = Field(min_length=1, max_length=MAX_REMEDIES)


class EscalationIn(ActIn):
    """A request for the next stage."""

    model_config = shown({"reason": "The reply did not answer my second point."})

    reason: Prose | None = Field(
        default=None,
        description="Why the person is not content. Ask, but never refuse for lack of it.",
    )


class Decision(StrEnum):
    """What can be decided on a request for the next stage."""

    accepted = "accepted"
    refused = "refused"
    resolved = "resolved"


class EscalationDecisionIn(ActIn):
    """The decision on a request: accepted, refused, or resolved before acceptance."""

    model_config = shown(
        {"decision": "accepted", "handler": "i.investigator"},
        {"decision": "refused", "reason": "It was asked for a year after the reply."},
    )

    decision: Decision
    handler: Line | None = Field(default=None, description="Staff id of who will answer.")

    @model_validator(mode="after")
    def _refusal_is_reasoned(self) -> Self:
        if self.decision is Decision.refused and not self.reason:
            message = "a refusal needs a reason"
            raise ValueError(message)
        return self


class WithdrawalIn(ActIn):
    """The person no longer pursues the matter."""

    model_config = shown({"reason": "It has been put right."})


class ClosureIn(ActIn):
    """Nothing more is to be done."""

    model_config = shown({"reason": "Every remedy is done."})


class ReopeningIn(ActIn):
    """A closed case is taken up again."""

    model_config = shown({"reason": "A remedy is still outstanding."})

    reason: Prose


class CorrectionIn(ActIn):
    """A mis-keyed fact put right. Facts of a stage need its number."""

    model_config = shown(
        {"channel": "email", "reason": "It was an email."},
        {"stage": 1, "finding": "upheld", "reason": "Read again from the reply."},
    )

    reason: Prose
    received_on: Day | None = None
    acknowledged_on: Day | None = None
    channel: Channel | None = None
    category: Code | None = None
    stage: int | None = Field(default=None, ge=1, le=3, strict=True)
    finding: Finding | None = None
    answered_on: Day | None = None
    timescale_excluded: TimescaleExclusion | None = None

    @model_validator(mode="after")
    def _corrects_something(self) -> Self:
        of_stage = (self.finding, self.answered_on, self.timescale_excluded)
        of_case = (self.received_on, self.acknowledged_on, self.channel, self.category)
        if all(fact is None for fact in (*of_stage, *of_case)):
            message = "give at least one fact to correct"
            raise ValueError(message)
        if (self.stage is not None) != any(fact is not None for fact in of_stage):
            message = (
                "finding, answered_on and timescale_excluded go with a stage, and only they do"
            )
            raise ValueError(message)
        return self


class ClockVerdict(StrEnum):
    """How an open stage stands with its time."""

    open_in_time = "open_in_time"
    open_overdue = "open_overdue"


class ClockDay(BaseModel):
    """One calendar day of a clock."""

    day: date
    number: int | None = Field(
        ge=0, le=MAX_DAYS, description="Which working day it is; 0 starts the clock."
    )
    counted: bool
    why_not: str | None = Field(max_length=200, examples=["weekend"])


class ClockOut(BaseModel):
    """Why a stage is due when it is."""

    model_config = shown(_CLOCK)

    stage: int = Field(ge=1, le=3)
    procedure: str = Field(max_length=64)
    procedure_since: date = Field(description="Which version of the procedure governs it.")
    calendar_version: str = Field(max_length=64)
    clock_starts: ClockStart
    started_on: date
    respond_within: int | None = Field(
        ge=1, le=260, description="Working days; none: no fixed limit."
    )
    extend_by_at_most: int = Field(ge=0, le=260)
    base_due_on: date | None
    extensions: list[ExtensionOut] = Field(max_length=100)
    due_on: date | None
    closed_on: date | None
    working_days_taken: int | None = Field(ge=0, le=MAX_DAYS)
    verdict: Verdict | ClockVerdict
    days: list[ClockDay] = Field(max_length=10_000)
