"""What a caller sends to confirm what a case is and who deals with it."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from app.cases.schemas import ActIn
from app.cases.vocabulary import Channel, FeedbackType, RefusalReason
from app.kit.shown import shown
from app.kit.text import Code, Prose


class AcknowledgementIn(ActIn):
    """That the person was told their feedback has arrived."""

    model_config = shown({"by": "phone"})

    by: Channel = Field(description="How they were told.")


class TriageDecision(StrEnum):
    """What triage can decide."""

    accept = "accept"
    resolve_early = "resolve_early"
    redirect_outside_process = "redirect_outside_process"
    redirect_not_feedback = "redirect_not_feedback"
    refuse = "refuse"


class TriageIn(ActIn):
    """Triage: what the feedback is, under which procedure, whose it is, and what happens."""

    model_config = shown(
        {
            "decision": "accept",
            "procedure": "childrens-statutory",
            "category": "communication",
            "service": "children-and-families",
        },
        {
            "decision": "refuse",
            "refusal_reason": "out_of_time",
            "reason": "It was all over three years ago.",
        },
    )

    decision: TriageDecision
    type: FeedbackType | None = Field(default=None, description="Where it was taken in as another.")
    procedure: Code | None = Field(default=None, examples=["childrens-statutory"])
    category: Code | None = Field(default=None, examples=["communication"])
    service: Code | None = Field(default=None, examples=["children-and-families"])
    team: Code | None = None
    safeguarding: bool | None = Field(
        default=None, strict=True, description="Whether it raises a concern for somebody's safety."
    )
    refusal_reason: RefusalReason | None = None

    @model_validator(mode="after")
    def _a_refusal_says_why(self) -> Self:
        if (self.decision is TriageDecision.refuse) != (self.refusal_reason is not None):
            message = "decision refuse goes with a refusal_reason, and nothing else does"
            raise ValueError(message)
        return self


class ReclassificationIn(ActIn):
    """Feedback that proves to be of another type. It is counted once, by its type now."""

    model_config = shown({"type": "comment", "reason": "No reply is wanted."})

    type: FeedbackType
    reason: Prose


class AllocationIn(ActIn):
    """Who deals with it from now on."""

    model_config = shown({"team": "warwick-childrens-team"})

    service: Code | None = None
    team: Code | None = None

    @model_validator(mode="after")
    def _to_somebody(self) -> Self:
        if self.service is None and self.team is None:
            message = "give a service, a team, or both"
            raise ValueError(message)
        return self
