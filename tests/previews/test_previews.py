"""What an act would move, said before it is done: nothing is changed by it, and it comes true."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from app.access.principal import Scope
from tests.conftest import MORNING, MakeKey, MovableClock
from tests.desk import ACCEPT, Desk
from tests.reports.press import Press

Headers = Mapping[str, dict[str, str]]
YEAR, PROBLEM = "2026-27", "application/problem+json"
TODAY = MORNING.date()
CONTENTS = """
    SELECT coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') || count(*)
    FROM {table} AS t
"""
TABLES = """
    SELECT c.oid::regclass::text AS name FROM pg_class AS c
    WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text = ANY ('{core,pii,audit,ops}')
"""


@pytest.fixture(autouse=True)
def _plain(undrawn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publications without charts and files, which take seconds."""
    for form in ("as_word", "as_workbook"):
        monkeypatch.setattr(f"app.reports.freezing.{form}", lambda *_: b"a file")


@pytest.fixture
def desk(client: AsyncClient, staff: Headers) -> Desk:
    return Desk(client, staff["customer_relations"])


@pytest.fixture
async def press(client: AsyncClient, keys: Headers, desk: Desk) -> Press:
    """Who publishes a year in which there was some feedback besides."""
    await of_education(desk)
    await desk.answered("not_upheld")
    await desk.log(type="compliment")
    return Press(client, keys["customer_relations"], YEAR)


@pytest.fixture
async def contents(database_url: str) -> AsyncIterator[Callable[[], Awaitable[dict[str, str]]]]:
    """How many rows every table has, and a mark of all that is in them."""
    connection = await asyncpg.connect(database_url)
    names = [row["name"] for row in await connection.fetch(TABLES)]
    assert "core.stage" in names

    async def marks() -> dict[str, str]:
        return {
            name: await connection.fetchval(CONTENTS.format(table=name)) for name in sorted(names)
        }

    yield marks
    await connection.close()


# --- Acts, each on a case that it can be done to ------------------------------------------------


async def received(desk: Desk) -> str:
    return await desk.log()


async def in_hand(desk: Desk) -> str:
    return await desk.accepted()


async def answered(desk: Desk) -> str:
    return await desk.answered("upheld")


async def of_education(desk: Desk) -> str:
    reference = await desk.log(service="education")
    await desk.do(reference, "triage", **{**ACCEPT, "service": "education"})
    await desk.do(reference, "stages/1/outcome", finding="upheld")
    return reference


async def closed(desk: Desk) -> str:
    reference = await desk.accepted()
    await desk.do(
        reference,
        "stages/1/outcome",
        closure="no_finding",
        no_finding_reason="closed_without_record",
    )
    return reference


WHY = {"reason": "As the letter says."}
ACTS = [
    pytest.param(received, "triage", ACCEPT, id="triage"),
    pytest.param(
        received, "triage", {"decision": "refuse", "refusal_reason": "out_of_time"}, id="refuse"
    ),
    pytest.param(in_hand, "reclassifications", {"type": "comment", **WHY}, id="reclassify"),
    pytest.param(in_hand, "allocations", {"team": "warwick-childrens-team"}, id="team"),
    pytest.param(answered, "allocations", {"service": "education"}, id="service"),
    pytest.param(
        answered, "corrections", {"stage": 1, "finding": "not_upheld", **WHY}, id="finding"
    ),
    pytest.param(answered, "corrections", {"category": "policy", **WHY}, id="category"),
    pytest.param(closed, "reopening", WHY, id="reopen"),
    pytest.param(
        in_hand,
        "stages/1/outcome",
        {"finding": "upheld", "remedies": [{"kind": "financial-symbolic", "pence": 5000}]},
        id="answer",
    ),
    pytest.param(answered, "stages/1/remedies", {"remedies": [{"kind": "apology"}]}, id="remedies"),
]
Make = Callable[[Desk], Awaitable[str]]


