"""The demonstration's cases: six years of invented feedback, in the lines of the bulk import.

The same seed makes the same lines. Counted by the figures' own rules they give every number that
the source report printed for 2023/24 and before; `plan` and `casework_plan` hold those numbers.
"""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from app.demo import plan, remedies
from app.demo.chance import Chance, Diary
from app.demo.draft import COMPLAINT, Draft
from app.demo.endings import Endings
from app.demo.escalations import Escalator
from app.demo.history import History
from app.demo.people import people_of, words_of
from app.demo.registers import Registers
from app.procedures.council_file import as_reference, read_council

COUNCIL = Path(__file__).with_name("council.toml")
SEED = 20240331

Line = dict[str, Any]


def lines(seed: int = SEED) -> Iterator[Line]:
    """Every case of the demonstration, in order of registration; days are ISO texts."""
    chance, diary = Chance(seed), _diary()
    drafts = Registers(chance, diary).drafts()
    Endings(chance, diary).settle(drafts)
    complaints = [d for d in drafts if d.type == COMPLAINT and not d.set_aside]
    Escalator(chance, diary).escalate(complaints)
    remedies.give(complaints, chance)
    references = References()
    for draft in drafts:
        yield _line(draft, chance, diary, references)


def write_lines(path: Path, seed: int = SEED) -> int:
    """Write the cases as JSON Lines, and say how many there are."""
    written = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines(seed):
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            written += 1
    return written


class References:
    """The numbers that the two systems gave, one after the other."""

    def __init__(self) -> None:
        self._contact_us, self._customer_feedback = count(200_001), count(1_001)

    def of(self, draft: Draft) -> list[dict[str, str]]:
        """The names a case goes by; a migrated one has a name in each system."""
        systems = []
        if draft.migrated or draft.system == plan.CONTACT_US:
            reference = f"CU-{next(self._contact_us)}"
            systems.append({"system": plan.CONTACT_US, "reference": reference})
        if draft.system == plan.CUSTOMER_FEEDBACK:
            reference = f"CFS-{next(self._customer_feedback)}"
            systems.append({"system": plan.CUSTOMER_FEEDBACK, "reference": reference})
        return systems


def _diary() -> Diary:
    council = as_reference(read_council(COUNCIL.read_text(encoding="utf-8")))
    return Diary(council.calendar, first=plan.FIRST_DAY, last=plan.LAST_DAY)


def _line(draft: Draft, chance: Chance, diary: Diary, references: References) -> Line:
    on_behalf, people = people_of(draft, chance)
    narrative, desired_outcome = words_of(draft, chance)
    acts = History(draft, chance, diary, reachable=bool(people)).tell()
    return {
        "system_of_record": draft.system,
        "systems": references.of(draft),
        **acts.at_receipt,
        "registered_on": draft.registered.isoformat(),
        "migrated_on": draft.registered.isoformat() if draft.migrated else None,
        "on_behalf": on_behalf,
        "people": people,
        "narrative": narrative,
        "desired_outcome": desired_outcome,
        "acts": acts.in_order(),
    }
