"""How complaints are handled, told from the procedures in force in the year. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from app.procedures.reference import ProcedureRules, StageRule
from app.procedures.vocabulary import ClockStart
from app.reports.document import Cell, Column, Kind, Table
from app.reports.evidence import Evidence
from app.reports.words import spelled
from app.stats.labels import day
from app.stats.table import NOT_APPLICABLE

_CLOCK = {
    ClockStart.receipt: "receipt",
    ClockStart.acknowledgement: "the acknowledgement",
    ClockStart.request: "the request for it",
    ClockStart.acceptance: "the day the request is accepted",
}
_COLUMNS = (
    Column("Stage", Kind.text),
    Column("Called", Kind.text),
    Column("Working days to answer", Kind.number),
    Column("Counted from", Kind.text),
    Column("Working days it may be extended by", Kind.number),
)


def paragraphs(evidence: Evidence) -> Iterator[str]:
    """What holds for every procedure."""
    within = spelled(evidence.reference.acknowledge_within)
    yield (
        f"Feedback is acknowledged within {within} working days of receipt. A working day is not a "
        "Saturday, a Sunday or a bank holiday of England and Wales; the day that starts a clock "
        "is day 0."
    )
    yield (
        "A complaint is answered at stage 1. Whoever is not satisfied may ask for the next stage, "
        "as far as the procedure goes; a later stage is part of the same complaint."
    )


def tables(evidence: Evidence) -> Iterator[Table]:
    """Each procedure as it stood in the year: a table for each version of it."""
    since, until = evidence.year.since, evidence.year.until
    for versions in evidence.reference.procedures.values():
        for version in versions:
            ends = version.period.until
            if version.since < until and (ends is None or ends > since):
                yield _table(version, evidence)


def _table(version: ProcedureRules, evidence: Evidence) -> Table:
    ends, parts = version.period.until, []
    if version.since > evidence.year.since:
        parts.append(f"from {day(version.since)}")
    if ends is not None and ends < evidence.year.until:
        parts.append(f"until {day(ends - timedelta(days=1))}")
    when = f", {' '.join(parts)}" if parts else ""
    rows = tuple(_row(stage) for stage in version.stages)
    return Table(f"{version.name}{when}. It rests on: {version.basis}", _COLUMNS, rows)


def _row(stage: StageRule) -> tuple[Cell, ...]:
    within = stage.timescale.respond_within
    return (
        f"Stage {stage.number}",
        stage.name,
        NOT_APPLICABLE if within is None else within,
        _CLOCK[stage.clock_starts],
        stage.timescale.extend_by_at_most,
    )
