"""Whatever is sent in, every figure says what a plain count of the acts says.

The same examples are tried each time; `ORACLE_PROFILE=oracle-thorough` with `--timeout=0` tries
a thousand new ones.
"""

import os
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Container,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any, TypeAlias

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.stats.catalogue import BY_SLUG
from tests.conftest import MovableClock
from tests.stats.comparison import differences
from tests.stats.doors import PATHS, Callers, Line
from tests.stats.histories import LAST, SERVICES, TURNS, histories
from tests.stats.known import FAULTS, KNOWN
from tests.stats.oracle import FIGURES, Question, count
from tests.stats.reconciliation import disagreements

settings.register_profile(
    "oracle",
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # `culprit` finds the case faster than shrinking does
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "oracle-thorough", settings.get_profile("oracle"), max_examples=1_000, derandomize=False
)
HOW = settings.get_profile(os.environ.get("ORACLE_PROFILE", "oracle"))

Emptying: TypeAlias = Callable[[], Awaitable[None]]
if HOW is settings.get_profile("oracle"):
    pytestmark = pytest.mark.timeout(600)  # a busy machine takes its time

YEARS = (2021, 2022, 2023, 2024)
OVER_YEARS = [slug for slug, figure in FIGURES.items() if "year" in figure.whole]
BY_DAY_REGISTERED = (
    "feedback-over-time",
    "feedback-by-service",
    "contact-methods",
    "complaints-by-month",
    "complaint-categories",
    "complaints-by-team",
    "complaints-by-procedure",
    "reclassifications",
)
BY_TYPE_AT_RECEIPT = (*BY_DAY_REGISTERED[:-1], "feedback-rates")


def year(starts: int, *, years: int = 1) -> tuple[str, str]:
    """That many financial years, of which the last starts in this calendar year."""
    return f"{starts - years + 1}-04-01", f"{starts + 1}-04-01"


ALL_THE_TIME = [Question(slug, *year(2024, years=4)) for slug in FIGURES]


def asked_of(slug: str) -> st.SearchStrategy[Question]:
    """A figure of a year, or of any days; of all services or some; by any basis; as at a day."""
    day = st.tuples(st.sampled_from(TURNS), st.integers(-3, 40)).map(
        lambda drawn: drawn[0] + timedelta(drawn[1])
    )
    days = st.tuples(day, day).map(
        lambda drawn: (min(drawn).isoformat(), (max(drawn) + timedelta(1)).isoformat())
    )
    services = st.lists(st.sampled_from(SERVICES), max_size=2, unique=True).map(tuple)
    return st.builds(
        lambda days, *drawn: Question(slug, *days, *drawn),
        st.sampled_from(YEARS).map(year) | days,
        services,
        either("registered", "received", if_=slug in BY_DAY_REGISTERED),
        either("now", "at-receipt", if_=slug in BY_TYPE_AT_RECEIPT),
        either("recorded", "today", if_=slug == "complaints-by-team"),
        st.sampled_from((LAST, LAST, *TURNS)).map(lambda day: day.isoformat()),
    )


def either(usual: str, other: str, *, if_: bool) -> st.SearchStrategy[str]:
    """One basis or another, where a figure offers both."""
    return st.sampled_from((usual, other) if if_ else (usual,))


def parameters(question: Question) -> dict[str, Any]:
    """The question as the service takes it: by financial years where it takes them."""
    asked: dict[str, Any] = {"service": list(question.services)}
    if question.basis != "registered":
        asked["date_basis"] = question.basis
    if question.type_basis != "now":
        asked["type_basis"] = question.type_basis
    if question.team_basis != "recorded":
        asked["team_basis"] = question.team_basis
    if question.as_at != LAST.isoformat():
        asked["as_at"] = question.as_at
    first, last = int(question.since[:4]), int(question.until[:4]) - 1
    years = last - first + 1
    whole = (question.since, question.until) == year(last, years=years)
    if whole and question.figure in OVER_YEARS:
        return {**asked, "year": _code(last), "years": years}
    if whole and years == 1:
        return {**asked, "year": _code(last)}
    return {**asked, "since": question.since, "until": question.until}


def _code(starts: int) -> str:
    return f"{starts}-{(starts + 1) % 100:02d}"


@pytest.fixture(scope="module")
async def callers(
    session_app: FastAPI, session_keys: Mapping[str, str], session_clock: MovableClock
) -> AsyncIterator[Callers]:
    headers = {
        "Authorization": f"Bearer {session_keys['admin']}",
        "Acting-Officer": "p.officer",
    }
    transport = ASGITransport(app=session_app)
    async with AsyncClient(transport=transport, base_url="http://council.test") as client:
        yield Callers(client, headers, session_clock)


