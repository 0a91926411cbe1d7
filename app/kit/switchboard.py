"""Finds the route of a request at once.

FastAPI asks every route of every room in turn, twice, which takes as long as a whole empty
request. Here routes are put together by method and by how many parts their path has; among those
the first that fits is taken, as FastAPI would. Whatever fits none is left to FastAPI to refuse.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.convertors import StringConvertor
from starlette.types import ASGIApp, Receive, Scope, Send

_Place = tuple[str, int]  # a method, and how many parts a path has


@dataclass(frozen=True, slots=True)
class _Line:
    """One route, and the app that answers for it."""

    pattern: re.Pattern[str]
    parts: int
    route: APIRoute
    answer: ASGIApp


class Switchboard:
    """Connects a request with its route."""

    def __init__(self, app: FastAPI) -> None:
        self._otherwise: ASGIApp = app.router.app
        self._lines = _lines(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the route that fits, if one does."""
        if scope["type"] == "http" and not scope.get("root_path"):
            path = scope["path"]
            for line in self._lines.get((scope["method"], path.count("/")), ()):
                if found := line.pattern.match(path):
                    scope["router"] = scope["app"].router
                    scope["endpoint"] = line.route.endpoint
                    scope["route"] = line.route
                    scope["path_params"] = found.groupdict()
                    await line.answer(scope, receive, send)
                    return
        await self._otherwise(scope, receive, send)


def install(app: FastAPI) -> None:
    """Put the board before the router of an app whose routes are all there."""
    app.router.middleware_stack = Switchboard(app)


def _lines(app: FastAPI) -> Mapping[_Place, list[_Line]]:
    found: dict[_Place, list[_Line]] = defaultdict(list)
    for context in iter_route_contexts(app.routes):
        line = _line(context)
        if line is None:
            break  # a route of another kind: what comes after it may not be taken before it
        for method in line.route.methods or ():
            found[method, line.parts].append(line)
    return dict(found)


def _line(context: Any) -> _Line | None:  # noqa: ANN401  # FastAPI's own view of a route
    route = context.original_route
    if not isinstance(route, APIRoute) or context.app is None:
        return None
    if any(type(kind) is not StringConvertor for kind in context.param_convertors.values()):
        return None  # it may match a path of any length, or make something of a part
    return _Line(context.path_regex, context.path.count("/"), route, context.app)
