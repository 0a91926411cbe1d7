"""What a case looks like to a caller, and what any act may carry."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from app.cases import examples
from app.cases.record import Record
from app.cases.reference import PATTERN, reference_of
from app.cases.vocabulary import (
    Channel,
    Closure,
    Consent,
    EscalationDecision,
    FeedbackType,
    Finding,
    NoFindingReason,
    PersonRole,
    RefusalReason,
    SetAside,
    Status,
    TimescaleExclusion,
)
from app.cases.workflow import Act, possible
from app.kit.shown import shown
from app.kit.text import Code, Day, Line, Prose
from app.procedures.vocabulary import Verdict

MAX_PEOPLE = 20
MAX_SYSTEMS = 10
MAX_DAYS = 10_000  # more working days than any stage can have
MAX_PENCE = 1_000_000_00

Version = Annotated[int, Field(ge=1, le=999_999_999)]


class ActIn(BaseModel):
    """What any act may carry."""

    model_config = ConfigDict(extra="forbid")

    on: Day | None = Field(
        default=None, description="The day the act counts for; today when left out."
    )
    reason: Prose | None = Field(
        default=None, description="Free text, kept apart with the people of the case."
    )


class NoteIn(ActIn):
    """Words to add to a case's history."""

    model_config = shown({"text": "Rang the mother; she would like a letter."})

    text: Prose
    reason: None = Field(default=None, exclude=True)


class VoidIn(ActIn):
    """A case entered by mistake, to be set aside."""

    model_config = shown({"reason": "Entered twice."})

    reason: Prose


class SystemReference(BaseModel):
    """The name a case goes by in a system."""

    model_config = ConfigDict(extra="forbid")

    system: Code = Field(examples=["contact_us"])
    reference: Line = Field(max_length=64, examples=["CU-20418"])


class PersonIn(BaseModel):
    """Someone the feedback is from or about."""

    model_config = ConfigDict(extra="forbid")

    role: PersonRole
    name: Line | None = Field(default=None, examples=["Alex Example"])
    email: Line | None = Field(default=None, examples=["alex@example.org"])
    phone: Line | None = Field(default=None, examples=["01632 960123"])
    address: Line | None = None
    relationship: Line | None = Field(
        default=None, description="To the affected person.", examples=["mother"]
    )
    consent: Consent = Consent.not_needed


class _FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PersonOut(_FromRow):
    """Someone the feedback is from or about."""

    role: PersonRole
    name: str | None = Field(max_length=200)
    email: str | None = Field(max_length=200)
    phone: str | None = Field(max_length=200)
    address: str | None = Field(max_length=200)
    relationship: str | None = Field(max_length=200)
    consent: Consent


class RemarkOut(_FromRow):
    """Free text that belongs to one line of the history."""

    version: Version = Field(description="Of the line of history it belongs to.")
    text: str = Field(max_length=20_000)


class PersonalOut(BaseModel):
    """The people of a case, what they said, and the free text written about it since."""

    model_config = shown(examples.PERSONAL)

    reference: str = Field(pattern=PATTERN, max_length=20)
    people: list[PersonOut] = Field(max_length=MAX_PEOPLE)
    narrative: str | None = Field(max_length=20_000)
    desired_outcome: str | None = Field(max_length=20_000)
    remarks: list[RemarkOut] = Field(max_length=10_000)


class ExtensionOut(_FromRow):
    """More working days that a stage was given."""

    working_days: int = Field(ge=1, le=100)
    reason: str = Field(max_length=64)
    agreed_on: date
    told_on: date | None


class RemedyOut(_FromRow):
    """One thing done or promised to put the person right."""

    kind: str = Field(max_length=64)
    pence: int | None = Field(ge=1, le=MAX_PENCE)
    agreed_on: date
    due_on: date | None
    done_on: date | None


class EscalationOut(_FromRow):
    """A request for a further stage, and what was decided."""

    number: int = Field(ge=1, le=1_000)
    to_stage: int = Field(ge=1, le=3)
    requested_on: date
    decided_on: date | None
    decision: EscalationDecision | None


