"""Which complaints went on to stages 2 and 3, and which requests opened no stage."""

from collections.abc import Callable, Sequence
from datetime import date

from app.demo import casework_plan, plan
from app.demo.chance import Chance, Diary
from app.demo.draft import FINDINGS, Draft, Request, StageDraft
from app.demo.plan import CF, CORPORATE, EDUCATION, STATUTORY, financial_year

ASKED_AFTER = (3, 15)  # working days; a complainant has 20
DECIDED_AFTER = (1, 4)
LAST_STAGE = 3  # of the children's statutory procedure
TAKES = {  # working days a later stage takes
    (STATUTORY, 2): (20, 65),
    (STATUTORY, 3): (30, 50),
    (CORPORATE, 2): (10, 28),
}


class Escalator:
    """Gives the planned number of complaints, year by year, their later stages."""

    def __init__(self, chance: Chance, diary: Diary) -> None:
        self.chance, self.diary = chance, diary

    def escalate(self, complaints: Sequence[Draft]) -> None:
        """Start in each year as many stages 2 and 3 as planned."""
        requests = [(d, *self._request(d.ended)) for d in complaints if d.ending in FINDINGS]
        by_year: dict[int, list[tuple[Draft, date, date]]] = {}
        for request in requests:
            if self._in_one_year(*request[1:]):
                by_year.setdefault(financial_year(request[2]), []).append(request)
        reviews: list[Draft] = []
        for year in plan.YEARS:
            planned, asked = casework_plan.ESCALATIONS[year], by_year[year]
            reviews += self._open(asked, planned.statutory, _under(STATUTORY))
            self._open(asked, planned.children_corporate, _under(CORPORATE, CF))
            self._open(asked, planned.education, _under(CORPORATE, EDUCATION))
            self._open(asked, planned.rest, _rest)
            self._open_none(asked, planned)
            self._review(reviews, year, planned.stage_3)

    def _request(self, answered: date | None) -> tuple[date, date]:
        assert answered is not None
        requested = self.diary.after(answered, self.chance.randint(*ASKED_AFTER))
        return requested, self.diary.after(requested, self.chance.randint(*DECIDED_AFTER))

    def _in_one_year(self, requested: date, decided: date) -> bool:
        """Whether the stage starts in the same year by the request and by the decision."""
        same_year = financial_year(requested) == financial_year(decided)
        return same_year and decided <= self.diary.last

    def _open(
        self,
        asked: Sequence[tuple[Draft, date, date]],
        count: int,
        eligible: Callable[[Draft], bool],
    ) -> list[Draft]:
        able = [request for request in asked if _has_only_stage_1(request[0])]
        chosen = self.chance.sample([r for r in able if eligible(r[0])], count)
        for draft, requested, decided in chosen:
            self._add_stage(draft, requested, decided)
        return [draft for draft, _, _ in chosen]

    def _add_stage(self, draft: Draft, requested: date, decided: date) -> None:
        number = len(draft.stages) + 1
        stage = StageDraft(number, requested, decided)
        takes = TAKES[draft.procedure or CORPORATE, number]
        closed = self.diary.after(decided, self.chance.randint(*takes))
        if closed <= self.diary.last:
            stage.closed = closed
            findings = casework_plan.LATER_FINDINGS
            stage.ending = self.chance.choices(list(findings), list(findings.values()))[0]
        draft.stages.append(stage)

    def _open_none(
        self, asked: Sequence[tuple[Draft, date, date]], planned: casework_plan.Escalations
    ) -> None:
        """Corporate requests are refused at times; any may be resolved by agreement."""
        decisions = {"refused": planned.refused, "resolved": planned.resolved}
        able = [r for r in asked if _has_only_stage_1(r[0]) and _rest(r[0])]
        chosen = self.chance.sample(able, sum(decisions.values()))
        pack = self.chance.deal(decisions)
        for (draft, requested, decided), decision in zip(chosen, pack, strict=True):
            draft.request = Request(requested, decided, decision)

    def _review(self, reviews: Sequence[Draft], year: int, count: int) -> None:
        """Open the stage 3 of this year from what the children's stage 2 answered."""
        able = []
        for draft in reviews:
            stage = draft.stages[-1]
            if stage.number < LAST_STAGE and stage.closed is not None:
                requested, decided = self._request(stage.closed)
                if self._in_one_year(requested, decided) and financial_year(decided) == year:
                    able.append((draft, requested, decided))
        for draft, requested, decided in self.chance.sample(able, count):
            self._add_stage(draft, requested, decided)


def _has_only_stage_1(draft: Draft) -> bool:
    return len(draft.stages) == 1 and draft.request is None


def _under(procedure: str, service: str | None = None) -> Callable[[Draft], bool]:
    def eligible(draft: Draft) -> bool:
        return draft.procedure == procedure and service in {None, draft.service}

    return eligible


def _rest(draft: Draft) -> bool:
    return draft.procedure == CORPORATE and draft.service not in {CF, EDUCATION}
