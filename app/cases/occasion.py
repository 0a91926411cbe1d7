"""When, by whom and under which council's rules an act is done."""

from dataclasses import dataclass
from datetime import date

from app.cases.record import Author, not_in_the_future
from app.procedures.reference import ReferenceData


@dataclass(frozen=True, slots=True)
class Occasion:
    """What every rule is handed besides the case: the day it counts for, and whose rules hold."""

    on: date
    by: Author
    council: ReferenceData


def occasion(on: date | None, *, today: date, by: Author, council: ReferenceData) -> Occasion:
    """An act's occasion: it counts for today unless an earlier day is given.

    Raises DayNotPossible for a day that has not come yet.
    """
    return Occasion(not_in_the_future(on or today, today), by, council)
