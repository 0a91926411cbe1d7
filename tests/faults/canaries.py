"""Words that stand for personal data: each says which field it was in, and is found anywhere."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import count

_FORM = re.compile(r"zq([a-z0-9]+)x(\d+)qz", re.IGNORECASE)
_numbers = count(1)


def canary(field: str) -> str:
    """A word for a field, like no other."""
    return f"zq{re.sub('[^a-z0-9]', '', field)}x{next(_numbers)}qz"


def sentence(field: str) -> str:
    """Words in the place of a name. What looks like a field's name is told back to who sent it."""
    return f"{canary(field)} of Example Street"


def found_in(where: str, text: str) -> Counter[str]:
    """Which fields' canaries sing here."""
    return Counter(f"{where}: {field}" for field, _ in _FORM.findall(text))


def person(role: str = "complainant") -> dict[str, str]:
    """Somebody, every field a canary."""
    return {
        "role": role,
        "name": canary("name"),
        "email": f"{canary('email')}@example.org",
        "phone": f"01632 {canary('phone')}",
        "address": canary("address"),
        "relationship": canary("relationship"),
    }


def feedback(**facts: object) -> dict[str, object]:
    """Feedback with a canary wherever a person is or speaks."""
    return {
        "type": "complaint",
        "channel": "phone",
        "narrative": f"He said: {canary('narrative')}",
        "desired_outcome": canary("outcome"),
        "people": [person(), person("affected_child")],
        **facts,
    }


def summed(found: Iterable[Counter[str]]) -> Counter[str]:
    return sum(found, Counter[str]())
