"""Tables of the case. `core` holds no name; people, narrative and free text live in `pii`."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Computed, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.cases.vocabulary import (
    Channel,
    Closure,
    Consent,
    EscalationDecision,
    FeedbackType,
    Finding,
    NoFindingReason,
    OverwrittenPart,
    PersonRole,
    RefusalReason,
    SetAside,
    Status,
    TimescaleExclusion,
)
from app.kit.tables import AUDIT, CORE, PII, one_of
from app.procedures.vocabulary import NOT_CATEGORISED, Verdict

CASE_ID = sa.Sequence("case_id_seq", schema="core", start=100_001, metadata=SQLModel.metadata)

# ISO 7064 MOD 97-10: the two check digits catch every wrong digit and every swap of neighbours.
_REFERENCE = "'CF-' || id::text || '-' || lpad((98 - (id * 100) % 97)::text, 2, '0')"


class Case(SQLModel, table=True):
    """One piece of feedback, with what it is now. `standing` has what it was on every day."""

    __tablename__ = "case"
    __table_args__ = (
        one_of("type_at_receipt", FeedbackType),
        one_of("type", FeedbackType),
        one_of("channel", Channel),
        one_of("status", Status),
        one_of("set_aside", SetAside),
        one_of("closure", Closure),
        one_of("no_finding_reason", NoFindingReason),
        one_of("refusal_reason", RefusalReason),
        CheckConstraint("received_on <= registered_on", name="received_before_registered"),
        CheckConstraint("migrated_on IS NULL OR migrated_on = registered_on", name="migrated_day"),
        CheckConstraint("(set_aside IS NULL) = (set_aside_on IS NULL)", name="set_aside_day"),
        CheckConstraint(
            "(status IN ('closed', 'void')) = (closed_on IS NOT NULL)", name="closed_day"
        ),
        CheckConstraint("refusal_reason IS NULL OR closure = 'refused'", name="refusal"),
        CheckConstraint(
            "(acknowledged_on IS NULL) = (acknowledged_by IS NULL)", name="acknowledged_how"
        ),
        Index("ix_case_registered_on", "registered_on", "service", "type"),
        Index("ix_case_received_on", "received_on"),
        Index("ix_case_status", "status", "id"),
        CORE,
    )

    id: int = Field(sa_column=Column(sa.BigInteger, CASE_ID, primary_key=True))
    reference: str = Field(
        sa_column=Column(sa.Text, Computed(_REFERENCE, persisted=True), unique=True, nullable=False)
    )
    version: int = Field(sa_type=sa.Integer)
    status: str = Field(sa_type=sa.Text)
    type_at_receipt: str = Field(sa_type=sa.Text)
    type: str = Field(sa_type=sa.Text)
    channel: str | None = Field(sa_type=sa.Text)
    procedure: str | None = Field(sa_type=sa.Text, foreign_key="core.procedure.slug")
    category: str = Field(
        default=NOT_CATEGORISED, sa_type=sa.Text, foreign_key="core.category.slug"
    )
    service: str | None = Field(sa_type=sa.Text, foreign_key="core.service.slug")
    team: str | None = Field(sa_type=sa.Text, foreign_key="core.team.slug")
    system_of_record: str = Field(sa_type=sa.Text, foreign_key="core.source_system.slug")
    received_on: date
    registered_on: date
    migrated_on: date | None
    recorded_at: datetime
    clock_from: date  # day 0 of stage 1: receipt, or the day a comment became a complaint
    acknowledged_on: date | None
    acknowledged_by: str | None = Field(sa_type=sa.Text)
    safeguarding: bool = False
    on_behalf: bool = False
    anonymous: bool = False
    closed_on: date | None
    closure: str | None = Field(sa_type=sa.Text)
    no_finding_reason: str | None = Field(sa_type=sa.Text)
    refusal_reason: str | None = Field(sa_type=sa.Text)
    set_aside: str | None = Field(sa_type=sa.Text)
    set_aside_on: date | None
    client: str = Field(sa_type=sa.Text)  # the key holder it came through


class CaseSystem(SQLModel, table=True):
    """The name a case goes by in a system: `(system, reference)` is unique for ever."""

    __tablename__ = "case_system"
    __table_args__ = (Index("ix_case_system_case_id", "case_id"), CORE)

    system: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="core.source_system.slug")
    reference: str = Field(sa_type=sa.Text, primary_key=True)
    case_id: int = Field(sa_type=sa.BigInteger, foreign_key="core.case.id")


class Standing(SQLModel, table=True):
    """What a case was from one day until another (half-open); the last row has no end."""

    __tablename__ = "standing"
    __table_args__ = (
        one_of("type", FeedbackType),
        one_of("status", Status),
        CheckConstraint("until IS NULL OR until >= since", name="ends_after_it_starts"),
        Index(
            "uq_standing_current",
            "case_id",
            unique=True,
            postgresql_where=sa.text("until IS NULL"),
        ),
        Index("ix_standing_since", "since", "until"),
        CORE,
    )

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="core.case.id")
    seq: int = Field(sa_type=sa.Integer, primary_key=True)
    since: date
    until: date | None
    status: str = Field(sa_type=sa.Text)
    type: str = Field(sa_type=sa.Text)
    procedure: str | None = Field(sa_type=sa.Text, foreign_key="core.procedure.slug")
    category: str = Field(sa_type=sa.Text, foreign_key="core.category.slug")
    service: str | None = Field(sa_type=sa.Text, foreign_key="core.service.slug")
    team: str | None = Field(sa_type=sa.Text, foreign_key="core.team.slug")
    stage: int | None = Field(sa_type=sa.Integer)


class Stage(SQLModel, table=True):
    """One stage of a complaint: its clock as settled by the rules, and how it ended."""

    __tablename__ = "stage"
    __table_args__ = (
        one_of("finding", Finding),
        one_of("closure", Closure),
        one_of("no_finding_reason", NoFindingReason),
        one_of("verdict", Verdict),
        one_of("timescale_excluded", TimescaleExclusion),
        CheckConstraint("number BETWEEN 1 AND 3", name="number_range"),
        CheckConstraint("finding IS NULL OR closure IS NULL", name="one_ending"),
        CheckConstraint(
            "(closed_on IS NOT NULL) = (finding IS NOT NULL OR closure IS NOT NULL)",
            name="ending_has_a_day",
        ),
        CheckConstraint(
            "(closed_on IS NULL) = (verdict IS NULL) AND"
            " (closed_on IS NULL) = (working_days_taken IS NULL)",
            name="ending_is_settled",
        ),
        CheckConstraint("closed_on IS NULL OR closed_on >= started_on", name="closed_after_start"),
        CheckConstraint(
            "(coalesce(closure, '') = 'no_finding') = (no_finding_reason IS NOT NULL)",
            name="no_finding_reason_given",
        ),
        Index("ix_stage_closed_on", "closed_on", "number"),
        Index("ix_stage_started_on", "started_on", "number"),
        CORE,
    )

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="core.case.id")
    number: int = Field(sa_type=sa.Integer, primary_key=True)
    procedure: str = Field(sa_type=sa.Text, foreign_key="core.procedure.slug")
    procedure_since: date  # with the procedure: which version of it governs this stage
    calendar_version: str = Field(sa_type=sa.Text)
    requested_on: date | None
    started_on: date  # day 0 of its clock
    respond_within: int | None = Field(sa_type=sa.Integer)  # working days; none: no fixed limit
    base_due_on: date | None
    due_on: date | None  # with extensions
    answered_on: date | None
    closed_on: date | None
    finding: str | None = Field(sa_type=sa.Text)
    closure: str | None = Field(sa_type=sa.Text)
    no_finding_reason: str | None = Field(sa_type=sa.Text)
    verdict: str | None = Field(sa_type=sa.Text)
    working_days_taken: int | None = Field(sa_type=sa.Integer)  # from started_on
    within_target: bool | None  # closed within respond_within of receipt, extensions ignored
    timescale_excluded: str | None = Field(sa_type=sa.Text)
    handler: str | None = Field(sa_type=sa.Text)  # staff id of who answers it


def _of_stage() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["case_id", "stage"], ["core.stage.case_id", "core.stage.number"])


class Extension(SQLModel, table=True):
    """More working days for a stage. A due day is never edited: it is base plus extensions."""

    __tablename__ = "extension"
    __table_args__ = (
        _of_stage(),
        CheckConstraint("working_days > 0", name="adds_days"),
        CORE,
    )

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True)
    stage: int = Field(sa_type=sa.Integer, primary_key=True)
    seq: int = Field(sa_type=sa.Integer, primary_key=True)
    working_days: int = Field(sa_type=sa.Integer)
    reason: str = Field(sa_type=sa.Text)  # a code; the words are in pii.remark
    agreed_on: date
    told_on: date | None


class Remedy(SQLModel, table=True):
    """One thing done, or promised, to put the person right; a stage may have many."""

    __tablename__ = "remedy"
    __table_args__ = (
        _of_stage(),
        CheckConstraint("pence IS NULL OR pence > 0", name="pence_positive"),
        CORE,
    )

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True)
    stage: int = Field(sa_type=sa.Integer, primary_key=True)
    seq: int = Field(sa_type=sa.Integer, primary_key=True)
    kind: str = Field(sa_type=sa.Text, foreign_key="core.remedy_kind.slug")
    pence: int | None = Field(sa_type=sa.BigInteger)
    agreed_on: date
    due_on: date | None
    done_on: date | None


class Escalation(SQLModel, table=True):
    """A request for the next stage, and what was decided."""

    __tablename__ = "escalation"
    __table_args__ = (
        one_of("decision", EscalationDecision),
        CheckConstraint("(decision IS NULL) = (decided_on IS NULL)", name="decision_has_a_day"),
        Index(
            "uq_escalation_open",
            "case_id",
            unique=True,
            postgresql_where=sa.text("decision IS NULL"),
        ),
        CORE,
    )

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="core.case.id")
    number: int = Field(sa_type=sa.Integer, primary_key=True)
    to_stage: int = Field(sa_type=sa.Integer)
    requested_on: date
    decided_on: date | None
    decision: str | None = Field(sa_type=sa.Text)


class Overwritten(SQLModel, table=True):
    """What a case, a stage or a remedy was until an act overwrote it: as at a day, it still is.

    An ending, a decision or a remedy that is added overwrites nothing: it has a day of its own.
    """

    __tablename__ = "overwritten"
    __table_args__ = (one_of("part", OverwrittenPart), CORE)

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="core.case.id")
    version: int = Field(sa_type=sa.Integer, primary_key=True)  # of the case, after the act
    seq: int = Field(sa_type=sa.Integer, primary_key=True)
    part: str = Field(sa_type=sa.Text)
    stage: int | None = Field(sa_type=sa.Integer)  # of a stage or a remedy
    until: date  # the day the act counts for
    facts: dict[str, Any] = Field(sa_type=JSONB)  # the columns it had, by name


class Entry(SQLModel, table=True):
    """One line of history: who did what, when. Insert-only; holds codes, never a person's data."""

    __tablename__ = "entry"
    __table_args__ = (
        Index("uq_entry_case_version", "case_id", "version", unique=True),
        AUDIT,
    )

    id: int | None = Field(
        default=None, sa_column=Column(sa.BigInteger, sa.Identity(always=False), primary_key=True)
    )
    case_id: int = Field(sa_type=sa.BigInteger, foreign_key="core.case.id")
    version: int = Field(sa_type=sa.Integer)  # of the case, after the act
    act: str = Field(sa_type=sa.Text)
    happened_on: date  # the day the act counts for
    recorded_at: datetime
    client: str = Field(sa_type=sa.Text)
    officer: str | None = Field(sa_type=sa.Text)
    changes: dict[str, Any] = Field(sa_type=JSONB)


