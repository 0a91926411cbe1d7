"""What numbers and names are called in a sentence or under a heading of a report. Pure."""

from collections.abc import Sequence

from app.reports.document import Cell, Kind
from app.stats.labels import label, sentence, worded
from app.stats.measures import Line

_SMALL = (
    "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
)  # fmt: skip
_HEADINGS = {
    "feedback_type": "Type",
    "type_at_receipt": "Type at receipt",
    "source_system": "System",
    "channel": "Method of contact",
    "days_taken": "Working days",
    "closure_reason": "Reason",
    "refusal_reason": "Reason",
    "category": "Subject category",
    "timeliness": "Closed",
    "verdict": "Closed",
    "clock": "Open stage",
    "age": "Open for",
    "remedy": "Remedy",
}
_WORDED = frozenset({"days_taken", "age", "fault"})
"""Cuts whose names are words, not the names of anything."""


def heading(cut: str) -> str:
    """What the column of a cut is headed with."""
    return _HEADINGS.get(cut, sentence(cut))


def mentioned(line: Line, cut: str) -> str:
    """What a row is called inside a sentence: a name as it is, a word of a list in lower case."""
    if f"{cut}_name" in line and cut not in _WORDED:
        return str(line[f"{cut}_name"])
    return lowered(label(cut, line))


def lowered(words: str) -> str:
    """Words inside a sentence; an abbreviation at their head stays what it is."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def counted(number: int) -> str:
    """A number with its thousands set apart."""
    return f"{number:,}"


def spelled(number: int) -> str:
    """A small number as a word."""
    return _SMALL[number] if number < len(_SMALL) else counted(number)


def year(code: str) -> str:
    """A financial year as reports print it: 2023/24."""
    return worded("year", code)


def earlier(years: int) -> str:
    """Every one of some earlier years."""
    return "the year before" if years == 1 else f"each of the {spelled(years)} earlier years"


def listed(words: Sequence[str], *, last: str = " and ") -> str:
    """Several things in a sentence: one, two and three."""
    *most, final = words
    return f"{', '.join(most)}{last}{final}" if most else final


def cell(content: Cell, kind: Kind) -> str:
    """A cell of a table as a person reads it."""
    if isinstance(content, str):
        return content
    match kind:
        case Kind.percent:
            return f"{content}%"
        case Kind.rate:
            return f"{content:.2f}%"
        case Kind.pence:
            return f"£{content / 100:,.2f}"
        case Kind.days:
            return f"{content:,.1f}".removesuffix(".0")
        case Kind.number | Kind.text:
            return f"{content:,}"
