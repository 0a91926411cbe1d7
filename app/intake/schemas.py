"""What a caller sends to hand in feedback, and the receipt it gets."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.cases.examples import REFERENCE
from app.cases.reference import PATTERN
from app.cases.schemas import MAX_PEOPLE, MAX_SYSTEMS, PersonIn, SystemReference
from app.cases.vocabulary import Channel, FeedbackType, Status
from app.kit.shown import shown
from app.kit.text import Code, Day, Prose

_LOGGED: JsonDict = {
    "type": "complaint",
    "channel": "phone",
    "narrative": "Nobody has rung me back for three weeks.",
    "desired_outcome": "A call, and to know who my contact is.",
    "service": "children-and-families",
    "people": [{"role": "complainant", "name": "Alex Example", "email": "alex@example.org"}],
}
_BY_PORTAL: JsonDict = {
    "type": "compliment",
    "narrative": "The librarian found my book in a minute.",
    "service": "libraries",
}
_STANDS: JsonDict = {
    "reference": REFERENCE,
    "type": "complaint",
    "received_on": "2026-10-01",
    "status": "received",
    "next_step": "acknowledge",
    "next_step_says": "We will tell you by 6 October 2026 who is dealing with your complaint.",
    "by": "2026-10-06",
}
_RECEIPT: JsonDict = {
    **_STANDS,
    "registered_on": "2026-10-01",
    "receipt_token": "exf34j66wwmfm5dup2j6jnjmclzh2p4o",
}
_REPEATS: JsonDict = {
    "items": [
        {
            "reference": "CF-100002-16",
            "type": "complaint",
            "status": "received",
            "received_on": "2026-10-12",
            "because": ["same_email"],
        }
    ]
}


class FeedbackIn(BaseModel):
    """Feedback of any type, for oneself or for somebody else, with or without contact details."""

    model_config = ConfigDict(extra="forbid", **shown(_LOGGED, _BY_PORTAL))

    type: FeedbackType
    narrative: Prose = Field(description="What the person says, in their words.")
    desired_outcome: Prose | None = Field(
        default=None, description="What the person would like to happen."
    )
    channel: Channel | None = Field(
        default=None,
        description="How they made contact. A portal's key leaves it out; others must say it.",
    )
    received_on: Day | None = Field(
        default=None,
        description="The day they made contact; today when left out. A portal's key leaves it out.",
    )
    service: Code | None = Field(default=None, examples=["children-and-families"])
    team: Code | None = None
    category: Code | None = Field(default=None, examples=["communication"])
    people: list[PersonIn] = Field(
        default=[], max_length=MAX_PEOPLE, description="None for anonymous feedback."
    )
    systems: list[SystemReference] = Field(
        default=[],
        max_length=MAX_SYSTEMS,
        description="Names that the case goes by in other systems; each is unique for ever.",
    )


class NextStep(StrEnum):
    """What happens next, as a resident may be told."""

    acknowledge = "acknowledge"
    reply = "reply"
    decide_escalation = "decide_escalation"
    answered = "answered"
    passed_on = "passed_on"
    closed = "closed"


class ReceiptStatus(BaseModel):
    """Where feedback stands, as a resident may be told."""

    model_config = shown(_STANDS)

    reference: str = Field(pattern=PATTERN, max_length=20)
    type: FeedbackType
    received_on: date
    status: Status
    next_step: NextStep
    next_step_says: str = Field(max_length=300)
    by: date | None = Field(description="When the next step is due, where there is a day.")


class Receipt(ReceiptStatus):
    """The receipt of new feedback. Keep the token: it shows how the case stands."""

    model_config = shown(_RECEIPT)

    registered_on: date
    receipt_token: str = Field(
        max_length=64, description="Send it as `Receipt-Token` to see how the case stands."
    )


class Because(StrEnum):
    """Why another case may be a repeat."""

    same_email = "same_email"
    same_phone = "same_phone"


class LikelyRepeat(BaseModel):
    """Another case that may be the same matter. A person decides; nothing is merged."""

    reference: str = Field(pattern=PATTERN, max_length=20)
    type: FeedbackType
    status: Status
    received_on: date
    because: list[Because] = Field(min_length=1, max_length=len(Because))


class LikelyRepeats(BaseModel):
    """Cases that may be repeats of this one."""

    model_config = shown(_REPEATS)

    items: list[LikelyRepeat] = Field(max_length=50)
