"""Chance with a seed, and the working days of the demonstration: the same cases every time."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

from app.procedures.workdays import WorkingCalendar

Item = TypeVar("Item")


class Chance(random.Random):
    """Seeded chance. It invents cases, so it need not be unpredictable: it must not be."""

    def one_in(self, n: int) -> bool:
        """True once in `n` times on average."""
        return self.random() * n < 1

    def deal(self, counts: Mapping[Item, int]) -> list[Item]:
        """A shuffled pack that holds each item as often as its count says."""
        pack = [item for item, count in counts.items() for _ in range(count)]
        self.shuffle(pack)
        return pack

    def spread(self, weights: Mapping[Item, int], total: int) -> list[Item]:
        """A shuffled pack of `total` items, each in proportion to its weight."""
        return self.deal(apportion(weights, total))


def apportion(weights: Mapping[Item, int], total: int) -> dict[Item, int]:
    """Split a whole number by weight into whole numbers that sum to it (largest remainder)."""
    whole = sum(weights.values())
    shares = {item: divmod(weight * total, whole) for item, weight in weights.items()}
    left = total - sum(count for count, _ in shares.values())
    by_remainder = sorted(shares, key=lambda item: -shares[item][1])
    topped_up = set(by_remainder[:left])
    return {item: count + (item in topped_up) for item, (count, _) in shares.items()}


class Diary:
    """The working days on which the council acts, up to the last day of the demonstration."""

    def __init__(self, calendar: WorkingCalendar, *, first: date, last: date) -> None:
        self.calendar = calendar
        ordinals = range(first.toordinal(), last.toordinal() + 1)
        self.days = [day for day in map(date.fromordinal, ordinals) if calendar.is_working(day)]
        self.last = self.days[-1]

    def after(self, day: date, working_days: int) -> date:
        """The working day so many after a day; the day itself for none."""
        return day if working_days < 1 else self.calendar.after(day, working_days)

    def within(self, since: date, until: date) -> Sequence[date]:
        """The working days from one day up to, not including, another."""
        return self.days[bisect_left(self.days, since) : bisect_left(self.days, until)]

    def on_or_before(self, day: date) -> date:
        """The last working day that is not after this day."""
        return self.days[bisect_right(self.days, day) - 1]
