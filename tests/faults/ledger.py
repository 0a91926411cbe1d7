"""What clients were told, and what the database then holds: the oracle of every fault test.

A client writes down what it sends before it sends it, and every acknowledgement as it comes. After
the faults, the database must hold each acknowledged thing exactly once, whole and with its
history, and nothing that nobody sent.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

Finding = tuple[str, str]  # what is wrong, and with what
Stored = Sequence[tuple[str | None, str]]  # words, and where they stand

_CASES = """
SELECT c.reference, c.version, n.text AS narrative,
       (SELECT coalesce(array_agg(version ORDER BY version), '{}') FROM audit.entry
        WHERE case_id = c.id) AS versions,
       (SELECT coalesce(array_agg(seq ORDER BY seq), '{}') FROM core.standing
        WHERE case_id = c.id) AS standings,
       (SELECT count(*) FROM pii.person WHERE case_id = c.id) AS people,
       (SELECT count(*) FROM core.case_system AS s
        WHERE s.case_id = c.id AND s.reference = c.reference
              AND s.system = c.system_of_record) AS names
FROM core."case" AS c LEFT JOIN pii.narrative AS n ON n.case_id = c.id
"""
_REMARKS = """
SELECT c.reference, r.version, r.text, e.act
FROM pii.remark AS r JOIN core."case" AS c ON c.id = r.case_id
LEFT JOIN audit.entry AS e ON e.case_id = r.case_id AND e.version = r.version
"""
_KEYS = "SELECT operation, key, status, body, case_id FROM ops.idempotency"


@dataclass
class Sent:
    """A request under a key, and what it was answered each time that it was acknowledged."""

    key: str
    words: str  # that nobody else sends: the narrative, or the text of the note
    answers: list[bytes] = field(default_factory=list)
    place: str = ""  # the reference, and of a note the version, that was answered


@dataclass
class Ledger:
    """Everything that clients sent and were told."""

    feedback: dict[str, Sent] = field(default_factory=dict)  # by its words
    notes: dict[str, Sent] = field(default_factory=dict)
    tries: int = 0
    cut_off: int = 0
    turned_away: int = 0

    @property
    def acknowledged(self) -> int:
        return sum(1 for sent in self.feedback.values() if sent.answers)

    @property
    def noted(self) -> int:
        return sum(1 for sent in self.notes.values() if sent.answers)

    async def compare(self, connection: "asyncpg.Connection[asyncpg.Record]") -> list[Finding]:
        """Everything that is wrong with the database, by what clients were told."""
        cases = await connection.fetch(_CASES)
        remarks = await connection.fetch(_REMARKS)
        keys = await connection.fetch(_KEYS)
        told = [(row["narrative"], row["reference"]) for row in cases]
        noted = [(row["text"], f"{row['reference']} {row['version']}") for row in remarks]
        return [
            *_against(self.feedback, told),
            *_against(self.notes, noted),
            *(finding for row in cases for finding in _whole(row)),
            *(("note without entry", row["text"]) for row in remarks if row["act"] != "note"),
            *self._keys(keys, {words for words, _ in told}, {words for words, _ in noted}),
        ]

    def _keys(
        self, rows: list[Any], told: set[str | None], noted: set[str | None]
    ) -> Iterator[Finding]:
        kept = {(row["operation"], row["key"]): row for row in rows}
        wanted = {
            **{("submit_feedback", s.key): s for s in self.feedback.values() if s.words in told},
            **{("note", s.key): s for s in self.notes.values() if s.words in noted},
        }
        for name in kept.keys() - wanted.keys():
            yield "key without work", name[1]
        for name, sent in wanted.items():
            row = kept.get(name)
            if row is None:
                yield "work without key", name[1]
            elif row["status"] is None or any(answer != row["body"] for answer in sent.answers):
                yield "other answer", name[1]


def _against(sent: Mapping[str, Sent], stored: Stored) -> Iterator[Finding]:
    """What was lost, doubled, invented, or stands elsewhere than was said."""
    times = Counter(words for words, _ in stored)
    yield from (("never sent", str(words)) for words in times if words not in sent)
    yield from (("doubled", str(words)) for words, count in times.items() if count > 1)
    places = dict(stored)
    for words, one in sent.items():
        if one.answers and words not in places:
            yield "lost", words
        elif one.answers and places[words] != one.place:
            yield "elsewhere", words


def _whole(case: Any) -> Iterator[Finding]:
    if case["versions"] != list(range(1, case["version"] + 1)):
        yield "history broken", case["reference"]
    if case["standings"] != list(range(1, len(case["standings"]) + 1)) or not case["standings"]:
        yield "standing missing", case["reference"]
    if case["people"] != 1:
        yield "people missing", case["reference"]
    if case["names"] != 1:
        yield "name missing", case["reference"]
