"""Every operation asks who is calling, now and when there are more of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from itertools import count
from typing import Any, Protocol

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from httpx import ASGITransport, AsyncClient, Response

from app.access.commands import revoke_key
from app.access.guard import Router, StatsReader
from app.access.principal import Scope
from app.kit.clock import system_clock
from app.kit.settings import Settings
from app.main import OPEN_PAGES, OPEN_PATHS, build

MakeKey = Callable[..., Awaitable[str]]


class MovableClock(Protocol):
    """The clock of the tests."""

    def move(self, **by: float) -> None: ...


Operation = tuple[str, str, Mapping[str, Any]]
_addresses = count(1)
FILLINGS = {"integer": "1", "boolean": "true"}


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A stranger from an address of its own: calls without a good key are counted by address."""
    transport = ASGITransport(app, client=(f"127.0.1.{next(_addresses)}", 1))
    async with AsyncClient(transport=transport, base_url="http://council.test") as one:
        yield one


def operations(app: FastAPI) -> Iterator[Operation]:
    """Every documented operation: method, address with its blanks filled in, and description."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            filled = path
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    filled = filled.replace(f"{{{parameter['name']}}}", filling(parameter))
            yield method.upper(), filled, operation


def filling(parameter: Mapping[str, Any]) -> str:
    """A value that a blank of an address takes."""
    schema = parameter["schema"]
    if "pattern" in schema and "examples" in schema:
        return str(schema["examples"][0])
    return FILLINGS.get(schema.get("type"), "x")


@pytest.fixture
def guarded(app: FastAPI) -> list[Operation]:
    open_ones = [app.openapi()["paths"][path]["get"] for path in OPEN_PATHS]
    return [one for one in operations(app) if one[2] not in open_ones]


def alternatives(operation: Mapping[str, Any]) -> list[set[str]]:
    """The sets of scopes of which a key must have one whole."""
    return [set(scopes) for way in operation["security"] for scopes in way.values()]


async def call(client: AsyncClient, operation: Operation, key: str | None = None) -> Response:
    """Call an operation with a body that is no use to any of them."""
    headers = {"Acting-Officer": "p.officer"} | ({"Authorization": f"Bearer {key}"} if key else {})
    method, address, _ = operation
    content = b"{not json" if method != "GET" else None
    return await client.request(method, address, headers=headers, content=content)


def test_there_are_operations_to_count(guarded: list[Operation]) -> None:
    assert len(guarded) >= 20


def test_every_operation_declares_the_scopes_it_asks_for(guarded: list[Operation]) -> None:
    asked = {
        operation["operationId"]: alternatives(operation) if "security" in operation else []
        for _, _, operation in guarded
    }
    assert [name for name, ways in asked.items() if not ways or not all(ways)] == []
    assert {scope for ways in asked.values() for way in ways for scope in way} <= set(Scope)


def test_the_open_paths_are_these_and_no_others(app: FastAPI) -> None:
    unsecured = {
        path
        for path, methods in app.openapi()["paths"].items()
        if any("security" not in operation for operation in methods.values())
    }
    published = "/published/annual/{year}"
    assert unsecured == {
        "/", "/livez", "/readyz", "/.well-known/security.txt",
        f"{published}/{{name}}", f"{published}/{{about}}/{{version}}",
        f"{published}/{{about}}/{{version}}/reconciliation",
    }  # fmt: skip
    api = {"/docs", "/docs/openapi.json", "/docs/{asset}", "/openapi.json"}
    pages = {"/published", "/published/annual/{year}", "/style.css"}
    assert {*api, *pages, "/sign-in", "/sign-out"} == OPEN_PAGES


def test_no_route_is_missing_from_the_description(app: FastAPI) -> None:
    described = set(app.openapi()["paths"])
    served = {context.path for context in iter_route_contexts(app.routes)}
    assert served - described == OPEN_PAGES


async def test_no_operation_answers_a_caller_without_a_key(
    guarded: list[Operation], client: AsyncClient
) -> None:
    for operation in guarded:
        answer = await call(client, operation)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key-missing")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_no_operation_answers_a_caller_with_a_bad_key(
    guarded: list[Operation], client: AsyncClient
) -> None:
    for operation in guarded:
        answer = await call(client, operation, "cf_live_aaaaaaaaaaaaaaaa_" + "a" * 43)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key-refused")


async def test_no_operation_answers_a_caller_with_an_expired_key(
    guarded: list[Operation], client: AsyncClient, make_key: MakeKey, clock: MovableClock
) -> None:
    key = await make_key(*Scope, lives=timedelta(hours=1))
    clock.move(hours=1)
    for operation in guarded:
        answer = await call(client, operation, key)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key-refused")


async def test_no_operation_answers_a_caller_with_a_revoked_key(
    guarded: list[Operation],
    app: FastAPI,
    client: AsyncClient,
    make_key: MakeKey,
    clock: MovableClock,
) -> None:
    key = await make_key(*Scope)
    async with app.state.database.sessions.begin() as session:
        await revoke_key(session, key_id=key.split("_")[2], now=system_clock())
    clock.move(seconds=30)
    for operation in guarded:
        answer = await call(client, operation, key)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key-refused")


async def test_no_operation_takes_a_good_key_from_anywhere_but_its_header(
    guarded: list[Operation], client: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(*Scope)
    elsewhere = {"Cookie": f"key={key}; token={key}", "X-Api-Key": key, "Acting-Officer": "p.x"}
    for method, address, _ in guarded:
        answer = await client.request(method, f"{address}?key={key}", headers=elsewhere)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key-missing")


async def test_no_operation_answers_a_key_that_has_every_scope_but_its_own(
    guarded: list[Operation], client: AsyncClient, make_key: MakeKey
) -> None:
    made: dict[frozenset[str], str] = {}
    for operation in guarded:
        for lacking in lackings(operation[2]):
            others = frozenset(set(Scope) - lacking)
            if not others:
                continue  # it asks for a key of any kind
            if others not in made:
                made[others] = await make_key(*others)
            answer = await call(client, operation, made[others])
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope-missing")


def lackings(operation: Mapping[str, Any]) -> list[frozenset[str]]:
    """Every smallest choice of scopes whose lack must shut an operation."""
    ways = alternatives(operation)
    if len(ways) == 1:
        return [frozenset({scope}) for scope in ways[0]]
    return [frozenset().union(*ways)]


def test_an_operation_that_asks_for_no_key_stops_the_service_from_starting(
    settings: Settings,
) -> None:
    router = Router(prefix="/v1/open")

    @router.get("")
    async def door() -> dict[str, str]:
        return {}

    with pytest.raises(TypeError, match="/v1/open: its handler asks for no key"):
        build([router], settings=settings, clock=system_clock)


def test_a_router_of_another_make_stops_the_service_from_starting(settings: Settings) -> None:
    router = APIRouter(prefix="/v1/unguarded")

    @router.get("")
    async def door(by: StatsReader) -> dict[str, str]:
        return {}

    with pytest.raises(TypeError, match="/v1/unguarded: make its router with"):
        build([router], settings=settings, clock=system_clock)
