"""Files sent again, cut off or sent twice at once; lines not taken, and how they are put right."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from itertools import count
from typing import Any, TypeAlias

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.access.principal import Scope
from app.cases.record import Author
from app.imports.batches import RunTakenOver, store
from app.imports.commands import Import, Run, import_lines
from app.imports.vocabulary import Format, Result
from app.procedures.reference import ReferenceData
from tests.conftest import MakeKey, MovableClock
from tests.imports.past import ACCEPT, ANSWER, JSON_LINES, Clerk, in_pieces, line, migrated, written

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

COUNTED = """
SELECT (SELECT count(*) FROM core."case"), (SELECT count(*) FROM core.case_system),
       (SELECT count(*) FROM audit.entry), (SELECT count(*) FROM pii.person),
       (SELECT count(*) FROM pii.import_reject)
"""


async def stored(pool: Pool) -> tuple[int, ...]:
    (counted,) = await pool.fetch(COUNTED)
    return tuple(counted)


def results(done: Mapping[str, Any]) -> list[str]:
    return [one["result"] for one in done["results"]]


async def test_the_same_file_again_changes_nothing(clerk: Clerk, pool: Pool) -> None:
    given = [line(ACCEPT, ANSWER), migrated(), line(type="moan")]
    first = await clerk.send(*given)
    before = await stored(pool)
    again = await clerk.send(*given)
    assert results(first) == ["taken", "taken", "refused"]
    assert results(again) == ["unchanged", "unchanged", "refused"]
    assert [one["reference"] for one in again["results"]] == [
        one["reference"] for one in first["results"]
    ]
    assert await stored(pool) == before


async def test_what_is_left_out_and_what_is_said_to_be_nothing_are_the_same(clerk: Clerk) -> None:
    given = line(ACCEPT)
    await clerk.taken(given)
    said = {**given, "team": None, "on_behalf": False, "desired_outcome": None}
    assert (await clerk.one(said))["result"] == "unchanged"


async def test_a_case_with_another_history_is_left_and_the_line_kept(clerk: Clerk) -> None:
    given = line(ACCEPT)
    case = await clerk.taken(given)
    done = await clerk.send({**given, "acts": [ACCEPT, ANSWER]})
    (result,) = done["results"]
    assert (result["result"], result["reference"]) == ("differs", case["reference"])
    assert result["problems"][0]["code"] == "known-otherwise"
    assert (await clerk.get(f"/v1/feedback/{case['reference']}")).json() == case
    rejects = (await clerk.get(f"/v1/imports/{done['run']['id']}/rejects")).json()["items"]
    assert [(one["line"], one["result"]) for one in rejects] == [(1, "differs")]


async def test_a_case_taken_in_by_the_service_is_not_imported_over(
    clerk: Clerk, client: AsyncClient, staff: Mapping[str, Mapping[str, str]]
) -> None:
    name = {"system": "customer_feedback", "reference": "CFS-501"}
    body = {"type": "comment", "narrative": "Well done.", "channel": "post", "systems": [name]}
    headers = {**staff["admin"], "Idempotency-Key": "one"}
    receipt = (await client.post("/v1/feedback", json=body, headers=headers)).json()
    result = await clerk.one(line(systems=[name]))
    assert (result["result"], result["reference"]) == ("differs", receipt["reference"])


async def test_a_further_name_is_linked_to_the_case(clerk: Clerk) -> None:
    given = line()
    case = await clerk.taken(given)
    further = {"system": "contact_us", "reference": "CU-44"}
    more = {**given, "systems": [*given["systems"], further]}
    result = await clerk.one(more)
    assert (result["result"], result["reference"]) == ("linked", case["reference"])
    linked = (await clerk.get(f"/v1/feedback/{case['reference']}")).json()
    assert further in linked["systems"]
    assert linked["version"] == case["version"] + 1
    assert (await clerk.one(more))["result"] == "unchanged"
    assert (await clerk.one(given))["result"] == "unchanged"
    history = (await clerk.get(f"/v1/feedback/{case['reference']}/history")).json()["items"]
    assert history[-1]["changes"] == {"systems": [further]}


async def test_what_the_older_system_kept_of_a_migrated_case_is_the_same_case(
    clerk: Clerk,
) -> None:
    given = migrated()
    case = await clerk.taken(given)
    older = {
        **given,
        "system_of_record": "contact_us",
        "systems": given["systems"][:1],
        "registered_on": "2023-12-12",
        "migrated_on": None,
        "acts": [{"act": "note", "on": "2023-12-13", "text": "Moved to the new system."}],
    }
    result = await clerk.one(older)
    assert (result["result"], result["reference"]) == ("unchanged", case["reference"])
    other_day = await clerk.one({**older, "received_on": "2023-12-10"})
    assert other_day["result"] == "differs"
    older["systems"] = [*older["systems"], {"system": "contact_us", "reference": "CU-OLD"}]
    assert (await clerk.one(older))["result"] == "linked"


async def test_names_of_two_cases_in_one_line_join_nothing(clerk: Clerk) -> None:
    one, two = line(), line()
    await clerk.send(one, two)
    both = {**one, "systems": [*one["systems"], *two["systems"]]}
    result = await clerk.one(both)
    assert result["result"] == "differs"
    assert result["problems"][0]["code"] == "names-two-cases"


async def test_a_name_nobody_could_have_given_is_not_linked(clerk: Clerk) -> None:
    given = line()
    await clerk.taken(given)
    more = {**given, "systems": [*given["systems"], {"system": "paper", "reference": "1"}]}
    assert await clerk.refused(more) == {"/systems/1/system": "unknown-system"}


async def test_the_second_line_of_one_name_is_judged_as_a_case_that_is_known(clerk: Clerk) -> None:
    given = line()
    linked = {**given, "systems": [*given["systems"], {"system": "contact_us", "reference": "C1"}]}
    done = await clerk.send(given, given, linked, {**given, "type": "comment"})
    assert results(done) == ["taken", "unchanged", "linked", "differs"]
    assert len({one["reference"] for one in done["results"]}) == 1


async def test_a_dry_run_judges_everything_and_stores_nothing(clerk: Clerk, pool: Pool) -> None:
    known = line()
    await clerk.taken(known)
    before = await stored(pool)
    given = line(reference="CFS-900")
    done = await clerk.send(known, given, given, {**given, "type": "comment"}, line(ANSWER),
                            dry_run=True)  # fmt: skip
    assert results(done) == ["unchanged", "taken", "unchanged", "differs", "refused"]
    assert done["dry_run"] is True
    assert done["run"] is None
    assert await stored(pool) == before
    assert len((await clerk.get("/v1/imports")).json()["items"]) == 1


async def test_a_refused_line_is_kept_until_it_is_corrected_and_taken(clerk: Clerk) -> None:
    bad = line(ANSWER)
    first = await clerk.send(bad, line(), source="first.jsonl")
    number = first["run"]["id"]
    assert first["run"]["open_rejects"] == 1
    (reject,) = (await clerk.get(f"/v1/imports/{number}/rejects")).json()["items"]
    assert reject["problems"][0]["code"] == "stage-not-in-hand"
    assert reject["names"] == [f"customer_feedback:{bad['systems'][0]['reference']}"]
    assert reject["raw"] is None

    corrected = await clerk.send({**bad, "acts": [ACCEPT, ANSWER]})
    assert results(corrected) == ["taken"]
    (reject,) = (await clerk.get(f"/v1/imports/{number}/rejects", raw=True)).json()["items"]
    assert reject["resolved_at"] is not None
    assert reject["raw"] is None
    assert (await clerk.get(f"/v1/imports/{number}")).json()["open_rejects"] == 0


async def test_a_line_refused_again_is_kept_once_under_the_latest_run(
    clerk: Clerk, pool: Pool
) -> None:
    bad = line(ANSWER)
    first = await clerk.send(bad)
    second = await clerk.send(line(), bad)
    kept = await pool.fetch("SELECT run_id, line_number FROM pii.import_reject")
    assert [tuple(row) for row in kept] == [(second["run"]["id"], 2)]
    assert (await clerk.get(f"/v1/imports/{first['run']['id']}")).json()["counts"]["refused"] == 1


async def test_a_line_corrected_further_down_the_file_is_settled(clerk: Clerk) -> None:
    bad = line(ANSWER)
    done = await clerk.send(bad, {**bad, "acts": []}, line(type="moan"))
    assert results(done) == ["refused", "taken", "refused"]
    assert done["run"]["open_rejects"] == 1


async def test_of_very_many_lines_not_all_problems_are_told_at_once_but_all_are_kept(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [line(type="moan") for _ in range(3)]
    whole = await clerk.send(*given)
    one = len(json.dumps(whole["results"][0]))
    monkeypatch.setattr("app.imports.router.MOST_TOLD", one * 3 // 2)
    done = await clerk.send(*given)
    assert results(done) == ["refused"] * 3
    assert done["results"][:2] == whole["results"][:2]
    assert done["results"][2] == {**whole["results"][2], "problems": []}
    kept = (await clerk.get(f"/v1/imports/{done['run']['id']}/rejects")).json()["items"]
    assert [reject["problems"] for reject in kept] == [
        told["problems"] for told in whole["results"]
    ]


async def test_rejects_are_listed_by_the_page_open_or_resolved(clerk: Clerk) -> None:
    bad = [line(ANSWER) for _ in range(3)]
    done = await clerk.send(*bad)
    path = f"/v1/imports/{done['run']['id']}/rejects"
    await clerk.taken({**bad[1], "acts": []})
    still_open = (await clerk.get(path, resolved=False)).json()["items"]
    assert [one["line"] for one in still_open] == [1, 3]
    first = (await clerk.get(path, limit=2)).json()
    rest = (await clerk.get(path, limit=2, cursor=first["next_cursor"])).json()
    assert [one["line"] for one in first["items"] + rest["items"]] == [1, 2, 3]
    assert rest["next_cursor"] is None
    assert [one["line"] for one in (await clerk.get(path, resolved=True)).json()["items"]] == [2]


async def test_lines_are_shown_to_keys_for_personal_data_and_that_is_recorded(
    clerk: Clerk, client: AsyncClient, make_key: MakeKey, pool: Pool
) -> None:
    bad = line(ANSWER)
    number = (await clerk.send(bad))["run"]["id"]
    path = f"/v1/imports/{number}/rejects"
    (reject,) = (await clerk.get(path, raw=True)).json()["items"]
    assert reject["raw"] == written([bad]).decode().rstrip()
    shown = await pool.fetch("SELECT client, case_id, what FROM audit.disclosure")
    assert [tuple(row) for row in shown] == [("admin", None, f"import {number}, lines 1 to 1")]
    key = await make_key(Scope.imports_write)
    mine = {"Authorization": f"Bearer {key}"}
    assert (await client.get(path, headers=mine)).status_code == 200
    refused = await client.get(path, headers=mine, params={"raw": True})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/scope-missing")


async def test_a_key_for_some_services_brings_nothing_in(
    client: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(Scope.imports_write, services=["education"])
    headers = {"Authorization": f"Bearer {key}", **JSON_LINES}
    answer = await client.post("/v1/imports", content=written([line()]), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/whole-council-only")


async def test_imports_are_listed_newest_first(clerk: Clerk) -> None:
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        await clerk.send(line(), source=name)
    first = (await clerk.get("/v1/imports", limit=2)).json()
    rest = (await clerk.get("/v1/imports", limit=2, cursor=first["next_cursor"])).json()
    runs = first["items"] + rest["items"]
    assert [run["source"] for run in runs] == ["c.jsonl", "b.jsonl", "a.jsonl"]
    assert {run["client"] for run in runs} == {"admin"}
    assert all(run["finished_at"] for run in runs)


async def test_an_import_that_never_was_is_not_found(clerk: Clerk) -> None:
    for path in ("/v1/imports/404", "/v1/imports/404/rejects"):
        answer = await clerk.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/run-not-found")


async def test_a_file_of_another_kind_is_refused(clerk: Clerk) -> None:
    answer = await clerk.post(b"x", {"Content-Type": "application/pdf"})
    assert (answer.status_code, answer.headers["accept"]) == (
        415,
        "application/x-ndjson, text/csv",
    )


async def test_an_empty_file_brings_nothing_in(clerk: Clerk) -> None:
    done = await clerk.send(body=b"\n\n")
    assert (done["results"], sum(done["counts"].values())) == ([], 0)


async def test_an_upload_cut_off_leaves_whole_batches_and_is_gone_on_with(
    clerk: Clerk, pool: Pool, council: ReferenceData, clock: MovableClock
) -> None:
    given = [line(ACCEPT, ANSWER) for _ in range(10)]

    async def cut_off() -> AsyncIterator[bytes]:
        yield written(given[:7])
        raise ConnectionResetError

    asked = Import(source="cut.jsonl", layout=Format.json_lines, by=Author("admin"))
    with pytest.raises(ConnectionResetError):
        await import_lines(pool, cut_off(), asked, council=council, clock=clock, batch_size=3)
    (run,) = (await clerk.get("/v1/imports")).json()["items"]
    assert (run["finished_at"], run["lines_read"], run["counts"]["taken"]) == (None, 6, 6)
    again = await clerk.send(*given)
    assert results(again) == ["unchanged"] * 6 + ["taken"] * 4


async def test_an_interrupted_file_is_gone_on_with_where_it_stopped(
    pool: Pool, council: ReferenceData, clock: MovableClock
) -> None:
    given = written([line(ACCEPT), line(ANSWER), *(line() for _ in range(8))])
    asked = Import(
        source="f", layout=Format.json_lines, by=Author("import"), digest=b"the file's own"
    )

    def stop(run: Run, _verdicts: object) -> None:
        if run.lines_read == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await import_lines(
            pool, in_pieces(given), asked, council=council, clock=clock, watch=stop, batch_size=2
        )
    seen: list[int] = []
    run = await import_lines(
        pool,
        in_pieces(given),
        asked,
        council=council,
        clock=clock,
        watch=lambda _run, verdicts: seen.extend(v.reading.raw.number for v in verdicts),
    )
    assert seen == [5, 6, 7, 8, 9, 10]
    assert +run.counts == {Result.taken: 9, Result.refused: 1}
    assert await pool.fetchval("SELECT count(*) FROM ops.import_run") == 1


async def test_an_interrupted_run_is_gone_on_with_by_one_process_only(
    pool: Pool, council: ReferenceData, clock: MovableClock
) -> None:
    given = written([line() for _ in range(6)])
    asked = Import(source="f", layout=Format.json_lines, by=Author("import"), digest=b"the file")

    async def pieces() -> AsyncIterator[bytes]:
        yield given[:-1]
        await import_lines(pool, in_pieces(given), asked, council=council, clock=clock)
        yield given[-1:]

    with pytest.raises(RunTakenOver):
        await import_lines(pool, pieces(), asked, council=council, clock=clock)
    assert await pool.fetchval('SELECT count(*) FROM core."case"') == 6


async def test_two_imports_at_once_take_each_case_once(
    pool: Pool, council: ReferenceData, clock: MovableClock
) -> None:
    lines = [line(ACCEPT, ANSWER) for _ in range(40)]

    async def bring_in(given: list[dict[str, Any]]) -> Run:
        asked = Import(source="f", layout=Format.json_lines, by=Author("import"))
        return await import_lines(
            pool, in_pieces(written(given)), asked, council=council, clock=clock, batch_size=15
        )

    runs = await asyncio.gather(*(bring_in(given) for given in (lines, lines[::-1], lines)))
    counts = sum((run.counts for run in runs), start=type(runs[0].counts)())
    assert counts == {Result.taken: 40, Result.unchanged: 80}
    assert await pool.fetchval('SELECT count(*) FROM core."case"') == 40
    assert await pool.fetchval("SELECT sum(taken) FROM ops.import_run") == 40


async def test_one_case_the_database_will_not_have_does_not_hold_up_the_others(
    clerk: Clerk, pool: Pool
) -> None:
    await pool.execute(
        "ALTER TABLE core.\"case\" ADD CONSTRAINT odd CHECK (channel IS DISTINCT FROM 'post')"
    )
    try:
        done = await clerk.send(line(), line(channel="post"), line())
    finally:
        await pool.execute('ALTER TABLE core."case" DROP CONSTRAINT odd')
    assert results(done) == ["taken", "refused", "taken"]
    assert done["results"][1]["problems"][0]["code"] == "not-storable"


async def test_a_known_name_under_a_system_nobody_knows_differs(clerk: Clerk) -> None:
    given = line()
    await clerk.taken(given)
    assert (await clerk.one({**given, "system_of_record": "paper"}))["result"] == "differs"


async def test_when_others_are_always_faster_the_file_is_to_be_sent_again(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def clash(*_: object) -> None:
        raise asyncpg.UniqueViolationError

    monkeypatch.setattr("app.imports.commands.store", clash)
    answer = await clerk.post(written([line()]))
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


async def test_a_line_that_clashes_twice_is_judged_again_by_itself(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = count()

    async def sometimes(*what: Any) -> None:
        if next(attempts) < 3:
            raise asyncpg.DeadlockDetectedError
        await store(*what)

    monkeypatch.setattr("app.imports.commands.store", sometimes)
    assert results(await clerk.send(line(), line())) == ["taken", "taken"]


async def test_a_client_that_goes_away_leaves_an_unfinished_run(
    app: FastAPI, clerk: Clerk, pool: Pool
) -> None:
    headers = {**clerk.headers, **JSON_LINES}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/imports",
        "raw_path": b"/v1/imports",
        "query_string": b"",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("council.test", 80),
    }
    messages = iter(
        [
            {"type": "http.request", "body": written([line()]), "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    answered: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        answered.append(message)

    await app(scope, receive, send)
    assert answered[0]["status"] == 400
    assert await pool.fetchval("SELECT finished_at FROM ops.import_run") is None


async def test_a_body_past_the_limit_is_refused(clerk: Clerk, pool: Pool) -> None:
    megabyte = b" " * (1024 * 1024 - 1) + b"\n"

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield megabyte

    answer = await clerk.post(endless())
    assert answer.status_code == 413


async def test_a_file_of_too_many_lines_is_stopped(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, pool: Pool
) -> None:
    monkeypatch.setattr("app.imports.router.MAX_LINES", 2)
    answer = await clerk.post(written([line() for _ in range(3)]))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-many-lines")
    assert await pool.fetchval("SELECT taken FROM ops.import_run") == 3