async def previewed(desk: Desk, reference: str, act: str, body: Mapping[str, Any]) -> Any:
    answer = await desk.send(reference, f"{act}/preview", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(answer: Mapping[str, Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Every row and everything left out of a figure, by what it is about: its numbers."""
    cuts = answer["cuts"]
    found = {}
    for part in ("rows", "left_out"):
        for line in answer[part]:
            key = (*(line.get(cut) for cut in cuts), line.get("reason"))
            found[key] = {
                name: value
                for name, value in line.items()
                if value is None or isinstance(value, int | float)
            }
    return found


Cells = dict[tuple[Any, ...], tuple[Any, Any]]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Cells:
    """Which numbers of a figure differ, by what each is about, with both."""
    was, now = numbers(before), numbers(after)
    return {
        (*key, column): (was.get(key, {}).get(column), now.get(key, {}).get(column))
        for key in {**was, **now}
        for column in {**was.get(key, {}), **now.get(key, {})}
        if was.get(key, {}).get(column) != now.get(key, {}).get(column)
    }


def promised(figure: Mapping[str, Any], cuts: list[str]) -> Cells:
    """The same as a preview says it."""
    return {
        (*(cell.get(cut) for cut in cuts), cell.get("reason"), cell["column"]): (
            cell["before"],
            cell["after"],
        )
        for cell in figure["cells"]
    }


async def figures(desk: Desk, **asked: Any) -> dict[str, Any]:
    """Every figure that there is, as it stands."""
    known = (await desk.get("/v1/stats/figures")).json()["figures"]
    found = {}
    for one in known:
        answer = await desk.get(f"/v1/stats/figures/{one['slug']}", year=YEAR, **asked)
        found[one["slug"]] = answer.json()
    return found


@pytest.mark.once
@pytest.mark.parametrize(("make", "act", "body"), ACTS)
async def test_a_preview_changes_nothing_and_what_it_says_comes_true(
    make: Make,
    act: str,
    body: Mapping[str, Any],
    desk: Desk,
    press: Press,
    contents: Callable[[], Awaitable[dict[str, str]]],
    clock: MovableClock,
) -> None:
    reference = await make(desk)
    await press.publish()
    clock.move(days=1)
    untouched = await contents()
    said = await previewed(desk, reference, act, body)
    assert await contents() == untouched
    before = await figures(desk)
    await desk.do(reference, act, **body)
    after = await figures(desk)
    (draft,) = [one for one in said["reports"] if one["version"] is None and one["year"] == YEAR]
    moved = {
        one["figure"]: promised(one, before[one["figure"]]["cuts"]) for one in draft["figures"]
    }
    really = {slug: found for slug in before if (found := differences(before[slug], after[slug]))}
    assert really
    assert moved == really
    assert await set_beside_the_published(said, press) == []


async def set_beside_the_published(said: Mapping[str, Any], press: Press) -> list[str]:
    """Where the comparison of what is published says something else than the preview did."""
    (one,) = [report for report in said["reports"] if report["version"] is not None]
    told = {
        (figure["figure"], *of(cell)): cell["after"] or 0
        for figure in one["figures"]
        for cell in figure["cells"]
        if cell["column"] == "count" and "reason" not in cell
        if (cell["before"] or 0) != (cell["after"] or 0)  # a row may come, or go, with nothing
    }
    compared = (await press.get(press.at(one["version"], "/comparison"))).json()
    really = {
        (figure["figure"], *of(row)): row["today"]
        for figure in compared["moved"]
        for row in figure["rows"]
    }
    return [str(key) for key in told.keys() | really.keys() if told.get(key) != really.get(key)]


BESIDES = {"column", "published", "before", "after", "today", "cases"}


def of(line: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a line is about."""
    names = (name for name in sorted(line) if name not in BESIDES and not name.endswith("_name"))
    return ((name, line[name]) for name in names)


# --- What the published report said -------------------------------------------------------------


async def test_it_says_what_was_published_and_which_sentences_would_change(
    desk: Desk, press: Press
) -> None:
    reference = await of_education(desk)
    await press.publish("exact")
    correction = {"stage": 1, "finding": "not_upheld", **WHY}
    said = await previewed(desk, reference, "corrections", correction)
    (report,) = [one for one in said["reports"] if one["version"] == 1]
    assert (report["year"], report["services"]) == (YEAR, list(press.services))
    assert report["published_at"].startswith(TODAY.isoformat())
    (outcomes,) = [one for one in report["figures"] if one["figure"] == "outcomes"]
    counts = {
        (cell["service"], cell["outcome"]): (cell["published"], cell["before"], cell["after"])
        for cell in outcomes["cells"]
        if cell["column"] == "count"
    }
    assert counts == {("education", "upheld"): (2, 2, 1), ("education", "not_upheld"): (0, 0, 1)}
    sentences = outcomes["sentences"]
    assert sentences["no_longer"]
    assert sentences["instead"]
    assert not set(sentences["no_longer"]) & set(sentences["instead"])


async def test_what_leaves_a_year_by_the_first_of_two_acts_comes_back_by_the_second(
    desk: Desk, press: Press, clock: MovableClock
) -> None:
    reference = await closed(desk)
    await press.publish()
    clock.move(days=200)  # into the next year
    that_day = {"on": TODAY.isoformat()}
    reopening, mending = {**WHY, **that_day}, {"finding": "upheld", **that_day}
    early = await desk.refused(reference, "stages/1/outcome/preview", **mending)
    assert early["status"] == 409
    first = await previewed(desk, reference, "reopening", reopening)
    assert outcomes_moved(first) == {"closed_without_a_finding": (1, 1, 0)}
    await desk.do(reference, "reopening", **reopening)
    second = await previewed(desk, reference, "stages/1/outcome", mending)
    assert outcomes_moved(second) == {"upheld": (0, 0, 1)}


def outcomes_moved(said: Mapping[str, Any]) -> dict[str, tuple[int, int, int]]:
    """What would move of the outcomes that were published: then, before and after the act."""
    (report,) = [one for one in said["reports"] if one["version"] == 1]
    (outcomes,) = [one for one in report["figures"] if one["figure"] == "outcomes"]
    return {
        cell["outcome"]: (cell["published"], cell["before"], cell["after"])
        for cell in outcomes["cells"]
        if cell["column"] == "count" and "reason" not in cell
    }


async def test_only_the_newest_version_of_a_report_is_looked_at(desk: Desk, press: Press) -> None:
    reference = await desk.accepted()
    for _ in range(2):
        await press.publish()
    said = await previewed(desk, reference, "allocations", {"service": "education"})
    assert [one["version"] for one in said["reports"]] == [2, None]
    said = await previewed(desk, reference, "corrections", {"channel": "phone", **WHY})
    assert (said["reports"], said["unmoved"]) == ([], 2)


# --- What is refused ----------------------------------------------------------------------------

TOMORROW = (TODAY + timedelta(1)).isoformat()
REFUSED = [
    pytest.param(closed, "allocations", {"team": "warwick-childrens-team"}, {}, id="closed"),
    pytest.param(received, "allocations", {"team": "sendar", "service": "highways"}, {}, id="team"),
    pytest.param(received, "corrections", {"category": "nothing", **WHY}, {}, id="category"),
    pytest.param(
        in_hand, "corrections", {"stage": 1, "finding": "upheld", **WHY}, {}, id="stage in hand"
    ),
    pytest.param(received, "triage", {"decision": "accept"}, {}, id="no procedure"),
    pytest.param(answered, "reclassifications", {"type": "comment", **WHY}, {}, id="finding"),
    pytest.param(received, "reclassifications", {"type": "complaint", **WHY}, {}, id="the same"),
    pytest.param(received, "reopening", WHY, {}, id="not closed"),
    pytest.param(answered, "stages/1/outcome", {"finding": "upheld"}, {}, id="answered"),
    pytest.param(
        answered, "stages/1/remedies", {"remedies": [{"kind": "nothing"}]}, {}, id="remedy"
    ),
    pytest.param(received, "triage", {**ACCEPT, "on": TOMORROW}, {}, id="a day to come"),
    pytest.param(received, "triage", ACCEPT, {"If-Match": '"7"'}, id="another version"),
    pytest.param(received, "triage", ACCEPT, {"If-Match": "7"}, id="no version"),
    pytest.param(received, "triage", {"decision": "perhaps"}, {}, id="no decision"),
]


@pytest.mark.parametrize(("make", "act", "body", "headers"), REFUSED)
async def test_a_preview_is_refused_with_the_very_problem_of_the_act(
    make: Make, act: str, body: Mapping[str, Any], headers: dict[str, str], desk: Desk
) -> None:
    reference = await make(desk)
    preview = await desk.send(reference, f"{act}/preview", body, **headers)
    refused = await desk.send(reference, act, body, **headers)
    assert refused.status_code >= 400
    assert problem(preview) == problem(refused)


def problem(answer: Response) -> tuple[int, dict[str, Any]]:
    """What a refusal says, whichever request it answers."""
    said = answer.json()
    return answer.status_code, {name: said[name] for name in said if name != "instance"}


@pytest.mark.parametrize("lacking", [Scope.stats_full, Scope.case_triage])
async def test_it_takes_exact_counts_and_the_right_to_do_the_act(
    lacking: Scope, desk: Desk, client: AsyncClient, make_key: MakeKey
) -> None:
    reference = await desk.log()
    scopes = {Scope.case_read, Scope.case_triage, Scope.stats_full} - {lacking}
    key = await make_key(*scopes)
    answer = await client.post(
        f"/v1/feedback/{reference}/triage/preview",
        json=ACCEPT,
        headers={"Authorization": f"Bearer {key}", "Acting-Officer": "a.n", "If-Match": '"1"'},
    )
    assert (answer.status_code, answer.json()["scopes"]) == (403, [lacking])


async def test_a_key_for_one_service_is_told_of_its_own_reports_only(
    desk: Desk, press: Press, client: AsyncClient, make_key: MakeKey
) -> None:
    reference = await of_education(desk)
    await press.publish()
    key = await make_key(
        Scope.case_read, Scope.case_manage, Scope.stats_full, services=["education"]
    )
    one = Desk(client, {"Authorization": f"Bearer {key}", "Acting-Officer": "a.n"})
    said = await previewed(one, reference, "corrections", {"category": "policy", **WHY})
    assert [(told["version"], told["services"]) for told in said["reports"]] == [
        (None, ["education"])
    ]
    assert said["withheld"] == 1
    cells = [cell for figure in said["reports"][0]["figures"] for cell in figure["cells"]]
    assert {cell["service"] for cell in cells if "service" in cell} == {"education"}


async def test_it_leaves_an_idempotency_key_and_the_count_of_acts_alone(
    desk: Desk, keys: Headers
) -> None:
    async def counted() -> list[str]:
        answer = await desk.client.get("/metrics", headers=keys["admin"])
        return [line for line in answer.text.splitlines() if "_acts_" in line and "triage" in line]

    reference = await desk.log()
    before = await counted()
    header = {"Idempotency-Key": "tried-and-then-done-1"}
    for _ in range(2):
        assert (await desk.send(reference, "triage/preview", ACCEPT, **header)).is_success
    assert await counted() == before
    done = await desk.send(reference, "triage", ACCEPT, **header)
    assert (done.status_code, "Idempotency-Replayed" in done.headers) == (200, False)


def test_a_preview_is_described_with_every_refusal_of_its_act(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    previews = [path for path in paths if path.endswith("/preview")]
    assert len(previews) == 7
    of_keys = {"key-reused", "still-working"}
    for path in previews:
        act = paths[path.removesuffix("/preview")]["post"]
        assert paths[path]["post"]["requestBody"] == act["requestBody"]
        assert refusals(paths[path]["post"]) == refusals(act) - of_keys, path


def refusals(operation: Mapping[str, Any]) -> set[str]:
    return {
        kind
        for answer in operation["responses"].values()
        for kind in answer.get("content", {})
        .get("application/problem+json", {})
        .get("examples", {})
    }
