"""How stage 1 of every complaint ended, and when; and when other feedback was put away."""

from collections.abc import Mapping, Sequence
from datetime import date

from app.demo import casework_plan, plan
from app.demo.chance import Chance, Diary
from app.demo.draft import (
    COMPLAINT,
    FINDINGS,
    OPEN,
    OUTSIDE,
    QUESTION,
    REFUSED,
    RESOLVED,
    WITHDRAWN,
    Draft,
    StageDraft,
)
from app.demo.plan import (
    ASC,
    CF,
    CONTACT_US,
    CORPORATE,
    REST,
    STATUTORY,
    financial_year,
    first_day,
)
from app.procedures.vocabulary import OUTSIDE_PROCESS

TARGET = 10  # working days
LATEST_LATE = 45
AT_ONCE = frozenset({RESOLVED, OUTSIDE})
LAST_YEAR = plan.YEARS[-1]
LATECOMERS = 5, 3  # of every so many, so many are still open at the end


class Endings:
    """Gives every case its procedure and its ending."""

    def __init__(self, chance: Chance, diary: Diary) -> None:
        self.chance, self.diary = chance, diary

    def settle(self, drafts: Sequence[Draft]) -> None:
        """End what ended by the last day of the demonstration."""
        cohorts: dict[tuple[str, int], list[Draft]] = {}
        for draft in drafts:
            if draft.type == COMPLAINT and not draft.set_aside:
                draft.procedure = self._procedure(draft)
                key = draft.service, financial_year(draft.registered)
                cohorts.setdefault(key, []).append(draft)
            else:
                self._put_away(draft)
        carried: dict[str, list[Draft]] = {}
        for (service, year), cohort in cohorts.items():
            if year == LAST_YEAR and service in casework_plan.COHORTS_2023:
                self._as_planned(casework_plan.COHORTS_2023[service], cohort, carried[service])
            else:
                self._by_weight(service, cohort)
                if year == LAST_YEAR - 1 and service in casework_plan.COHORTS_2023:
                    carried[service] = self._carry(service, cohort)
        for cohort in cohorts.values():
            for draft in cohort:
                self._open_stage(draft)

    def _procedure(self, draft: Draft) -> str:
        if draft.service == CF and not self.chance.one_in(3):
            return STATUTORY
        return ASC if draft.service == ASC and not self.chance.one_in(9) else CORPORATE

    def _put_away(self, draft: Draft) -> None:
        day = self.diary.after(draft.in_hand, self.chance.randint(3, 12))
        if not self.chance.one_in(8) and day <= self.diary.last:
            draft.ended = day

    def _open_stage(self, draft: Draft) -> None:
        if draft.ending != REFUSED:
            started = draft.clock_from
            draft.stages.append(StageDraft(1, started, started, draft.ending, draft.ended))

    # ---------------------------------------------------------------------------------- days

    def _end(self, draft: Draft, working_days: int) -> None:
        """End stage 1 so many working days after receipt, not before it was in hand."""
        day = self.diary.after(draft.clock_from, working_days)
        draft.ended = max(min(day, self.diary.last), draft.in_hand)

    def _end_in_time(self, draft: Draft) -> None:
        days = self.chance.randint(1, 6) if draft.ending in AT_ONCE else self.chance.randint(3, 10)
        self._end(draft, days)

    def _end_late(self, draft: Draft, *, since: date | None = None) -> None:
        at_least = TARGET + 1
        if since is not None:
            at_least = max(at_least, self.diary.calendar.between(draft.clock_from, since) + 1)
        room = self.diary.calendar.between(draft.clock_from, self.diary.last)
        at_most = max(at_least, min(at_least + LATEST_LATE - TARGET, room))
        self._end(draft, self.chance.randint(at_least, at_most))

    def _end_migrated(self, draft: Draft) -> None:
        """End a migrated complaint some days after the new system took it over."""
        days = self.diary.calendar.between(draft.clock_from, draft.registered)
        self._end(draft, days + self.chance.randint(3, 30))

    # ------------------------------------------------------------------------ by weight

    def _by_weight(self, service: str, cohort: Sequence[Draft]) -> None:
        weights = casework_plan.ENDING_WEIGHTS.get(service, casework_plan.ENDING_WEIGHTS[REST])
        percent = casework_plan.WITHIN_PERCENT.get(service, casework_plan.WITHIN_PERCENT[REST])
        in_time = self.chance.spread({True: percent, False: 100 - percent}, len(cohort))
        for draft, ending, prompt in zip(
            cohort, self.chance.spread(weights, len(cohort)), in_time, strict=True
        ):
            asked = ending == QUESTION and draft.system != CONTACT_US
            draft.ending = RESOLVED if asked else ending
            self._end_by_weight(draft, prompt=prompt)

    def _end_by_weight(self, draft: Draft, *, prompt: bool) -> None:
        if draft.ending == OUTSIDE:
            draft.category = OUTSIDE_PROCESS
        room = self.diary.calendar.between(draft.clock_from, self.diary.last)
        if room <= TARGET and (self.chance.one_in(2) or not prompt):
            draft.ending = OPEN
        elif draft.migrated:
            self._end_migrated(draft)
        elif prompt or draft.ending not in FINDINGS:
            self._end_in_time(draft)
        else:
            self._end_late(draft)

    def _carry(self, service: str, cohort: Sequence[Draft]) -> list[Draft]:
        """Leave as many as planned to be answered in the last year, and end all others before."""
        count = casework_plan.COHORTS_2023[service].carried_in
        carried = [draft for draft in cohort if draft.ending in FINDINGS][-count:]
        for draft in carried:
            self._end_late(draft, since=first_day(LAST_YEAR))
        for draft in cohort:
            if draft not in carried and draft.ended and financial_year(draft.ended) == LAST_YEAR:
                left = self.diary.within(draft.in_hand, first_day(LAST_YEAR))
                draft.ended = self.chance.choice(left)
        return carried

    # ------------------------------------------------------------------------ as planned

    def _as_planned(
        self, cohort: casework_plan.Cohort, drafts: Sequence[Draft], carried: Sequence[Draft]
    ) -> None:
        pools = _Pools(self.chance, drafts)
        for draft in pools.take_open(cohort.open):
            draft.ending = OPEN
        for draft in pools.take(cohort.question_answered, only_of=CONTACT_US):
            draft.ending = QUESTION
            self._end_in_time(draft)
        for draft in pools.take(cohort.withdrawn):
            draft.ending = WITHDRAWN
            self._end_in_time(draft)
        self._find(cohort.endings, pools, carried)
        self._time(cohort.within, pools.native)
        for draft in pools.migrated:
            self._end_migrated(draft)

    def _find(self, endings: Mapping[str, int], pools: "_Pools", carried: Sequence[Draft]) -> None:
        """Share out how stage 1 ended; what was carried in was answered with a finding."""
        findings = self.chance.deal({e: n for e, n in endings.items() if e in FINDINGS})
        others = {e: n for e, n in endings.items() if e not in FINDINGS and e != OUTSIDE}
        for draft in carried:
            draft.ending = findings.pop()
        pack = findings + self.chance.deal(others)
        self.chance.shuffle(pack)
        for draft in (*pools.native, *pools.migrated):
            draft.ending = OUTSIDE if draft in pools.outside else pack.pop()

    def _time(self, within: int, drafts: Sequence[Draft]) -> None:
        """End so many within the target, and every other one outside it."""
        cut = self.diary.days[-TARGET - 6]
        early = [d for d in drafts if d.ending not in AT_ONCE and d.clock_from < cut]
        late = self.chance.sample(early, len(drafts) - within)
        for draft in drafts:
            if draft in late:
                self._end_late(draft)
            else:
                self._end_in_time(draft)


