"""Cases of every kind, at random: one of each goes into a service of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.stats.tables import Example

YEAR = date(2023, 4, 1), date(2024, 4, 1)
CATEGORIES = ("communication", "policy", "staff-conduct", "not-categorised")
TEAMS = ("sendar", "send-and-inclusion", "-")
REMEDIES = ("apology", "explanation", "financial-symbolic")
CHANNELS = ("portal", "phone", "-")
TYPES = ("complaint", "complaint", "comment", "compliment")
FINDINGS = ("upheld", "partially_upheld", "not_upheld")
LIMITS = {1: 10, 2: 20}
NO_FINDING = ("resolved_early", "resolved_early", "closed_without_record", "concurrent_proceedings")


@dataclass(frozen=True)
class Tables:
    """Lines of worked examples, by the table they are for."""

    cases: list[str]
    stages: list[str]
    remedies: list[str]
    escalations: list[str]
    standings: list[str]

    @property
    def example(self) -> Example:
        """All of them as one example, which asks nothing."""
        return Example(
            figure="complaint-categories",
            asked={},
            cases=_table("case service type at_receipt channel category team registered migrated "
                         "closed closure refused set_aside", self.cases),
            stages=_table("case stage started due closed finding closure why days in_time verdict "
                          "excluded", self.stages),
            remedies=_table("case stage remedy pence", self.remedies),
            escalations=_table("case to requested decided decision", self.escalations),
            standings=_table("case service type status stage since until", self.standings),
            rows="",
        )  # fmt: skip


def some_kinds(number: int, *, seed: int) -> Tables:
    """So many cases, each of a service that is called as it is."""
    chance, tables = Random(seed), Tables([], [], [], [], [])  # noqa: S311 - no secret
    for at in range(number):
        _put(f"s{at}", chance, tables)
    return tables


def _put(case: str, chance: Random, tables: Tables) -> None:
    kind = chance.choice(TYPES)
    at_receipt = kind if chance.random() < 0.7 else chance.choice(TYPES)
    registered = YEAR[0] + timedelta(chance.randrange(-160, 366))
    closed = registered + timedelta(chance.randrange(90))
    set_aside = chance.choice(("void", "not_feedback")) if chance.random() < 0.1 else "-"
    refused = "-"
    if kind == "complaint" and set_aside == "-" and chance.random() < 0.2:
        refused = chance.choice(("out_of_time", "other_route"))
    elif kind == "complaint":
        _put_stage(case, 1, registered, closed, chance, tables)
        if chance.random() < 0.6:
            _ask_for_more(case, registered + timedelta(chance.randrange(90)), chance, tables)
    ended = set_aside != "-" or refused != "-"
    tables.cases.append(
        _line(
            case, case, kind, at_receipt, chance.choice(CHANNELS), chance.choice(CATEGORIES),
            chance.choice(TEAMS), registered, "yes" if chance.random() < 0.1 else "-",
            closed if refused != "-" else "-", "refused" if refused != "-" else "-", refused,
            set_aside,
        )
    )  # fmt: skip
    worked = ("received", "in_stage", "closed") if at_receipt == kind else ("received", "closed")
    status = "closed" if ended else chance.choice(worked)
    stage = 1 if status == "in_stage" else "-"  # what was put right since stood as it was taken in
    tables.standings.append(_line(case, case, at_receipt, status, stage, registered, "-"))


def _ask_for_more(case: str, asked: date, chance: Random, tables: Tables) -> None:
    """A request for stage 2, which starts its clock if it is accepted."""
    decision = chance.choice(("accepted", "accepted", "refused", "resolved", "-"))
    if decision == "accepted":
        closed = asked + timedelta(chance.randrange(20, 200))
        _put_stage(case, 2, asked, closed, chance, tables)
    tables.escalations.append(_line(case, 2, asked, "-" if decision == "-" else asked, decision))


def _put_stage(
    case: str, number: int, started: date, closed: date, chance: Random, tables: Tables
) -> None:
    ending, due = chance.random(), started + timedelta(chance.randrange(60))
    finding, closure, why = "-", "-", "-"
    if ending < 0.5:
        finding = chance.choice(FINDINGS)
    elif ending < 0.9:
        closure = chance.choice(("no_finding", "no_finding", "withdrawn", "question_answered"))
        why = chance.choice(NO_FINDING) if closure == "no_finding" else "-"
    is_open = finding == closure == "-"
    days = chance.randrange(chance.choice((LIMITS[number] + 1, 80)))
    in_time, verdict = _timed(number, days, chance)
    tables.stages.append(
        _line(
            case, number, started, due, "-" if is_open else closed, finding, closure, why,
            days, in_time, verdict, "migrated" if chance.random() < 0.25 else "-",
        )
    )  # fmt: skip
    if finding != "-":
        for _ in range(chance.randrange(3)):
            remedy = chance.choice(REMEDIES)
            pence = chance.randrange(1, 90_000) if remedy == REMEDIES[2] else "-"
            tables.remedies.append(_line(case, number, remedy, pence))


def _timed(number: int, days: int, chance: Random) -> tuple[str, str]:
    """Whether it kept its target from receipt, and its limit: one by the other, as receipt starts.

    No number of working days says so by itself: a stage may have no limit, or be extended, and
    one that closes on a Saturday after its last day is late.
    """
    if chance.random() < 0.2:
        return "-", "no_limit"
    if days < LIMITS[number] or (days == LIMITS[number] and chance.random() < 0.8):
        return "yes", "within_target"
    extended = days <= 2 * LIMITS[number] and chance.random() < 0.5
    return "no", "within_extension" if extended else "late"


def _line(*cells: object) -> str:
    return " | ".join(map(str, cells))


def _table(names: str, lines: list[str]) -> str:
    return "\n".join(_lines(names, lines)) if lines else ""


def _lines(names: str, lines: list[str]) -> Iterator[str]:
    yield " | ".join(names.split())
    yield from lines
