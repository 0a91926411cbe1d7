"""Writing in a report and publishing it: two officers, once, for ever, open to all."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date

import asyncpg
import pytest
from httpx import AsyncClient

from app.access.principal import Scope
from app.stats.catalogue import FIGURES
from tests.conftest import MovableClock
from tests.desk import Desk
from tests.reports.press import Press

MakeKey = Callable[..., Awaitable[str]]
Headers = Mapping[str, dict[str, str]]
YEAR = "2026-27"
PAGE = {"Accept": "text/html"}


@pytest.fixture
async def desk(client: AsyncClient, staff: Headers) -> Desk:
    """Staff with two complaints of the year on their hands."""
    one = Desk(client, staff["admin"])
    await one.answered("upheld")
    await one.accepted(service="education")
    return one


@pytest.fixture
def press(client: AsyncClient, keys: Headers, desk: Desk) -> Press:
    return Press(client, keys["customer_relations"], YEAR)


async def test_what_a_second_officer_confirms_is_open_to_all(
    press: Press, client: AsyncClient
) -> None:
    made = await press.propose()
    assert (made["version"], made["confirmed_at"], made["address"]) == (1, None, None)
    assert (await client.get(f"{press.newest}/1")).status_code == 404
    assert (await client.get(press.newest)).json()["type"] == "/problems/publication-not-found"
    done = await press.confirm(made)
    assert (done["proposed_by"], done["confirmed_by"]) == ("first", "second")
    assert done["address"] == f"{press.newest}/1"
    for address in (press.newest, f"{press.newest}/1"):
        answer = await client.get(address)
        assert answer.status_code == 200
        assert hashlib.sha256(answer.content).hexdigest() == made["sha256"]
        assert answer.headers["ETag"] == f'"{made["sha256"]}"'
        assert answer.headers["Cache-Control"].startswith("public, max-age=")


async def test_a_published_report_says_all_that_it_rests_on(
    press: Press, client: AsyncClient
) -> None:
    await press.write("section", "summary", "A quiet year.\n\nNothing to add.")
    await press.publish()
    document = (await client.get(f"{press.newest}/1.json")).json()
    assert (document["year"], document["services"]) == (YEAR, list(press.services))
    assert document["as_of"].startswith("2026-10-01T09:00:00")
    figures = {one["answer"]["figure"]: one["answer"] for one in document["figures"]}
    outcomes = figures["outcomes"]
    assert outcomes["definition_version"] >= 1
    assert outcomes["means"].endswith(".")
    upheld = [row["count"] for row in outcomes["rows"] if row["outcome"] == "upheld"]
    assert sum(upheld) == 1
    (summary,) = [one for one in document["report"]["sections"] if one["key"] == "summary"]
    assert summary["remarks"] == [
        {
            "paragraphs": ["A quiet year.", "Nothing to add."],
            "author": "The writer",
            "written_on": "2026-10-01",
        }
    ]


async def test_it_stays_what_it_was_whatever_happens_after(
    press: Press, client: AsyncClient, desk: Desk, clock: MovableClock
) -> None:
    await press.write("figure", "outcomes", "As we saw it in autumn.")
    await press.publish()
    forms = (f"{press.newest}/1.json", f"{press.newest}/1.html")
    before = [(await client.get(form)).content for form in forms]
    assert b"As we saw it in autumn." in before[1]
    clock.move(days=1)
    await desk.answered("not_upheld")
    await press.write("figure", "outcomes", "As we see it now.")
    draft = f"/v1/reports/annual/{YEAR}?service=children-and-families&service=education"
    assert "As we see it now." in (await press.get(draft, **PAGE)).text
    second = await press.publish()
    assert second["version"] == 2
    assert [(await client.get(form)).content for form in forms] == before
    newest = await client.get(press.newest)
    assert newest.headers["ETag"] == f'"{second["sha256"]}"'
    assert "As we see it now." in (await client.get(press.newest, headers=PAGE)).text


async def test_whoever_has_a_published_report_already_is_told_so(
    press: Press, client: AsyncClient
) -> None:
    made = await press.publish()
    address = f"{press.newest}/1"
    again = await client.get(address, headers={"If-None-Match": f'"{made["sha256"]}"'})
    assert (again.status_code, again.content) == (304, b"")
    page = await client.get(address, headers=PAGE)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert page.headers["ETag"] != again.headers["ETag"]
    assert (await client.get(f"{address}.odt")).status_code == 406


@pytest.mark.parametrize("officer", ["first", "FIRST"])
async def test_nobody_confirms_what_they_proposed(press: Press, officer: str) -> None:
    made = await press.propose()
    act = press.at(1, "/confirmation")
    answer = await press.post(act, {"sha256": made["sha256"]}, by=officer)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/same-person")


async def test_what_is_confirmed_is_what_was_read(press: Press) -> None:
    await press.propose()
    answer = await press.post(press.at(1, "/confirmation"), {"sha256": "0" * 64}, by="second")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/read-something-else")


async def test_it_is_published_once(press: Press) -> None:
    made = await press.propose()
    act, body = press.at(1, "/confirmation"), {"sha256": made["sha256"]}
    both = await asyncio.gather(*(press.post(act, body, by=one) for one in ("second", "third")))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    for officer in ("first", "second"):
        answer = await press.post(act, body, by=officer)
        assert answer.json()["type"] == "/problems/already-published"


async def test_a_proposal_sent_again_is_the_same_proposal(press: Press) -> None:
    body = {"services": list(press.services), "disclosure": "exact"}
    name = {"Idempotency-Key": "one-and-the-same"}
    first = await press.post("publications", body, by="first", **name)
    again = await press.post("publications", body, by="first", **name)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    other = await press.post("publications", body | {"services": []}, by="first", **name)
    assert other.json()["type"] == "/problems/key-reused"
    found = (await press.get(f"/v1/reports/annual/{YEAR}/publications")).json()
    assert len(found["publications"]) == 1


async def test_a_proposal_sent_again_is_not_counted_again(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"services": list(press.services), "disclosure": "exact"}
    name = {"Idempotency-Key": "one-and-the-same"}
    first = await press.post("publications", body, by="first", **name)
    monkeypatch.delattr("app.reports.publishing.draft")
    again = await press.post("publications", body, by="first", **name)
    assert again.content == first.content


async def test_a_proposal_that_was_withdrawn_stays_in_the_list_and_is_not_published(
    press: Press,
) -> None:
    made = await press.propose()
    gone = await press.done(press.at(1, "/withdrawal"), {"reason": "Wrong table."}, by="second")
    said = {"withdrawn_by": "second", "withdrawn_because": "Wrong table.", "address": None}
    assert said.items() <= gone.items()
    late = await press.post(press.at(1, "/confirmation"), {"sha256": made["sha256"]}, by="second")
    again = await press.post(press.at(1, "/withdrawal"), {"reason": "Twice."}, by="third")
    for answer in (late, again):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/proposal-withdrawn")
    found = (await press.get(f"/v1/reports/annual/{YEAR}/publications")).json()
    assert found["publications"] == [gone]
    assert (await press.propose())["version"] == 2


async def test_what_is_published_is_never_withdrawn(press: Press) -> None:
    await press.publish()
    answer = await press.post(press.at(1, "/withdrawal"), {"reason": "Regretted."}, by="third")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-published")
    assert "Publish a newer version" in answer.json()["detail"]
    assert (await press.get(press.newest)).status_code == 200


async def test_a_proposal_is_confirmed_or_withdrawn_never_both(press: Press) -> None:
    made = await press.propose()
    both = await asyncio.gather(
        press.post(press.at(1, "/confirmation"), {"sha256": made["sha256"]}, by="second"),
        press.post(press.at(1, "/withdrawal"), {"reason": "At once."}, by="third"),
    )
    assert sorted(answer.status_code for answer in both) == [201, 409]


async def test_proposals_at_once_have_versions_of_their_own(press: Press) -> None:
    made = await asyncio.gather(press.propose(), press.propose())
    assert sorted(one["version"] for one in made) == [1, 2]


async def test_small_numbers_of_a_year_that_is_not_over_are_not_published_as_withheld(
    press: Press,
) -> None:
    body = {"services": list(press.services), "disclosure": "public"}
    answer = await press.post("publications", body, by="first")
    assert (answer.status_code, answer.json()["parameter"]) == (403, "year")


async def test_small_numbers_are_withheld_from_the_public(
    press: Press, client: AsyncClient, clock: MovableClock
) -> None:
    clock.on(date(2027, 4, 2))
    await press.publish("public")
    document = (await client.get(f"{press.newest}/1.json")).json()
    (outcomes,) = [
        one["answer"] for one in document["figures"] if one["answer"]["figure"] == "outcomes"
    ]
    upheld = [row["count"] for row in outcomes["rows"] if row["outcome"] == "upheld"]
    assert upheld[0] is None
    assert document["disclosure"] == "public"
    assert "cases" not in document


@pytest.mark.once
async def test_what_is_published_has_its_charts_in_every_form(
    press: Press, client: AsyncClient, drawn: None
) -> None:
    await press.publish()
    page, document, workbook = [
        await client.get(f"{press.newest}/1.{suffix}") for suffix in ("html", "docx", "xlsx")
    ]
    assert '<img class="chart" src="data:image/svg+xml;base64,' in page.text
    assert b"word/media/image1.png" in document.content
    assert workbook.content.startswith(b"PK")


async def test_exact_numbers_take_a_key_that_may_read_them(press: Press, make_key: MakeKey) -> None:
    press.key = {"Authorization": f"Bearer {await make_key(Scope.reports_publish)}"}
    body = {"services": [], "disclosure": "exact"}
    answer = await press.post("publications", body, by="first")
    assert (answer.status_code, answer.json()["scopes"]) == (403, ["stats:full"])


async def test_exact_numbers_are_let_out_by_a_key_that_may_read_them(
    press: Press, client: AsyncClient, make_key: MakeKey, clock: MovableClock
) -> None:
    clock.on(date(2027, 4, 2))
    await press.propose("exact")
    await press.propose("public")
    press.key = {"Authorization": f"Bearer {await make_key(Scope.reports_publish)}"}
    seen = (await press.get(f"/v1/reports/annual/{YEAR}/publications")).json()["publications"]
    mark = {one["version"]: {"sha256": one["sha256"]} for one in seen}
    answer = await press.post(press.at(1, "/confirmation"), mark[1], by="second")
    assert (answer.status_code, answer.json()["scopes"]) == (403, ["stats:full"])
    assert (await client.get(f"{press.newest}/1")).status_code == 404
    await press.done(press.at(2, "/confirmation"), mark[2], by="second")


async def test_a_key_for_certain_services_publishes_about_those(
    press: Press, make_key: MakeKey
) -> None:
    made = await press.publish()
    scopes = (Scope.reports_publish, Scope.stats_read, Scope.stats_full)
    key = await make_key(*scopes, services=["education"])
    press.key = {"Authorization": f"Bearer {key}"}
    body = {"services": list(press.services), "disclosure": "exact"}
    assert (await press.post("publications", body, by="x")).status_code == 403
    assert (await press.post("publications", body | {"services": []}, by="x")).status_code == 403
    act = press.at(made["version"], "/confirmation")
    assert (await press.post(act, {"sha256": "0" * 64}, by="x")).status_code == 403
    assert (await press.get(press.at(1))).status_code == 403
    assert (await press.get(f"/v1/reports/annual/{YEAR}/publications")).json() == {
        "publications": []
    }
    press.services = ("education",)
    await press.publish()


OF_THE_WHOLE_COUNCIL = ("feedback-over-time", "complaints-by-stage")


async def test_a_key_for_certain_services_reads_of_them_what_the_public_may(
    press: Press, make_key: MakeKey, clock: MovableClock
) -> None:
    clock.on(date(2027, 4, 2))
    key = await make_key(Scope.stats_read, services=["education"])
    press.key = {"Authorization": f"Bearer {key}"}
    answer = await press.get(f"/v1/reports/annual/{YEAR}")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    shown = {one["figure"] for section in said["sections"] for one in section["exhibits"]}
    assert shown == {figure.slug for figure in FIGURES} - set(OF_THE_WHOLE_COUNCIL)
    absent = [line for part in said["sections"] for line in part["paragraphs"] if "not in" in line]
    assert [line.split(",")[0] for line in absent] == ["Figure 1", "Figure 5"]
    for suffix in ("html", "docx", "xlsx"):
        assert (await press.get(f"/v1/reports/annual/{YEAR}.{suffix}")).status_code == 200
    assert (await press.get(f"/v1/reports/annual/{YEAR}/reconciliation")).status_code == 200


async def test_a_key_for_certain_services_publishes_of_them_what_the_public_may_know(
    press: Press, client: AsyncClient, make_key: MakeKey, clock: MovableClock, desk: Desk
) -> None:
    clock.on(date(2027, 4, 2))
    scopes = (Scope.reports_publish, Scope.stats_read, Scope.stats_full)
    press.services = ("children-and-families",)
    press.key = {"Authorization": f"Bearer {await make_key(*scopes, services=press.services)}"}
    await press.publish("public")
    document = (await client.get(f"{press.newest}/1.json")).json()
    told = {one["answer"]["figure"]: one["answer"] for one in document["figures"]}
    assert set(told) == {figure.slug for figure in FIGURES} - set(OF_THE_WHOLE_COUNCIL)
    (upheld,) = [row for row in told["outcomes"]["rows"] if row["outcome"] == "upheld"]
    assert (upheld["count"], upheld["suppressed"]) == (None, True)
    assert (await press.get(press.at(1, "/verification"))).json()["holds"] is True
    await desk.accepted()  # of the next year
    assert (await press.get(press.at(1, "/comparison"))).json()["moved"] == []


async def test_officers_are_named(press: Press) -> None:
    answer = await press.client.post(
        f"/v1/reports/annual/{YEAR}/publications",
        json={"disclosure": "exact"},
        headers={**press.key, "Idempotency-Key": "x"},
    )
    assert answer.json()["type"] == "/problems/acting-officer-missing"


async def test_narrative_is_kept_with_who_wrote_it_and_can_be_taken_out(press: Press) -> None:
    await press.write("section", "summary", "First thoughts.", by="w.riter")
    await press.write("section", "summary", "Second thoughts.", by="e.ditor")
    draft = f"/v1/reports/annual/{YEAR}?service=education&service=children-and-families"
    page = (await press.get(draft, **PAGE)).text
    assert "Second thoughts." in page
    assert "First thoughts." not in page
    await press.write("section", "summary", None, by="e.ditor")
    assert "thoughts" not in (await press.get(draft, **PAGE)).text
    texts = (await press.get(f"/v1/reports/annual/{YEAR}/narrative")).json()["texts"]
    assert [(text["text"], text["officer"]) for text in texts] == [
        (None, "e.ditor"),
        ("Second thoughts.", "e.ditor"),
        ("First thoughts.", "w.riter"),
    ]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"name": "nothing-of-the-kind"}, "/problems/place-unknown"),
        ({"place": "figure"}, "/problems/place-unknown"),
        ({"services": ["no-such-service"]}, "/problems/question-refused"),
        ({"text": ""}, "/problems/invalid-request"),
    ],
)
async def test_narrative_has_a_place(press: Press, change: dict[str, object], kind: str) -> None:
    body = {"place": "section", "name": "summary", "text": "Words.", "author": "A"} | change
    answer = await press.post("narrative", body, by="w.riter")
    assert answer.json()["type"] == kind


async def test_a_year_is_one_that_there_is(press: Press) -> None:
    press.year = "2026-99"
    answer = await press.post("publications", {"disclosure": "exact"}, by="first")
    assert answer.json()["type"] == "/problems/question-refused"


async def test_what_is_frozen_is_not_large(press: Press, database_url: str) -> None:
    await press.publish()
    connection = await asyncpg.connect(database_url)
    size = await connection.fetchval("SELECT sum(pg_column_size(p)) FROM core.publication AS p")
    await connection.close()
    assert size < 200_000
