"""The closed lists of words about procedures."""

from enum import StrEnum


class ClockStart(StrEnum):
    """What starts the clock of a stage: that day is day 0."""

    receipt = "receipt"
    acknowledgement = "acknowledgement"
    request = "request"
    acceptance = "acceptance"


class Verdict(StrEnum):
    """Whether a closed stage kept its time."""

    within_target = "within_target"
    within_extension = "within_extension"
    late = "late"
    no_limit = "no_limit"


NOT_CATEGORISED = "not-categorised"
"""The category of a case that nobody has categorised; every council's list has it."""

OUTSIDE_PROCESS = "outside-complaints-process"
"""The category of a complaint redirected to another procedure; every council's list has it."""