class StageOut(_FromRow):
    """One stage of a complaint."""

    number: int = Field(ge=1, le=3)
    procedure: str = Field(max_length=64)
    requested_on: date | None
    started_on: date = Field(description="Day 0 of its clock.")
    respond_within: int | None = Field(
        ge=1, le=260, description="Working days; none: no fixed limit."
    )
    base_due_on: date | None
    due_on: date | None = Field(description="With its extensions.")
    answered_on: date | None
    closed_on: date | None
    finding: Finding | None
    closure: Closure | None
    no_finding_reason: NoFindingReason | None
    verdict: Verdict | None
    working_days_taken: int | None = Field(ge=0, le=MAX_DAYS)
    within_target: bool | None
    timescale_excluded: TimescaleExclusion | None
    handler: str | None = Field(max_length=200)
    extensions: list[ExtensionOut] = Field(default=[], max_length=100)
    remedies: list[RemedyOut] = Field(default=[], max_length=1_000)


class CaseSummary(_FromRow):
    """A case in a list: its facts, and no personal data."""

    reference: str = Field(pattern=PATTERN, max_length=20, examples=[examples.REFERENCE])
    version: Version = Field(description="The number in its ETag.")
    status: Status
    type_at_receipt: FeedbackType
    type: FeedbackType
    channel: Channel | None
    procedure: str | None = Field(max_length=64)
    category: str = Field(max_length=64)
    service: str | None = Field(max_length=64)
    team: str | None = Field(max_length=64)
    system_of_record: str = Field(max_length=64)
    received_on: date
    registered_on: date
    migrated_on: date | None
    acknowledged_on: date | None
    acknowledged_by: Channel | None
    safeguarding: bool
    on_behalf: bool
    anonymous: bool
    closed_on: date | None
    closure: Closure | None
    no_finding_reason: NoFindingReason | None
    refusal_reason: RefusalReason | None
    set_aside: SetAside | None


class CaseOut(CaseSummary):
    """A case with its stages, the names it goes by, and what can be done to it now."""

    model_config = shown(examples.CASE)

    systems: list[SystemReference] = Field(default=[], max_length=1_000)
    stages: list[StageOut] = Field(max_length=3)
    escalations: list[EscalationOut] = Field(max_length=1_000)
    possible_acts: list[Act] = Field(max_length=len(Act))
    links: dict[str, Annotated[str, Field(max_length=200)]] = Field(max_length=10)

    @classmethod
    def of(cls, record: Record, systems: list[SystemReference]) -> Self:
        """A record as it is shown."""
        case, reference = record.case, reference_of(record.case.id)
        stages = [
            StageOut.model_validate(stage).model_copy(
                update={
                    "extensions": [
                        ExtensionOut.model_validate(e)
                        for e in record.extensions
                        if e.stage == stage.number
                    ],
                    "remedies": [
                        RemedyOut.model_validate(r)
                        for r in record.remedies
                        if r.stage == stage.number
                    ],
                }
            )
            for _, stage in sorted(record.stages.items())
        ]
        facts: dict[str, Any] = {
            name: getattr(case, name) for name in CaseSummary.model_fields if name != "reference"
        }
        here = f"/v1/feedback/{reference}"
        return cls(
            **facts,
            reference=reference,
            systems=systems,
            stages=stages,
            escalations=[EscalationOut.model_validate(e) for e in record.escalations],
            possible_acts=possible(case.status, case.type),
            links={"self": here, "history": f"{here}/history", "people": f"{here}/people"},
        )


class CasePage(BaseModel):
    """A page of cases; `next_cursor` fetches the next one, and is none on the last."""

    model_config = shown({"items": [examples.SUMMARY], "next_cursor": None})

    items: list[CaseSummary] = Field(max_length=200)
    next_cursor: str | None = Field(max_length=2_000)


class EntryOut(_FromRow):
    """One line of a case's history."""

    version: Version
    act: Act
    happened_on: date = Field(description="The day the act counts for.")
    recorded_at: datetime
    client: str = Field(max_length=64)
    officer: str | None = Field(max_length=64)
    changes: dict[str, Any] = Field(
        max_length=100, description="Fields and codes, never a person's data."
    )


class HistoryOut(BaseModel):
    """Who did what to a case, in order."""

    model_config = shown(examples.HISTORY)

    reference: str = Field(pattern=PATTERN, max_length=20)
    items: list[EntryOut] = Field(max_length=10_000)
