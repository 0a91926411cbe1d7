"""Random histories of cases, mostly legal, as lines of the import; what is not, is refused."""

from datetime import date, timedelta
from typing import Any, TypeAlias

from hypothesis import strategies as st

Draw: TypeAlias = Any  # what Hypothesis hands to a composite strategy
Act: TypeAlias = dict[str, Any]

SWITCH = date(2024, 1, 15)  # the new system's first day
LAST = date(2024, 6, 28)  # nothing happens after it
TYPES = ("complaint",) * 5 + ("comment", "compliment")
CHANNELS = ("portal", "phone", "email", "post")
FINDINGS = ("upheld", "partially_upheld", "not_upheld")
PROCEDURES = ("childrens-statutory", "childrens-statutory", "corporate", "adult-social-care")
CATEGORIES = ("communication", "policy", "staff-conduct", "not-categorised")
SERVICES = ("children-and-families", "education", "highways")
REMEDIES = ("explanation", "apology", "service-provided", "financial-symbolic")
DECISIONS = ("accept",) * 6 + (
    "resolve_early",
    "redirect_outside_process",
    "redirect_not_feedback",
    "refuse",
)
PLACES: tuple[dict[str, str], ...] = (
    {},
    {"service": "children-and-families"},
    {"service": "education"},
    {"service": "highways"},
    {"service": "children-and-families", "team": "edt"},
    {"service": "highways", "team": "highways-maintenance"},
    {"team": "nuneaton-childrens-team"},
    {"team": "school-admissions"},
)
OLD_PLACES = (*PLACES, {"service": "education", "team": "sendar"})
NEW_PLACES = (*PLACES, {"service": "education", "team": "send-and-inclusion"})

# Days on which something turns: a financial year, a month, the system, a bank holiday's week.
TURNS = (
    date(2021, 4, 1),
    date(2022, 4, 1),
    date(2023, 4, 1),
    date(2023, 6, 1),
    date(2023, 12, 27),
    date(2024, 1, 1),
    SWITCH,
    SWITCH,
    date(2024, 2, 1),
    date(2024, 3, 31),
    date(2024, 4, 1),
)
RECENT_TURNS = tuple(day for day in TURNS if day > date(2023, 12, 1))
NEAR = (-3, -2, -1, 0, 0, 1, 2)
EARLIER = (0, 0, 0, 1, 2, 10, 45)
LATER = (0, 0, 1, 4, 12, 13, 14, 15, 16, 17, 18, 30)

LAST_STAGE = {"corporate": 2, "childrens-statutory": 3, "adult-social-care": 1}

# Where a case stands, and what may be done to it there; what is likelier is listed oftener.
NEXT = {
    "received": ("triage",) * 8
    + ("withdraw", "reclassify", "allocate", "acknowledge", "correct", "note"),
    "recorded": ("close", "withdraw", "reclassify", "reclassify", "reclassify", "correct"),
    "in_stage": ("answer",) * 8
    + (
        "extend",
        "extend",
        "extend",
        "add_remedies",
        "withdraw",
        "reclassify",
        "reclassify",
        "correct",
    )
    + ("allocate", "note"),
    "answered": ("escalate",) * 5 + ("close", "close", "add_remedies", "correct", "allocate"),
    "asked": ("decide_escalation",) * 7 + ("withdraw", "add_remedies", "allocate", "correct"),
    "closed": ("reopen",) * 2
    + ("escalate", "escalate", "reclassify", "reclassify", "add_remedies", "correct"),
    "void": ("note",),
}
ANY = tuple(dict.fromkeys(act for acts in NEXT.values() for act in acts))


