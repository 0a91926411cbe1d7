"""The closed lists of words about how an organisation changes."""

from enum import StrEnum


class LineageKind(StrEnum):
    """How one team became another."""

    renamed = "renamed"
    merged = "merged"
    split_up = "split"


class LineageBasis(StrEnum):
    """Whether a lineage was published or is our assumption."""

    published = "published"
    assumed = "assumed"
