"""What the service measures of itself: what is counted, what is not, and who may look."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from app.access.principal import Scope
from app.kit.metrics import Metrics
from app.kit.settings import Settings
from tests.conftest import MORNING, MakeKey
from tests.desk import ACCEPT, COMPLAINT, Desk

Headers = Mapping[str, Mapping[str, str]]
Sample = tuple[str, frozenset[tuple[str, str]]]
Samples = Mapping[Sample, float]
PREFIX = "council_feedback_"


def read(text: str) -> dict[Sample, float]:
    """Every sample under its short name, with its labels."""
    return {
        (sample.name.removeprefix(PREFIX), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0)


def labels_of(samples: Samples) -> Iterator[tuple[str, str]]:
    for _, labels in samples:
        yield from labels


class Watch:
    """Someone who may look at the measurements."""

    def __init__(self, client: AsyncClient, key: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {key}"}

    async def look(self) -> dict[Sample, float]:
        answer = await self.client.get("/metrics", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return read(answer.text)


@pytest.fixture
async def watch(client: AsyncClient, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr("app.kit.metrics.LOOK_SECONDS", 10.0)  # a test machine may be busy
    return Watch(client, await make_key(Scope.ops_metrics))


@pytest.fixture
def desk(client: AsyncClient, staff: Headers) -> Desk:
    return Desk(client, staff["customer_relations"])


async def test_requests_are_counted_by_route_and_never_by_address(watch: Watch, desk: Desk) -> None:
    before = await watch.look()
    reference = await desk.log()
    await desk.read(reference)
    await watch.client.get("/v1/mrs-smith")
    await watch.client.request("BREW", "/v1/feedback")
    after = await watch.look()

    def more(**labels: str) -> float:
        name = "requests_total"
        return value(after, name, **labels) - value(before, name, **labels)

    assert more(route="/v1/feedback", method="POST", status="201") == 1
    assert more(route="/v1/feedback/{reference}", method="GET", status="200") == 1
    assert more(route="none", method="GET", status="404") == 1
    assert not any("smith" in said or "BREW" in said for _, said in labels_of(after))


async def test_every_request_is_timed_and_the_one_that_looks_is_under_way(
    watch: Watch, desk: Desk
) -> None:
    timed = {"route": "/v1/feedback", "method": "POST"}
    before = await watch.look()
    await desk.log()
    found = await watch.look()

    def more(name: str, **labels: str) -> float:
        return value(found, name, **timed, **labels) - value(before, name, **timed, **labels)

    assert more("request_seconds_count") == 1
    assert more("request_seconds_bucket", le="+Inf") == 1
    assert 0 < more("request_seconds_sum") < 60
    assert value(found, "in_flight_requests") == 1


async def test_acts_are_counted_when_they_are_committed_and_only_then(
    watch: Watch, desk: Desk
) -> None:
    before = await watch.look()
    logged = await desk.submit(COMPLAINT, key="the-same")
    await desk.submit(COMPLAINT, key="the-same")  # a replay
    reference = logged.json()["reference"]
    await desk.do(reference, "triage", **ACCEPT)
    await desk.refused(reference, "triage", **ACCEPT)
    await desk.refused(reference, "notes", text="x", on="2036-01-01")
    after = await watch.look()
    assert {
        act: int(value(after, "acts_total", act=act) - value(before, "acts_total", act=act))
        for act in ("receive", "accept", "note")
    } == {"receive": 1, "accept": 1, "note": 0}


async def test_refusals_are_counted_by_type_wherever_they_arise(watch: Watch, desk: Desk) -> None:
    before = await watch.look()
    reference = await desk.log()
    await desk.refused(reference, "closure")
    await desk.submit({"type": "nonsense"})
    await watch.client.get("/livez", headers={"X-Broken": "a\x00b"})
    await watch.client.get("/livez?q=%ff")
    await watch.client.get("/v1/feedback")
    await watch.client.post("/livez")
    after = await watch.look()
    kinds = ("illegal-move", "invalid-request", "unreadable", "key-missing", "method-not-allowed")
    counted = [
        value(after, "problems_total", problem=kind) - value(before, "problems_total", problem=kind)
        for kind in kinds
    ]
    assert counted == [1, 1, 2, 1, 1]


async def test_figures_are_timed_by_name(watch: Watch, keys: Headers) -> None:
    for slug in ("outcomes", "mrs-smith"):
        await watch.client.get(f"/v1/stats/figures/{slug}", headers=keys["reporting"])
    found = await watch.look()
    assert value(found, "figure_seconds_count", figure="outcomes") >= 1
    assert not value(found, "figure_seconds_count", figure="mrs-smith")


async def test_what_another_part_sheds_is_counted_by_its_lane() -> None:
    metrics = Metrics(version="1")
    metrics.shed.labels(lane="statistics").inc()
    found = read((await metrics.text()).decode())
    assert value(found, "shed_requests_total", lane="statistics") == 1


async def test_every_lane_is_told_before_anybody_is_turned_away(watch: Watch) -> None:
    found = await watch.look()
    shed = {dict(labels)["lane"]: count for (name, labels), count in found.items()
            if name == "shed_requests_total"}  # fmt: skip
    assert {"intake", "work", "statistics"} <= set(shed)
    assert not any(shed.values())


async def test_each_app_counts_for_itself() -> None:
    one, other = Metrics(version="1"), Metrics(version="2")
    one.acted(["receive"])
    assert value(read((await one.text()).decode()), "acts_total", act="receive") == 1
    assert not value(read((await other.text()).decode()), "acts_total", act="receive")


async def test_pools_say_what_they_have_and_what_they_lent(
    watch: Watch, app: FastAPI, settings: Settings
) -> None:
    async with app.state.pool.acquire(), app.state.database.sessions() as session:
        await session.connection()
        found = await watch.look()
    held = {
        (labels["pool"], labels["state"]): count
        for (name, pairs), count in found.items()
        if name == "pool_connections" and (labels := dict(pairs))
    }
    assert held["sessions", "limit"] == held["direct", "limit"] == settings.pool_size
    assert held["statistics", "limit"] == 3
    assert held["sessions", "in_use"] == held["direct", "in_use"] == 1
    assert held["statistics", "in_use"] == 0
    assert all(count <= held[pool, "limit"] for (pool, _), count in held.items())


async def test_what_imports_left_is_read_when_somebody_looks(
    watch: Watch, client: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(Scope.imports_write)
    before = await watch.look()
    sent = await client.post(
        "/v1/imports",
        content=b'{"no": "such line"}\n{"nor": "this"}\n',
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"},
    )
    assert sent.status_code < 300, sent.text
    after = await watch.look()
    assert value(after, "readable", what="imports") == 1
    assert value(after, "unresolved_rejects") - value(before, "unresolved_rejects") == 2
    assert value(after, "unfinished_imports") == 0


async def test_a_database_that_does_not_answer_hides_only_what_it_would_have_said(
    watch: Watch, database_url: str
) -> None:
    blocking = await asyncpg.connect(database_url)
    try:
        async with blocking.transaction():
            await blocking.execute("LOCK TABLE pii.import_reject IN ACCESS EXCLUSIVE MODE")
            found = await watch.look()
    finally:
        await blocking.close()
    assert value(found, "readable", what="imports") == 0
    assert value(found, "readable", what="calendar") == 1
    assert "unresolved_rejects" not in {name for name, _ in found}
    assert value(found, "info", version="0.1.0") == 1


async def test_what_will_end_is_known_before_it_does(watch: Watch, make_key: MakeKey) -> None:
    await make_key(Scope.stats_read, client=None, lives=timedelta(days=3))
    found = await watch.look()
    ends = datetime.fromtimestamp(value(found, "last_key_expires_timestamp_seconds"), UTC)
    assert ends - MORNING == timedelta(days=3)
    calendar = datetime.fromtimestamp(value(found, "calendar_ends_timestamp_seconds"), UTC)
    assert calendar.date() == date(2029, 1, 1)


async def test_only_a_key_for_it_may_look(client: AsyncClient, keys: Headers) -> None:
    assert (await client.get("/metrics")).status_code == 401
    for role, header in keys.items():
        expected = 200 if role == "admin" else 403
        assert (await client.get("/metrics", headers=header)).status_code == expected


async def test_nothing_that_people_wrote_or_are_called_is_measured(
    watch: Watch, desk: Desk
) -> None:
    marker = "Zebedee"
    person = {"role": "complainant", "name": marker, "email": f"{marker}@example.org"}
    reference = await desk.log(narrative=marker, people=[person])
    await desk.refused(reference, "notes", text=marker, on=marker)
    answer = await watch.client.get(
        f"/metrics?{marker}", headers={**watch.headers, "X-Request-ID": marker}
    )
    answer = await watch.client.get("/metrics", headers=watch.headers)
    assert marker not in answer.text
    assert reference not in answer.text
