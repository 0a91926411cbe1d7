"""What is told of single figures only: methods of contact, teams, rates, money. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.cases.vocabulary import FeedbackType
from app.reports.document import Kind
from app.reports.firsts import firsts
from app.reports.wholes import Place, Whole, wholes
from app.reports.words import cell, listed, lowered
from app.stats.answer import Answer
from app.stats.facts.endings import EXCLUDED_FROM_TIMESCALES
from app.stats.labels import day
from app.stats.measures import Line


@dataclass(frozen=True, slots=True)
class Shares:
    """How large a part of each service's whole has the same name; the largest share first."""

    name: str
    places: tuple[tuple[str, Place], ...]

    @property
    def told(self) -> str:
        """The largest and the smallest share; both where there are two services."""
        ends = (self.places[0], self.places[-1])
        return listed([f"{place.percent}% for {who}" for who, place in ends])


def shares(answer: Answer) -> Iterator[Shares]:
    """The shares of what is first where most is counted; nothing where they cannot be compared."""
    found = [whole for whole in wholes(answer) if not whole.is_partly_hidden and not whole.is_small]
    if len(found) > 1:
        largest = max(found, key=lambda whole: whole.count)
        if len(largest.first) == 1:
            (first,) = largest.first
            places = [
                (whole.who, place)
                for whole in found
                for place in whole.places
                if place.code == first.code
            ]
            ordered = sorted(places, key=lambda one: -(one[1].percent or 0))
            yield Shares(first.name, tuple(ordered))


@dataclass(frozen=True, slots=True)
class InSystem:
    """A service's teams on the list of one system, for the days that it collected."""

    whole: Whole

    @property
    def where(self) -> str:
        """The system, and the days where they are not the whole year."""
        return _in_system(self.whole.line, self.whole.first[0].line)


def in_systems(answer: Answer) -> Iterator[InSystem]:
    """A service's teams, system by system."""
    return (InSystem(whole) for whole in wholes(answer) if whole.told)


@dataclass(frozen=True, slots=True)
class OnceFirst:
    """A team that was complained of most in the year before, and what there is of it now."""

    who: str
    year: str
    was: Place
    now: tuple[Line, ...]  # by system
    wholes: tuple[Line, ...]

    @property
    def is_of_part_of_the_year(self) -> bool:
        """Whether a column of this year covers only a part of it."""
        return any(line["not_comparable"] for line in self.now)

    @property
    def told(self) -> str:
        """How many there are now, by system."""
        return listed(
            [
                f"{line['count']:,} {_in_system(whole, line)}"
                for line, whole in zip(self.now, self.wholes, strict=True)
            ]
        )


def once_first(answer: Answer, past: Answer) -> Iterator[OnceFirst]:
    """What became of the teams that were first a year before."""
    for before in firsts(past):
        if len(before.last.first) != 1:
            continue
        (was,) = before.last.first
        now = [
            (line, whole.line)
            for whole in wholes(answer)
            for line in [place.line for place in whole.places]
            if whole.who == before.who and line["team"] == was.code
        ]
        if now:
            lines, of = zip(*now, strict=True)
            yield OnceFirst(before.who, before.last_year, was, lines, of)


def _in_system(whole: Line, line: Line) -> str:
    name = f"in {whole['source_system_name']}"
    if not line["not_comparable"]:
        return name
    last: date = whole["until"] - timedelta(days=1)
    return f"{name} ({day(whole['since'])} to {day(last)})"


@dataclass(frozen=True, slots=True)
class Rate:
    """Complaints set against how much of something a service did."""

    who: str
    count: int
    activity: str
    volume: int
    percent: float


def rates(answer: Answer) -> Iterator[Rate]:
    """The rates that are known, of services whose complaints of the whole period were collected."""
    days = answer.period
    collected = {
        total["service"]
        for total in answer.totals
        if (total["since"], total["until"]) == (days.since, days.until)
    }
    for line in answer.rows:
        told = line["count"] is not None and line["percent_of_volume"] is not None
        whole = told and line["service"] in collected
        if line["feedback_type"] == FeedbackType.complaint and whole:
            yield Rate(
                line["service_name"],
                line["count"],
                lowered(line.get("activity_name", "")),
                line["volume"],
                line["percent_of_volume"],
            )


@dataclass(frozen=True, slots=True)
class Findings:
    """A service's outcomes, each with both of its shares."""

    whole: Whole

    @property
    def told(self) -> str:
        """The findings, that there is most of first."""
        first, *others = self.whole.told
        start = f"{first.count:,} were {first.name} ({first.percent}%, or {_of_findings(first)}%"
        return listed(
            [
                f"{start} of those with a finding)",
                *(
                    f"{each.count:,} {each.name} ({each.percent}%, or {_of_findings(each)}%)"
                    for each in others
                ),
            ]
        )


def findings(answer: Answer) -> Iterator[Findings]:
    """The outcomes of each service that has any finding, where all of them can be told."""
    return (
        Findings(whole)
        for whole in wholes(answer)
        if whole.is_several and all(each.line["percent_of_findings"] for each in whole.told)
    )


def _of_findings(place: Place) -> int:
    share: int = place.line["percent_of_findings"]
    return share


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, or has been open, for half of a whole and for nine in ten."""

    whole: Whole
    half: str
    most: str


def took(amount: str) -> Callable[[Answer], Iterator[Took]]:
    """How long, by an amount of days, where that can be told."""

    def found(answer: Answer) -> Iterator[Took]:
        for whole in wholes(answer):
            half, most = (whole.line[f"{how}_{amount}"] for how in ("median", "percentile"))
            if half is not None and most is not None:
                yield Took(whole, cell(half, Kind.days), cell(most, Kind.days))

    return found


@dataclass(frozen=True, slots=True)
class Paid:
    """What a service paid to put things right."""

    who: str
    count: int
    pence: int

    @property
    def pounds(self) -> str:
        """In pounds."""
        return f"£{self.pence / 100:,.2f}"


def paid(answer: Answer) -> Iterator[Paid]:
    """What each service paid, where that can be told."""
    for total in answer.totals:
        if total["count"] and total["sum_pence"] is not None:
            yield Paid(total["service_name"], total["count"], total["sum_pence"])


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is left out of a figure for one reason, though it is of the figure's kind."""

    who: str
    count: int
    reason: str


def left_out(answer: Answer) -> Iterator[LeftOut]:
    """What each service's whole leaves out for reasons of its time."""
    timed = {reason.code for reason in EXCLUDED_FROM_TIMESCALES}
    for line in answer.left_out:
        if line["reason"] in timed and line["count"]:
            yield LeftOut(line["service_name"], line["count"], line["reason_name"])


@dataclass(frozen=True, slots=True)
class Nothing:
    """A service of which a figure counts nothing."""

    who: str


def nothing(answer: Answer) -> Iterator[Nothing]:
    """The services of which nothing is counted."""
    for total in answer.totals:
        if total["count"] == 0:
            yield Nothing(total["service_name"])
