"""Bands of days, in which how long something took, or has lasted, is counted. Data, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Bands:
    """Numbers of days put together: each band goes up to, and with, its limit."""

    limits: tuple[int, ...]
    unit: str

    @property
    def names(self) -> Mapping[str, str]:
        """Every band's code and what it is called, shortest first."""
        first, last = self.limits[0], self.limits[-1]
        between = {
            f"{low + 1}_to_{high}": f"{low + 1} to {high} {self.unit}"
            for low, high in zip(self.limits, self.limits[1:], strict=False)
        }
        return {
            f"up_to_{first}": f"{first} {self.unit} or fewer",
            **between,
            f"over_{last}": f"more than {last} {self.unit}",
        }

    def of(self, days: sa.ColumnElement[int]) -> sa.ColumnElement[Any]:
        """The band of a number of days; none of none."""
        codes: Sequence[str] = list(self.names)
        within = zip(self.limits, codes, strict=False)
        return sa.case(
            *((days <= limit, sa.literal(code, sa.Text)) for limit, code in within),
            (days > self.limits[-1], sa.literal(codes[-1], sa.Text)),
        )


WORKING_DAYS_TAKEN = Bands(limits=(10, 20, 40, 65), unit="working days")
DAYS_OPEN = Bands(limits=(14, 28, 56, 91, 182), unit="days")
