"""What the public may be told, and what it cannot work out from it."""

from datetime import UTC, date, datetime

from app.stats.answer import Answer, Disclosure
from app.stats.catalogue import BY_SLUG
from app.stats.disclosure import Rules, disclosed
from app.stats.period import Period
from app.stats.schemas import AnswerOut
from app.stats.world import Basis

COUNTS = {
    "education": {"communication": 40, "policy": 2, "discrimination": 0},
    "highways": {"policy": 9},
}


def categories() -> Answer:
    """Complaints by category, two of Education being in one that hardly anybody complains of."""
    return Answer(
        figure=BY_SLUG["complaint-categories"],
        period=Period(date(2023, 4, 1), date(2024, 4, 1)),
        day="registered",
        basis=Basis(),
        population="complaints registered in the period",
        compared_with=None,
        rows=tuple(
            {
                "service": service,
                "category": category,
                "count": count,
                "denominator": sum(counts.values()),
                "percent": 1,
                "rank": 1,
                "not_comparable": [],
            }
            for service, counts in COUNTS.items()
            for category, count in counts.items()
        ),
        totals=tuple(
            {
                "service": service,
                "count": sum(counts.values()),
                "considered": sum(counts.values()),
                "since": date(2023, 4, 1),
                "until": date(2024, 4, 1),
            }
            for service, counts in COUNTS.items()
        ),
        left_out=(),
        notes=("Education: 2 of 42 were migrated.",),
        as_of=datetime(2024, 5, 1, tzinfo=UTC),
    )


def test_a_small_number_is_withheld_and_says_so() -> None:
    (answer,) = disclosed([categories()], Rules())
    said = AnswerOut.of(answer).model_dump(exclude_unset=True)
    (row,) = [
        row for row in said["rows"] if row["category"] == "policy" and row["service"] == "education"
    ]
    assert (row["count"], row["percent"], row["suppressed"]) == (None, None, True)
    assert said["disclosure"] == Disclosure.public


def test_what_is_not_small_is_told_without_the_word() -> None:
    (answer,) = disclosed([categories()], Rules())
    assert {"service": "highways", "category": "policy", "count": 9}.items() <= answer.rows[
        -1
    ].items()
    assert "suppressed" not in answer.rows[-1]


def test_an_exact_answer_says_that_it_is() -> None:
    assert AnswerOut.of(categories()).disclosure is Disclosure.exact


def test_no_remark_names_a_number_that_is_withheld() -> None:
    (answer,) = disclosed([categories()], Rules())
    assert not any("2 of 42" in note for note in answer.notes)
