"""One act at a time: the words of the import format, and who did it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.demo.chance import Chance, Diary
from app.demo.draft import Draft, RemedyDraft

Act = dict[str, Any]

DONE_AT_ONCE = frozenset({"explanation", "apology", "information-advice"})
REMEDY_DUE = 20  # working days


class Acts:
    """The acts told so far of one case, and what it looked like at receipt."""

    def __init__(self, draft: Draft, chance: Chance, diary: Diary) -> None:
        self.chance, self.diary = chance, diary
        self.told: list[Act] = []
        self.at_receipt: dict[str, Any] = {
            "type": draft.first_type,
            "channel": draft.channel,
            "received_on": draft.received.isoformat(),
            "service": draft.service,
            "team": None,
            "category": None,
            "procedure": None,
        }

    def add(self, act: str, on: date, *, officer: str = "cr", **said: object) -> None:
        """Tell that somebody did this; `officer` is the post: cr, tm or io."""
        staff_id = f"{officer}.{self.chance.randrange(100, 140)}"
        self.told.append({"act": act, "on": on.isoformat(), "officer": staff_id, **said})

    def in_order(self) -> list[Act]:
        """By day; the acts of one day in the order in which they were told."""
        return sorted(self.told, key=lambda act: act["on"])

    def answer(
        self,
        on: date,
        stage: int,
        *,
        ending: Mapping[str, str],
        remedies: Sequence[RemedyDraft] = (),
    ) -> None:
        """Answer a stage, or close it without a finding, with the remedies agreed then."""
        said: Act = {"stage": stage, **ending}
        if remedies:
            said["remedies"] = [self._remedy(remedy, on) for remedy in remedies]
        self.add("answer", on, officer="tm" if stage == 1 else "io", **said)

    def add_remedies(self, on: date, stage: int, remedies: Sequence[RemedyDraft]) -> None:
        """Tell of remedies that were agreed after the answer."""
        agreed = [self._remedy(remedy, on) for remedy in remedies]
        self.add("add_remedies", on, officer="tm", stage=stage, remedies=agreed)

    def _remedy(self, remedy: RemedyDraft, on: date) -> Act:
        said: Act = {"kind": remedy.kind}
        if remedy.pence is not None:
            said["pence"] = remedy.pence
        if remedy.kind in DONE_AT_ONCE:
            said["done_on"] = on.isoformat()
        else:
            said["due_on"] = self.diary.after(on, REMEDY_DUE).isoformat()
        return said
