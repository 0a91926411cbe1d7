"""How long a stage may take, by how much it may be extended, and whether it kept its time."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from app.kit.problem import Problem
from app.procedures.vocabulary import Verdict
from app.procedures.workdays import ONE_DAY, WorkingCalendar


class ExtensionTooLong(Problem):
    """An extension past what the procedure allows the stage."""

    status = HTTPStatus.CONFLICT
    title = "The stage cannot be extended by that much"


@dataclass(frozen=True, slots=True)
class Timescale:
    """How many working days a stage may take, and by how many it may be extended in all."""

    respond_within: int | None  # none: the procedure sets no fixed limit
    extend_by_at_most: int

    def due_on(
        self, started: date, calendar: WorkingCalendar, *, extended_by: int = 0
    ) -> date | None:
        """The last day on which a reply is in time; none where there is no fixed limit."""
        if extended_by > self.extend_by_at_most:
            message = (
                f"At most {self.extend_by_at_most} working days may be added in all;"
                f" this would make {extended_by}."
            )
            raise ExtensionTooLong(message, at_most=self.extend_by_at_most, asked=extended_by)
        if self.respond_within is None:
            return None
        return calendar.after(started, self.respond_within + extended_by)

    def verdict(
        self, started: date, closed: date, calendar: WorkingCalendar, *, extended_by: int = 0
    ) -> Verdict:
        """Whether a stage that started and closed on these days kept its time."""
        if self.respond_within is None:
            return Verdict.no_limit
        if _in_time(started, closed, calendar, self.respond_within):
            return Verdict.within_target
        if _in_time(started, closed, calendar, self.respond_within + extended_by):
            return Verdict.within_extension
        return Verdict.late

    def within_target(
        self, counted_from: date, closed: date, calendar: WorkingCalendar
    ) -> bool | None:
        """Whether it closed inside the limit with extensions ignored; none without a limit.

        Figure 12 counts this from receipt, whatever starts the procedure's own clock
        (source report, paragraph 3.51).
        """
        if self.respond_within is None:
            return None
        return _in_time(counted_from, closed, calendar, self.respond_within)


def _in_time(started: date, closed: date, calendar: WorkingCalendar, limit: int) -> bool:
    """Whether it closed on or before its due day: fewer working days than the limit lay before.

    Counted up to the day before, so that a Saturday after a due Friday is late, and so that
    nothing past the closing day, nor past the end of the calendar, has to be known.
    """
    return closed <= started or calendar.between(started, closed - ONE_DAY) < limit
