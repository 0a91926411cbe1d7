"""S5: a marker in every field that holds personal data, and then a look everywhere else.

Markers go in by the front door and by every wrong door: as values of the wrong type, as names of
fields and parameters, in addresses and headers, in bodies that are not JSON, in lines of history
that are refused; while statements fail, Postgres is killed under them, and one of its processes.
They may come out where a key with `case:pii` asks for them, and be found in the schema `pii`:
nowhere else. Not in the service's log or output, nor Postgres' log, nor any other table, nor any
answer, its headers included. What officers write in a report is for whoever may read the report,
and is in nothing else.
"""

import asyncio
import json
import os
import signal
import uuid
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx
import pytest

from app.kit.tables import metadata
from tests.faults.canaries import (
    OF_REPORTS,
    REPORT,
    Eavesdropper,
    canary,
    feedback,
    found_in,
    person,
    sentence,
    summed,
)
from tests.faults.conftest import Tally
from tests.faults.crowd import Crowd
from tests.faults.installation import Installation, installed
from tests.faults.prepared import DEEDS
from tests.imports.past import line, written
from tests.kit.processes import gone, until

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

JSON_LINES, FLAT_CSV = "application/x-ndjson", "text/csv"
IN_PROGRESS = """
    SELECT pid FROM pg_stat_activity
    WHERE application_name = 'council-feedback' AND pid <> pg_backend_pid() LIMIT 1
"""
PREVIEWED = frozenset({
    "triage", "reclassifications", "allocations", "corrections", "reopening",
    "stages/1/outcome", "stages/1/remedies",
})  # fmt: skip
# Their own table, and the answer that is kept for whoever sends the same again.
HOLDS_REPORTS = frozenset({"core.report_text", "ops.idempotency"})


async def through_the_front_door(ear: Eavesdropper) -> str:
    """Feedback, every act with its words, history brought in, and every way of reading."""
    first = (await ear.submit(feedback())).json()["reference"]
    await ear.submit({"type": "comment", "narrative": canary("narrative")}, role="portal")
    lines, previews = [], Counter[int]()
    for name, deed in DEEDS.items():
        reference = (await ear.submit(feedback())).json()["reference"]
        lines.append(line(**_said(feedback()), reference=f"CANARY-{name}"))
        for before in ("triage",) if deed.state != "received" else ():
            accept = {"decision": "accept", "procedure": "corporate", "reason": canary("reason")}
            await ear.act(reference, before, accept)
        wording = {"text": canary("note")} if name == "note" else {"reason": canary("reason")}
        if deed.path in PREVIEWED:
            tried = await ear.act(reference, f"{deed.path}/preview", {**deed.body, **wording})
            previews[tried.status_code] += 1
        await ear.act(reference, deed.path, {**deed.body, **wording})
    assert previews[200] > 5, previews
    await ear.call("POST", "/v1/imports", content=written(lines), headers=_kind(JSON_LINES))
    for path in ("", "/history", "/people", "/likely-repeats"):
        await ear.call("GET", f"/v1/feedback/{first}{path}", told=path == "/people")
        await ear.call("GET", f"/v1/feedback/{first}{path}", role="contact_centre")
    for path in ("/v1/feedback", "/v1/imports", "/openapi.json", "/docs", "/"):
        await ear.call("GET", path)
    await _in_reports(ear)
    return str(first)


async def write_in_report(ear: Eavesdropper, **wrong: Any) -> httpx.Response:
    keyed = {"Idempotency-Key": str(uuid.uuid4())}
    text = {"place": "section", "name": "summary", "text": canary("remark"), **wrong}
    body = {"author": canary("author"), **text}
    return await ear.call("POST", f"{REPORT}/narrative", json=body, headers=keyed)


async def sign_in(ear: Eavesdropper, key: str, to: str, **fields: str) -> httpx.Response:
    form = {"key": key, "to": to, **fields}
    same_site = {"Sec-Fetch-Site": "same-origin"}
    return await ear.call("POST", "/sign-in", role=None, data=form, headers=same_site)


async def _in_reports(ear: Eavesdropper) -> None:
    """A remark in a report, and the report in a browser that has signed in."""
    assert (await write_in_report(ear)).status_code == 201
    for path in ("/narrative", "", "/reconciliation"):
        answer = await ear.call("GET", f"{REPORT}{path}")
        assert answer.status_code == 200, answer.text
    key = ear.installation.keys["reporting"]
    answer = await sign_in(ear, key, f"{REPORT}.html")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{REPORT}.html")
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    page = await ear.call("GET", f"{REPORT}.html", role=None, headers={"Cookie": cookie})
    assert page.status_code == 200, page.text


def _said(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("narrative", "desired_outcome", "people")}


