"""A case as a careful clerk would keep it on paper: the whole workflow, told a second time.

Written from the glossary and the procedures, and in as few words as it can be; it imports nothing
of the app, so that a mistake there is not repeated here. `None` for an answer means: refused.
"""

from copy import deepcopy
from dataclasses import dataclass, field

# The stages of each procedure, and by how many working days each may be extended.
PROCEDURES = {
    "corporate": (10, 20),
    "childrens-statutory": (10, 40, 0),
    "adult-social-care": (0,),
}
AT_ONCE = "corporate"  # for a complaint that ends before a procedure was chosen
KINDS = ("complaint", "comment", "compliment")
LIVE = ("received", "recorded", "in_stage", "answered", "escalation_requested", "closed")

# Where each act may be done; what it leads to is worked out below.
FROM: dict[str, tuple[str, ...]] = {
    "acknowledge": LIVE,
    "accept": ("received",),
    "record": ("received",),
    "refuse": ("received",),
    "resolve_early": ("received",),
    "redirect_outside_process": ("received",),
    "redirect_not_feedback": ("received",),
    "reclassify": ("received", "recorded", "in_stage", "closed"),
    "allocate": ("received", "recorded", "in_stage", "answered", "escalation_requested"),
    "extend": ("in_stage",),
    "answer": ("in_stage",),
    "add_remedies": ("in_stage", "answered", "escalation_requested", "closed"),
    "escalate": ("answered", "closed"),
    "accept_escalation": ("escalation_requested",),
    "refuse_escalation": ("escalation_requested",),
    "resolve_escalation": ("escalation_requested",),
    "correct": LIVE,
    "withdraw": ("received", "recorded", "in_stage", "escalation_requested"),
    "close": ("answered", "recorded"),
    "reopen": ("closed",),
    "note": (*LIVE, "void"),
    "void": LIVE,
}
OF_COMPLAINTS = {
    *("accept", "refuse", "resolve_early", "redirect_outside_process", "add_remedies", "escalate")
}
AT_ONCE_ACTS = ("resolve_early", "redirect_outside_process")


@dataclass
class PaperStage:
    """One stage: open until it has a finding or a closure."""

    number: int
    procedure: str
    finding: str | None = None
    closure: str | None = None
    extended_by: int = 0
    remedies: int = 0

    @property
    def is_open(self) -> bool:
        return self.finding is None and self.closure is None


