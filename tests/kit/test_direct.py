"""Handlers called by plan are called as FastAPI would have called them."""

import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, ConfigDict, Field

from app.cases.router import list_cases, read_case
from app.intake.router import submit_feedback
from app.kit import errors
from app.kit.direct import direct
from app.kit.problem import Problem
from app.kit.routing import Route

NUMBERS = iter(range(1_000_000))


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    word: str | None = Field(default=None, max_length=3)
    colour: list[str] = []
    size: int = Field(default=1, ge=0, alias="how-large")


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: int
    of: str = "tea"


class Wrong(Problem):
    status = HTTPStatus.CONFLICT
    title = "It is wrong"


async def drawn(request: Request) -> int:
    return next(NUMBERS)


Drawn = Annotated[int, Depends(drawn)]


async def twice(first: Drawn, second: Drawn) -> tuple[int, int]:
    return first, second


async def named(name: Annotated[str | None, Header(min_length=2)] = None) -> str | None:
    if name == "wrong":
        raise Wrong("No.")
    return name


async def everything(
    part: Annotated[str, Path(pattern="^[a-z]+$")],
    asked: Annotated[Asked, Query()],
    sent: Sent,
    name: Annotated[str | None, Depends(named)],
    numbers: Annotated[tuple[int, int], Depends(twice)],
    drawn: Drawn,
    request: Request,
) -> Response:
    """All there is to ask for."""
    said: dict[str, Any] = {
        "part": part,
        "asked": asked.model_dump(),
        "sent": sent.model_dump(),
        "name": name,
        "same": numbers == (drawn, drawn),
        "path": request.url.path,
    }
    return Response(json.dumps(said), media_type="application/json")


class Slow(Route):
    """The same, but left to FastAPI."""

    def get_route_handler(self) -> Any:
        return APIRoute.get_route_handler(self)


REQUESTS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("/abc", "", {}, '{"amount": 3}'),
    ("/abc", "word=x&colour=a&colour=b&how-large=0", {"name": "Jo"}, '{"amount": 3, "of": "x"}'),
    ("/ABC", "", {}, '{"amount": 3}'),
    ("/abc", "word=long&how-large=-1", {"name": "J"}, '{"amount": "x", "more": 1}'),
    ("/abc", "how-large=", {}, '{"amount": 3}'),
    ("/abc", "", {"name": "wrong"}, '{"amount": "x"}'),
    ("/abc", "", {}, ""),
    ("/abc", "", {}, "null"),
    ("/abc", "", {}, "[]"),
    ("/a%62c", "word=%C3%A9", {}, '{"amount": 3}'),
)


@pytest.fixture
async def both() -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    errors.install(app)
    for prefix, kind in (("/direct", Route), ("/fastapi", Slow)):
        router = APIRouter(prefix=prefix, route_class=kind)
        router.post("/{part}")(everything)
        app.include_router(router)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(("path", "query", "headers", "body"), REQUESTS)
async def test_a_request_is_answered_alike_by_plan_and_by_fastapi(
    both: AsyncClient, path: str, query: str, headers: dict[str, str], body: str
) -> None:
    answers = [
        await both.post(
            f"/{door}{path}?{query}",
            headers={"Content-Type": "application/json", **headers},
            content=body,
        )
        for door in ("direct", "fastapi")
    ]
    one, other = answers
    assert one.status_code == other.status_code
    assert one.text.replace("/direct/", "/fastapi/") == other.text


async def test_what_is_asked_for_twice_is_made_once(both: AsyncClient) -> None:
    answer = await both.post("/direct/abc", json={"amount": 1})
    assert answer.json()["same"] is True


def test_the_hot_handlers_are_called_by_plan(app: FastAPI) -> None:
    hot = {submit_feedback, read_case, list_cases}
    planned = {
        route.endpoint
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, Route) and direct(route)
    }
    assert hot <= planned


def test_a_handler_that_needs_more_is_left_to_fastapi() -> None:
    async def session() -> AsyncIterator[int]:
        yield 1

    async def opens(one: Annotated[int, Depends(session)]) -> Response:
        return Response(str(one))

    async def shapes() -> dict[str, int]:
        return {}

    async def blocks(one: Annotated[int, Depends(lambda: 1)]) -> Response:
        return Response(str(one))

    for handler in (opens, shapes, blocks):
        assert direct(APIRoute("/x", handler)) is None
