"""A year beside the one before: what changed, by how much, and what is not to be compared."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from app.stats.catalogue import FIGURES
from app.stats.counted import change_in_percent, half_up, percent, percent_in_hundredths
from tests.conftest import MovableClock
from tests.stats.reconciliation import disagreements
from tests.stats.tables import Ask, Asked, Connection, Example, put

Keys = Mapping[str, dict[str, str]]
Row = Mapping[str, Any]


def cases(*lines: str) -> Example:
    """Complaints of education, each line being a day, a category, a team, and how many."""
    found = [
        f"{number}-{count} | education | {team} | {category} | {day}"
        for number, line in enumerate(lines)
        for day, category, team, many in [line.split()]
        for count in range(int(many))
    ]
    head = "case | service | team | category | registered"
    return Example(figure="", asked={}, cases="\n".join((head, *found)), rows="")


def the(answer: Mapping[str, Any], **codes: str) -> Row:
    """The only row about this."""
    (row,) = [row for row in answer["rows"] if codes.items() <= row.items()]
    return dict(row)


async def test_each_row_is_set_beside_the_year_before(database: Connection, ask: Ask) -> None:
    await put(
        database,
        cases(
            "2022-05-01 policy - 3",
            "2022-05-01 communication - 5",
            "2023-05-01 policy - 4",
            "2023-05-01 communication - 2",
            "2021-05-01 policy - 9",
        ),
    )
    answer = await ask(
        "complaint-categories", year="2023-24", service="education", compare="previous-year"
    )
    assert answer["compared_with"] == {"since": "2022-04-01", "until": "2023-04-01"}
    changed = {
        name: the(answer, category="communication")[name]
        for name in (
            "count", "count_before", "change", "percent_change", "percent", "percent_before",
            "rank", "rank_before", "denominator_before", "not_comparable",
        )
    }  # fmt: skip
    assert changed == {
        "count": 2,
        "count_before": 5,
        "change": -3,
        "percent_change": -60,
        "percent": 33,
        "percent_before": 63,  # 62.5, half up
        "rank": 2,
        "rank_before": 1,
        "denominator_before": 8,
        "not_comparable": [],
    }
    (total,) = answer["totals"]
    assert (total["count_before"], total["change"], total["percent_change"]) == (8, -2, -25)
    assert the(answer, category="discrimination")["percent_change"] is None
    assert list(disagreements(answer)) == []


async def test_a_row_that_counts_only_in_the_year_before_is_there(
    database: Connection, ask: Ask
) -> None:
    await put(database, cases("2022-05-01 policy fire-stations 2"))
    answer = await ask("complaints-by-team", year="2023-24", compare="previous-year")
    row = the(answer, team="fire-stations", service="education")
    assert (row["count"], row["count_before"]) == (0, 2)


async def test_months_and_years_are_set_beside_those_of_a_year_before(
    database: Connection, ask: Ask
) -> None:
    await put(
        database,
        cases("2021-09-01 policy - 1", "2022-09-01 policy - 4", "2023-09-01 policy - 2"),
    )
    months = await ask("complaints-by-month", year="2023-24", compare="previous-year")
    september = the(months, service="education", month="2023-09")
    assert (september["count"], september["count_before"]) == (2, 4)
    years = await ask("feedback-over-time", year="2023-24", years=2, compare="previous-year")
    changes = {
        row["year"]: (row["count_before"], row["change"])
        for row in years["rows"]
        if row["feedback_type"] == "complaint"
    }
    assert changes == {"2022-23": (1, 3), "2023-24": (4, -2)}


TRAP = cases(
    "2022-05-01 policy school-admissions 60",
    "2023-02-01 policy school-admissions 8",
    "2023-05-01 policy school-admissions 23",
)


async def test_a_column_of_a_part_year_is_not_set_beside_a_whole_one(
    database: Connection, ask: Ask
) -> None:
    await put(database, TRAP)
    asked: dict[str, Asked] = {"year": "2023-24", "service": "education"}
    answer = await ask("complaints-by-team", **asked, compare="previous-year")
    row = the(answer, team="school-admissions", source_system="contact_us")
    assert (row["count"], row["count_before"]) == (23, 68)
    assert (row["change"], row["percent_change"]) == (None, None)  # and not a fall of 66%
    assert row["not_comparable"] == ["part_year"]
    assert (
        "1 April 2023 to 14 January 2024 is no match for 1 April 2022 to 31 March 2023, so no "
        "change is given; annualise=true scales each up to the whole."
    ) in answer["notes"]


async def test_a_part_year_is_annualised_only_when_asked(database: Connection, ask: Ask) -> None:
    await put(database, TRAP)
    asked: dict[str, Asked] = {"year": "2023-24", "service": "education", "annualise": "true"}
    answer = await ask("complaints-by-team", **asked, compare="previous-year")
    row = the(answer, team="school-admissions", source_system="contact_us")
    assert row["count"] == 23
    assert (row["annualised"], row["annualised_before"]) == (29, 68)  # 23 * 366 / 289 = 29.13
    assert (row["change"], row["percent_change"]) == (-39, -57)
    assert row["not_comparable"] == ["part_year"]
    (note,) = [note for note in answer["notes"] if "as if every day had been alike" in note]
    assert note.startswith("1 April 2023 to 14 January 2024 is set against")


async def test_days_are_set_beside_the_same_days(database: Connection, ask: Ask) -> None:
    await put(database, TRAP)
    days = {"since": "2023-04-01", "until": "2024-01-15", "service": "education"}
    answer = await ask("complaints-by-team", **days, compare="previous-year")
    row = the(answer, team="school-admissions", source_system="contact_us")
    assert (row["count"], row["count_before"], row["percent_change"]) == (23, 60, -62)


async def test_what_was_not_collected_before_has_no_change(database: Connection, ask: Ask) -> None:
    asked = {"service": "education", "compare": "previous-year"}
    of_2023 = await ask("contact-methods", year="2023-24", **asked)
    of_2024 = await ask("contact-methods", year="2024-25", **asked)
    assert {row["change"] for row in of_2023["rows"] + of_2024["rows"]} == {None}
    assert (
        "Nothing of the kind was collected a year before: there is no change to give."
        in of_2023["notes"]
    )
    assert any("is no match for 15 January 2024" in note for note in of_2024["notes"])


async def test_a_year_that_is_not_over_is_not_set_beside_a_whole_one(
    ask: Ask, clock: MovableClock
) -> None:
    clock.set(datetime(2024, 9, 30, 12, 0, tzinfo=UTC))
    answer = await ask("outcomes", year="2024-25", service="education", compare="previous-year")
    assert {tuple(row["not_comparable"]) for row in answer["rows"]} == {("part_year",)}
    assert {row["change"] for row in answer["rows"]} == {None}
    assert any(
        note.startswith("1 April 2024 to 30 September 2024 is no match for 1 April 2023")
        for note in answer["notes"]
    )


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.slug)
async def test_every_figure_can_be_set_beside_the_year_before(figure: Any, ask: Ask) -> None:
    answer = await ask(figure.slug, year="2023-24", compare="previous-year")
    assert all("count_before" in line for line in answer["rows"] + answer["totals"])
    assert list(disagreements(answer)) == []


@pytest.mark.parametrize(
    ("slug", "asked", "parameter"),
    [
        ("outcomes", {"annualise": "true"}, "annualise"),
        (
            "open-complaints",
            {"annualise": "true", "compare": "previous-year"},
            "annualise",
        ),
        ("outcomes", {"year": "1990-91", "compare": "previous-year"}, "compare"),
    ],
)
async def test_what_cannot_be_compared_is_refused(
    slug: str, asked: dict[str, str], parameter: str, client: AsyncClient, keys: Keys
) -> None:
    refused = await client.get(f"/v1/stats/figures/{slug}", params=asked, headers=keys["reporting"])
    assert (refused.status_code, refused.json()["parameter"]) == (422, parameter)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (1809, 1520, -16),
        (3020, 2192, -27),
        (682, 454, -33),
        (18, 25, 39),
        (68, 23, -66),
        (0, 5, None),
        (200, 201, 1),  # half a per cent rises to one
        (200, 199, -1),  # and falls to one
        (5, 5, 0),
    ],
)
def test_a_change_in_per_cent(before: int, now: int, change: int | None) -> None:
    assert change_in_percent(Fraction(now), Fraction(before)) == change


def test_a_rate_has_two_decimals() -> None:
    assert percent_in_hundredths(183, 12_969) == 1.41


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_shares_are_the_nearest_and_halves_rise(count: int, whole: int) -> None:
    assert percent(count, whole) == half_up(Fraction(100 * count, whole))
    hundredths = half_up(Fraction(10_000 * count, whole))
    assert percent_in_hundredths(count, whole) == hundredths / 100
