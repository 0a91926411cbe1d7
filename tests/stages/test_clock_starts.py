"""What starts the clock of stage 1 where a procedure says: the acknowledgement."""

from datetime import date
from pathlib import Path

import pytest

from app.cases.occasion import Occasion
from app.cases.record import Author, CaseFacts, Record, received
from app.cases.vocabulary import Channel, FeedbackType, Finding, Status
from app.procedures.council_file import as_reference, read_council
from app.procedures.vocabulary import NOT_CATEGORISED
from app.stages.corrections import correct
from app.stages.rules import answer
from app.stages.schemas import CorrectionIn, OutcomeIn
from app.triage.rules import acknowledge, triage
from app.triage.schemas import AcknowledgementIn, TriageDecision, TriageIn

TEXT = Path("tests/procedures/another_council.toml").read_text(encoding="utf-8")
COUNCIL = as_reference(read_council(TEXT))
PROCEDURE = next(
    slug
    for slug, versions in COUNCIL.procedures.items()
    if versions[-1].stages[0].clock_starts == "acknowledgement"
)
RECEIVED = date(2026, 4, 20)


def occasion(day: int) -> Occasion:
    return Occasion(date(2026, 4, day), Author("test"), COUNCIL)


def complaint() -> Record:
    case = CaseFacts(
        id=100_001,
        version=1,
        status=Status.received,
        type_at_receipt=FeedbackType.complaint,
        type=FeedbackType.complaint,
        channel=Channel.phone,
        procedure=PROCEDURE,
        category=NOT_CATEGORISED,
        service=None,
        team=None,
        system_of_record=next(iter(COUNCIL.organisation.systems)),
        received_on=RECEIVED,
        registered_on=RECEIVED,
        migrated_on=None,
        clock_from=RECEIVED,
        client="test",
    )
    return received(case, by=Author("test"))


ACKNOWLEDGE = AcknowledgementIn(by=Channel.post)
ACCEPT = TriageIn(decision=TriageDecision.accept)
UPHOLD = OutcomeIn(finding=Finding.upheld)


@pytest.mark.parametrize(
    ("acknowledged", "starts"),
    [
        pytest.param(22, 22, id="acknowledged before it is accepted"),
        pytest.param(24, 24, id="acknowledged while it is worked"),
        pytest.param(30, 20, id="acknowledged after it was answered"),
        pytest.param(None, 20, id="never acknowledged"),
    ],
)
def test_the_acknowledgement_starts_the_clock_if_it_comes_in_time(
    acknowledged: int | None, starts: int
) -> None:
    record = complaint()
    acts = [(23, triage, ACCEPT)]
    if acknowledged is not None:
        acts.append((acknowledged, acknowledge, ACKNOWLEDGE))  # type: ignore[arg-type]
    acts.append((28, lambda record, asked, now: answer(record, 1, asked, now), UPHOLD))  # type: ignore[arg-type]
    for day, rule, asked in sorted(acts, key=lambda act: act[0]):
        rule(record, asked, occasion(day))
    stage = record.stages[1]
    assert stage.started_on == date(2026, 4, starts)
    assert stage.working_days_taken == COUNCIL.calendar.between(
        date(2026, 4, starts), date(2026, 4, 28)
    )


def test_a_corrected_acknowledgement_starts_the_clock_when_it_came() -> None:
    record = complaint()
    acknowledge(record, ACKNOWLEDGE, occasion(22))
    triage(record, ACCEPT, occasion(23))
    correct(record, CorrectionIn(acknowledged_on=date(2026, 4, 21), reason="why"), occasion(24))
    assert record.stages[1].started_on == date(2026, 4, 21)
