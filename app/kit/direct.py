"""Handlers called with less ado: what they ask for is worked out once, not for each request.

FastAPI walks a handler's dependencies anew for every request, which costs more than twenty
microseconds for each. A handler that answers with a `Response`, and whose dependencies are plain
coroutines, is called from a plan made when the service starts: the same values, the same
refusals, in the same order. Any other handler stays with FastAPI.
"""

import inspect
import types
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from starlette.datastructures import Headers

Call = Callable[..., Awaitable[Any]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_REPEATABLE = (list, tuple, set, frozenset)
_FOR_FASTAPI = (
    "cookie_params",
    "websocket_param_name",
    "http_connection_param_name",
    "background_tasks_param_name",
    "response_param_name",
    "security_scopes_param_name",
)


def direct(route: APIRoute) -> Handler | None:
    """A handler for a route that does without FastAPI's solver; none where it cannot."""
    if get_type_hints(route.endpoint).get("return") is not Response:
        return None
    try:
        plan = _Plan.of(route.dependant)
    except _NotDirect:
        return None
    body_fields, embed = route.dependant.body_params, route._embed_body_fields  # noqa: SLF001  # FastAPI keeps it there

    async def handle(request: Request) -> Response:
        errors: list[Any] = []
        values = await plan.values(request, {}, errors)
        if body_fields:
            body = await request.json() if await request.body() else PydanticUndefined
            read, wrong = await request_body_to_args(body_fields, body, embed_body_fields=embed)
            values.update(read)
            errors += wrong
        if errors:
            raise RequestValidationError(errors)
        answer: Response = await plan.call(**values)
        return answer

    return handle


def is_repeatable(kind: object) -> bool:
    """Whether a parameter of this kind may be given more than once."""
    origin = get_origin(kind)
    if origin in {Annotated, Union, types.UnionType}:
        return any(is_repeatable(part) for part in get_args(kind))
    return (origin or kind) in _REPEATABLE


class _NotDirect(Exception):
    """FastAPI itself has to call this handler."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to call a handler or a dependency: what it is given under which name."""

    call: Call
    request_name: str | None
    needed: tuple[tuple[str, "_Plan"], ...]
    readers: tuple["_Reader", ...]

    @classmethod
    def of(cls, dependant: Dependant) -> "_Plan":
        """The plan for a handler; raises _NotDirect where FastAPI is needed."""
        if any(getattr(dependant, name) for name in _FOR_FASTAPI):
            raise _NotDirect
        return cls(
            call=_coroutine(dependant.call),
            request_name=dependant.request_param_name,
            needed=tuple((inner.name or "", cls.of(inner)) for inner in dependant.dependencies),
            readers=tuple(_readers(dependant)),
        )

    async def values(
        self, request: Request, solved: dict[Call, Any], errors: list[Any]
    ) -> dict[str, Any]:
        """What to call it with. What is wrong with the request is added to `errors`."""
        found: dict[str, Any] = {}
        for name, plan in self.needed:
            if plan.call not in solved:
                known = len(errors)
                given = await plan.values(request, solved, errors)
                if len(errors) > known:
                    continue
                solved[plan.call] = await plan.call(**given)
            found[name] = solved[plan.call]
        if self.request_name:
            found[self.request_name] = request
        for read in self.readers:
            values, wrong = read(request)
            found.update(values)
            errors += wrong
        return found


_Reader = Callable[[Request], tuple[Mapping[str, Any], list[Any]]]


def _readers(dependant: Dependant) -> list[_Reader]:
    """What reads the path, the query and the headers of a request."""
    path, query, header = dependant.path_params, dependant.query_params, dependant.header_params
    found: list[_Reader] = []
    if path:
        found.append(_text_reader("path", path, lambda request: request.path_params))
    if query:
        found.append(
            _query_model_reader(query[0])
            if len(query) == 1 and _is_model(query[0].field_info.annotation)
            else lambda request: request_params_to_args(query, request.query_params)
        )
    if header:
        found.append(_text_reader("header", header, lambda request: request.headers))
    return found


def _text_reader(
    place: str, fields: list[Any], sent: Callable[[Request], Mapping[str, str] | Headers]
) -> _Reader:
    """What reads texts of a path or of headers, each of which is there once."""
    single = not any(
        is_repeatable(field.field_info.annotation) or _is_model(field.field_info.annotation)
        for field in fields
    )
    named = [(field, field.alias, (place, field.alias)) for field in fields]

    def read(request: Request) -> tuple[Mapping[str, Any], list[Any]]:
        texts = sent(request)
        if not single or any(alias not in texts for _, alias, _ in named):
            return request_params_to_args(fields, texts)
        given: dict[str, Any] = {}
        errors: list[Any] = []
        for field, alias, loc in named:
            value, wrong = field.validate(texts[alias], given, loc=loc)
            if wrong:
                errors += wrong
            else:
                given[field.name] = value
        return given, errors

    return read


def _query_model_reader(field: Any) -> _Reader:  # noqa: ANN401  # FastAPI's own kind of field
    """What reads a whole query as one model: its names have been judged before."""
    model: type[BaseModel] = field.field_info.annotation
    lists = {
        inner.alias or name
        for name, inner in model.model_fields.items()
        if is_repeatable(inner.annotation)
    }

    def read(request: Request) -> tuple[Mapping[str, Any], list[Any]]:
        given: dict[str, Any] = {}
        if request.scope["query_string"]:
            for name, value in request.query_params.multi_items():
                if name in lists:
                    given.setdefault(name, []).append(value)
                else:
                    given[name] = value
        value, wrong = field.validate(given, {}, loc=("query",))
        return ({}, wrong) if wrong else ({field.name: value}, [])

    return read


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _coroutine(call: Callable[..., Any] | None) -> Call:
    if call is None or not (
        inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)
    ):
        raise _NotDirect
    return call
