"""Whether a line of history can be true: its days and codes, and then act by act.

The acts go through the same rules as those of the API; nothing about a case is decided here.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from app.cases import rules as cases
from app.cases.doing import do
from app.cases.occasion import Occasion
from app.cases.people import anonymous, on_behalf
from app.cases.record import Author, CaseFacts, Record, received
from app.cases.vocabulary import Status
from app.imports.checks import Fault, faults_at_receipt, faults_of_acts
from app.imports.schemas import (
    Acknowledge,
    AddRemedies,
    Allocate,
    Answer,
    Close,
    Correct,
    DecideEscalation,
    Escalate,
    Extend,
    ImportLine,
    Note,
    Reclassify,
    Reopen,
    Triage,
    Void,
    Withdraw,
)
from app.kit.problem import Problem
from app.procedures.reference import ReferenceData
from app.procedures.vocabulary import NOT_CATEGORISED
from app.stages import corrections, endings, escalations
from app.stages import rules as stages
from app.triage import rules as triage


def judge(
    line: ImportLine, *, client: str, today: date, council: ReferenceData
) -> Record | list[Fault]:
    """The case that a line tells of, or every reason found why there can be no such case.

    Where the case as it was received makes no sense, its acts are not gone through.
    """
    head = faults_at_receipt(line, today=today, council=council)
    acts = faults_of_acts(line, today=today, council=council)
    if head:
        return head + acts
    record = as_received(line, client=client, council=council)
    refused = _go_through(record, line, client=client, council=council)
    if refused is not None and not _told(refused, acts):
        acts.append(refused)
    return acts or record


def as_received(line: ImportLine, *, client: str, council: ReferenceData) -> Record:
    """The record of the case on the day it came, before any act; its number comes later.

    A team brings its service, as at intake.
    """
    case = CaseFacts(
        id=0,
        version=1,
        status=Status.received,
        type_at_receipt=line.type,
        type=line.type,
        channel=line.channel,
        procedure=line.procedure,
        category=line.category or NOT_CATEGORISED,
        service=council.place(service=line.service, team=line.team, on=line.received_on),
        team=line.team,
        system_of_record=line.system_of_record,
        received_on=line.received_on,
        registered_on=line.registered_on,
        migrated_on=line.migrated_on,
        clock_from=line.received_on,
        client=client,
        on_behalf=line.on_behalf or on_behalf(line.people),
        anonymous=anonymous(line.people),
    )
    return received(case, by=Author(client))


_Rule = Callable[[Record, Any, Occasion], None]

_RULES: Mapping[type, _Rule] = {
    Acknowledge: triage.acknowledge,
    Triage: triage.triage,
    Reclassify: triage.reclassify,
    Allocate: triage.allocate,
    Extend: lambda record, act, occasion: stages.extend(record, act.stage, act, occasion),
    Answer: lambda record, act, occasion: stages.answer(record, act.stage, act, occasion),
    AddRemedies: lambda record, act, occasion: stages.add_remedies(
        record, act.stage, act, occasion
    ),
    Escalate: escalations.escalate,
    DecideEscalation: lambda record, act, occasion: escalations.decide_escalation(
        record, len(record.escalations), act, occasion
    ),
    Correct: corrections.correct,
    Withdraw: endings.withdraw,
    Close: endings.close,
    Reopen: endings.reopen,
    Note: cases.note,
    Void: cases.void,
}


def _go_through(
    record: Record, line: ImportLine, *, client: str, council: ReferenceData
) -> Fault | None:
    """Do every act in turn, until one is refused."""
    for number, act in enumerate(line.acts):
        try:
            occasion = Occasion(act.on, Author(client, act.officer), council)
            do(record, partial(_done, act), occasion)
        except Problem as problem:
            return Fault.of(f"/acts/{number}", problem)
    return None


def _done(act: Any, record: Record, occasion: Occasion) -> None:  # noqa: ANN401 - any act's shape
    _RULES[type(act)](record, act, occasion)


def _told(refused: Fault, faults: list[Fault]) -> bool:
    """Whether what is wrong with the act has been told already, and more precisely."""
    return any(f"{fault.pointer}/".startswith(f"{refused.pointer}/") for fault in faults)
