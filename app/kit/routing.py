"""What every route does before its handler: admit, read the query, read the body as JSON.

FastAPI reads and validates the body before a dependency can refuse the caller; here the caller is
judged first, so that a body, however wrong, is not even read for somebody without a key.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from app.kit.direct import Handler, direct, is_repeatable
from app.kit.errors import (
    MalformedJson,
    UnsupportedMediaType,
    invalid_model,
    nameable,
    refused,
)

Model = TypeVar("Model", bound=BaseModel)
_SEND_JSON = "Send JSON, with Content-Type: application/json."
_READABLE = "Send JSON in UTF-8, of whole characters and finite numbers, not nested too deep."


class JsonRequest(Request):
    """A request whose body has been read as JSON already."""

    _read: object = None

    async def json(self) -> object:
        """The body, as it was read."""
        return self._read

    @classmethod
    async def read(cls, request: Request) -> "JsonRequest":
        """Read the body; refuse one that is not JSON."""
        body = await request.body()
        reading = cls(request.scope, request.receive)
        reading._body = body  # Starlette keeps what was read there
        if body:
            if not is_json(request.headers.get("content-type", "")):
                raise UnsupportedMediaType(_SEND_JSON)
            reading._read = _parsed(body)
        return reading


class Route(APIRoute):
    """A route that judges its caller, its query and its media type, in this order."""

    async def admit(self, request: Request) -> None:
        """Refuse a caller who may not come in. By itself a route is open to all."""

    def get_route_handler(self) -> Handler:
        """The handler, with what comes before it."""
        handle = direct(self) or super().get_route_handler()
        allowed = dict(_query_parameters(self.dependant))
        takes_json = self.body_field is not None

        async def judged(request: Request) -> Response:
            await self.admit(request)
            if request.scope["query_string"]:
                refuse_strange_query(request, allowed)
            return await handle(await JsonRequest.read(request) if takes_json else request)

        return judged


def refuse_strange_query(request: Request, allowed: Mapping[str, bool]) -> None:
    """Refuse parameters that are not declared, and repeats of those that take one value.

    `allowed` says of each name whether it may be repeated.
    """
    seen: set[str] = set()
    errors = []
    for name, _ in request.query_params.multi_items():
        if name not in allowed:
            known = f"allowed: {', '.join(sorted(allowed))}" if allowed else "none is allowed"
            errors.append((name, f"No such parameter; {known}"))
        elif name in seen and not allowed[name]:
            errors.append((name, "May be given once only"))
        seen.add(name)
    if errors:
        raise refused(
            [{"in": "query", "name": nameable(name), "detail": why} for name, why in errors]
        )


async def body_of(request: Request, model: type[Model]) -> Model:
    """The body as a model, straight from its bytes: for hot paths that take the bare request."""
    body = await request.body()
    if body and not is_json(request.headers.get("content-type", "")):
        raise UnsupportedMediaType(_SEND_JSON)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if any(found["type"] == "json_invalid" for found in error.errors(include_url=False)):
            raise MalformedJson(_READABLE) from None
        raise invalid_model(error) from None


def is_json(content_type: str) -> bool:
    """Whether a media type is JSON, or of a kind that is written in it."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _parsed(body: bytes) -> object:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        raise MalformedJson(_READABLE) from None


def _query_parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for name, inner in kind.model_fields.items():
                yield inner.alias or name, is_repeatable(inner.annotation)
        else:
            yield field.alias, is_repeatable(kind)
    for inner_dependant in dependant.dependencies:
        yield from _query_parameters(inner_dependant)
