"""What was published stays what it was, can be proved, and can be set against today."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from app.access.principal import Scope
from tests.conftest import MovableClock
from tests.desk import Desk
from tests.reports.press import Press
from tests.stats.tables import Connection

MakeKey = Callable[..., Awaitable[str]]
Headers = Mapping[str, dict[str, str]]
YEAR = "2026-27"


@pytest.fixture
async def desk(client: AsyncClient, staff: Headers) -> Desk:
    return Desk(client, staff["admin"])


@pytest.fixture
async def upheld(desk: Desk) -> str:
    """A complaint that was answered, whose finding will turn out to be another."""
    return await desk.answered("upheld")


@pytest.fixture
async def press(client: AsyncClient, keys: Headers, upheld: str, clock: MovableClock) -> Press:
    """A report that was published, and an hour later."""
    one = Press(client, keys["customer_relations"], YEAR)
    await one.publish()
    clock.move(hours=1)
    return one


@pytest.fixture
async def intruder(database_url: str) -> AsyncIterator[Connection]:
    """A superuser for whom no trigger fires."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


async def checks(press: Press) -> dict[str, bool]:
    said = (await press.get(press.at(1, "/verification"))).json()
    found = {check["what"]: check["holds"] for check in said["checks"]}
    assert said["holds"] is all(found.values())
    return found


async def compared(press: Press, version: int = 1) -> dict[str, Any]:
    answer = await press.get(press.at(version, "/comparison"))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def moved(said: Mapping[str, Any], figure: str) -> dict[Any, tuple[int, int]]:
    (found,) = [one for one in said["moved"] if one["figure"] == figure]
    return {row["outcome"]: (row["published"], row["today"]) for row in found["rows"]}


async def test_a_publication_that_nobody_touched_is_what_it_was(press: Press) -> None:
    found = await checks(press)
    assert set(found) >= {"document", "cases", "html", "counts", "shares"}
    assert all(found.values())


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        ("UPDATE core.publication SET document = replace(document, 'The', 'the')", "document"),
        ("UPDATE core.publication SET document = left(document, -1)", "document"),
        ("UPDATE core.publication SET cases = replace(cases, '[]', '[1]')", "cases"),
        ("UPDATE core.publication SET sha256 = sha256('other')", "document"),
        ("UPDATE core.publication_file SET content = content || ' '::bytea", "html"),
    ],
)
async def test_a_byte_that_was_changed_is_noticed(
    press: Press,
    intruder: Connection,
    change: str,
    noticed: str,
) -> None:
    await intruder.execute(change)
    assert (await checks(press))[noticed] is False


async def test_a_number_that_was_changed_is_noticed_even_under_a_new_mark(
    press: Press, intruder: Connection
) -> None:
    await intruder.execute("""
        UPDATE core.publication SET document = replace(document, '"count":1,', '"count":2,');
        UPDATE core.publication SET sha256 = sha256(convert_to(document, 'UTF8'));
    """)
    found = await checks(press)
    assert found["document"] is True
    assert found["counts"] is False


async def test_nothing_has_moved_where_nothing_was_done(press: Press) -> None:
    said = await compared(press)
    assert (said["moved"], said["since"]) == ([], None)
    assert said["unchanged"] >= 20


async def test_what_moved_is_named_with_the_case_and_the_act_that_moved_it(
    press: Press, desk: Desk, upheld: str, clock: MovableClock
) -> None:
    await desk.do(upheld, "corrections", stage=1, finding="not_upheld", reason="Read again.")
    said = await compared(press)
    assert moved(said, "outcomes") == {"upheld": (1, 0), "not_upheld": (0, 1)}
    assert said["since"] == "2026-10-01T10:00:00Z"
    (outcomes,) = [one for one in said["moved"] if one["figure"] == "outcomes"]
    by_outcome = {row["outcome"]: row["cases"] for row in outcomes["rows"]}
    correction = {
        "act": "correct",
        "happened_on": "2026-10-01",
        "recorded_at": "2026-10-01T10:00:00Z",
    }
    assert by_outcome["upheld"] == [{"reference": upheld, "moved": -1, "acts": [correction]}]
    assert by_outcome["not_upheld"] == [{"reference": upheld, "moved": 1, "acts": [correction]}]
    assert said["cases_withheld"] is False
    clock.move(hours=1)
    second = await press.publish()
    assert (await compared(press, second["version"]))["moved"] == []
    assert moved(await compared(press), "outcomes") == {"upheld": (1, 0), "not_upheld": (0, 1)}


async def test_all_that_was_done_to_a_case_that_moved_is_told(
    press: Press, desk: Desk, upheld: str, clock: MovableClock
) -> None:
    await desk.do(upheld, "notes", text="To be read again.")
    clock.move(hours=1)
    await desk.do(upheld, "corrections", stage=1, finding="not_upheld", reason="Read again.")
    said = await compared(press)
    assert said["since"] == "2026-10-01T10:00:00Z"
    acts = [
        act["act"]
        for one in said["moved"]
        for row in one["rows"]
        for case in row["cases"]
        for act in case["acts"]
    ]
    assert acts[:2] == ["note", "correct"]


async def test_a_case_that_came_since_is_named(press: Press, desk: Desk) -> None:
    reference = await desk.log(service="education")
    said = await compared(press)
    named = {
        case["reference"]: [act["act"] for act in case["acts"]]
        for one in said["moved"]
        for row in one["rows"]
        for case in row["cases"]
    }
    assert list(named) == [reference]
    assert named[reference] != []


async def test_which_cases_they_were_takes_a_key_that_may_read_cases(
    press: Press, desk: Desk, upheld: str, make_key: MakeKey
) -> None:
    await desk.do(upheld, "corrections", stage=1, finding="not_upheld", reason="Read again.")
    press.key = {"Authorization": f"Bearer {await make_key(Scope.stats_full)}"}
    said = await compared(press)
    assert moved(said, "outcomes") == {"upheld": (1, 0), "not_upheld": (0, 1)}
    assert said["cases_withheld"] is True
    assert upheld not in str(said)


async def test_a_key_for_one_service_compares_no_whole_council(
    press: Press, make_key: MakeKey
) -> None:
    key = await make_key(Scope.stats_full, services=list(press.services))
    press.key = {"Authorization": f"Bearer {key}"}
    answer = await press.get(press.at(1, "/comparison"))
    assert answer.json()["type"] == "/problems/service-not-yours"
