"""Text and days as they may come in: bounded, and never what cannot be kept or is half read."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints

_SURROGATE = re.compile("[\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})")


def storable(text: str) -> str:
    """Refuse NUL and lone surrogates: neither can be kept in the database."""
    if "\x00" in text:
        raise ValueError("text may not hold the NUL character")
    if _SURROGATE.search(text):
        raise ValueError("text may not hold half of a surrogate pair")
    return text


def written_as_a_day(day: object) -> object:
    """Refuse a number, which would be read as seconds since 1970, and a moment."""
    if type(day) is date or (isinstance(day, str) and _DAY.fullmatch(day)):
        return day
    raise ValueError("Should be a date, as YYYY-MM-DD")


def written_as_an_instant(instant: object) -> object:
    """Refuse a number, which would be read as seconds since 1970, and a time of no zone."""
    if isinstance(instant, datetime) or (isinstance(instant, str) and _INSTANT.fullmatch(instant)):
        return instant
    raise ValueError("Should be a date and time, as YYYY-MM-DDTHH:MM:SSZ")


Storable = AfterValidator(storable)

Day = Annotated[date, BeforeValidator(written_as_a_day)]

Instant = Annotated[AwareDatetime, BeforeValidator(written_as_an_instant)]

# A slug or code: kebab-case for reference data, with underscores for lists of the code.
Code = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", min_length=1, max_length=64)
]
# One line, such as a name or a reference in another system.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Storable
]
# What a person wrote: several paragraphs.
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), Storable
]
