"""Rooms and rates, by themselves: the door without a service behind it, and a clock of ours."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from starlette.types import Message, Receive, Scope, Send

from app import main
from app.kit import admission
from app.kit.admission import RATE, Door, Meter, Rate, Rates, Standing, TooManyRequests
from app.kit.metrics import Metrics
from app.kit.settings import Settings
from app.main import create_app
from tests.conftest import MovableClock

Get = Callable[..., Awaitable[Response]]
Strict = Callable[..., AbstractAsyncContextManager[Get]]


class Seconds:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


rates = st.builds(
    Rate,
    name=st.just("client"),
    per_second=st.sampled_from([0.5, 1.0, 3.0, 10.0, 300.0]),
    at_once=st.integers(1, 20),
)
pauses = st.lists(st.sampled_from([0.0, 0.0, 0.001, 0.1, 0.5, 1.0, 7.0, 60.0]), max_size=80)


@given(rate=rates, pauses=pauses)
def test_no_stretch_of_time_lets_through_more_than_the_burst_and_the_rate(
    rate: Rate, pauses: list[float]
) -> None:
    seconds = Seconds()
    meter = Meter(rate, seconds=seconds)
    through = []
    for pause in pauses:
        seconds.now += pause
        if meter.ask("one").allowed:
            through.append(seconds.now)
    for first, since in enumerate(through):
        for last, until in enumerate(through[first:], start=first):
            most = rate.at_once + (until - since) * rate.per_second
            assert last - first + 1 <= most + 1e-6


@given(rate=rates, pauses=pauses)
def test_what_is_told_is_true(rate: Rate, pauses: list[float]) -> None:
    seconds = Seconds()
    meter = Meter(rate, seconds=seconds)
    for pause in pauses:
        seconds.now += pause
        standing = meter.ask("one")
        assert 0 <= standing.left <= rate.at_once
        if not standing.allowed:
            assert standing.left == 0
            assert standing.retry_after >= 1
            seconds.now += standing.retry_after
            assert meter.ask("one").allowed


@given(rate=rates)
def test_whoever_has_rested_may_ask_for_all_at_once(rate: Rate) -> None:
    seconds = Seconds()
    meter = Meter(rate, seconds=seconds)
    for _ in range(2):
        allowed = [meter.ask("one").allowed for _ in range(rate.at_once + 3)]
        assert allowed == [True] * rate.at_once + [False] * 3
        seconds.now += rate.window


def test_one_caller_costs_another_nothing() -> None:
    meter = Meter(Rate("client", 1, 2), seconds=Seconds())
    while meter.ask("greedy").allowed:
        pass
    assert meter.ask("modest").left == 1


def test_only_so_many_callers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_REMEMBERED", 3)
    meter = Meter(Rate("failures", 1, 1), seconds=Seconds())
    for caller in "abca":
        meter.ask(caller)
    meter.ask("d")  # b asked longest ago
    assert [meter.ask(caller).allowed for caller in "acdb"] == [False, False, False, True]


def test_a_standing_is_told_as_the_draft_has_it() -> None:
    standing = Standing(Rate("client", 300, 3_000), owed=0.5, allowed=True)
    assert standing.headers == [
        (b"ratelimit-policy", b'"client";q=3000;w=10'),
        (b"ratelimit", b'"client";r=2850;t=1'),
    ]


def test_strangers_are_held_to_a_rate_by_address_and_keys_are_not() -> None:
    metrics = Metrics(version="0")
    one = Rates(key=Rate("client", 1, 5), failures=Rate("failures", 1, 2), metrics=metrics)
    stranger: Scope = {"client": ("192.0.2.7", 1)}
    one.failed(stranger)
    one.failed(stranger)
    with pytest.raises(TooManyRequests) as refused:
        one.failed(stranger)
    assert refused.value.headers == {"Retry-After": "1"}
    assert "192.0.2.7" not in str(refused.value)
    one.used(stranger, "portal")
    one.failed({"client": ("192.0.2.8", 1)})
    assert stranger[RATE].rate.name == "client"
    assert _count(metrics.registry, "limited_requests", rate="failures") == 1


class Hall:
    """What is behind the door: requests stay until they are let out."""

    def __init__(self, **rooms: int) -> None:
        self.metrics = Metrics(version="0")
        self.out = asyncio.Event()
        self.door = Door(
            self._stay, lane_of=lambda scope: scope["lane"], rooms=rooms, metrics=self.metrics
        )

    async def _stay(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await self.out.wait()
        if scope.get("fails"):
            raise RuntimeError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def visit(self, lane: str | None, **more: Any) -> tuple[int, dict[str, str], bytes]:
        said: list[Message] = []

        async def receive() -> Message:
            raise AssertionError("the body was read")

        async def send(message: Message) -> None:
            said.append(message)

        await self.door({"type": "http", "lane": lane, **more}, receive, send)
        headers = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return said[0]["status"], headers, said[1]["body"]


async def test_whoever_finds_the_room_full_is_turned_away_at_once() -> None:
    hall = Hall(intake=2, statistics=1)
    within = [asyncio.create_task(hall.visit("intake")) for _ in range(2)]
    await asyncio.sleep(0)
    status, headers, body = await hall.visit("intake")
    assert (status, headers["content-type"]) == (503, "application/problem+json")
    assert 1 <= int(headers["retry-after"]) <= 5
    assert json.loads(body)["type"] == "/problems/overloaded"
    assert _count(hall.metrics.registry, "shed_requests", lane="intake") == 1
    hall.out.set()
    assert [(await task)[0] for task in within] == [200, 200]
    assert (await hall.visit("intake"))[0] == 200


async def test_a_full_room_leaves_the_others_as_they_were() -> None:
    hall = Hall(intake=1, statistics=1)
    within = [asyncio.create_task(hall.visit("statistics"))]
    await asyncio.sleep(0)
    assert (await hall.visit("statistics"))[0] == 503
    within += [asyncio.create_task(hall.visit(lane)) for lane in ("intake", None, None)]
    await asyncio.sleep(0)
    hall.out.set()
    assert [(await task)[0] for task in within] == [200] * 4


async def test_those_turned_away_are_not_all_told_to_come_back_at_once() -> None:
    hall = Hall(intake=1)
    within = asyncio.create_task(hall.visit("intake"))
    await asyncio.sleep(0)
    told = {(await hall.visit("intake"))[1]["retry-after"] for _ in range(200)}
    assert told == {"1", "2", "3", "4", "5"}
    within.cancel()


@pytest.mark.parametrize("ends", ["fails", "is cancelled"])
async def test_a_place_is_free_again_however_a_request_ends(ends: str) -> None:
    hall = Hall(intake=1)
    within = asyncio.create_task(hall.visit("intake", fails=True))
    await asyncio.sleep(0)
    assert (await hall.visit("intake"))[0] == 503
    if ends == "fails":
        hall.out.set()
    else:
        within.cancel()
    await asyncio.gather(within, return_exceptions=True)
    hall.out.set()
    assert (await hall.visit("intake"))[0] == 200


async def test_an_answer_tells_what_is_left_of_its_callers_rate() -> None:
    hall = Hall(work=1)
    hall.out.set()
    standing = Standing(Rate("client", 1, 10), owed=4, allowed=True)
    _, headers, _ = await hall.visit("work", **{RATE: standing})
    assert headers["ratelimit"] == '"client";r=6;t=4'
    _, headers, _ = await hall.visit("work")
    assert "ratelimit" not in headers


@pytest.fixture
def strict(settings: Settings, session_keys: Mapping[str, str], clock: MovableClock) -> Strict:
    """The service with other numbers, and what calls it as a role or as nobody."""

    @asynccontextmanager
    async def serve(**numbers: int) -> AsyncIterator[Get]:
        app = create_app(settings.model_copy(update=numbers), clock=clock)
        for meter in (app.state.rates._keys, app.state.rates._failures):
            meter._seconds = lambda: 0.0  # nothing is forgiven, however slow the machine is

        async def get(role: str | None = None, path: str = "/v1/stats/figures") -> Response:
            key = f"Bearer {session_keys[role]}" if role else "Bearer no"
            return await client.get(path, headers={"Authorization": key})

        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
        ):
            yield get

    return serve


async def test_a_client_that_asks_too_often_is_told_when_to_come_back(strict: Strict) -> None:
    async with strict(rate=1, burst=2) as get:
        first, second, third = [await get("reporting") for _ in range(3)]
        other = await get("customer_relations")
    assert [answer.status_code for answer in (first, second, third, other)] == [200, 200, 429, 200]
    assert first.headers["RateLimit-Policy"] == '"client";q=2;w=2'
    assert first.headers["RateLimit"] == '"client";r=1;t=1'
    assert third.headers["RateLimit"].startswith('"client";r=0;')
    assert third.headers["Retry-After"] == "1"
    assert third.json()["type"] == "/problems/too-many-requests"


async def test_bad_keys_are_soon_refused_and_good_ones_are_not(strict: Strict) -> None:
    async with strict(failure_rate=1, failure_burst=2) as get:
        strangers = [(await get()).status_code for _ in range(4)]
        known = await get("reporting")
    assert strangers == [401, 401, 429, 429]
    assert known.status_code == 200


async def test_a_full_room_is_for_its_own_kind_of_work(
    strict: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kit.admission.Counter", lambda: Counter({"statistics": 1}))
    async with strict(room_for_statistics=1) as get:
        full = await get("reporting")
        others = [await get("customer_relations", path) for path in ("/v1/feedback", "/livez")]
    assert (full.status_code, full.json()["type"]) == (503, "/problems/overloaded")
    assert full.headers["X-Request-ID"] == full.json()["instance"]
    assert full.headers["X-Content-Type-Options"] == "nosniff"
    assert [answer.status_code for answer in others] == [200, 200]


@pytest.mark.parametrize(
    ("method", "path", "lane"),
    [
        ("POST", "/v1/feedback", "intake"),
        ("GET", "/v1/feedback", "work"),
        ("POST", "/v1/feedback/CF-100001-33/notes", "work"),
        ("POST", "/v1/feedback/CF-100001-33/corrections/preview", "previews"),
        ("GET", "/v1/stats/figures/outcomes", "statistics"),
        ("POST", "/v1/imports", "bulk"),
        ("GET", "/v1/imports/1", "work"),
        ("GET", "/", "open"),
        ("GET", "/published/annual/2023-24", "open"),
        ("POST", "/sign-in", "open"),
        ("GET", "/docs/openapi.json", "docs"),
        ("GET", "/openapi.json", "docs"),
        ("GET", "/readyz", None),
        ("GET", "/metrics", None),
    ],
)
def test_each_address_belongs_to_a_room(method: str, path: str, lane: str | None) -> None:
    assert main._lane_of({"method": method, "path": path}) == lane
    assert lane is None or lane in main._rooms(Settings.model_construct())


def _count(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"council_feedback_{name}_total", labels)