async def disputed(callers: Callers, question: Question, sent: Sequence[Line]) -> list[str]:
    """Where the service's answer is not what these histories come to."""
    response = await callers.client.get(
        f"/v1/stats/figures/{question.figure}",
        params=parameters(question),
        headers=callers.headers,
    )
    assert response.status_code == 200, response.text
    answer = response.json()
    return [*differences(answer, count(question, sent)), *disagreements(answer)]


EVERY_TURN = {
    "accept",
    "resolve_early",
    "redirect_outside_process",
    "redirect_not_feedback",
    "refuse",
    "upheld",
    "partially_upheld",
    "not_upheld",
    "no_finding",
    "question_answered",
    "accepted",
    "refused",
    "resolved",
    "received_on",
    "channel",
    "category",
    "finding",
    "answered_on",
    "timescale_excluded",
}


@pytest.fixture(scope="module")
def acknowledged() -> Iterator[Counter[str]]:
    """What was sent and not refused, over all examples; in the end nothing may be wanting."""
    seen: Counter[str] = Counter()
    yield seen
    wanted = {*EVERY_TURN, *(f"{door} {act}" for act in PATHS for door in ("imported", "worked"))}
    assert wanted - set(seen) == set()


def turns(act: Line) -> Iterator[str]:
    """What an act is for the figures: what was decided, how it ended, or what was corrected."""
    if act["act"] == "correct":
        yield from act
    elif act["act"] == "answer":
        yield act.get("finding") or act["closure"]
    elif "decision" in act:
        yield act["decision"]


@HOW
@given(
    logged=st.lists(histories(logged=True), min_size=6, max_size=8),
    past=st.lists(histories(), min_size=20, max_size=34),
    asked=st.lists(st.sampled_from(list(FIGURES)).flatmap(asked_of), min_size=10, max_size=14),
)
async def test_every_figure_says_what_a_plain_count_of_the_acts_says(
    callers: Callers,
    emptying: Emptying,
    acknowledged: Counter[str],
    logged: list[Line],
    past: list[Line],
    asked: list[Question],
) -> None:
    await emptying()
    worked = await callers.work(logged)
    callers.clock.on(LAST)
    imported = await callers.bring_in(past)
    for door, taken in (("worked", worked), ("imported", imported)):
        for act in chain(*(history["acts"] for history in taken)):
            acknowledged.update((f"{door} {act['act']}", *turns(act)))
    for question in (*ALL_THE_TIME, *asked):
        wrong = await disputed(callers, question, [*worked, *imported])
        if wrong:
            alone = await culprit(callers, emptying, question, imported)
            pytest.fail("\n".join((str(question), *wrong, f"alone: {alone}")))


async def culprit(
    callers: Callers, emptying: Emptying, question: Question, taken: Sequence[Line]
) -> Line | None:
    """The first imported history that is counted wrongly even when it is alone."""
    for history in taken:
        await emptying()
        await callers.bring_in([history])
        if await disputed(callers, question, [history]):
            return history
    return None


# --- What would not go unnoticed ----------------------------------------------------------------

IN_EVERY_WAY = [
    *ALL_THE_TIME,
    *(
        replace(question, basis="received")
        for question in ALL_THE_TIME
        if question.figure in BY_DAY_REGISTERED
    ),
    *(replace(question, as_at="2024-02-03") for question in ALL_THE_TIME),
]


@pytest.fixture
async def known(callers: Callers, emptying: Emptying) -> list[Line]:
    """A few cases whose every fact moves some figure."""
    await emptying()
    callers.clock.on(LAST)
    taken = await callers.bring_in(KNOWN)
    assert len(taken) == len(KNOWN)
    return taken


async def noticed(
    callers: Callers, taken: Sequence[Line], among: Container[str] = FIGURES
) -> set[str]:
    """The figures that are not what these histories come to."""
    return {
        question.figure
        for question in IN_EVERY_WAY
        if question.figure in among and await disputed(callers, question, taken)
    }


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_changed_behind_the_services_back_is_noticed(
    callers: Callers, known: list[Line], database_url: str, fault: str
) -> None:
    statement, figure = FAULTS[fault]
    assert await noticed(callers, known, {figure}) == set()
    connection = await asyncpg.connect(database_url)
    await connection.execute(statement)
    await connection.close()
    assert await noticed(callers, known, {figure}) == {figure}


def test_every_figure_is_counted_twice_and_has_a_fault_that_would_be_noticed() -> None:
    assert set(FIGURES) == set(BY_SLUG)
    assert {figure for _, figure in FAULTS.values()} == set(FIGURES)


@pytest.mark.once
async def test_a_history_left_out_of_the_count_is_noticed(
    callers: Callers, known: list[Line]
) -> None:
    assert await noticed(callers, known) == set()
    lacking = [await noticed(callers, [*known[:n], *known[n + 1 :]]) for n in range(len(known))]
    assert all(lacking)
    assert set().union(*lacking) == set(FIGURES)
    assert "feedback-by-service" in lacking[-1]
