"""What a caller sends to work a complaint through its stages."""

from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.cases.schemas import ActIn, ExtensionOut
from app.cases.vocabulary import (
    Channel,
    Closure,
    Finding,
    NoFindingReason,
    TimescaleExclusion,
)
from app.kit.text import Code, Line, Prose
from app.procedures.vocabulary import ClockStart, Verdict

MAX_PENCE = 1_000_000_00
MAX_REMEDIES = 20


class ExtensionReason(StrEnum):
    """Why a stage may take longer."""

    complexity = "complexity"
    advocate = "advocate"
    awaiting_information = "awaiting_information"
    agreed_with_complainant = "agreed_with_complainant"


class ExtensionIn(ActIn):
    """More working days for the stage in hand, agreed before its due day has passed."""

    working_days: int = Field(ge=1, le=100, examples=[10])
    extension_reason: ExtensionReason
    told_on: date | None = Field(
        default=None, description="The day the person was told of the new due day."
    )


class RemedyIn(BaseModel):
    """One thing done, or promised, to put the person right."""

    model_config = ConfigDict(extra="forbid")

    kind: Code = Field(examples=["apology"])
    pence: int | None = Field(
        default=None, ge=1, le=MAX_PENCE, description="Only for a financial kind."
    )
    due_on: date | None = None
    done_on: date | None = None


class OutcomeIn(ActIn):
    """How a stage was answered: a finding, or a closing without one."""

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

    remedies: list[RemedyIn] = Field(min_length=1, max_length=MAX_REMEDIES)


class EscalationIn(ActIn):
    """A request for the next stage."""

    reason: Prose | None = Field(
        default=None,
        description="Why the person is not content. Ask, but never refuse for lack of it.",
        examples=["The reply did not answer my second point."],
    )


class Decision(StrEnum):
    """What can be decided on a request for the next stage."""

    accepted = "accepted"
    refused = "refused"
    resolved = "resolved"


class EscalationDecisionIn(ActIn):
    """The decision on a request: accepted, refused, or resolved before acceptance."""

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


class ClosureIn(ActIn):
    """Nothing more is to be done."""


class ReopeningIn(ActIn):
    """A closed case is taken up again."""

    reason: Prose


class CorrectionIn(ActIn):
    """A mis-keyed fact put right. Facts of a stage need its number."""

    reason: Prose
    received_on: date | None = None
    channel: Channel | None = None
    category: Code | None = None
    stage: int | None = Field(default=None, ge=1, le=3)
    finding: Finding | None = None
    answered_on: date | None = None
    timescale_excluded: TimescaleExclusion | None = None

    @model_validator(mode="after")
    def _corrects_something(self) -> Self:
        of_stage = (self.finding, self.answered_on, self.timescale_excluded)
        of_case = (self.received_on, self.channel, self.category)
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
    number: int | None = Field(ge=0, description="Which working day it is; 0 starts the clock.")
    counted: bool
    why_not: str | None = Field(max_length=200, examples=["weekend"])


class ClockOut(BaseModel):
    """Why a stage is due when it is."""

    stage: int = Field(ge=1, le=3)
    procedure: str = Field(max_length=64)
    procedure_since: date = Field(description="Which version of the procedure governs it.")
    calendar_version: str = Field(max_length=64)
    clock_starts: ClockStart
    started_on: date
    respond_within: int | None = Field(ge=1, description="Working days; none: no fixed limit.")
    extend_by_at_most: int = Field(ge=0)
    base_due_on: date | None
    extensions: list[ExtensionOut] = Field(max_length=100)
    due_on: date | None
    closed_on: date | None
    working_days_taken: int | None = Field(ge=0)
    verdict: Verdict | ClockVerdict
    days: list[ClockDay] = Field(max_length=10_000)
