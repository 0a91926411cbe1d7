"""Answers as the public may have them: small numbers withheld, and what would give them away.

`disclosed(answers, rules)` takes every answer that is shown together (the figures of a report, or
one answer) and returns them in their order with `disclosure` "public". A withheld number is None;
the line whose count it was says `"suppressed": True`, and no other line has the word. So None
beside a count that is shown is a share or a change that would give another number away, unless
its whole is nothing; a nought is a nought.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.stats.answer import Answer, Disclosure
from app.stats.measures import Line

_TOLD = frozenset({"volume", "stage", "since", "until"})
"""Numbers and days of a line that are not counts of anybody."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is small: a count from one up to, and not with, `below`."""

    below: int = 5

    def small(self, count: int) -> bool:
        """Whether so few might be made out."""
        return 0 < count < self.below


def disclosed(answers: Sequence[Answer], rules: Rules) -> list[Answer]:
    """The answers with everything withheld that might tell who is behind a small number."""
    return [_withheld(answer, rules) for answer in answers]


def _withheld(answer: Answer, rules: Rules) -> Answer:
    """Withhold all of a whole in which something is small, and every remark that counts."""
    of = answer.figure.measure.of
    lines = (*answer.rows, *answer.totals, *answer.left_out)
    unsafe = {_key(line, of) for line in lines if rules.small(line["count"])}

    def told(some: Sequence[Line]) -> tuple[Line, ...]:
        return tuple(_silent(line) if _key(line, of) in unsafe else line for line in some)

    return replace(
        answer,
        rows=told(answer.rows),
        totals=told(answer.totals),
        left_out=told(answer.left_out),
        notes=(),
        disclosure=Disclosure.public,
    )


def _silent(line: Line) -> Line:
    return dict(_without_numbers(line)) | {"suppressed": True}


def _without_numbers(line: Line) -> Iterator[tuple[str, object]]:
    for name, value in line.items():
        is_number = isinstance(value, int | float) and name not in _TOLD
        yield name, None if is_number else value


def _key(line: Line, of: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(line[name] for name in of)
