"""What put people right: remedies of the stages in which something was found."""

from collections.abc import Mapping, Sequence

from app.demo import casework_plan
from app.demo.chance import Chance
from app.demo.draft import Draft, RemedyDraft, StageDraft
from app.demo.plan import YEARS, financial_year

AMOUNTS = (5_000, 10_000, 12_550, 15_000, 20_000, 25_000, 31_275, 50_000)  # pence
ONE_IN_LATER = 9  # a remedy agreed only after the answer


def give(complaints: Sequence[Draft], chance: Chance) -> None:
    """Share out the remedies of each service and year of closing, as planned."""
    pools: dict[tuple[str, int], list[StageDraft]] = {}
    for draft in complaints:
        for stage in draft.stages:
            if stage.found_something and stage.closed is not None:
                key = draft.service, financial_year(stage.closed)
                pools.setdefault(key, []).append(stage)
    for (service, year), stages in pools.items():
        chance.shuffle(stages)
        _share_out(_counts(service, year, len(stages)), stages, chance)


def _counts(service: str, year: int, stages: int) -> Mapping[str, int]:
    if year == YEARS[-1] and service in casework_plan.REMEDIES_2023:
        return casework_plan.REMEDIES_2023[service]
    per_100 = casework_plan.REMEDIES_PER_100
    return {kind: (count * stages + 50) // 100 for kind, count in per_100.items()}


def _share_out(counts: Mapping[str, int], stages: Sequence[StageDraft], chance: Chance) -> None:
    """Deal round the table, kind after kind, so that every stage gets some and none one twice."""
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    for at, kind in enumerate(kinds):
        stage = stages[at % len(stages)]
        pence = chance.choice(AMOUNTS) if kind in casework_plan.FINANCIAL else None
        later = bool(stage.remedies) and chance.one_in(ONE_IN_LATER)
        stage.remedies.append(RemedyDraft(kind, pence, later))
