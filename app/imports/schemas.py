"""A line of history as it is sent: a case as it was received, and every act since.

An act is what the API takes for it, with the day it was done, by whom, and the stage that the
API has in its path.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.cases.reference import PATTERN
from app.cases.schemas import (
    MAX_PEOPLE,
    MAX_SYSTEMS,
    NoteIn,
    PersonIn,
    SystemReference,
    VoidIn,
)
from app.cases.vocabulary import Channel, FeedbackType
from app.imports import examples
from app.imports.vocabulary import Format, Result
from app.kit.page import DEFAULT_LIMIT, MOST_ITEMS, CursorText
from app.kit.shown import shown
from app.kit.text import Code, Day, Line, Prose
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
MAX_LINES = 250_000
MAX_PROBLEMS = 10_000
MOST_TOLD = 32 * 1024 * 1024  # bytes of results with problems, which wait in memory until the end
MAX_INT = 2**53 - 1  # what every reader of JSON keeps exact

Officer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class Done(BaseModel):
    """That an act was done: on which day, and by which officer where that is known."""

    on: Day = Field(description="The day the act counts for.")
    officer: Officer | None = Field(default=None, description="The officer's staff id.")


class AtStage(BaseModel):
    """Which stage an act was about."""

    stage: int = Field(ge=1, le=3, strict=True)


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
    received_on: Day = Field(description="The day the person made contact.")
    registered_on: Day = Field(description="The day it was registered in its system of record.")
    migrated_on: Day | None = Field(
        default=None,
        description="Where it came over from an older system: the day it was registered anew.",
    )
    service: Code | None = Field(default=None, description="As it was received; likewise below.")
    team: Code | None = None
    category: Code | None = None
    procedure: Code | None = None
    on_behalf: bool = Field(default=False, strict=True)
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


class ImportQuery(BaseModel):
    """How a file is brought in."""

    model_config = ConfigDict(extra="forbid")

    source: Line = Field(
        default="upload", max_length=200, description="What the list of imports calls the file."
    )
    dry_run: bool = Field(default=False, description="Judge everything and store nothing.")


class ProblemOut(BaseModel):
    """One reason why a line was not taken."""

    pointer: str = Field(
        max_length=300,
        description="Where in the line, as a JSON pointer, or which column; empty: all of it.",
        examples=["/acts/3/on"],
    )
    code: str = Field(
        max_length=64,
        description="Which refusal: what follows /problems/ where an act is refused so.",
        examples=["day-not-possible"],
    )
    detail: str = Field(max_length=2_000, description="What is wrong and what to do.")
    more: dict[str, Any] = Field(
        default={}, max_length=50, description="Codes, days and numbers that the detail speaks of."
    )


class LineOut(BaseModel):
    """What became of one line."""

    line: int = Field(ge=1, le=MAX_INT, description="Its number in the file; a header counts.")
    result: Result
    reference: str | None = Field(
        pattern=PATTERN, max_length=20, description="Of the case, where it is here."
    )
    problems: list[ProblemOut] = Field(
        max_length=MAX_PROBLEMS,
        description="Why it is not taken. Of very many lines not all are told here: all are kept"
        " with the lines that were not taken. Of a dry run, mend what is told and try again.",
    )


class Counts(BaseModel):
    """How many lines came to each result."""

    taken: int = Field(ge=0, le=MAX_INT, description="New cases.")
    unchanged: int = Field(
        ge=0, le=MAX_INT, description="Known, with this very history: left as they are."
    )
    linked: int = Field(
        ge=0, le=MAX_INT, description="Known; given the further names that the line brought."
    )
    differs: int = Field(
        ge=0, le=MAX_INT, description="Known, with another history: left as they are."
    )
    refused: int = Field(ge=0, le=MAX_INT, description="Not possible; each says why.")


class RunOut(BaseModel):
    """One reading of a file of history."""

    model_config = shown(examples.RUN)

    id: int = Field(ge=1, le=MAX_INT)
    source: str = Field(max_length=255, description="The name of the file.")
    format: Format
    client: str = Field(max_length=64)
    officer: str | None = Field(max_length=64)
    started_at: datetime
    finished_at: datetime | None = Field(
        description="None while it is under way, or where it was cut off: send the file again."
    )
    lines_read: int = Field(ge=0, le=MAX_INT, description="The last line that is settled.")
    counts: Counts
    open_rejects: int = Field(
        ge=0, le=MAX_INT, description="Lines that were not taken and have not been put right since."
    )


class RunPage(BaseModel):
    """Runs, newest first; `next_cursor` fetches the next page, and is none on the last."""

    model_config = shown({"items": [examples.RUN], "next_cursor": None})

    items: list[RunOut] = Field(max_length=200)
    next_cursor: str | None = Field(max_length=2_000)


class ImportOut(BaseModel):
    """What an import did."""

    model_config = shown(examples.ANSWER)

    dry_run: bool = Field(description="Whether everything was judged and nothing stored.")
    run: RunOut | None = Field(description="None after a dry run.")
    counts: Counts
    results: list[LineOut] = Field(max_length=MAX_LINES, description="One for each line.")


class RejectQuery(BaseModel):
    """Which of an import's rejects to list."""

    model_config = ConfigDict(extra="forbid")

    resolved: bool | None = Field(
        default=None, description="Only those put right since, or only those still open."
    )
    raw: bool = Field(default=False, description="Show the lines themselves; needs `case:pii`.")
    cursor: CursorText | None = Field(
        default=None, description="The `next_cursor` of the page before this one."
    )
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST_ITEMS)


class RejectOut(BaseModel):
    """A line that was not taken, kept until it is sent again and taken."""

    line: int = Field(ge=1, le=MAX_INT)
    result: Result
    names: list[Annotated[str, Field(max_length=300)]] = Field(
        max_length=20, description="The names it gives the case."
    )
    problems: list[ProblemOut] = Field(max_length=MAX_PROBLEMS)
    resolved_at: datetime | None = Field(description="When a line of that name was taken.")
    raw: str | None = Field(
        default=None,
        max_length=300_000,
        description="The line itself, where it was asked for and has not been resolved.",
    )


class RejectPage(BaseModel):
    """Lines that were not taken, by number; `next_cursor` fetches the next page."""

    model_config = shown(examples.REJECTS)

    items: list[RejectOut] = Field(max_length=200)
    next_cursor: str | None = Field(max_length=2_000)
