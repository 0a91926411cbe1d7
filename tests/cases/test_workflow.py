"""Every move, written out by hand; and what holds of a record whatever is done to it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cases import rules as cases
from app.cases.occasion import Occasion
from app.cases.record import Author, CaseFacts, Record, received
from app.cases.schemas import NoteIn, VoidIn
from app.cases.vocabulary import (
    Channel,
    Closure,
    FeedbackType,
    Finding,
    NoFindingReason,
    RefusalReason,
    Status,
)
from app.cases.workflow import Act, IllegalMove, after, possible
from app.kit.problem import Problem
from app.procedures.council_file import as_reference, read_council
from app.procedures.vocabulary import NOT_CATEGORISED
from app.stages import corrections, endings, escalations
from app.stages import rules as stages
from app.stages.schemas import (
    ClosureIn,
    CorrectionIn,
    Decision,
    EscalationDecisionIn,
    EscalationIn,
    ExtensionIn,
    ExtensionReason,
    OutcomeIn,
    RemediesIn,
    RemedyIn,
    ReopeningIn,
    WithdrawalIn,
)
from app.triage import rules as triage
from app.triage.schemas import (
    AcknowledgementIn,
    AllocationIn,
    ReclassificationIn,
    TriageDecision,
    TriageIn,
)

COUNCIL = as_reference(read_council(Path("app/demo/council.toml").read_text(encoding="utf-8")))
BY = Author("test", "p.officer")

# R received, C recorded, S in_stage, A answered, E escalation_requested, X closed, V void;
# for each act: where it may be done, and what that leads to.
COMPLAINTS = """
    acknowledge              | R=R C=C S=S A=A E=E X=X
    accept                   | R=S
    refuse                   | R=X
    resolve_early            | R=X
    redirect_outside_process | R=X
    redirect_not_feedback    | R=X
    reclassify               | R=R S=C C=RC X=RX
    allocate                 | R=R C=C S=S A=A E=E
    extend                   | S=S
    answer                   | S=AX
    add_remedies             | S=S A=A E=E X=X
    escalate                 | A=E X=E
    accept_escalation        | E=S
    refuse_escalation        | E=A
    resolve_escalation       | E=X
    correct                  | R=R C=C S=S A=A E=E X=X
    withdraw                 | R=X C=X S=X E=X
    close                    | A=X C=X
    reopen                   | X=RCSA
    note                     | R=R C=C S=S A=A E=E X=X V=V
    void                     | R=V C=V S=V A=V E=V X=V