@dataclass
class PaperCase:
    """What is known of a case, and what was done to it."""

    kind: str
    status: str = "received"
    acts: list[str] = field(default_factory=lambda: ["receive"])
    stages: list[PaperStage] = field(default_factory=list)
    requests: list[str | None] = field(default_factory=list)
    procedure: str | None = None
    service: str | None = None
    acknowledged: bool = False
    set_aside: str | None = None
    stood: str = "received"  # last, before it was closed

    @property
    def possible(self) -> set[str]:
        barred = {"record"} if self.kind == "complaint" else OF_COMPLAINTS
        return {act for act, where in FROM.items() if self.status in where} - barred

    @property
    def has_finding(self) -> bool:
        return any(stage.finding for stage in self.stages)

    @property
    def last(self) -> PaperStage | None:
        return self.stages[-1] if self.stages else None

    def trial(self) -> "PaperCase":
        """A copy to try an act on: a refusal must leave nothing behind."""
        return deepcopy(self)

    def _do(self, act: str, to: str | None = None) -> bool:
        if act not in self.possible:
            return False
        if self.status not in {"closed", "void"}:
            self.stood = self.status
        self.status = to or self.status
        self.acts.append(act)
        return True

    def acknowledge(self) -> bool:
        first, self.acknowledged = not self.acknowledged, True
        return first and self._do("acknowledge")

    def triage(self, decision: str, kind: str | None, procedure: str | None) -> bool:
        if kind not in {None, self.kind} and not self.reclassify(str(kind)):
            return False
        self.procedure = procedure or self.procedure
        if decision == "accept" and self.kind != "complaint":
            return self._do("record", to="recorded")
        if decision == "accept":
            if self.procedure is None or not self._do("accept", to="in_stage"):
                return False
            self.stages = [PaperStage(1, self.procedure)]
            return True
        if decision == "redirect_not_feedback":
            self.set_aside = "not_feedback"
        if not self._do(decision, to="closed"):
            return False
        if decision in AT_ONCE_ACTS:
            self.stages = [PaperStage(1, self.procedure or AT_ONCE, closure="no_finding")]
        return True

    def reclassify(self, kind: str) -> bool:
        if kind == self.kind or self.has_finding:
            return False
        to = {"in_stage": "recorded"}.get(self.status, self.status)
        to = "received" if kind == "complaint" else to
        if not self._do("reclassify", to=to):
            return False
        if kind == "complaint":
            self.stages, self.set_aside = [], None
        elif self.last and self.last.is_open:
            self.last.closure = "reclassified"
        self.kind = kind
        return True

    def allocate(self, service: str) -> bool:
        self.service = service
        return self._do("allocate")

    def _in_hand(self, number: int) -> PaperStage | None:
        last = self.last
        return last if last and last.is_open and last.number == number else None

    def extend(self, number: int, days: int) -> bool:
        stage = self._in_hand(number)
        if stage is None:
            return False
        stage.extended_by += days
        allowed = PROCEDURES[stage.procedure][number - 1]
        return stage.extended_by <= allowed and self._do("extend")

    def answer(self, number: int, finding: str | None, remedies: int) -> bool:
        stage = self._in_hand(number)
        if stage is None or not self._do("answer", to="answered" if finding else "closed"):
            return False
        stage.finding, stage.closure = finding, None if finding else "no_finding"
        stage.remedies += remedies
        return True

    def add_remedies(self, number: int) -> bool:
        if number > len(self.stages):
            return False
        self.stages[number - 1].remedies += 1
        return self._do("add_remedies")

    def escalate(self) -> bool:
        last = self.last
        if last is None or not last.finding or last.number == len(PROCEDURES[last.procedure]):
            return False
        self.requests.append(None)
        return self._do("escalate", to="escalation_requested")

    def decide(self, number: int, decision: str) -> bool:
        if number > len(self.requests) or self.requests[number - 1] is not None:
            return False
        act, to = {
            "accepted": ("accept_escalation", "in_stage"),
            "refused": ("refuse_escalation", "answered"),
            "resolved": ("resolve_escalation", "closed"),
        }[decision]
        if not self._do(act, to=to):
            return False
        self.requests[number - 1] = decision
        if decision == "accepted":
            self.stages.append(PaperStage(len(self.stages) + 1, self.stages[-1].procedure))
        return True

    def withdraw(self) -> bool:
        was = self.status
        if not self._do("withdraw", to="closed"):
            return False
        if was == "escalation_requested":
            self.requests[-1] = "withdrawn"
        elif was == "received" and self.kind == "complaint":
            self.stages = [PaperStage(1, self.procedure or AT_ONCE, closure="withdrawn")]
        elif self.last and self.last.is_open:
            self.last.closure = "withdrawn"
        return True

    def close(self) -> bool:
        return self._do("close", to="closed")

    def reopen(self) -> bool:
        to = "answered" if self.stood == "escalation_requested" else self.stood
        if self.kind != "complaint" and to != "received":
            to = "recorded"
        if not self._do("reopen", to=to):
            return False
        self.set_aside = None
        if self.last and not self.last.finding:
            if to == "received":
                self.stages = []
            elif to == "in_stage":
                self.last.closure = None
        return True

    def correct(self, number: int, finding: str) -> bool:
        if number > len(self.stages) or not self.stages[number - 1].finding:
            return False
        self.stages[number - 1].finding = finding
        return self._do("correct")

    def note(self) -> bool:
        return self._do("note")

    def void(self) -> bool:
        self.set_aside = "void"
        return self._do("void", to="void")
