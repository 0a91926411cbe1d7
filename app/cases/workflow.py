"""Every move a case can make: the only place where a status is decided."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from app.cases.vocabulary import FeedbackType, Status
from app.kit.problem import Problem


class Act(StrEnum):
    """What can be done to a case; the name stands in its history."""

    receive = "receive"
    acknowledge = "acknowledge"
    accept = "accept"
    record = "record"
    refuse = "refuse"
    resolve_early = "resolve_early"
    redirect_outside_process = "redirect_outside_process"
    redirect_not_feedback = "redirect_not_feedback"
    reclassify = "reclassify"
    allocate = "allocate"
    extend = "extend"
    answer = "answer"
    add_remedies = "add_remedies"
    escalate = "escalate"
    accept_escalation = "accept_escalation"
    refuse_escalation = "refuse_escalation"
    resolve_escalation = "resolve_escalation"
    correct = "correct"
    withdraw = "withdraw"
    close = "close"
    reopen = "reopen"
    note = "note"
    void = "void"


class IllegalMove(Problem):
    """The act cannot be done to a case that stands where this one does."""

    status = HTTPStatus.CONFLICT
    title = "The case cannot make that move from where it is"


Moves = Mapping[Status, frozenset[Status]]


def _moves(*sources: Status, to: tuple[Status, ...]) -> Moves:
    return {source: frozenset(to) for source in sources}


def _stays(*sources: Status) -> Moves:
    return {source: frozenset({source}) for source in sources}


_LIVE = tuple(status for status in Status if status is not Status.void)

MOVES: Mapping[Act, Moves] = {
    Act.acknowledge: _stays(*_LIVE),
    Act.accept: _moves(Status.received, to=(Status.in_stage,)),
    Act.record: _moves(Status.received, to=(Status.recorded,)),
    Act.refuse: _moves(Status.received, to=(Status.closed,)),
    Act.resolve_early: _moves(Status.received, to=(Status.closed,)),
    Act.redirect_outside_process: _moves(Status.received, to=(Status.closed,)),
    Act.redirect_not_feedback: _moves(Status.received, to=(Status.closed,)),
    # A comment that becomes a complaint is triaged anew; a complaint in hand that proves to be
    # something else is recorded; what is closed and stays no complaint stays closed.
    Act.reclassify: {
        Status.received: frozenset({Status.received}),
        Status.recorded: frozenset({Status.received, Status.recorded}),
        Status.in_stage: frozenset({Status.recorded}),
        Status.closed: frozenset({Status.received, Status.closed}),
    },
    Act.allocate: _stays(
        Status.received,
        Status.recorded,
        Status.in_stage,
        Status.answered,
        Status.escalation_requested,
    ),
    Act.extend: _stays(Status.in_stage),
    Act.answer: _moves(Status.in_stage, to=(Status.answered, Status.closed)),
    Act.add_remedies: _stays(
        Status.in_stage, Status.answered, Status.escalation_requested, Status.closed
    ),
    Act.escalate: _moves(Status.answered, Status.closed, to=(Status.escalation_requested,)),
    Act.accept_escalation: _moves(Status.escalation_requested, to=(Status.in_stage,)),
    Act.refuse_escalation: _moves(Status.escalation_requested, to=(Status.answered,)),
    Act.resolve_escalation: _moves(Status.escalation_requested, to=(Status.closed,)),
    Act.correct: _stays(*_LIVE),
    Act.withdraw: _moves(
        Status.received,
        Status.recorded,
        Status.in_stage,
        Status.escalation_requested,
        to=(Status.closed,),
    ),
    Act.close: _moves(Status.answered, Status.recorded, to=(Status.closed,)),
    Act.reopen: _moves(
        Status.closed, to=(Status.received, Status.recorded, Status.in_stage, Status.answered)
    ),
    Act.note: _stays(*Status),
    Act.void: _moves(*_LIVE, to=(Status.void,)),
}

ONLY_COMPLAINTS = frozenset(
    {
        Act.accept,
        Act.refuse,
        Act.resolve_early,
        Act.redirect_outside_process,
        Act.add_remedies,
        Act.escalate,
    }
)
"""Acts that make no sense for a comment or a compliment."""

NEVER_COMPLAINTS = frozenset({Act.record})
"""Acts that only a comment or a compliment can undergo."""


def _barred(kind: FeedbackType) -> frozenset[Act]:
    return NEVER_COMPLAINTS if kind is FeedbackType.complaint else ONLY_COMPLAINTS


def possible(status: Status, kind: FeedbackType) -> list[Act]:
    """Every act open to a case of this kind that stands here."""
    barred = _barred(kind)
    return [act for act, moves in MOVES.items() if status in moves and act not in barred]


def after(status: Status, kind: FeedbackType, act: Act, *, to: Status | None = None) -> Status:
    """Where an act takes a case; `to` chooses where the act may lead to several places.

    Raises IllegalMove, naming the acts that are possible now.
    """
    targets = MOVES[act].get(status, frozenset())
    target = to if to is not None else next(iter(targets), None)
    if target not in targets or act in _barred(kind):
        now = possible(status, kind)
        raise IllegalMove(
            f"A {kind} that is {status} cannot be put to '{act}'."
            f" Possible now: {', '.join(now) or 'nothing'}.",
            act=act,
            case_status=status,
            possible_now=now,
        )
    return target
