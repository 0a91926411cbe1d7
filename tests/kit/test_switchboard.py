"""The board connects every request with the route that FastAPI would have chosen."""

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import Message, Scope

from app.kit.switchboard import Switchboard, install


async def asked(app: Any, method: str, path: str) -> tuple[int, bytes, Any]:
    """What an app answers: status, body, and the endpoint it chose."""
    scope: Scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [], "root_path": "", "http_version": "1.1",
        "scheme": "http", "server": ("x", 80), "client": None,
    }  # fmt: skip
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in said)
    return said[0]["status"], body, scope.get("endpoint")


def rooms() -> FastAPI:
    """Routes that overlap, in an order that matters."""
    app = FastAPI(openapi_url=None)
    one, two = APIRouter(prefix="/one"), APIRouter()
    one.get("/{name}")(lambda name: {"name": name})
    one.get("/fixed")(lambda: {"never": "reached"})
    one.post("/fixed")(lambda: {"posted": True})
    one.get("/{number}/of/{name}")(lambda number, name: {"number": number, "name": name})
    two.get("/one/fixed")(lambda: {"late": True})
    two.get("/")(lambda: {"front": True})
    two.delete("/one/{name}")(lambda name: {"gone": name})
    two.get("/files/{path:path}")(lambda path: {"path": path})
    two.get("/files/one")(lambda: {"never": "reached"})
    app.include_router(one)
    app.include_router(two)
    return app


REQUESTS = [
    (method, path)
    for method in ("GET", "POST", "DELETE", "PUT")
    for path in (
        "/", "", "/one", "/one/", "/one/fixed", "/one/two", "/one/2/of/it", "/one/2/of/", "//",
        "/files/one", "/files/a/b/c", "/files/", "/elsewhere", "/one/a%2Fb", "/one/\n",
    )
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_the_board_answers_as_the_routers_do(method: str, path: str) -> None:
    plain, boarded = rooms(), rooms()
    install(boarded)
    theirs, ours = await asked(plain, method, path), await asked(boarded, method, path)
    assert ours[:2] == theirs[:2]
    assert (ours[2] is None) == (theirs[2] is None)


def test_every_route_of_the_service_is_on_the_board(app: FastAPI) -> None:
    board = app.router.middleware_stack
    assert isinstance(board, Switchboard)
    lines = {id(line.route) for lines in board._lines.values() for line in lines}
    assert lines == {id(context.original_route) for context in iter_route_contexts(app.routes)}
