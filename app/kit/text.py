"""Text as it may come in: bounded, and never with what Postgres or UTF-8 cannot hold."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_SURROGATE = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Refuse NUL and lone surrogates: neither can be kept in the database."""
    if "\x00" in text:
        raise ValueError("text may not hold the NUL character")
    if _SURROGATE.search(text):
        raise ValueError("text may not hold half of a surrogate pair")
    return text


Storable = AfterValidator(storable)

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
