"""What every figure has in common: lists, residual rows, notes, and one statement for many."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.stats.catalogue import BY_SLUG, FIGURES
from app.stats.cuts import CATEGORY, OUTCOME, SERVICE, TEAM
from app.stats.engine import compute
from app.stats.fact import How, Quantity
from app.stats.facts.case import SET_ASIDE
from app.stats.facts.endings import NO_OUTCOME, WORKING_DAYS
from app.stats.figure import Figure, Misdeclared, Population, Share, catalogued
from app.stats.page import figures_page
from app.stats.period import FinancialYear
from app.stats.question import Question
from app.stats.times import YEAR
from tests.conftest import MovableClock
from tests.stats.reconciliation import disagreements
from tests.stats.tables import Ask, Connection, Example, put

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
LIKE = BY_SLUG["complaint-categories"]

MIXED = Example(
    figure="",
    asked={},
    cases="""
    case | type      | service               | team          | category | registered | set_aside
    A    | complaint | -                     | -             | policy   | 2023-05-01 | -
    B    | complaint | education             | fire-stations | policy   | 2023-05-01 | -
    C    | complaint | education             | sendar        | policy   | 2023-06-01 | -
    D    | comment   | education             | sendar        | policy   | 2023-06-01 | -
    E    | complaint | -                     | -             | policy   | 2023-06-01 | void
    F    | complaint | children-and-families | -             | policy   | 2023-06-01 | -
    """,
    stages="""
    case | started    | closed     | finding | closure    | in_time
    A    | 2023-05-01 | 2023-05-03 | upheld  | -          | yes
    B    | 2023-05-01 | 2023-05-03 | -       | no_finding | no
    F    | 2023-06-01 | 2023-06-30 | -       | withdrawn  | no
    """,
    remedies="""
    case | remedy
    A    | apology
    """,
    rows="",
)


MIGRATED = Example(
    figure="",
    asked={},
    cases="""
    case | service   | team               | registered | received   | migrated
    A    | education | send-and-inclusion | 2024-01-16 | 2023-12-11 | yes
    """,
    rows="",
)


def _codes(answer: dict[str, Any], name: str) -> list[Any]:
    return list(dict.fromkeys(row[name] for row in answer["rows"]))


async def test_a_case_of_no_service_is_a_row_where_all_services_are_shown(
    database: Connection, ask: Ask
) -> None:
    await put(database, MIXED)
    answer = await ask("complaint-categories", year="2023-24")
    assert _codes(answer, "service")[-1] == "no-service"
    assert {row["service_name"] for row in answer["rows"] if row["service"] == "no-service"} == {
        "No service"
    }
    of_none = [t for t in answer["totals"] if t["service"] == "no-service"]
    assert [(t["count"], t["considered"]) for t in of_none] == [(1, 2)]


async def test_a_team_on_no_list_of_the_service_is_a_row_before_no_team(
    database: Connection, ask: Ask
) -> None:
    await put(database, MIXED)
    answer = await ask("complaints-by-team", year="2023-24", service=["education"])
    old = [row["team"] for row in answer["rows"] if row["source_system"] == "contact_us"]
    assert old == ["sendar", "school-admissions", "fire-stations", "no-team"]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.slug)
@pytest.mark.parametrize(
    "asked",
    [
        {"year": "2023-24"},
        {"year": "2023-24", "service": ["education"]},
        {"year": "2023-24", "service": ["highways", "children-and-families"]},
        {"since": "2023-05-02", "until": "2023-06-15"},
    ],
    ids=["all", "one service", "two services", "some days"],
)
async def test_rows_sum_to_their_whole_and_what_is_left_out_says_why(
    figure: Figure, asked: dict[str, Any], database: Connection, ask: Ask
) -> None:
    await put(database, MIXED)
    assert list(disagreements(await ask(figure.slug, **asked))) == []


async def test_a_part_year_is_never_shown_without_saying_so(ask: Ask) -> None:
    answer = await ask("feedback-over-time", since="2023-01-01", until="2024-04-01")
    assert _codes(answer, "year") == ["2022-23", "2023-24"]
    assert answer["period"]["year"] is None
    (note,) = answer["notes"]
    assert note.startswith("2022-23 is a part-year here: 1 January 2023 to 31 March 2023.")


async def test_a_period_that_is_not_over_says_so(ask: Ask, clock: MovableClock) -> None:
    clock.set(datetime(2024, 3, 31, 12, 0, tzinfo=UTC))
    on_its_last_day = await ask("complaints-by-month", year="2023-24")
    clock.set(datetime(2024, 4, 1, 12, 0, tzinfo=UTC))
    the_day_after = await ask("complaints-by-month", year="2023-24")
    (note,) = on_its_last_day["notes"]
    assert note.startswith("The period is not over: it runs to 31 March 2024, and this counts what")
    assert the_day_after["notes"] == []


async def test_before_any_system_collected_it_contact_methods_say_so(ask: Ask) -> None:
    answer = await ask("contact-methods", year="2021-22")
    assert answer["notes"] == ["How contact was made was not collected in this period."]


async def test_where_it_was_collected_throughout_contact_methods_need_no_note(ask: Ask) -> None:
    assert (await ask("contact-methods", year="2024-25"))["notes"] == []


async def test_by_the_day_received_a_migrated_case_counts_when_contact_was_made(
    database: Connection, ask: Ask
) -> None:
    await put(database, MIGRATED)
    asked = {"year": "2023-24", "service": ["education"]}
    counted = {}
    for basis in ("registered", "received"):
        answer = await ask("complaints-by-month", **asked, date_basis=basis)
        counted[basis] = [row["month"] for row in answer["rows"] if row["count"]]
        assert bool(answer["notes"]) == (basis == "registered")
    assert counted == {"registered": ["2024-01"], "received": ["2023-12"]}


async def test_a_case_received_before_its_system_began_is_counted_under_that_system(
    database: Connection, ask: Ask
) -> None:
    await put(database, MIGRATED)
    december = {"since": "2023-12-01", "until": "2024-01-01", "service": ["education"]}
    answer = await ask("complaints-by-team", **december, date_basis="received")
    new = [row for row in answer["rows"] if row["source_system"] == "customer_feedback"]
    assert [(row["team"], row["count"]) for row in new] == [
        ("send-and-inclusion", 1),
        ("no-team", 0),
    ]
    assert list(disagreements(answer)) == []


async def test_all_figures_at_once_say_the_same_as_each_alone_in_few_statements(
    database: Connection, session: AsyncSession
) -> None:
    await put(database, MIXED)
    question = Question(now=NOW, year=FinancialYear(2023))
    alone = [answer for figure in FIGURES for answer in await compute(session, [figure], question)]
    with Statements(session) as counted:
        together = await compute(session, FIGURES, question)
    assert together == alone
    asked_of = {(figure.fact, bool(figure.quantities)) for figure in FIGURES}
    assert len(counted.sent) == 1 + len(asked_of) + 2  # the lists first; feedback has three spans


async def test_a_figure_asked_alone_costs_two_statements(session: AsyncSession) -> None:
    with Statements(session) as counted:
        await compute(session, [LIKE], Question(now=NOW))
    assert len(counted.sent) == 2


class Statements:
    """The statements that a session sends."""

    def __init__(self, session: AsyncSession) -> None:
        self._engine = session.get_bind()
        self.sent: list[str] = []

    def note(self, *sent: object) -> None:
        """Keep the third thing that SQLAlchemy says of a statement: its text."""
        self.sent.append(str(sent[2]))

    def __enter__(self) -> Self:
        sa.event.listen(self._engine, "before_cursor_execute", self.note)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self._engine, "before_cursor_execute", self.note)


def test_the_page_of_figures_is_what_the_declarations_say() -> None:
    assert Path("docs/figures.md").read_text(encoding="utf-8") == figures_page()


def _faulty() -> Iterator[Any]:
    part = Share(of=("service",), part="findings")
    twice = Population(words="x", leaves_out=SET_ASIDE)
    foreign = Population(words="x", leaves_out=NO_OUTCOME)
    yield pytest.param({"slug": "No_Slug"}, "kebab-case", id="slug")
    yield pytest.param({"means": "no sentence"}, "in a sentence", id="meaning")
    yield pytest.param({"cuts": (SERVICE, SERVICE)}, "cut twice", id="same cut")
    yield pytest.param({"cuts": (SERVICE, OUTCOME)}, "cannot be cut by outcome", id="no such cut")
    yield pytest.param({"measure": Share(of=("category",))}, "whole", id="not the first")
    yield pytest.param({"cuts": (SERVICE,)}, "whole", id="nothing to share")
    yield pytest.param({"measure": part}, "no part called findings", id="no such part")
    volume = Share(of=("service",), of_volume=True)
    days = (Quantity(How.median, WORKING_DAYS),)
    yield pytest.param({"measure": volume}, "not that of a service and", id="no activity")
    yield pytest.param({"quantities": days}, "no such amount", id="no such amount")
    yield pytest.param({"years": 3}, "without showing them apart", id="years unseen")
    yield pytest.param({"population": twice}, "twice for the same reason", id="reason twice")
    yield pytest.param({"population": foreign}, "no such reason", id="no such reason")


@pytest.mark.parametrize(("changed", "fault"), list(_faulty()))
def test_a_figure_that_could_not_be_counted_truthfully_cannot_be_declared(
    changed: dict[str, Any], fault: str
) -> None:
    declared = {name: getattr(LIKE, name) for name in LIKE.__dataclass_fields__}
    with pytest.raises(Misdeclared, match=fault):
        Figure(**(declared | changed))


@pytest.mark.parametrize("twin", [LIKE, BY_SLUG["outcomes"]])
def test_no_two_figures_have_the_same_name_or_number(twin: Figure) -> None:
    with pytest.raises(Misdeclared, match="Two figures"):
        catalogued([FIGURES, [twin]])


def test_cuts_that_depend_on_others_come_after_them() -> None:
    by = BY_SLUG["complaints-by-team"].cuts
    assert by.index(TEAM) > by.index(SERVICE)
    assert CATEGORY in LIKE.cuts
    assert YEAR.read is not None
    assert YEAR.read(FinancialYear.of(date(2024, 3, 31)).starts) == "2023-24"


async def test_an_activity_of_the_whole_year_gives_no_rate_for_a_part_of_it(ask: Ask) -> None:
    half = {"since": "2023-04-01", "until": "2023-10-01", "service": "children-and-families"}
    answer = await ask("feedback-rates", **half)
    assert {(row["volume"], row["percent_of_volume"]) for row in answer["rows"]} == {(None, None)}
    assert answer["notes"] == [
        (
            "Children worked with (Early Help and Social Care) is known for 1 April 2023 to "
            "31 March 2024 as a whole, so there is no rate for a part of it."
        ),
    ]