def _kind(media_type: str) -> dict[str, str]:
    return {"Content-Type": media_type}


async def through_every_wrong_door(ear: Eavesdropper, reference: str) -> None:
    """Markers where they do not belong; every one of these is refused."""
    wrong: list[dict[str, Any]] = [
        feedback(type=canary("type")),
        feedback(channel=canary("channel")),
        feedback(service=canary("service")),
        feedback(category=f"{canary('category')} with spaces"),
        feedback(received_on=canary("day")),
        feedback(narrative={canary("key"): canary("nested")}),
        feedback(narrative=f"{canary('nul')}\x00"),
        feedback(people=[{**person(), "role": canary("role")}]),
        feedback(people=[{**person(), sentence("unknown"): canary("value")}]),
        feedback(people=[{**person(), "name": canary("long") * 30}]),
        feedback(people=canary("people")),
        feedback(systems=[{"system": canary("system"), "reference": "X"}]),
        feedback(**{sentence("field"): canary("value")}),
    ]
    for body in wrong:
        assert (await ear.submit(body)).is_client_error, body
    raw = json.dumps(feedback()).encode()
    surrogate = json.dumps(feedback(narrative=f"{canary('surrogate')}\ud800"))
    for content in (raw[:-20], b'{"narrative": ' + canary("broken").encode(), surrogate.encode()):
        keyed = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        await ear.call("POST", "/v1/feedback", content=content, headers=keyed)
    await ear.submit(None, headers={"Content-Type": canary("mediatype")})
    await _in_addresses_and_headers(ear, reference)
    await _in_lines_of_history(ear)
    await _in_what_reports_take(ear)


async def _in_what_reports_take(ear: Eavesdropper) -> None:
    for wrong in (
        {"text": canary("long") * 3_000},
        {"text": {canary("key"): canary("nested")}},
        {"text": f"{canary('nul')}\x00"},
        {"name": f"{canary('name')} with spaces"},
        {"name": canary("name")},
        {"place": canary("place")},
        {"services": [canary("service")]},
        {sentence("field"): canary("value")},
    ):
        assert (await write_in_report(ear, **wrong)).is_client_error, wrong
    for key in (canary("formkey"), f"{canary('formkey')} with spaces"):
        refused = await sign_in(ear, key, canary("to"), **{sentence("field"): canary("value")})
        assert refused.status_code == 401, refused.text
    await ear.call("GET", f"/sign-in?to={canary('to')}&{sentence('parameter')}={canary('value')}")
    await ear.call("POST", "/sign-in", data={"key": canary("formkey")})


async def _in_addresses_and_headers(ear: Eavesdropper, reference: str) -> None:
    here = f"/v1/feedback/{reference}"
    for path in (
        f"/v1/feedback/{canary('path')}",
        f"/{canary('path')}",
        f"/v1/feedback?{sentence('parameter')}={canary('value')}",
        f"/v1/feedback?status={canary('status')}&cursor={canary('cursor')}",
        f"/v1/feedback?system=contact_us&system_reference={canary('query')}",
        f"/v1/stats/figures/{canary('figure')}?year={canary('year')}",
        f"/v1/imports?source={canary('source')}",
    ):
        await ear.call("GET", path)
    for headers in (
        {"Idempotency-Key": f"{canary('key')} with spaces"},
        {"Acting-Officer": f"{canary('officer')} with spaces"},
        {"Authorization": f"Bearer {canary('bearer')}"},
        {"If-Match": canary("ifmatch")},
        {"X-Request-Id": f"{canary('requestid')} with spaces"},
        {"Referer": canary("referer"), "User-Agent": canary("agent"), "Cookie": canary("cookie")},
    ):
        await ear.act(reference, "notes", {"text": canary("note")}, **headers)
    await ear.call("GET", f"{here}/receipt", headers={"Receipt-Token": canary("token")})
    await ear.call("POST", f"{here}/notes", json={"text": canary("note")})
    for path in ("stages/1/outcome", "stages/1/outcome/preview"):
        await ear.act(reference, path, {"finding": canary("finding")})
    await ear.act(reference, "allocations/preview", {"team": canary("team")})
    await ear.act(reference, "notes", {"text": canary("note")}, **{"If-Match": '"999"'})


