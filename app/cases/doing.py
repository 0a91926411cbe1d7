"""One act done to a record, and what it overwrote kept: nothing that was so is forgotten.

What an act adds has a day of its own, so a question as at an earlier day can leave it out again.
What an act takes away or puts right would be lost; it is kept with the day until which it stood.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from app.cases.occasion import Occasion
from app.cases.record import CaseFacts, OverwrittenFacts, Record, RemedyFacts, StageFacts
from app.cases.vocabulary import OverwrittenPart

Rule = Callable[[Record, Occasion], None]

_ENDING_OF_CASE = ("closed_on", "closure", "no_finding_reason", "refusal_reason")
_SETTING_ASIDE = ("set_aside", "set_aside_on")
_OF_CASE = ("received_on", "acknowledged_on", "channel", *_ENDING_OF_CASE, *_SETTING_ASIDE)
_ENDING_OF_STAGE = (
    "answered_on",
    "closed_on",
    "finding",
    "closure",
    "no_finding_reason",
    "verdict",
    "working_days_taken",
    "within_target",
)
_OF_NO_ACCOUNT = ("handler",)

_Lost = tuple[OverwrittenPart, int | None, Mapping[str, Any]]


def do(record: Record, rule: Rule, occasion: Occasion) -> None:
    """Put a record through a rule, and keep what that overwrote."""
    case, stages, remedies = record.case, dict(record.stages), tuple(record.remedies)
    rule(record, occasion)
    lost = [
        *_lost_of_case(case, record.case),
        *_lost_stages(stages, record.stages),
        *_lost_remedies(remedies, record.remedies),
    ]
    record.overwritten += [
        OverwrittenFacts(record.case.version, seq, part, stage, occasion.on, dict(facts))
        for seq, (part, stage, facts) in enumerate(lost, start=1)
    ]


def _lost_of_case(was: CaseFacts, now: CaseFacts) -> Iterator[_Lost]:
    added = {
        *(_ENDING_OF_CASE if was.closed_on is None else ()),
        *(_SETTING_ASIDE if was.set_aside is None else ()),
        *(("acknowledged_on",) if was.acknowledged_on is None else ()),
    }
    if any(getattr(was, name) != getattr(now, name) for name in _OF_CASE if name not in added):
        yield OverwrittenPart.case, None, {name: getattr(was, name) for name in _OF_CASE}


def _lost_stages(was: Mapping[int, StageFacts], now: Mapping[int, StageFacts]) -> Iterator[_Lost]:
    for number, stage in was.items():
        added = {*_OF_NO_ACCOUNT, *(_ENDING_OF_STAGE if stage.closed_on is None else ())}
        other = now.get(number)
        if other is stage:
            continue
        facts = asdict(stage)
        if other is None or any(
            value != getattr(other, name) for name, value in facts.items() if name not in added
        ):
            yield OverwrittenPart.stage, number, facts


def _lost_remedies(was: tuple[RemedyFacts, ...], now: list[RemedyFacts]) -> Iterator[_Lost]:
    for remedy in was:
        if remedy not in now:
            yield OverwrittenPart.remedy, remedy.stage, asdict(remedy)