class Person(SQLModel, table=True):
    """Someone a case is from or about."""

    __tablename__ = "person"
    __table_args__ = (
        one_of("role", PersonRole),
        one_of("consent", Consent),
        Index("ix_person_email_key", "email_key"),
        Index("ix_person_phone_key", "phone_key"),
        PII,
    )

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="core.case.id")
    seq: int = Field(sa_type=sa.Integer, primary_key=True)
    role: str = Field(sa_type=sa.Text)
    name: str | None = Field(sa_type=sa.Text)
    email: str | None = Field(sa_type=sa.Text)
    phone: str | None = Field(sa_type=sa.Text)
    address: str | None = Field(sa_type=sa.Text)
    relationship: str | None = Field(sa_type=sa.Text)
    consent: str = Field(sa_type=sa.Text)
    email_key: str | None = Field(sa_type=sa.Text)  # lower case, to find likely repeats
    phone_key: str | None = Field(sa_type=sa.Text)  # digits only, +44 as 0


class Narrative(SQLModel, table=True):
    """What the person said, and what they would like to happen."""

    __tablename__ = "narrative"
    __table_args__ = (PII,)

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="core.case.id")
    text: str = Field(sa_type=sa.Text)
    desired_outcome: str | None = Field(sa_type=sa.Text)


class Remark(SQLModel, table=True):
    """Free text that goes with one line of history: a note, a reason, a reply."""

    __tablename__ = "remark"
    __table_args__ = (PII,)

    case_id: int = Field(sa_type=sa.BigInteger, primary_key=True, foreign_key="core.case.id")
    version: int = Field(sa_type=sa.Integer, primary_key=True)
    text: str = Field(sa_type=sa.Text)