async def _in_lines_of_history(ear: Eavesdropper) -> None:
    lines = [
        line(**_said(feedback()), reference="REFUSED-1", channel=canary("channel")),
        line({"act": canary("act"), "on": "2024-02-06"}, reference="REFUSED-2"),
        line({"act": "note", "on": "2024-02-06", "text": {"x": canary("text")}}),
        line(
            {"act": "close", "on": "2024-02-06", "reason": canary("reason")}, reference="REFUSED-3"
        ),
        line(**_said(feedback()), reference="REFUSED-4", **{sentence("field"): 1}),
    ]
    content = written(lines) + f'{{"type": "{canary("broken")}\n'.encode()
    answer = await ear.call("POST", "/v1/imports", content=content, headers=_kind(JSON_LINES))
    assert answer.status_code == 200, answer.text
    run = answer.json()["run"]["id"]
    await ear.call("GET", f"/v1/imports/{run}/rejects")
    shown = await ear.call("GET", f"/v1/imports/{run}/rejects?raw=true", told=True)
    assert shown.status_code == 200, shown.text
    flat = f"{canary('column')},{canary('column')}\n{canary('cell')},{canary('cell')}\n"
    await ear.call("POST", "/v1/imports", content=flat.encode(), headers=_kind(FLAT_CSV))


async def while_things_fail(ear: Eavesdropper) -> None:
    """Markers on their way while Postgres is killed under them, and then one of its processes."""
    installation = ear.installation
    taken = [{"system": "contact_us", "reference": "TAKEN-1"}]
    for _ in range(2):
        await ear.submit(feedback(systems=taken))  # the second breaks a constraint
    role = installation.role("customer_relations")
    async with Crowd(installation.address, role, clients=6, patience=0.2, word=canary) as crowd:
        await crowd.acknowledged(more=20)
        async with installation.database() as connection:
            one_of_them = await connection.fetchval(IN_PROGRESS)
        os.kill(one_of_them, signal.SIGKILL)  # it makes Postgres tell what was running
        await crowd.acknowledged(more=20)
        stopping = installation.kill_postgres()
        await asyncio.to_thread(until, partial(gone, stopping))
        await crowd.acknowledged(more=20)
        await crowd.finish()


async def kept_elsewhere(installation: Installation) -> Counter[str]:
    """Canaries in the logs, in the service's output, and in every table that is not for them."""
    places = {
        "log": installation.log.read_text(errors="replace"),
        "postgres log": installation.postgres_log.read_text(errors="replace"),
    }
    async with installation.database() as connection:
        for table in metadata.sorted_tables:
            if table.schema != "pii":
                rows = await connection.fetch(
                    f'SELECT t::text FROM {table.schema}."{table.name}" AS t'
                )
                places[table.fullname] = "\n".join(row[0] for row in rows)
                if table.name == "idempotency":
                    kept = await connection.fetch("SELECT body FROM ops.idempotency")
                    places[table.fullname] += b"\n".join(r[0] or b"" for r in kept).decode()
    found = summed(found_in(where, text) for where, text in places.items())
    meant = {f"{table}{field}" for table in HOLDS_REPORTS for field in OF_REPORTS}
    return Counter({where: count for where, count in found.items() if where not in meant})


async def sung(broken: str | None = None) -> tuple[Counter[str], Eavesdropper, Counter[str]]:
    """Send markers in by every door; where they came out, and how many are in `pii`."""
    debugging = {"COUNCIL_FEEDBACK_LOG_LEVEL": "DEBUG"}
    async with installed(broken=broken, spares=0, environment=debugging) as installation:
        async with httpx.AsyncClient(base_url=installation.address, timeout=30) as client:
            ear = Eavesdropper(installation, client)
            reference = await through_the_front_door(ear)
            await through_every_wrong_door(ear, reference)
            if not broken:
                await while_things_fail(ear)
            measured = await ear.call("GET", "/metrics")  # of all that has gone before
            assert measured.status_code == 200, measured.text
        async with installation.database() as connection:
            rows = await connection.fetch("SELECT t::text FROM pii.person AS t")
            kept = summed(found_in("pii.person", row[0]) for row in rows)
        return ear.heard + await kept_elsewhere(installation), ear, kept


async def test_what_people_wrote_is_found_nowhere_that_it_should_not_be(tally: Tally) -> None:
    heard, ear, kept = await sung()
    tally.sum_up(
        requests=ear.statuses.total(),
        refused=sum(n for status, n in ear.statuses.items() if 400 <= status < 500),
        failed=sum(n for status, n in ear.statuses.items() if status == 500),
        in_pii=kept.total(),
        shown_to_whom_they_may_be=ear.allowed.total(),
        elsewhere=heard.total(),
    )
    assert not heard, heard
    assert ear.statuses[500] == 0
    assert kept.total() > 50
    assert ear.allowed.total() > 10


async def test_a_service_that_tells_everything_is_found_out(tally: Tally) -> None:
    heard, _, _ = await sung(broken="tells_everything")
    tally.sum_up(elsewhere=heard.total())
    assert heard["log: parameter"] > 0
    assert heard["audit.entry: reason"] > 0
