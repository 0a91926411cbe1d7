"""Broken on purpose: what was read is as fresh as the clock says, even one that was set back."""

from datetime import timedelta

from app.access import queries


class TrustingRing(queries.KeyRing):
    """A ring of keys that believes its clock."""

    def _older_than(self, age: timedelta) -> bool:
        return self._read_at is None or self._clock() - self._read_at >= age


vars(queries)["KeyRing"] = TrustingRing
