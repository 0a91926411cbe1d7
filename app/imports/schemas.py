"""A line of history as it is sent: a case as it was received, and every act since.

An act is what the API takes for it, with the day it was done, by whom, and the stage that the
API has in its path.
"""

from datetime import date
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.cases.schemas import (
    MAX_PEOPLE,
    MAX_SYSTEMS,
    NoteIn,
    PersonIn,
    SystemReference,
    VoidIn,
)
from app.cases.vocabulary import Channel, FeedbackType
from app.kit.text import Code, Prose
from app.stages.schemas import (
    ClosureIn,
    CorrectionIn,
    EscalationDecisionIn,
    EscalationIn,
    ExtensionIn,
    OutcomeIn,
    RemediesIn,
    ReopeningIn,
    WithdrawalIn,
)
from app.triage.schemas import AcknowledgementIn, AllocationIn, ReclassificationIn, TriageIn

MAX_ACTS = 500

Officer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class Done(BaseModel):
    """That an act was done: on which day, and by which officer where that is known."""

    on: date = Field(description="The day the act counts for.")
    officer: Officer | None = Field(default=None, description="The officer's staff id.")


class AtStage(BaseModel):
    """Which stage an act was about."""

    stage: int = Field(ge=1, le=3)


class Acknowledge(Done, AcknowledgementIn):
    """The person was told that their feedback had arrived."""

    act: Literal["acknowledge"]


class Triage(Done, TriageIn):
    """It was confirmed what the case is, and decided what happens to it."""

    act: Literal["triage"]


class Reclassify(Done, ReclassificationIn):
    """The case proved to be of another type."""

    act: Literal["reclassify"]


class Allocate(Done, AllocationIn):
    """The case went to another service or team."""

    act: Literal["allocate"]


class Extend(Done, AtStage, ExtensionIn):
    """A stage was given more working days."""

    act: Literal["extend"]


class Answer(Done, AtStage, OutcomeIn):
    """A stage was answered, or closed without a finding."""

    act: Literal["answer"]


class AddRemedies(Done, AtStage, RemediesIn):
    """Remedies were agreed after a stage was answered."""

    act: Literal["add_remedies"]


class Escalate(Done, EscalationIn):
    """The person asked for the next stage."""

    act: Literal["escalate"]


class DecideEscalation(Done, EscalationDecisionIn):
    """The latest request for a further stage was decided."""

    act: Literal["decide_escalation"]


class Correct(Done, CorrectionIn):
    """A mis-keyed fact was put right."""

    act: Literal["correct"]


class Withdraw(Done, WithdrawalIn):
    """The person no longer pursued the matter."""

    act: Literal["withdraw"]


class Close(Done, ClosureIn):
    """Nothing more was to be done."""

    act: Literal["close"]


class Reopen(Done, ReopeningIn):
    """A closed case was taken up again."""

    act: Literal["reopen"]


class Note(Done, NoteIn):
    """Words were added to the history."""

    act: Literal["note"]


class Void(Done, VoidIn):
    """The case proved to have been entered by mistake."""

    act: Literal["void"]


PastAct: TypeAlias = Annotated[
    Acknowledge
    | Triage
    | Reclassify
    | Allocate
    | Extend
    | Answer
    | AddRemedies
    | Escalate
    | DecideEscalation
    | Correct
    | Withdraw
    | Close
    | Reopen
    | Note
    | Void,
    Field(discriminator="act"),
]


class ImportLine(BaseModel):
    """One case with its whole history: as it was received, and every act since in order."""

    model_config = ConfigDict(extra="forbid")

    system_of_record: Code = Field(
        description="The system it is registered in.", examples=["customer_feedback"]
    )
    systems: list[SystemReference] = Field(
        min_length=1,
        max_length=MAX_SYSTEMS,
        description="Every name that the case goes by; each is unique for ever.",
    )
    type: FeedbackType = Field(description="As it was received.")
    channel: Channel | None = Field(
        default=None, description="None where the system did not collect it."
    )
    received_on: date = Field(description="The day the person made contact.")
    registered_on: date = Field(description="The day it was registered in its system of record.")
    migrated_on: date | None = Field(
        default=None,
        description="Where it came over from an older system: the day it was registered anew.",
    )
    service: Code | None = Field(default=None, description="As it was received; likewise below.")
    team: Code | None = None
    category: Code | None = None
    procedure: Code | None = None
    on_behalf: bool = False
    people: list[PersonIn] = Field(default=[], max_length=MAX_PEOPLE)
    narrative: Prose | None = None
    desired_outcome: Prose | None = None
    acts: list[PastAct] = Field(default=[], max_length=MAX_ACTS)

    @model_validator(mode="after")
    def _outcome_goes_with_words(self) -> Self:
        if self.desired_outcome is not None and self.narrative is None:
            message = "desired_outcome goes with a narrative"
            raise ValueError(message)
        return self
