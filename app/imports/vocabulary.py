"""The closed lists of words about bringing in history."""

from enum import StrEnum


class Format(StrEnum):
    """How a file of history is written."""

    json_lines = "json_lines"
    flat_csv = "flat_csv"


class Result(StrEnum):
    """What became of one line of a file."""

    taken = "taken"
    unchanged = "unchanged"
    linked = "linked"
    differs = "differs"
    refused = "refused"


KEPT = frozenset({Result.differs, Result.refused})
"""Lines that were not taken; each is kept with its reasons until it is sent again and taken."""