class _Pools:
    """The complaints of a cohort, shared out: each is taken once."""

    def __init__(self, chance: Chance, drafts: Sequence[Draft]) -> None:
        self.chance = chance
        self.outside = {d for d in drafts if d.category == OUTSIDE_PROCESS}
        self.migrated = [d for d in drafts if d.migrated]
        self.native = [d for d in drafts if not d.migrated]

    def take_open(self, count: int) -> list[Draft]:
        """Those still open at the end: nearly all of them came late."""
        old = casework_plan.OPEN_AND_MIGRATED
        of_migrated = self._sample(self.migrated, old)
        among, still_open = LATECOMERS
        late = self.native[-(count - old) * among // still_open :]
        taken = [*of_migrated, *self._sample(late, count - old)]
        self.migrated = [d for d in self.migrated if d not in taken]
        self.native = [d for d in self.native if d not in taken]
        return taken

    def take(self, count: int, *, only_of: str | None = None) -> list[Draft]:
        """So many that are not migrated, of one system or of any."""
        pool = [d for d in self.native if only_of in {None, d.system}]
        taken = self._sample(pool, count)
        self.native = [d for d in self.native if d not in taken]
        return taken

    def _sample(self, pool: Sequence[Draft], count: int) -> list[Draft]:
        return self.chance.sample([d for d in pool if d not in self.outside], count)
