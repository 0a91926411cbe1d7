"""A case while it is being invented: what is true of it now, before its history is told."""

from dataclasses import dataclass, field
from datetime import date

COMPLAINT, COMMENT, COMPLIMENT = "complaint", "comment", "compliment"
FINDINGS = ("upheld", "partially_upheld", "not_upheld")
RESOLVED, OUTSIDE = "resolved_early", "outside_complaints_process"
NO_FINDING = (RESOLVED, OUTSIDE, "closed_without_record", "concurrent_proceedings")
WITHDRAWN, QUESTION, REFUSED, OPEN = "withdrawn", "question_answered", "refused", "open"
VOID, NOT_FEEDBACK = "void", "not_feedback"
SOMETHING_FOUND = ("upheld", "partially_upheld")


@dataclass(slots=True)
class RemedyDraft:
    """One remedy of a stage; `later` ones are agreed some days after the answer."""

    kind: str
    pence: int | None = None
    later: bool = False


@dataclass(slots=True)
class StageDraft:
    """One stage: when it was asked for and opened, how it ended and when (none: still open)."""

    number: int
    requested: date
    opened: date
    ending: str = OPEN
    closed: date | None = None
    remedies: list[RemedyDraft] = field(default_factory=list)

    @property
    def found_something(self) -> bool:
        """Whether there was something to put right."""
        return self.ending in SOMETHING_FOUND


@dataclass(slots=True)
class Request:
    """A request for the next stage that opened none: refused, or resolved by agreement."""

    requested: date
    decided: date
    decision: str


@dataclass(slots=True, eq=False)
class Draft:
    """One case. `type`, `team` and `category` are what it is now."""

    type: str
    service: str
    registered: date
    system: str
    received: date
    migrated: bool = False
    team: str | None = None
    category: str | None = None
    channel: str | None = None
    procedure: str | None = None
    first_type: str = ""
    retyped: date | None = None
    set_aside: str | None = None
    stages: list[StageDraft] = field(default_factory=list)
    ending: str = OPEN  # of stage 1, or of the case where it never had one
    ended: date | None = None
    request: Request | None = None

    @property
    def in_hand(self) -> date:
        """The day from which it can be dealt with as what it is now."""
        return self.retyped or self.registered

    @property
    def clock_from(self) -> date:
        """Day 0 of stage 1: receipt, or the day a comment became a complaint."""
        return self.retyped if self.retyped and self.type == COMPLAINT else self.received
