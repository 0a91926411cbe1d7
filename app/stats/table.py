"""An answer as tables: rows, wholes, and what was left out, each under one line of names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from app.stats.answer import Answer, Disclosure
from app.stats.measures import Line

Cell: TypeAlias = str | int | float | date | datetime

WITHHELD, NOT_AVAILABLE, NOT_APPLICABLE = "[c]", "[x]", "[z]"
SHORTHAND = {
    WITHHELD: "confidential: withheld, so that nobody can be made out",
    NOT_AVAILABLE: "not available: it was not recorded, or the days are not alike",
    NOT_APPLICABLE: "not applicable: there is nothing that it could be of",
}
"""Why a cell has no number, in the Government Analysis Function's shorthand."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What text begins with that a spreadsheet would take for a formula."""

_UNKNOWN = frozenset({"volume", "change", "annualised", "annualised_before"})  # if they are none
_ALWAYS_TOLD = frozenset({"volume", "since", "until"})
_SUPPRESSED = "suppressed"
_MADE_OF = {"percent_change": "change", "percent_of_volume": "volume"}


@dataclass(frozen=True, slots=True)
class Table:
    """Lines that have the same columns; each cell holds something."""

    columns: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]


def tables(answer: Answer) -> tuple[Table, Table, Table]:
    """The rows of an answer, its wholes, and what it left out."""
    by, of = answer.figure.by, answer.figure.measure.of
    public = answer.disclosure is Disclosure.public

    def table(lines: Sequence[Line], *least: str) -> Table:
        """A table of lines, which need not all have the same columns; of none, with the least."""
        found = dict.fromkeys(column for line in lines for column in line)
        found.pop(_SUPPRESSED, None)  # the cells say so
        columns = tuple(found) or least
        cells = tuple(tuple(cell(line, c, public=public) for c in columns) for line in lines)
        return Table(columns, cells)

    return (
        table(answer.rows, *by, "count", "denominator", "percent"),
        table(answer.totals, *of, "count", "considered"),
        table(answer.left_out, *of, "reason", "reason_name", "count"),
    )


def cell(line: Line, column: str, *, public: bool = False) -> Cell:
    """What stands in a cell: never nothing, but why there is nothing."""
    value = line.get(column)
    if value is None:
        return _why(line, column, public=public)
    if isinstance(value, list):
        return "; ".join(value) or NOT_APPLICABLE
    found: Cell = value
    return found


def _why(line: Line, column: str, *, public: bool) -> str:
    source = _MADE_OF.get(column, column)
    if public and column in line and column not in _ALWAYS_TOLD and not _never_said(line, source):
        of_nothing = line.get("denominator", line["count"]) == 0
        return NOT_APPLICABLE if of_nothing else WITHHELD
    unknown = source in _UNKNOWN and source in line and line[source] is None
    return NOT_AVAILABLE if unknown else NOT_APPLICABLE


def _never_said(line: Line, source: str) -> bool:
    """Whether an exact answer has no number there either, since what it is made of is told."""
    if source == "volume":
        return not line[source]
    if source in {"change", "annualised", "annualised_before"}:
        return None not in {line["count"], line["count_before"]}
    if source.startswith(("median_", "percentile_")):
        return bool(line["count"] == 0)
    part = source.removeprefix("percent_of_")
    return line["count"] is not None and line.get(f"denominator_of_{part}") is not None
