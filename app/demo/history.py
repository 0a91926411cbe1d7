"""The history of a case: from what became of it to the acts that led there."""

from datetime import date, timedelta
from typing import Any

from app.demo import plan, wording
from app.demo.acts import Acts
from app.demo.chance import Chance, Diary
from app.demo.draft import (
    COMPLAINT,
    FINDINGS,
    NO_FINDING,
    OPEN,
    OUTSIDE,
    QUESTION,
    REFUSED,
    RESOLVED,
    VOID,
    WITHDRAWN,
    Draft,
    StageDraft,
)
from app.demo.plan import ASC, CF, CONTACT_US, CORPORATE, EDUCATION, SWITCH

AT_TRIAGE = {
    RESOLVED: "resolve_early",
    OUTSIDE: "redirect_outside_process",
    REFUSED: "refuse",
}
REFUSALS = ("out_of_time", "already_considered", "no_sufficient_interest", "other_route")
EXTENSIONS = ("complexity", "advocate", "awaiting_information", "agreed_with_complainant")
WAYS = ("email", "email", "email", "phone", "post")
LIMITS = {1: 10, 2: 20, 3: 30}  # working days after which a stage may want an extension
CLOSED_AFTER = 21  # working days in which no further stage was asked for
UNTRIAGED_AT_THE_END = 3  # working days
ONE_DAY = timedelta(days=1)


