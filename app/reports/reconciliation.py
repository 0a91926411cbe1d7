"""Where the numbers of a report do not simply add up, and why: found in its figures. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from app.reports.counterparts import FIGURE as TEAMS
from app.reports.counterparts import without_counterpart
from app.reports.document import Cells, Column, Kind, Table
from app.reports.evidence import Evidence
from app.reports.restated import restated
from app.reports.words import heading
from app.stats.answer import Answer, Disclosure
from app.stats.labels import day, label, worded
from app.stats.measures import Line
from app.stats.table import WITHHELD

KEY = "reconciliation"
"""The section of a report, and the end of the address at which it can be read by itself."""

_FIGURE, _OF = Column("Figure", Kind.text), Column("Of", Kind.text)
_NUMBER = Column("Number", Kind.number)
_UNNAMED = frozenset({"not-categorised"})
"""Codes of council's lists that stand for no name; others are the `none` of their cut."""


def paragraphs(evidence: Evidence) -> Iterator[str]:
    """What the tables are, and whether there is a report to hold this one against."""
    yield (
        "Whatever a figure considered is either counted or left out for one reason. What follows "
        "was found in the figures themselves, not written by anybody."
    )
    if evidence.last is None:
        before = worded("year", str(evidence.year.before(1)))
        yield f"No report of {before} was published here, so none is held against this one."


def tables(evidence: Evidence) -> Iterator[Table]:
    """Every table that has something to say."""
    for caption, columns, rows in (
        (
            "Considered, and left out",
            (_FIGURE, _OF, Column("Because it is", Kind.text), _NUMBER),
            [row for one in _each(evidence) for row in _left_out(*one)],
        ),
        (
            "Counted, but under no name",
            (_FIGURE, _OF, Column("Row", Kind.text), _NUMBER),
            [row for one in _each(evidence) for row in _unnamed(*one)],
        ),
        (
            "Wholes that cover a part of the period only",
            (_FIGURE, _OF, Column("Days covered", Kind.text), _NUMBER),
            [row for one in _each(evidence) for row in _part_years(*one)],
        ),
        (
            "Migrated from another system, and registered anew in the new one",
            (_FIGURE, _OF, Column("Registered anew", Kind.text), _NUMBER),
            [row for one in _each(evidence) for row in _migrated(*one)],
        ),
        (
            "Teams without a plain counterpart in the list of the other system",
            (_FIGURE, _OF, Column("Team", Kind.text), Column("What is known", Kind.text)),
            list(_teams(evidence)),
        ),
        (
            "Changed since the report of the year before",
            (_FIGURE, _OF, Column("Published", Kind.number), Column("Now", Kind.number)),
            list(_restated(evidence)),
        ),
    ):
        if rows:
            yield Table(caption, columns, tuple(rows))


def _each(evidence: Evidence) -> Iterator[tuple[str, Answer]]:
    return ((evidence.labels[slug], answer) for slug, answer in evidence.answers.items())


def _left_out(figure: str, answer: Answer) -> Iterator[Cells]:
    for line in answer.left_out:
        if line["count"] != 0:
            yield figure, _of(answer, line), line["reason_name"], _number(line)


def _unnamed(figure: str, answer: Answer) -> Iterator[Cells]:
    for line in answer.rows:
        for cut in answer.figure.cuts:
            code = line[cut.name]
            if line["count"] != 0 and (code in _UNNAMED or code == cut.none):
                name = f"{heading(cut.name)}: {label(cut.name, line)}"
                yield figure, _of(answer, line), name, _number(line)


def _part_years(figure: str, answer: Answer) -> Iterator[Cells]:
    if answer.figure.over_years or answer.figure.fact.stands:
        return
    for total in answer.totals:
        since, until = total["since"], total["until"]
        covered = (since, until) == (answer.period.since, answer.period.until)
        if since and until and not covered and total["count"] != 0:
            days = f"{day(since)} to {day(until - timedelta(days=1))}"
            yield figure, _of(answer, total), days, _number(total)


def _migrated(figure: str, answer: Answer) -> Iterator[Cells]:
    for part in answer.parts if answer.disclosure is Disclosure.exact else ():
        if part["part"] == "migrated" and answer.day == "registered":
            first, last = day(part["first"]), day(part["last"])
            days = first if first == last else f"{first} to {last}"
            yield figure, _of(answer, part), days, part["count"]


def _teams(evidence: Evidence) -> Iterator[Cells]:
    answer, figure = evidence.answers[TEAMS], evidence.labels[TEAMS]
    names = {team.slug: team.name for team in evidence.reference.organisation.teams.values()}
    for row, why in without_counterpart(answer, evidence.lineage, names):
        yield figure, _of(answer, row), label("team", row), why


def _restated(evidence: Evidence) -> Iterator[Cells]:
    answers = [*evidence.past.values(), *evidence.answers.values()]
    for one in restated(answers, evidence.last or ()):
        cuts = one.answer.figure.by
        named = ", ".join(
            label(cut, one.row) for cut in sorted(cuts, key=lambda cut: cut == "year")
        )
        yield evidence.labels[one.answer.figure.slug], named, one.was, one.row["count"]


def _of(answer: Answer, line: Line) -> str:
    named = [label(cut, line) for cut in answer.figure.measure.of]
    return ", ".join(named) or "All"


def _number(line: Line) -> int | str:
    count: int | None = line["count"]
    return WITHHELD if count is None else count