class Life:
    """A case on its way: enough of where it stands to choose what may come next."""

    def __init__(self, draw: Draw, head: dict[str, Any], *, legal: bool) -> None:
        self._draw = draw
        self.head = head
        self.on = date.fromisoformat(head["received_on" if legal else "registered_on"])
        self.type: str = head["type"]
        self.at = self._left = "received"
        self.procedure = "corporate"
        self.stages: list[str] = []  # what each ended as, if it has
        self._legal = legal

    def one(self, *of: Any) -> Any:
        """One of these, as Hypothesis chooses."""
        return self._draw(st.sampled_from(of))

    def go_on(self) -> Act | None:
        """The next act, or none where the time is up."""
        name = self._next()
        if name != "extend":
            self.on += timedelta(days=self.one(*LATER))
        if self.at in {"recorded", "closed", "void"} and self.one(*range(3)) == 2:
            self.on = LAST + timedelta(1)  # nobody looks at it again
        if self.on > LAST:
            return None
        on = self.on.isoformat()
        act: Act = getattr(self, name)()
        return {"act": name, "on": on, **act}

    def _next(self) -> str:
        if self.one(*range(30)) == 29:
            return "void"
        if not self._legal and self.one(*range(8)) == 7:
            return str(self.one(*ANY))
        return str(self.one(*filter(self._sensible, NEXT[self.at])))

    def _sensible(self, name: str) -> bool:
        found = set(self.stages) & set(FINDINGS)
        match name:
            case "reclassify":
                return self._new and not found
            case "escalate":
                further = len(self.stages) < LAST_STAGE[self.procedure]
                return bool(further and self.stages and self.stages[-1] in FINDINGS)
            case "add_remedies":
                return bool(self.stages) and self.type == "complaint"
            case "extend":
                return self.procedure != "adult-social-care"
            case _:
                return True

    # -- each act: what is said, and where the case stands then

    def triage(self) -> Act:
        decision = self.one(*DECISIONS)
        act: Act = {"decision": decision, **self.place()}
        if self._new and self.one(*range(6)) == 5:
            self.type = act["type"] = self.one(*TYPES)
        if self.type != "complaint" and decision != "redirect_not_feedback":
            act["decision"] = decision = "accept"
        if self.one(True, False):
            act["category"] = self.one(*CATEGORIES)
        if decision == "refuse":
            act["refusal_reason"] = "out_of_time"
        if decision == "accept" or self.one(True, False):
            act["procedure"] = self.procedure = self.one(*PROCEDURES)
        if decision in {"resolve_early", "redirect_outside_process"}:
            self.stages = ["no_finding"]
        if decision != "accept":
            self._close(left="received")
        elif self.type == "complaint":
            self.at, self.stages = "in_stage", [""]
        else:
            self.at = "recorded"
        return act

    def answer(self) -> Act:
        act: Act = {"stage": max(len(self.stages), 1)}
        questions = () if self._new else ("question_answered",)
        ending = self.one(*FINDINGS, *FINDINGS, *FINDINGS, "no_finding", *questions)
        self._end(ending)
        if ending in FINDINGS:
            self.at = "answered"
            return {**act, "finding": ending, "remedies": self.remedies(least=0)}
        self._close()
        if ending == "question_answered":
            return {**act, "closure": ending}
        return {**act, "closure": ending, "no_finding_reason": "concurrent_proceedings"}

    def decide_escalation(self) -> Act:
        decision = self.one("accepted", "accepted", "accepted", "refused", "resolved")
        if decision == "accepted":
            self.at = "in_stage"
            self.stages.append("")
        elif decision == "refused":
            self.at = "answered"
        else:
            self._close(left="answered")
        return {"decision": decision, "reason": "why"}

    def reclassify(self) -> Act:
        self.type = self.one(*[kind for kind in sorted(set(TYPES)) if kind != self.type])
        if self.type == "complaint":
            self.at, self.stages = "received", []
        elif self.at == "in_stage":
            self.at = "recorded"
            self._end("reclassified")
        elif self.at == "closed" and self._left != "received":
            self._left = "recorded"
        return {"type": self.type, "reason": "why"}

    def correct(self) -> Act:
        ended = [number for number, ending in enumerate(self.stages, start=1) if ending]
        what = self.one("received_on", "channel", "category", *(["stage"] * 3 if ended else []))
        if what == "received_on":
            day = date.fromisoformat(self.head["received_on"]) - timedelta(self.one(0, 1, 5, 20))
            return {"received_on": day.isoformat(), "reason": "why"}
        if what == "channel":
            return {"channel": self.one(*CHANNELS), "reason": "why"}
        if what == "category":
            return {"category": self.one(*CATEGORIES), "reason": "why"}
        stage = self.one(*ended)
        facts = {
            "answered_on": (self.on - timedelta(self.one(0, 0, 1, 2))).isoformat(),
            "timescale_excluded": "migrated",
        }
        if self.stages[stage - 1] in FINDINGS:
            facts["finding"] = self.one(*FINDINGS)
        chosen = self.one(*facts)
        return {"stage": stage, chosen: facts[chosen], "reason": "why"}

    def reopen(self) -> Act:
        self.at = self._left
        if self.at == "received":
            self.stages = []
        elif self.at == "in_stage":
            self._end("")
        return {"reason": "why"}

    def withdraw(self) -> Act:
        if self.at == "received" and self.type == "complaint":
            self.stages = ["withdrawn"]
        elif self.at == "in_stage":
            self._end("withdrawn")
        self._close(left="answered" if self.at == "asked" else self.at)
        return {}

    def close(self) -> Act:
        self._close()
        return {}

    def escalate(self) -> Act:
        self.at = "asked"
        return {"reason": "why"}

    def extend(self) -> Act:
        return {
            "stage": max(len(self.stages), 1),
            "working_days": 5,
            "extension_reason": "complexity",
        }

    def add_remedies(self) -> Act:
        stage = self.one(*range(1, max(len(self.stages), 1) + 1))
        return {"stage": stage, "remedies": self.remedies(least=1)}

    def allocate(self) -> Act:
        return self.place() or {"service": self.one(*SERVICES)}

    def acknowledge(self) -> Act:
        return {"by": "email"}

    def note(self) -> Act:
        return {"text": "words"}

    def void(self) -> Act:
        self.at = "void"
        return {"reason": "why"}

    # -- what acts are made of

    @property
    def _new(self) -> bool:
        return bool(self.head["system_of_record"] == "customer_feedback")

    def _close(self, *, left: str | None = None) -> None:
        self._left, self.at = left or self.at, "closed"

    def _end(self, ending: str) -> None:
        self.stages[-1:] = [ending]

    def place(self) -> Act:
        """Whose it is to be, from what there was on that day."""
        return dict(self.one(*(NEW_PLACES if self.on >= SWITCH else OLD_PLACES)))

    def remedies(self, *, least: int) -> list[Act]:
        """Some remedies; an amount goes with a financial one."""
        kinds = self._draw(st.lists(st.sampled_from(REMEDIES), min_size=least, max_size=3))
        return [{"kind": k, **({"pence": 5000} if "financial" in k else {})} for k in kinds]


