"""Random histories of cases, mostly legal, as lines of the import; what is not, is refused."""

from datetime import date, timedelta
from typing import Any, TypeAlias

from hypothesis import strategies as st

Draw: TypeAlias = Any  # what Hypothesis hands to a composite strategy
Act: TypeAlias = dict[str, Any]

SWITCH = date(2024, 1, 15)  # the new system's first day
LAST = date(2024, 6, 28)  # nothing happens after it
TYPES = ("complaint", "complaint", "complaint", "comment", "compliment")
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
RECENT_TURNS = tuple(day for day in TURNS if day.year == 2024)
NEAR = (-3, -2, -1, 0, 0, 1, 2)
EARLIER = (0, 0, 0, 1, 2, 10, 45)
LATER = (0, 0, 1, 4, 12, 13, 14, 15, 16, 17, 18, 30)

# Where a case stands, and what may be done to it there; what is likelier is listed oftener.
NEXT = {
    "received": ("triage",) * 9
    + ("withdraw", "reclassify", "allocate", "acknowledge", "correct", "void"),
    "recorded": ("close", "withdraw", "reclassify", "reclassify", "allocate", "correct", "void"),
    "in_stage": ("answer",) * 9
    + (
        "extend",
        "add_remedies",
        "withdraw",
        "reclassify",
        "reclassify",
        "allocate",
        "correct",
        "note",
    ),
    "answered": ("escalate",) * 4 + ("close", "close", "add_remedies", "correct", "void"),
    "asked": ("decide_escalation",) * 7 + ("withdraw", "add_remedies", "allocate", "correct"),
    "closed": ("reopen", "escalate", "reclassify", "add_remedies", "correct", "correct", "void"),
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
        self.stage = 0
        self._legal = legal
        self._ended_untaken = False

    def one(self, *of: Any) -> Any:  # noqa: ANN401 - any of them
        """One of these, as Hypothesis chooses."""
        return self._draw(st.sampled_from(of))

    def go_on(self) -> Act | None:
        """The next act, or none where the time is up."""
        self.on += timedelta(days=self.one(*LATER))
        if self.on > LAST or self.at == "void":
            return None
        name = self.one(*NEXT[self.at])
        if not self._legal and self.one(*range(8)) == 0:
            name = self.one(*ANY)
        act: Act = getattr(self, name)()
        return {"act": name, "on": self.on.isoformat(), **act}

    # -- each act: what is said, and where the case stands then

    def triage(self) -> Act:
        decision = self.one(*DECISIONS)
        act: Act = {"decision": decision, **self.place()}
        if self._new and self.one(*range(6)) == 0:
            self.type = act["type"] = self.one(*TYPES)
        if self.type != "complaint" and decision != "redirect_not_feedback":
            act["decision"] = decision = "accept"
        if self.one(True, False):
            act["category"] = self.one(*CATEGORIES)
        if decision == "refuse":
            act["refusal_reason"] = "out_of_time"
        if decision == "accept" or self.one(True, False):
            act["procedure"] = self.one(*PROCEDURES)
        if decision != "accept":
            self._close(untaken=True)
        elif self.type == "complaint":
            self.at, self.stage = "in_stage", 1
        else:
            self.at = "recorded"
        return act

    def answer(self) -> Act:
        act: Act = {"stage": max(self.stage, 1)}
        ending = self.one(*FINDINGS, *FINDINGS, "no_finding", "question_answered")
        if ending in FINDINGS:
            self.at = "answered"
            return {**act, "finding": ending, "remedies": self.remedies(least=0)}
        if ending == "question_answered" and not self._new:
            act["closure"] = ending
        else:
            act |= {"closure": "no_finding", "no_finding_reason": "concurrent_proceedings"}
        self._close()
        return act

    def decide_escalation(self) -> Act:
        decision = self.one("accepted", "accepted", "accepted", "refused", "resolved")
        if decision == "accepted":
            self.at, self.stage = "in_stage", self.stage + 1
        elif decision == "refused":
            self.at = "answered"
        else:
            self._close(left="answered")
        return {"decision": decision, "reason": "why"}

    def reclassify(self) -> Act:
        self.type = self.one(*[kind for kind in sorted(set(TYPES)) if kind != self.type])
        if self.type == "complaint":
            self.at, self.stage = "received", 0
        elif self.at == "in_stage":
            self.at = "recorded"
        elif self.at == "closed" and self._left != "received":
            self._left = "recorded"
        return {"type": self.type, "reason": "why"}

    def correct(self) -> Act:
        what = self.one("received_on", "channel", "category", "stage", "stage", "stage")
        if what == "received_on":
            day = date.fromisoformat(self.head["received_on"]) - timedelta(self.one(0, 1, 5, 20))
            return {"received_on": day.isoformat(), "reason": "why"}
        if what == "channel":
            return {"channel": self.one(*CHANNELS), "reason": "why"}
        if what == "category" or not self.stage:
            return {"category": self.one(*CATEGORIES), "reason": "why"}
        act: Act = {"stage": self.one(*range(1, self.stage + 1)), "reason": "why"}
        facts = {
            "finding": self.one(*FINDINGS),
            "answered_on": (self.on - timedelta(self.one(0, 1, 2))).isoformat(),
            "timescale_excluded": "migrated",
        }
        chosen = self.one(*facts)
        return {**act, chosen: facts[chosen]}

    def reopen(self) -> Act:
        self.at = self._left
        if self._ended_untaken:
            self.stage = 0
        return {"reason": "why"}

    def withdraw(self) -> Act:
        left = "answered" if self.at == "asked" else self.at
        self._close(left=left, untaken=self.at == "received" and self.type == "complaint")
        return {}

    def close(self) -> Act:
        self._close()
        return {}

    def escalate(self) -> Act:
        self.at = "asked"
        return {"reason": "why"}

    def extend(self) -> Act:
        return {
            "stage": max(self.stage, 1),
            "working_days": 5,
            "extension_reason": "complexity",
        }

    def add_remedies(self) -> Act:
        stage = self.one(*range(1, max(self.stage, 1) + 1))
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

    def _close(self, *, left: str | None = None, untaken: bool = False) -> None:
        self._left, self._ended_untaken = left or self.at, untaken
        if untaken:
            self._left, self.stage = "received", 1
        self.at = "closed"

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
    acts = [life.go_on() for _ in range(draw(st.integers(0, 9)))]
    return {**head, "acts": [act for act in acts if act]}