"""
LETTERS = {
    "R": Status.received,
    "C": Status.recorded,
    "S": Status.in_stage,
    "A": Status.answered,
    "E": Status.escalation_requested,
    "X": Status.closed,
    "V": Status.void,
}
ALLOWED = {
    (Act(name.strip()), LETTERS[move[0]]): {LETTERS[to] for to in move[2:]}
    for name, _, moves in (line.partition("|") for line in COMPLAINTS.strip().splitlines())
    for move in moves.split()
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("act", [act for act in Act if act not in {Act.receive, Act.record}])
def test_a_complaint_moves_as_the_table_says_and_no_other_way(act: Act, status: Status) -> None:
    for to in Status:
        if to in ALLOWED.get((act, status), set()):
            assert after(status, FeedbackType.complaint, act, to=to) is to
        else:
            with pytest.raises(IllegalMove) as refusal:
                after(status, FeedbackType.complaint, act, to=to)
            assert refusal.value.members["possible_now"] == possible(status, FeedbackType.complaint)


@pytest.mark.parametrize("kind", [FeedbackType.comment, FeedbackType.compliment])
def test_a_comment_or_compliment_is_recorded_and_never_accepted(kind: FeedbackType) -> None:
    assert after(Status.received, kind, Act.record) is Status.recorded
    for act in (Act.accept, Act.refuse, Act.resolve_early, Act.redirect_outside_process):
        with pytest.raises(IllegalMove):
            after(Status.received, kind, act)


def new(kind: FeedbackType, day: date) -> Record:
    case = CaseFacts(
        id=100_001,
        version=1,
        status=Status.received,
        type_at_receipt=kind,
        type=kind,
        channel=None,
        procedure=None,
        category=NOT_CATEGORISED,
        service="children-and-families",
        team=None,
        system_of_record="customer_feedback",
        received_on=day,
        registered_on=day,
        migrated_on=None,
        clock_from=day,
        client="test",
    )
    return received(case, by=BY)


kinds = st.sampled_from(FeedbackType)
numbers = st.integers(1, 3)
procedures = st.sampled_from(["childrens-statutory", "corporate", "adult-social-care", None])
remedies = st.lists(
    st.sampled_from(["apology", "explanation"]).map(lambda kind: RemedyIn(kind=kind)), max_size=2
)
triages = st.builds(
    lambda decision, procedure, kind: TriageIn(
        decision=decision,
        procedure=procedure,
        type=kind,
        refusal_reason=RefusalReason.out_of_time if decision is TriageDecision.refuse else None,
    ),
    st.sampled_from(TriageDecision),
    procedures,
    st.none() | kinds,
)
plain = st.one_of(
    st.tuples(st.just(cases.note), st.just(NoteIn(text="words"))),
    st.tuples(st.just(cases.void), st.just(VoidIn(reason="mistake"))),
    st.tuples(st.just(triage.acknowledge), st.just(AcknowledgementIn(by=Channel.email))),
    st.tuples(st.just(triage.triage), triages),
    st.tuples(
        st.just(triage.reclassify),
        kinds.map(lambda kind: ReclassificationIn(type=kind, reason="why")),
    ),
    st.tuples(st.just(triage.allocate), st.just(AllocationIn(team="edt"))),
    st.tuples(st.just(escalations.escalate), st.just(EscalationIn())),
    st.tuples(st.just(endings.withdraw), st.just(WithdrawalIn())),
    st.tuples(st.just(endings.close), st.just(ClosureIn())),
    st.tuples(st.just(endings.reopen), st.just(ReopeningIn(reason="why"))),
    st.tuples(
        st.just(corrections.correct), st.just(CorrectionIn(reason="why", category="communication"))
    ),
)
numbered = st.one_of(
    st.tuples(
        st.just(stages.extend),
        st.integers(1, 12).map(
            lambda n: ExtensionIn(working_days=n, extension_reason=ExtensionReason.complexity)
        ),
    ),
    st.tuples(
        st.just(stages.answer),
        st.builds(
            lambda finding, given: OutcomeIn(finding=finding, remedies=given),
            st.sampled_from(Finding),
            remedies,
        ),
    ),
    st.tuples(
        st.just(stages.answer),
        st.just(
            OutcomeIn(closure=Closure.no_finding, no_finding_reason=NoFindingReason.resolved_early)
        ),
    ),
    st.tuples(
        st.just(stages.add_remedies), st.just(RemediesIn(remedies=[RemedyIn(kind="apology")]))
    ),
    st.tuples(
        st.just(escalations.decide_escalation),
        st.sampled_from(Decision).map(lambda one: EscalationDecisionIn(decision=one, reason="why")),
    ),
)
steps = st.lists(
    st.tuples(
        st.one_of(
            plain.map(lambda p: (p[0], (), p[1])),
            st.builds(lambda n, pair: (pair[0], (n,), pair[1]), numbers, numbered),
        ),
        st.integers(0, 12),
    ),
    max_size=25,
)


def check(record: Record) -> None:
    """What the database's constraints promise, and that history and standings have no gap."""
    case = record.case
    assert [entry.version for entry in record.entries] == list(range(1, case.version + 1))
    assert (case.status in {Status.closed, Status.void}) is (case.closed_on is not None)
    assert (case.set_aside is None) is (case.set_aside_on is None)
    assert case.refusal_reason is None or case.closure == "refused"
    assert record.standings[0].since == case.received_on
    for one, following in pairwise(record.standings):
        assert one.until == following.since >= one.since
        assert following.seq == one.seq + 1
    now = record.standings[-1]
    assert now.until is None
    assert (now.status, now.type, now.team) == (case.status, case.type, case.team)
    for stage in record.stages.values():
        ended = stage.finding is not None or stage.closure is not None
        assert (stage.closed_on is not None) is ended
        assert (stage.verdict is not None) is ended
        assert not (stage.finding and stage.closure)
        assert stage.closed_on is None or stage.closed_on >= stage.started_on
        given_days = sum(e.working_days for e in record.extensions if e.stage == stage.number)
        if stage.respond_within is not None:
            assert stage.due_on == COUNCIL.calendar.after(
                stage.started_on, stage.respond_within + given_days
            )
    open_stages = [s.number for s in record.stages.values() if s.closed_on is None]
    if case.status is Status.in_stage:
        assert open_stages == [max(record.stages)]
    elif case.status is not Status.void:
        assert open_stages == []
    assert case.status is not Status.received or not record.stages
    assert {remedy.stage for remedy in record.remedies} <= set(record.stages)
    undecided = [e for e in record.escalations if e.decision is None]
    assert len(undecided) == (case.status is Status.escalation_requested) or (
        case.status is Status.void
    )


@settings(max_examples=300, deadline=None)
@given(kinds, steps)
def test_whatever_is_done_a_record_stays_whole_and_refusals_change_nothing(
    kind: FeedbackType, acts: list[tuple[tuple[object, tuple[int, ...], object], int]]
) -> None:
    day = date(2026, 4, 1)
    record = new(kind, day)
    done = 0
    for (rule, about, asked), later in acts:
        day += timedelta(days=later)
        trial = Record(
            record.case,
            list(record.standings),
            dict(record.stages),
            list(record.extensions),
            list(record.remedies),
            list(record.escalations),
            list(record.entries),
        )
        try:
            rule(trial, *about, asked, Occasion(day, BY, COUNCIL))  # type: ignore[operator]
        except Problem:
            continue
        done += 1
        record = trial
        check(record)
    assert len(record.entries) >= done + 1


def test_a_record_that_lies_is_caught() -> None:
    record = new(FeedbackType.complaint, date(2026, 4, 1))
    triage.triage(
        record,
        TriageIn(decision=TriageDecision.accept, procedure="corporate"),
        Occasion(date(2026, 4, 2), BY, COUNCIL),
    )
    check(record)
    record.stages[1] = replace(record.stages[1], due_on=date(2026, 4, 3))
    with pytest.raises(AssertionError):
        check(record)
