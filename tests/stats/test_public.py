"""What a key without `stats:full` is told, and what it may not ask."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, TypeAlias

import pytest
from httpx import AsyncClient, Response

from app.access.principal import Scope
from tests.conftest import MakeKey, MovableClock
from tests.stats.tables import Asked, Connection, Example, put

AskPublicly: TypeAlias = Callable[..., Awaitable[Response]]

CASES = """
    case | registered | category      | service
    A    | 2023-05-02 | communication | education
    B    | 2023-05-03 | communication | education
    C    | 2023-05-04 | communication | education
    D    | 2023-05-05 | communication | education
    E    | 2023-05-09 | communication | education
    F    | 2023-06-01 | communication | education
    G    | 2023-06-02 | policy        | education
    H    | 2023-06-05 | policy        | education
    """


@pytest.fixture
async def partner(client: AsyncClient, make_key: MakeKey) -> AskPublicly:
    """Asks a figure with a key that may read statistics, and no small numbers."""
    key = await make_key(Scope.stats_read)

    async def ask(figure: str, **asked: Asked) -> Response:
        return await client.get(
            f"/v1/stats/figures/{figure}",
            params=asked,
            headers={"Authorization": f"Bearer {key}"},
        )

    return ask


@pytest.fixture
async def eight_complaints(database: Connection) -> None:
    """Six of one category and two of another, all of one service."""
    await put(database, Example(figure="complaint-categories", asked={}, cases=CASES, rows=""))


def _told(said: dict[str, Any], category: str) -> dict[str, Any]:
    (row,) = [
        row for row in said["rows"] if (row["service"], row["category"]) == ("education", category)
    ]
    told: dict[str, Any] = row
    return told


@pytest.mark.usefixtures("eight_complaints")
async def test_a_small_number_is_withheld_with_what_would_give_it_away(
    partner: AskPublicly,
) -> None:
    """Of six and two, the six goes with the two, since the eight is told."""
    answer = await partner("complaint-categories", year="2023-24")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["disclosure"] == "public"
    for category in ("communication", "policy"):
        row = _told(said, category)
        assert (row["count"], row["percent"], row["rank"]) == (None, None, None)
        assert (row["suppressed"], row["denominator"]) == (True, 8)
    nought = _told(said, "staff-conduct")
    assert (nought["count"], nought["percent"], "suppressed" in nought) == (0, 0, False)


@pytest.mark.usefixtures("eight_complaints")
async def test_the_same_is_withheld_whichever_service_is_asked_about(partner: AskPublicly) -> None:
    everything, one = [
        (await partner("complaint-categories", year="2023-24", service=services)).json()
        for services in ([], ["education"])
    ]
    rows = [row for row in everything["rows"] if row["service"] == "education"]
    assert rows == one["rows"]


@pytest.mark.usefixtures("eight_complaints")
async def test_no_change_from_a_withheld_number_is_told(partner: AskPublicly) -> None:
    answer = await partner("complaint-categories", year="2024-25", compare="previous-year")
    row = _told(answer.json(), "policy")
    told = {name: row[name] for name in ("count", "count_before", "change", "percent_change")}
    assert told == {"count": 0, "count_before": None, "change": None, "percent_change": None}
    assert "suppressed" not in row


@pytest.mark.parametrize(
    ("figure", "asked", "parameter"),
    [
        ("complaint-categories", {"since": "2023-04-01", "until": "2024-03-31"}, "since"),
        ("complaint-categories", {"since": "2022-04-01", "until": "2024-04-01"}, "since"),
        ("open-complaints", {"since": "2022-04-01", "until": "2024-04-01"}, "since"),
        ("complaint-categories", {"year": "2026-27"}, "year"),
        ("complaint-categories", {"as_at": "2024-03-31"}, "as_at"),
        ("complaint-categories", {"date_basis": "received"}, "date_basis"),
        ("complaint-categories", {"type_basis": "at-receipt"}, "type_basis"),
        ("complaints-by-team", {"team_basis": "today"}, "team_basis"),
        ("feedback-over-time", {"service": "education"}, "service"),
        ("complaints-by-stage", {"service": "education"}, "service"),
    ],
)
async def test_what_could_be_set_against_another_answer_is_refused(
    partner: AskPublicly, figure: str, asked: dict[str, Asked], parameter: str
) -> None:
    refused = await partner(figure, **asked)
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (403, "/problems/exact-counts-needed")
    assert (problem["parameter"], problem["needs"]) == (parameter, "stats:full")


async def test_a_year_can_be_asked_about_from_the_day_after_its_last(
    partner: AskPublicly, clock: MovableClock
) -> None:
    clock.on(date(2027, 3, 31))
    assert (await partner("outcomes", year="2026-27")).status_code == 403
    clock.on(date(2027, 4, 1))
    assert (await partner("outcomes", year="2026-27")).status_code == 200


async def test_of_what_is_wrong_with_records_the_public_is_told_no_number(
    partner: AskPublicly, database: Connection
) -> None:
    cases = "case | registered\n" + "\n".join(f"{at} | 2023-05-02" for at in range(9))
    await put(database, Example(figure="data-quality", asked={}, cases=cases, rows=""))
    said = (await partner("data-quality", year="2023-24")).json()
    assert {row["count"] for row in said["rows"]} == {0, None}


@pytest.mark.usefixtures("eight_complaints")
async def test_a_file_says_that_a_number_is_withheld(partner: AskPublicly) -> None:
    answer = await partner("complaint-categories.csv", year="2023-24", service="education")
    assert "Policy,[c],8,[c]" in answer.text


def _lines(*some: tuple[int, str]) -> list[str]:
    return [line for times, line in some for _ in range(times)]


def _numbered(names: str, lines: list[str]) -> str:
    return "\n".join([f"case | {names}", *(f"{at} | {line}" for at, line in enumerate(lines))])


def _count(said: dict[str, Any], lines: str, **codes: object) -> int | None:
    (line,) = [one for one in said[lines] if codes.items() <= one.items()]
    count: int | None = line["count"]
    return count


async def test_what_was_late_is_not_what_was_not_within_its_limit(
    partner: AskPublicly, database: Connection
) -> None:
    """Thirty within their limit, two within an extension, two late: four outside the target."""
    stages = _lines(
        (30, "2024-02-20 | 8 | upheld | within_target | yes"),
        (2, "2024-02-20 | 15 | upheld | within_extension | no"),
        (2, "2024-02-20 | 15 | upheld | late | no"),
    )
    example = Example(
        figure="timescales",
        asked={},
        cases=_numbered("registered | service", ["2024-02-01 | education"] * len(stages)),
        stages=_numbered("closed | days | finding | verdict | in_time", stages),
        rows="",
    )
    await put(database, example)
    year, of = {"year": "2023-24"}, {"service": "education", "stage": 1}
    target, limit, days = [
        (await partner(slug, **year)).json() for slug in ("timescales", "timeliness", "days-taken")
    ]
    assert _count(target, "rows", service="education", verdict="outside_target") is None
    all_of_it = [
        _count(target, "totals", service="education"),
        *(_count(said, "totals", **of) for said in (limit, days)),
    ]
    within = [
        _count(target, "rows", service="education", verdict="within_target"),
        _count(limit, "rows", **of, timeliness="within_target"),
        _count(days, "rows", **of, days_taken="up_to_10"),
    ]
    assert set(all_of_it) == {None} or set(within) == {None}


async def test_few_comments_are_not_what_is_left_of_all_contacts(
    partner: AskPublicly, database: Connection
) -> None:
    """Since its system has collected channels, 28 complaints and four of other types."""
    cases = _lines(
        (20, "complaint | 2023-06-01"),
        (20, "comment | 2023-06-01"),
        (28, "complaint | 2024-02-01"),
        (3, "comment | 2024-02-01"),
        (1, "compliment | 2024-02-01"),
    )
    cases = [f"{line} | education | portal" for line in cases]
    example = Example(
        figure="contact-methods",
        asked={},
        cases=_numbered("type | registered | service | channel", cases),
        rows="",
    )
    await put(database, example)
    contacts, teams = [
        (await partner(slug, year="2023-24")).json()
        for slug in ("contact-methods", "complaints-by-team")
    ]
    of = {"service": "education"}
    assert None in {
        _count(contacts, "totals", **of),
        _count(teams, "totals", **of, source_system="customer_feedback"),
    }


async def test_few_that_wait_are_not_what_is_left_of_what_is_open(
    partner: AskPublicly, database: Connection
) -> None:
    """Nine stages in hand, and two complaints that nobody has looked at."""
    cases = ["2024-03-20 | education"] * 11
    stages = ["2024-03-20 | 2024-04-05 | -"] * 9
    standings = [*["education | in_stage | 1"] * 9, *["education | received | -"] * 2]
    example = Example(
        figure="open-complaints",
        asked={},
        cases=_numbered("registered | service", cases),
        stages=_numbered("started | due | closed", stages),
        standings=_numbered(
            "service | status | stage | since | until",
            [f"{line} | 2024-03-20 | -" for line in standings],
        ),
        rows="",
    )
    await put(database, example)
    complaints, stages_in_hand = [
        (await partner(slug, year="2023-24")).json() for slug in ("open-complaints", "open-stages")
    ]
    of = {"service": "education"}
    assert None in {
        _count(complaints, "totals", **of),
        _count(stages_in_hand, "totals", **of, stage=1),
    }


async def test_few_requests_are_not_what_is_left_of_the_stages_that_they_led_to(
    partner: AskPublicly, database: Connection
) -> None:
    """Two of one service and twenty of another were accepted, and a stage began with each."""
    services = [*["highways"] * 3, *["education"] * 20]
    decisions = ["refused", *["accepted"] * 22]
    example = Example(
        figure="escalations",
        asked={},
        cases=_numbered("registered | service", [f"2023-05-01 | {one}" for one in services]),
        stages="case | stage | started | closed\n"
        + "\n".join(f"{at} | 2 | 2023-06-01 | -" for at in range(1, 23)),
        escalations=_numbered(
            "to | requested | decided | decision",
            [f"2 | 2023-06-01 | 2023-06-01 | {one}" for one in decisions],
        ),
        rows="",
    )
    await put(database, example)
    begun, asked_for = [
        (await partner(slug, year="2023-24", **only)).json()
        for slug, only in (("complaints-by-stage", {"years": 1}), ("escalations", {}))
    ]
    accepted = {"stage": 2, "decision": "accepted"}
    assert _count(asked_for, "rows", service="highways", **accepted) is None
    assert None in {
        _count(begun, "rows", stage=2),
        _count(asked_for, "rows", service="education", **accepted),
    }
