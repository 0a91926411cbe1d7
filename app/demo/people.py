"""Invented people: who the feedback is from, about, and through whom it came.

Telephone numbers come from the ranges that Ofcom keeps for drama, addresses of electronic mail
from the domains kept for examples, and postcodes from an area that does not exist.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.demo import wording
from app.demo.chance import Chance
from app.demo.draft import COMPLAINT, COMPLIMENT, Draft

CHILDREN = frozenset({"children-and-families", "education"})
ADULTS = frozenset({"adult-social-care"})

Person = dict[str, Any]


def people_of(draft: Draft, chance: Chance) -> tuple[bool, list[Person]]:
    """Whether the feedback speaks for someone else, and the people; none where anonymous."""
    if chance.one_in(14 if draft.type == COMPLAINT else 5):
        return False, []
    family = chance.choice(wording.LAST_NAMES)
    if draft.type == COMPLAINT and draft.service in CHILDREN and chance.one_in(2):
        return True, _for_a_child(family, chance)
    if draft.type == COMPLAINT and draft.service in ADULTS and chance.one_in(2):
        return True, [
            _person(family, chance, role="representative", relationship="daughter or son")
            | {"consent": "given"},
            _named(family, chance, role="affected_adult"),
        ]
    return False, [_person(family, chance, role="complainant")]


def _for_a_child(family: str, chance: Chance) -> list[Person]:
    child = _named(family, chance, role="affected_child")
    parent = _person(family, chance, role="complainant", relationship="parent")
    match chance.randrange(6):
        case 0:
            advocate = chance.choice(wording.LAST_NAMES)
            helper = _person(advocate, chance, role="advocate", relationship="advocate")
            return [child | {"role": "complainant"}, helper | {"consent": "given"}]
        case 1:
            carer = chance.choice(wording.LAST_NAMES)
            spoken_for = _person(carer, chance, role="representative", relationship="foster carer")
            return [spoken_for | {"consent": "sufficient_interest"}, child]
        case _:
            return [parent | {"consent": "sufficient_interest"}, child]


def _named(family: str, chance: Chance, *, role: str) -> Person:
    name = f"{chance.choice(wording.FIRST_NAMES)} {family}"
    return {"role": role, "name": name, "consent": "not_needed"}


def _person(family: str, chance: Chance, *, role: str, relationship: str | None = None) -> Person:
    person = _named(family, chance, role=role)
    number = chance.randrange(1000)
    left_out = chance.randrange(4)
    if left_out != 0:
        mailbox = person["name"].lower().replace(" ", ".")
        person["email"] = f"{mailbox}.{number}@example.{'org' if number % 2 else 'com'}"
    if left_out != 1:
        person["phone"] = f"07700 900{number:03d}" if number % 3 else f"01632 960{number:03d}"
    if number % 4 == 0:
        street, town = chance.choice(wording.STREETS), chance.choice(wording.TOWNS)
        person["address"] = f"{1 + number % 80} {street}, {town}, ZZ{1 + number % 9} 4AB"
    if relationship is not None:
        person["relationship"] = relationship
    return person


def words_of(draft: Draft, chance: Chance) -> tuple[str, str | None]:
    """What the feedback says, and what a complainant would like to happen."""
    if draft.type == COMPLAINT:
        said: Mapping[str, tuple[str, ...]] = wording.COMPLAINTS
        templates = said.get(draft.category or "", wording.ANY_COMPLAINT)
    else:
        templates = wording.COMPLIMENTS if draft.type == COMPLIMENT else wording.COMMENTS
    text = chance.choice(templates).format(
        thing=chance.choice(wording.THINGS[draft.service]),
        who=chance.choice(wording.WHO),
        month=(draft.received - timedelta(days=30)).strftime("%B"),
    )
    wish = chance.choice(wording.DESIRED) if draft.type == COMPLAINT else None
    return text, wish
