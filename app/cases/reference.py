"""References that can be said on the telephone: `CF-100001-19`.

A plain sequence number with two check digits after ISO 7064 MOD 97-10, which catch every wrong
digit and every swap of two neighbours. The database computes the same text (`Case.reference`).
"""

import re

PATTERN = r"^CF-[0-9]{6,12}-[0-9]{2}$"
_PARTS = re.compile(r"^CF-(?P<number>[0-9]{6,12})-(?P<check>[0-9]{2})$")


def reference_of(number: int) -> str:
    """The reference of the case with this number."""
    return f"CF-{number}-{98 - number * 100 % 97:02d}"


def number_in(reference: str) -> int | None:
    """The case number in a reference, or none where its check digits do not fit."""
    parts = _PARTS.match(reference)
    if parts is None or reference_of(int(parts["number"])) != reference:
        return None
    return int(parts["number"])
