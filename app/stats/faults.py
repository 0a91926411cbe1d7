"""What can be wrong with a record, and the act that mends it: each fault is declared here, once."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import sqlalchemy as sa

from app.cases.vocabulary import Closure, FeedbackType, Finding, NoFindingReason, Status
from app.cases.workflow import Act, possible
from app.procedures.vocabulary import NOT_CATEGORISED
from app.stats.fact import Condition, Expression
from app.stats.world import World

OfCase: TypeAlias = Callable[[World], Condition]
OfStage: TypeAlias = Callable[[World, sa.FromClause], Condition]


class FaultCode(StrEnum):
    """What is wrong with a record."""

    not_categorised = "not_categorised"
    no_service = "no_service"
    no_team = "no_team"
    closed_without_record = "closed_without_record"
    closed_without_outcome = "closed_without_outcome"
    upheld_without_remedy = "upheld_without_remedy"
    overdue_and_unanswered = "overdue_and_unanswered"
    impossible_dates = "impossible_dates"


@dataclass(frozen=True, slots=True)
class Mend:
    """An act that mends a fault: its name in the API, its path below the case, what to send."""

    operation: str
    path: str
    says: str
    acts: frozenset[Act]  # of the workflow; it can be done where any of them can

    def possible(self, status: Status, kind: FeedbackType) -> bool:
        """Whether it can be done to a case of this kind that stands here."""
        return not self.acts.isdisjoint(possible(status, kind))


def _triage(says: str) -> Mend:
    return Mend("triage", "/triage", says, frozenset({Act.accept, Act.record}))


def _allocate(says: str) -> Mend:
    return Mend("allocate", "/allocations", says, frozenset({Act.allocate}))


def _correct(says: str) -> Mend:
    return Mend("correct", "/corrections", says, frozenset({Act.correct}))


def _answer(says: str) -> Mend:
    return Mend("answer", "/stages/{stage}/outcome", says, frozenset({Act.answer}))


def _remedy(says: str) -> Mend:
    return Mend("add_remedies", "/stages/{stage}/remedies", says, frozenset({Act.add_remedies}))


REOPEN = Mend(
    "reopen",
    "/reopening",
    "Reopen the case, since this cannot be mended while it is closed; close it again in the end.",
    frozenset({Act.reopen}),
)


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """Something wrong with a case itself, or with a stage of a complaint, and what mends it.

    Of its mends the first that can be done where the case stands is the one.
    """

    code: FaultCode
    words: str
    mends: tuple[Mend, ...]
    of_case: OfCase | None = None
    of_stage: OfStage | None = None

    def found(self, world: World) -> Condition:
        """Whether a case has it."""
        either = [self.of_case(world)] if self.of_case else []
        if self.of_stage:
            stage = world.stage.alias()
            of_stage = sa.exists().where(*self._of(world, stage, self.of_stage))
            either.append(_is_complaint(world) & of_stage)
        return sa.or_(*either)

    def stage(self, world: World) -> Expression:
        """The first stage that has it; none where it is the case itself."""
        if self.of_stage is None:
            return sa.cast(sa.null(), sa.Integer)
        stage = world.stage.alias()
        first = sa.select(sa.func.min(stage.c.number))
        return first.where(*self._of(world, stage, self.of_stage)).scalar_subquery()

    def steps(self, status: Status, kind: FeedbackType) -> tuple[Mend, ...]:
        """The acts that mend it, in order: where none can be done yet, reopening comes first."""
        now = next((mend for mend in self.mends if mend.possible(status, kind)), None)
        return (now,) if now else (REOPEN, self.mends[0])

    @staticmethod
    def _of(world: World, stage: sa.FromClause, found: OfStage) -> tuple[Condition, Condition]:
        return stage.c.case_id == world.case.c.id, found(world, stage)


def _is_complaint(world: World) -> Condition:
    kind: sa.ColumnElement[str] = world.case.c.type
    return kind == FeedbackType.complaint.value


def _not_categorised(world: World) -> Condition:
    category: sa.ColumnElement[str] = world.case.c.category
    return category == NOT_CATEGORISED


def _without_record(_world: World, stage: sa.FromClause) -> Condition:
    reason: sa.ColumnElement[str] = stage.c.no_finding_reason
    return reason == NoFindingReason.closed_without_record.value


def _without_outcome(world: World) -> Condition:
    case, stage = world.case.c, world.stage.alias()
    ended = sa.exists().where(stage.c.case_id == case.id, stage.c.closed_on.is_not(None))
    return sa.and_(
        _is_complaint(world),
        case.status == Status.closed.value,
        case.set_aside.is_(None),
        case.closure.is_distinct_from(Closure.refused.value),
        sa.not_(ended),
    )


def _without_remedy(world: World, stage: sa.FromClause) -> Condition:
    remedy = world.remedy.alias()
    given = sa.exists().where(remedy.c.case_id == stage.c.case_id, remedy.c.stage == stage.c.number)
    return stage.c.finding.in_([Finding.upheld, Finding.partially_upheld]) & sa.not_(given)


def _overdue(world: World, stage: sa.FromClause) -> Condition:
    due: Condition = stage.c.due_on < world.today
    return stage.c.closed_on.is_(None) & due


# Which other days are impossible, the database refuses by itself: receipt after registration,
# migration on another day than registration, a stage closed before it started, a standing that
# ends before it begins. What is left can come of putting one day right and not another.


def _acknowledged_before_receipt(world: World) -> Condition:
    acknowledged: sa.ColumnElement[object] = world.case.c.acknowledged_on
    return acknowledged < world.case.c.received_on


def _ended_after_what_followed(world: World, stage: sa.FromClause) -> Condition:
    case, asked = world.case.c, world.escalation.alias()
    asked_for_before = sa.exists().where(
        asked.c.case_id == stage.c.case_id,
        asked.c.to_stage == stage.c.number + 1,
        asked.c.requested_on < stage.c.closed_on,
    )
    closed_before = (case.status == Status.closed.value) & (case.closed_on < stage.c.closed_on)
    return asked_for_before | closed_before


EVERY_FAULT = (
    Fault(
        FaultCode.not_categorised,
        "nobody has given it a category",
        (_triage("Triage it with its category."), _correct("Correct its category.")),
        of_case=_not_categorised,
    ),
    Fault(
        FaultCode.no_service,
        "no service answers for it",
        (_allocate("Allocate it to the service that answers for it."),),
        of_case=lambda world: world.case.c.service.is_(None),
    ),
    Fault(
        FaultCode.no_team,
        "no team answers for it",
        (_allocate("Allocate it to the team that answers for it."),),
        of_case=lambda world: world.case.c.team.is_(None),
    ),
    Fault(
        FaultCode.closed_without_record,
        "a complaint closed with no outcome on record",
        (_answer("Give the stage its finding, or the reason why there is none."),),
        of_stage=_without_record,
    ),
    Fault(
        FaultCode.closed_without_outcome,
        "a complaint closed with neither a stage that ended nor a refusal",
        (_triage("Triage it anew, and say what became of it."),),
        of_case=_without_outcome,
    ),
    Fault(
        FaultCode.upheld_without_remedy,
        "upheld, in whole or in part, with nothing done to put it right",
        (_remedy("Record what was done, or will be, to put it right."),),
        of_stage=_without_remedy,
    ),
    Fault(
        FaultCode.overdue_and_unanswered,
        "a stage is past its due day and has not been answered",
        (_answer("Answer the stage, or close it with the reason why there is no finding."),),
        of_stage=_overdue,
    ),
    Fault(
        FaultCode.impossible_dates,
        "acknowledged before it was received, or a stage answered after what followed it",
        (
            _correct(
                "Correct the day that is wrong: of receipt, of acknowledgement, or of the answer."
            ),
        ),
        of_case=_acknowledged_before_receipt,
        of_stage=_ended_after_what_followed,
    ),
)
"""Everything that is looked for, in the order in which it is shown."""
