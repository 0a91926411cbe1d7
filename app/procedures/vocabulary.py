"""The closed lists of words about procedures."""

from enum import StrEnum


class ClockStart(StrEnum):
    """What starts the clock of a stage: that day is day 0."""

    receipt = "receipt"
    acknowledgement = "acknowledgement"
    request = "request"
    acceptance = "acceptance"