@st.composite
def histories(draw: Draw, *, logged: bool = False) -> dict[str, Any]:
    """A case as it was received, and its acts; `logged` if it comes through the API."""
    turn = draw(st.sampled_from(RECENT_TURNS if logged else TURNS))
    registered = turn + timedelta(draw(st.sampled_from(NEAR)))
    received = registered - timedelta(draw(st.sampled_from(EARLIER)))
    new = registered >= SWITCH
    migrated = new and not logged and draw(st.sampled_from((True, False, False)))
    with_channel = logged or (new and not migrated and draw(st.sampled_from((True, True, False))))
    head = {
        "system_of_record": "customer_feedback" if new else "contact_us",
        "type": draw(st.sampled_from(TYPES)),
        "channel": draw(st.sampled_from(CHANNELS)) if with_channel else None,
        "received_on": received.isoformat(),
        "registered_on": registered.isoformat(),
        "migrated_on": registered.isoformat() if migrated else None,
        "category": draw(st.sampled_from((None, *CATEGORIES))),
        "procedure": None if logged else draw(st.sampled_from((None, None, *PROCEDURES))),
        **draw(st.sampled_from(NEW_PLACES if received >= SWITCH else OLD_PLACES)),
    }
    life = Life(draw, head, legal=not logged)
    acts = [act for _ in range(draw(st.sampled_from((0, 4, 8, 12, 12)))) if (act := life.go_on())]
    if logged:
        _type_in(draw, acts)
    return {**head, "acts": acts}


def _type_in(draw: Draw, acts: list[Act]) -> None:
    """Let some acts be typed in only days after the day they count for."""
    before = ""
    for act in acts:
        late = timedelta(draw(st.sampled_from((0, 0, 0, 1, 3))))
        before = act["typed_on"] = max(before, (date.fromisoformat(act["on"]) + late).isoformat())
