"""The people of a case, and what makes two of them likely the same person."""

import re
from collections.abc import Sequence

from app.cases.schemas import PersonIn
from app.cases.vocabulary import PersonRole

_NOT_DIGITS = re.compile(r"\D")
_COUNTRY = re.compile(r"^(?:0044|44)(?=\d{9,})")
_SHORTEST_PHONE = 7
_AFFECTED = frozenset({PersonRole.affected_child, PersonRole.affected_adult})


def email_key(email: str | None) -> str | None:
    """An email address as two spellings of it compare equal."""
    return email.strip().casefold() if email and "@" in email else None


def phone_key(phone: str | None) -> str | None:
    """A telephone number as two spellings of it compare equal: digits, 0 for +44."""
    digits = _COUNTRY.sub("0", _NOT_DIGITS.sub("", phone or ""))
    return digits if len(digits) >= _SHORTEST_PHONE else None


def on_behalf(people: Sequence[PersonIn]) -> bool:
    """Whether the feedback is about somebody other than who gave it."""
    return any(person.role in _AFFECTED for person in people)


def anonymous(people: Sequence[PersonIn]) -> bool:
    """Whether nobody can be answered."""
    return not any(
        known for person in people for known in (person.name, person.email, person.phone)
    )