class History:
    """Tells one case act by act, each legal under the workflow."""

    def __init__(self, draft: Draft, chance: Chance, diary: Diary, *, reachable: bool) -> None:
        self.draft, self.chance, self.diary = draft, chance, diary
        self.reachable = reachable
        self.acts = Acts(draft, chance, diary)

    def tell(self) -> Acts:
        """The whole history."""
        draft = self.draft
        if draft.set_aside:
            self._set_aside(draft.set_aside)
        elif draft.type == COMPLAINT:
            self._complaint()
        else:
            self._recorded()
        if self.chance.one_in(18) and not draft.set_aside:
            on = self.diary.on_or_before(draft.ended or self.diary.last)
            text = self.chance.choice(wording.NOTES)
            self.acts.add("note", max(on, draft.in_hand), text=text)
        return self.acts

    # -------------------------------------------------------------------------- other feedback

    def _set_aside(self, reason: str) -> None:
        on = self.diary.after(self.draft.registered, self.chance.randint(0, 3))
        on = min(on, self.diary.last)
        if reason == VOID:
            why = self.chance.choice(wording.VOIDED)
            self.acts.add("void", on, reason=why)
        else:
            self.acts.add("triage", on, decision="redirect_not_feedback")

    def _recorded(self) -> None:
        """A comment or a compliment: noted, passed on, put away."""
        draft = self.draft
        if draft.first_type == COMPLAINT and draft.service not in {CF, EDUCATION}:
            self._acknowledge(draft.registered)
            self._accept(draft.registered, procedure=CORPORATE)
            self._reclassify()
        else:
            triaged = self._triage_on()
            if self.chance.one_in(2):
                self._acknowledge(draft.registered)
            if draft.retyped:
                self._reclassify()
            self._accept(triaged)
        if draft.ended:
            self.acts.add("close", draft.ended)

    def _reclassify(self) -> None:
        draft = self.draft
        assert draft.retyped is not None
        reason = wording.RECLASSIFIED[draft.type]
        self.acts.add("reclassify", draft.retyped, type=draft.type, reason=reason)

    # ------------------------------------------------------------------------------- complaints

    def _complaint(self) -> None:
        draft, triaged = self.draft, self._triage_on()
        self._acknowledge(triaged if draft.retyped is None else draft.registered)
        if draft.retyped:
            if self.chance.one_in(2):
                self._accept(draft.registered)
            self._reclassify()
        if draft.ending in AT_TRIAGE:
            self._end_at_triage(triaged, AT_TRIAGE[draft.ending])
        elif self._never_triaged():
            self.acts.at_receipt |= {**self._described(), "procedure": draft.procedure}
            if draft.ended:
                self.acts.add("withdraw", draft.ended)
        else:
            self._accept(triaged, procedure=draft.procedure)
            self._stage_1(triaged)
        self._corrections()

    def _never_triaged(self) -> bool:
        draft = self.draft
        if draft.migrated or draft.retyped or draft.registered < plan.ADMISSIONS_JOIN_EDUCATION:
            return False
        if draft.ending == WITHDRAWN:
            return self.chance.one_in(3)
        return draft.ending == OPEN and draft.registered >= self.diary.days[-UNTRIAGED_AT_THE_END]

    def _end_at_triage(self, on: date, decision: str) -> None:
        said = self._described()
        if decision == "refuse":
            said["refusal_reason"] = self.chance.choice(REFUSALS)
        else:
            said["procedure"] = self.draft.procedure
        self.acts.add("triage", on, decision=decision, **said)

    def _stage_1(self, triaged: date) -> None:
        draft, stage = self.draft, self.draft.stages[0]
        self._extend(stage, counted_from=draft.clock_from, not_before=triaged)
        if draft.ended is None:
            return
        if draft.ending == WITHDRAWN:
            self.acts.add("withdraw", draft.ended)
        elif draft.ending == QUESTION:
            self.acts.answer(draft.ended, 1, ending={"closure": QUESTION})
        elif draft.ending in NO_FINDING:
            ending = {"closure": "no_finding", "no_finding_reason": draft.ending}
            self.acts.answer(draft.ended, 1, ending=ending)
        else:
            self._answered(stage)
            self._later_stages()

    def _answered(self, stage: StageDraft) -> None:
        assert stage.closed is not None
        now = [remedy for remedy in stage.remedies if not remedy.later]
        later = [remedy for remedy in stage.remedies if remedy.later]
        on = self.diary.after(stage.closed, self.chance.randint(2, 9))
        if on > self.diary.last:
            now, later = stage.remedies, []
        finding = {"finding": stage.ending}
        self.acts.answer(stage.closed, stage.number, ending=finding, remedies=now)
        if later:
            self.acts.add_remedies(on, stage.number, later)

    def _later_stages(self) -> None:
        draft = self.draft
        for stage in draft.stages[1:]:
            self._request(stage.requested, stage.opened, "accepted")
            self._extend(stage, counted_from=stage.requested, not_before=stage.opened)
            if stage.ending in FINDINGS:
                self._answered(stage)
        if draft.request is not None:
            self._request(draft.request.requested, draft.request.decided, draft.request.decision)
        self._close()

    def _request(self, requested: date, decided: date, decision: str) -> None:
        reason = self.chance.choice(wording.ESCALATION_REASONS)
        self.acts.add("escalate", requested, reason=reason)
        why = {"reason": wording.REFUSED_ESCALATION} if decision == "refused" else {}
        self.acts.add("decide_escalation", decided, decision=decision, **why)

    def _close(self) -> None:
        draft, answered = self.draft, self.draft.stages[-1].closed
        if answered is None or (draft.request and draft.request.decision == "resolved"):
            return
        on = self.diary.after(draft.request.decided if draft.request else answered, CLOSED_AFTER)
        if on > self.diary.last:
            return
        self.acts.add("close", on)
        again = self.diary.after(on, self.chance.randint(4, 15))
        if self.chance.one_in(200) and again <= self.diary.last:
            self.acts.add("reopen", again, reason=wording.REOPENED)
            self.acts.add("close", again)

    # ----------------------------------------------------------------------------- single acts

    @property
    def _triage_by(self) -> date:
        """The last day on which the team it was given to was the team to give it to."""
        draft, last = self.draft, self.diary.last
        if draft.system == CONTACT_US:
            last = SWITCH - ONE_DAY
        if draft.registered < plan.ADMISSIONS_JOIN_EDUCATION:
            last = plan.ADMISSIONS_JOIN_EDUCATION - ONE_DAY
        return self.diary.on_or_before(min(last, draft.ended or last))

    def _triage_on(self) -> date:
        draft = self.draft
        if draft.ending in AT_TRIAGE and draft.ended:
            return self._triage_by
        return min(self.diary.after(draft.in_hand, self.chance.randint(0, 3)), self._triage_by)

    def _acknowledge(self, by: date) -> None:
        first = self.draft.received if self.draft.migrated else self.draft.registered
        on = max(min(self.diary.after(first, self.chance.randint(0, 2)), by), first)
        if self.reachable and not self.chance.one_in(25):
            self.acts.add("acknowledge", on, by=self.chance.choice(WAYS))

    def _described(self) -> dict[str, Any]:
        draft = self.draft
        said = {"category": draft.category, "service": draft.service, "team": draft.team}
        return {name: value for name, value in said.items() if value is not None}

    def _accept(self, on: date, *, procedure: str | None = None) -> None:
        """Triage, with the team named at once or allocated by the service."""
        draft, said = self.draft, self._described()
        if procedure is not None:
            said = {"procedure": procedure, **said}
            if draft.service == CF and self.chance.one_in(25):
                said["safeguarding"] = True
        if self.chance.one_in(4):
            self.acts.at_receipt["service"] = None
        team = said.pop("team", None) if self.chance.one_in(5) else None
        self.acts.add("triage", on, decision="accept", **said)
        if team is not None:
            self.acts.add("allocate", on, team=team)

    def _extend(self, stage: StageDraft, *, counted_from: date, not_before: date) -> None:
        """Some of the stages that took, or are taking, longer than the limit were extended."""
        draft, limit = self.draft, LIMITS[stage.number]
        last = stage.closed or self.diary.last
        taken = self.diary.calendar.between(counted_from, last)
        on = self.diary.after(counted_from, self.chance.randint(limit - 4, limit - 1))
        fixed = draft.migrated or draft.procedure == ASC or stage.number not in {1, 2}
        if fixed or taken <= limit or not not_before <= on < last or not self.chance.one_in(3):
            return
        self.acts.add(
            "extend",
            on,
            stage=stage.number,
            working_days=self.chance.choice((5, 10)) * stage.number,
            extension_reason=self.chance.choice(EXTENSIONS),
            told_on=on.isoformat(),
        )

    def _corrections(self) -> None:
        """Facts that were mis-keyed and put right; the exclusion of what was migrated."""
        draft, receipt = self.draft, self.acts.at_receipt
        done = [date.fromisoformat(act["on"]) for act in self.acts.told]
        on = draft.ended or max(done, default=draft.in_hand)
        if draft.migrated and draft.stages and draft.ended:
            why, excluded = wording.MIGRATED, "migrated"
            self.acts.add("correct", on, reason=why, stage=1, timescale_excluded=excluded)
        elif draft.channel and self.chance.one_in(40):
            receipt["channel"] = "phone" if draft.channel == "email" else "email"
            self.acts.add("correct", on, reason=wording.MISKEYED, channel=draft.channel)
        elif draft.category == "communication" and self.chance.one_in(60):
            triage = next((a for a in self.acts.told if "category" in a), receipt)
            triage["category"] = "service-standards"
            self.acts.add("correct", on, reason=wording.MISKEYED, category=draft.category)
        elif draft.received < draft.registered and self.chance.one_in(90):
            receipt["received_on"] = draft.registered.isoformat()
            received = draft.received.isoformat()
            self.acts.add("correct", on, reason=wording.MISKEYED, received_on=received)
