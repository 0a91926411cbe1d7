"""Values of earlier years that are no longer what the last report said of them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.stats.answer import Answer, Disclosure
from app.stats.measures import Line

Said = Mapping[str, Any]
"""An answer, or a row of one, as it was frozen."""


@dataclass(frozen=True, slots=True)
class Restated:
    """A row that counts something else now than in the report of the year before."""

    answer: Answer
    row: Line
    was: int


def restated(answers: Sequence[Answer], last: Sequence[Said]) -> Iterator[Restated]:
    """Every row about an earlier year that both reports have, and that differs.

    A number that either of them withholds cannot be told to differ; nor does a public report tell
    again what was published exactly.
    """
    published: dict[tuple[object, ...], int | None] = {}
    public = any(answer.disclosure is Disclosure.public for answer in answers)
    for said in last:
        if public and said["disclosure"] != Disclosure.public:
            continue
        for row in said["rows"] if "year" in said["cuts"] else ():
            published[_key(said["figure"], said["cuts"], row)] = row["count"]
    for answer in answers:
        for row in answer.rows if answer.figure.over_years else ():
            was = published.pop(_key(answer.figure.slug, answer.figure.by, row), None)
            if was is not None and row["count"] not in {None, was}:
                yield Restated(answer, row, was)


def _key(figure: str, cuts: Sequence[str], row: Said) -> tuple[object, ...]:
    return (figure, *((cut, row[cut]) for cut in cuts))
