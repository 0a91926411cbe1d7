"""Whatever is asked of whatever cases: the parts sum to the whole, or `left_out` says why.

Tries the same examples each time; `ORACLE_PROFILE=oracle-thorough` tries new ones, as for the
oracle.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.catalogue import FACTS, FIGURES
from tests.stats.asked import Asking, Parameters, halves, of_fact, of_figure
from tests.stats.doors import Callers, Line
from tests.stats.histories import LAST, histories
from tests.stats.known import KNOWN
from tests.stats.reconciliation import disagreements
from tests.stats.tables import Ask, Connection, Example, put
from tests.stats.test_oracle import HOW as ORACLE
from tests.stats.test_oracle import callers  # noqa: F401 - a fixture

Emptying = Callable[[], Awaitable[None]]

pytestmark = pytest.mark.timeout(300)
HOW = settings(ORACLE, max_examples=ORACLE.max_examples // 8)  # each is asked many questions

BUSY = {"since": "2021-04-01", "until": "2024-02-03"}  # at the end of these days much was open
EVERYTHING = {
    **{name: Asking("/v1/stats/query", {"fact": name, "by": "team", **BUSY}) for name in FACTS},
    **{one.slug: Asking(f"/v1/stats/figures/{one.slug}", BUSY) for one in FIGURES},
}
"""Each fact and each figure, asked of all that there is."""


@pytest.fixture(scope="module")
def answered() -> Iterator[Counter[str]]:
    """What was asked of, and answered with something in it; in the end nothing may be wanting."""
    seen: Counter[str] = Counter()
    yield seen
    assert set(EVERYTHING) - set(seen) == set()


async def get(callers: Callers, asking: Asking, **besides: Any) -> Mapping[str, Any]:  # noqa: F811
    """The answer to a question."""
    response = await callers.client.get(
        asking.path, params={**asking.sent, **besides}, headers=callers.headers
    )
    assert response.status_code == 200, (response.text, asking)
    found: Mapping[str, Any] = response.json()
    return found


def considered(answer: Mapping[str, Any]) -> int:
    return sum(total["considered"] for total in answer["totals"])


@HOW
@given(
    past=st.lists(histories(), min_size=20, max_size=34),
    asked=st.tuples(*(of_figure(figure) for figure in FIGURES), *map(of_fact, FACTS.values())),
    halved=st.lists(halves(), min_size=3, max_size=3),
)
async def test_the_parts_of_every_answer_sum_to_the_whole_or_it_says_why(
    callers: Callers,  # noqa: F811 - the fixture
    emptying: Emptying,
    answered: Counter[str],
    past: list[Line],
    asked: tuple[Asking, ...],
    halved: list[tuple[Asking, Parameters, Parameters]],
) -> None:
    await emptying()
    callers.clock.on(LAST)
    await callers.bring_in([*KNOWN, *past])
    lacking = [name for name in EVERYTHING if name not in answered]
    for asking in (*asked, *(EVERYTHING[name] for name in lacking)):
        answer = await get(callers, asking)
        assert list(disagreements(answer)) == [], asking
        if considered(answer):
            answered[asking.sent.get("fact", answer["figure"])] += 1
    for asking, some, others in halved:
        whole = await get(callers, asking)
        parts = [await get(callers, asking, **half) for half in (some, others)]
        assert considered(whole) == sum(map(considered, parts)), (asking, some)
        assert [line for part in parts for line in disagreements(part)] == []


# --- What would not go unnoticed ----------------------------------------------------------------

TWO_YEARS = Example(
    figure="",
    asked={},
    cases="""
    case | service   | type       | category      | registered | set_aside
    A    | education | complaint  | policy        | 2022-05-01 | -
    B    | education | complaint  | policy        | 2023-05-01 | -
    C    | education | complaint  | communication | 2023-05-01 | -
    D    | education | complaint  | policy        | 2023-06-01 | -
    E    | education | complaint  | policy        | 2023-06-01 | void
    """,
    stages="""
    case | started    | closed     | finding
    B    | 2023-05-01 | 2023-05-16 | upheld
    """,
    remedies="""
    case | remedy             | pence
    B    | financial-symbolic | 5000
    """,
    rows="",
)


def planted(answer: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The same answer with one number in it changed, for every number that is not nothing."""
    for part in ("rows", "totals", "left_out"):
        for place, line in enumerate(answer[part]):
            for name, value in line.items():
                if (
                    isinstance(value, int)
                    and value
                    and name not in {"stage", "percent_change", "since", "until"}
                ):
                    wrong = deepcopy(dict(answer))
                    wrong[part][place][name] = value + 1
                    yield f"{part} {place} {name}", wrong


@pytest.mark.parametrize("slug", ["complaint-categories", "outcomes", "financial-remedies"])
async def test_a_number_that_is_not_what_it_should_be_is_noticed(
    slug: str, database: Connection, ask: Ask
) -> None:
    await put(database, TWO_YEARS)
    asked = {"year": "2023-24", "service": "education", "compare": "previous-year"}
    answer = await ask(slug, **asked)
    assert list(disagreements(answer)) == []
    changed = dict(planted(answer))
    assert len(changed) > 10
    assert [what for what, wrong in changed.items() if not list(disagreements(wrong))] == []


async def test_a_row_that_is_missing_or_there_twice_is_noticed(
    database: Connection, ask: Ask
) -> None:
    await put(database, TWO_YEARS)
    answer = await ask("complaint-categories", year="2023-24", service="education")
    residual = [row for row in answer["rows"] if row["category"] == "not-categorised"]
    without = {**answer, "rows": [row for row in answer["rows"] if row not in residual]}
    twice = {**answer, "rows": [*answer["rows"], *residual]}
    assert [row["count"] for row in residual] == [0]
    assert list(disagreements(without)) != []
    assert list(disagreements(twice)) != []
