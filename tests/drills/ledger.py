"""What clients were promised, and what a database has of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

_CASES = """
    SELECT c.reference, c.version, n.text AS words,
           (SELECT count(*) FROM audit.entry AS e
            WHERE e.case_id = c.id AND e.version <= c.version) AS entries
    FROM core."case" AS c LEFT JOIN pii.narrative AS n ON n.case_id = c.id
"""


@dataclass(slots=True)
class Sent:
    """One piece of feedback that a client handed in, and each version it was told of."""

    key: str
    words: str
    sent_at: datetime
    reference: str | None = None
    told: list[tuple[int, datetime]] = field(default_factory=list)  # version, when acknowledged

    def version_at(self, moment: datetime) -> int:
        """The newest version that had been acknowledged by a moment; 0 for none."""
        return max((version for version, when in self.told if when <= moment), default=0)


@dataclass(frozen=True, slots=True)
class Kept:
    """One case as a database has it."""

    reference: str
    version: int
    words: str | None
    entries: int


async def kept_in(url: str) -> dict[str, Kept]:
    """Every case of a database."""
    connection = await asyncpg.connect(url)
    try:
        return {row["reference"]: Kept(**row) for row in await connection.fetch(_CASES)}
    finally:
        await connection.close()


def faults(sent: list[Sent], kept: dict[str, Kept], at: datetime) -> Iterator[str]:
    """Where a database is not what it was at a moment, by what its clients know."""
    promised = {one.reference: one for one in sent if one.version_at(at)}
    possible = {one.words for one in sent if one.sent_at <= at}
    for reference, one in promised.items():
        found = kept.get(str(reference))
        if found is None:
            yield "acknowledged and lost"
        elif found.version < one.version_at(at):
            yield "an act that was acknowledged is lost"
        elif found.words != one.words:
            yield "not what was sent"
    for case in kept.values():
        if case.words not in possible:
            yield "invented"
        if case.entries != case.version:
            yield "without its history"
