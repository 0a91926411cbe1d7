"""The whole case without personal data, as the rules see it.

An API command loads a `Record`, puts it through one act and saves it; an import folds a case's
acts over a new one. Either way the same pure rules decide, and every act leaves one entry.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from http import HTTPStatus
from operator import attrgetter
from typing import Any

from app.cases.vocabulary import (
    Channel,
    Closure,
    EscalationDecision,
    FeedbackType,
    Finding,
    NoFindingReason,
    OverwrittenPart,
    RefusalReason,
    SetAside,
    Status,
    TimescaleExclusion,
)
from app.cases.workflow import Act, after
from app.kit.problem import Problem
from app.procedures.vocabulary import NOT_CATEGORISED, Verdict


class DayNotPossible(Problem):
    """The day given for an act cannot be right."""

    status = HTTPStatus.CONFLICT
    title = "That day is not possible for this act"


@dataclass(frozen=True, slots=True)
class Author:
    """Who does an act: the key's client, and the officer it names."""

    client: str
    officer: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a case is now: the columns of `core.case` that the rules know."""

    id: int
    version: int
    status: Status
    type_at_receipt: FeedbackType
    type: FeedbackType
    channel: Channel | None
    procedure: str | None
    category: str
    service: str | None
    team: str | None
    system_of_record: str
    received_on: date
    registered_on: date
    migrated_on: date | None
    clock_from: date
    client: str
    safeguarding: bool = False
    on_behalf: bool = False
    anonymous: bool = False
    acknowledged_on: date | None = None
    acknowledged_by: Channel | None = None
    closed_on: date | None = None
    closure: Closure | None = None
    no_finding_reason: NoFindingReason | None = None
    refusal_reason: RefusalReason | None = None
    set_aside: SetAside | None = None
    set_aside_on: date | None = None


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """What a case was from one day until another."""

    seq: int
    since: date
    until: date | None
    status: Status
    type: FeedbackType
    procedure: str | None
    category: str
    service: str | None
    team: str | None
    stage: int | None


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One stage: its clock as settled, and how it ended."""

    number: int
    procedure: str
    procedure_since: date
    calendar_version: str
    requested_on: date | None
    started_on: date
    respond_within: int | None
    base_due_on: date | None
    due_on: date | None
    answered_on: date | None = None
    closed_on: date | None = None
    finding: Finding | None = None
    closure: Closure | None = None
    no_finding_reason: NoFindingReason | None = None
    verdict: Verdict | None = None
    working_days_taken: int | None = None
    within_target: bool | None = None
    timescale_excluded: TimescaleExclusion | None = None
    handler: str | None = None


@dataclass(frozen=True, slots=True)
class ExtensionFacts:
    """More working days for a stage, with the reason's code and the day the person was told."""

    stage: int
    seq: int
    working_days: int
    reason: str
    agreed_on: date
    told_on: date | None


@dataclass(frozen=True, slots=True)
class RemedyFacts:
    """One thing done or promised to put the person right."""

    stage: int
    seq: int
    kind: str
    pence: int | None
    agreed_on: date
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class EscalationFacts:
    """A request for the next stage, and what was decided."""

    number: int
    to_stage: int
    requested_on: date
    decided_on: date | None = None
    decision: EscalationDecision | None = None


@dataclass(frozen=True, slots=True)
class OverwrittenFacts:
    """What a part of the record was until the day of an act that overwrote it."""

    version: int
    seq: int
    part: OverwrittenPart
    stage: int | None
    until: date
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One line of history, with the free text that goes with it (kept apart, in `pii`)."""

    version: int
    act: Act
    happened_on: date
    author: Author
    changes: dict[str, Any]
    text: str | None


_what_stood = attrgetter("status", "type", "procedure", "category", "service", "team", "stage")


@dataclass(slots=True)
class Record:
    """A case with its stages, its dated standings, and what of its history is not yet written."""

    case: CaseFacts
    standings: list[StandingFacts] = field(default_factory=list)
    stages: dict[int, StageFacts] = field(default_factory=dict)
    extensions: list[ExtensionFacts] = field(default_factory=list)
    remedies: list[RemedyFacts] = field(default_factory=list)
    escalations: list[EscalationFacts] = field(default_factory=list)
    entries: list[EntryFacts] = field(default_factory=list)
    overwritten: list[OverwrittenFacts] = field(default_factory=list)

    @property
    def latest_stage(self) -> StageFacts | None:
        """The highest stage that was opened."""
        return self.stages[max(self.stages)] if self.stages else None

    @property
    def has_finding(self) -> bool:
        """Whether any stage was answered with a finding."""
        return any(stage.finding for stage in self.stages.values())

    def change(
        self,
        act: Act,
        *,
        on: date,
        by: Author,
        to: Status | None = None,
        text: str | None = None,
        says: dict[str, Any] | None = None,
        **changes: Any,  # noqa: ANN401 - columns of the case; replace() refuses any other
    ) -> None:
        """Put the case through an act: move its status, set its facts, write its entry.

        `changes` are columns of the case; `says` are further codes for the history alone.
        Raises IllegalMove, or DayNotPossible where `on` comes before the day of receipt, or before
        the case's last change.
        """
        status = after(self.case.status, self.case.type, act, to=to)
        before = self.case
        self.case = replace(before, version=before.version + 1, status=status, **changes)
        if on < self.case.received_on:
            raise DayNotPossible(
                f"The case was received on {self.case.received_on}; nothing was done to it before.",
                received_on=self.case.received_on.isoformat(),
            )
        self._restand(on)
        shown = {
            name: value
            for name, value in (("status", status), *changes.items())
            if getattr(before, name) != value
        }
        self.entries.append(
            EntryFacts(self.case.version, act, on, by, {**shown, **(says or {})}, text)
        )

    def _restand(self, on: date) -> None:
        """End the current standing on this day and begin the next, if what stands has changed."""
        case, current = self.case, self.standings[-1]
        stands = (
            case.status,
            case.type,
            case.procedure,
            case.category,
            case.service,
            case.team,
            max(self.stages) if self.stages else None,
        )
        if stands == _what_stood(current):
            return
        if on < current.since:
            raise DayNotPossible(
                f"The case last changed on {current.since}; this act cannot count for {on}.",
                last_changed_on=current.since.isoformat(),
            )
        self.standings[-1] = replace(current, until=on)
        self.standings.append(StandingFacts(current.seq + 1, on, None, *stands))


def not_in_the_future(on: date, today: date) -> date:
    """The day, unless it has not come yet."""
    if on > today:
        raise DayNotPossible(f"{on} has not come yet; today is {today}.", today=today.isoformat())
    return on


def received(case: CaseFacts, *, by: Author) -> Record:
    """A new record of feedback as it was received: standing and history begin here."""
    first = StandingFacts(
        seq=1,
        since=case.received_on,
        until=None,
        status=case.status,
        type=case.type,
        procedure=case.procedure,
        category=case.category,
        service=case.service,
        team=case.team,
        stage=None,
    )
    changes = {
        "type": case.type,
        "channel": case.channel,
        "service": case.service,
        "team": case.team,
        "category": None if case.category == NOT_CATEGORISED else case.category,
        "received_on": case.received_on.isoformat(),
        "registered_on": case.registered_on.isoformat(),
    }
    said = {name: value for name, value in changes.items() if value is not None}
    entry = EntryFacts(case.version, Act.receive, case.registered_on, by, said, None)
    return Record(case, standings=[first], entries=[entry])
