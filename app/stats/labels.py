"""What codes, columns and days are called where people read them."""

from collections.abc import Callable, Mapping
from datetime import date

from app.stats.counted import Code
from app.stats.measures import Line
from app.stats.period import Period


def label(cut: str, line: Line) -> str:
    """What a line is about under a cut: as reference data calls it, or its code in words."""
    name: str | None = line.get(f"{cut}_name")
    if name is None:
        return worded(cut, line[cut])
    return capital(name) if cut in _OUR_WORDS else name


def worded(cut: str, code: Code) -> str:
    """A code in words: a financial year as people write it, a month by its name."""
    in_words = _IN_WORDS.get(cut, sentence)
    return in_words(str(code))


def brief(cut: str, line: Line) -> str:
    """The same in short lines, to stand under an axis, where it is a time."""
    in_brief = _IN_BRIEF.get(cut)
    return in_brief(str(line[cut])) if in_brief else label(cut, line)


def sentence(code: str) -> str:
    """The words of a code or a column, the first with a capital letter."""
    return capital(code.replace("_", " ").replace("-", " "))


def capital(words: str) -> str:
    """The same words, beginning with a capital letter."""
    return words[:1].upper() + words[1:]


def day(when: date) -> str:
    """A day as people write it."""
    return f"{when.day} {when:%B %Y}"


def days(period: Period) -> str:
    """A period from its first day to its last."""
    return f"{day(period.since)} to {day(period.last_day)}"


_OUR_WORDS = frozenset({"age", "days_taken", "fault"})  # named by us, not by the council
_IN_WORDS: Mapping[str, Callable[[str], str]] = {
    "stage": lambda number: f"Stage {number}",
    "year": lambda code: code.replace("-", "/"),
    "quarter": lambda code: f"{code[:7].replace('-', '/')} quarter {code[-1]}",
    "month": lambda code: f"{date.fromisoformat(f'{code}-01'):%B %Y}",
    "week": lambda code: f"Week of {day(date.fromisoformat(code))}",
    "day": lambda code: day(date.fromisoformat(code)),
    "feedback_type": lambda code: f"{sentence(code)}s",
    "type_at_receipt": lambda code: f"{sentence(code)}s at receipt",
}
_IN_BRIEF: Mapping[str, Callable[[str], str]] = {
    "quarter": lambda code: f"{code[:7].replace('-', '/')}\n{code[-2:].upper()}",
    "month": lambda code: f"{date.fromisoformat(f'{code}-01'):%b\n%Y}",
    "week": lambda code: f"{date.fromisoformat(code):%d %b\n%Y}",
    "day": lambda code: f"{date.fromisoformat(code):%d %b\n%Y}",
}
