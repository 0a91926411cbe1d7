"""Every refusal and failure as `application/problem+json`. Nothing sent is ever repeated back."""

import json
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from app.kit.db import is_passing, unavailable
from app.kit.problem import Problem

MEDIA_TYPE = "application/problem+json"
_OWN_MEMBERS = frozenset({"type", "title", "status", "detail", "instance"})
_MOST_ERRORS = 50
_NAMEABLE = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)

# Messages of pydantic that quote nothing that was sent. Every other kind is reworded below.
_QUOTES_NOTHING = re.compile(
    r"missing|enum|literal_error|extra_forbidden|json_type"
    r"|(string|int|float|bool|date|datetime|list|dict|model|tuple|set)_type"
    r"|string_(too_short|too_long|pattern_mismatch)|too_(short|long)"
    r"|greater_than(_equal)?|less_than(_equal)?|multiple_of|finite_number"
    r"|(int|float|bool)_parsing|int_from_float|date_from_datetime_(parsing|inexact)"
    r"|model_attributes_type|datetime_(future|past)|date_(future|past)|timezone_(aware|naive)"
)
_REWORDED = {
    "missing": "Is required",
    "extra_forbidden": "Is not known here",
    "string_unicode": "Should hold whole characters only",
    "date_parsing": "Should be a date, as YYYY-MM-DD",
    "date_from_datetime_parsing": "Should be a date, as YYYY-MM-DD",
    "datetime_from_date_parsing": "Should be a date and time, as YYYY-MM-DDTHH:MM:SSZ",
    "datetime_parsing": "Should be a date and time, as YYYY-MM-DDTHH:MM:SSZ",
    "model_attributes_type": "Should be an object",
    "model_type": "Should be an object",
    "dict_type": "Should be an object",
}

_log = structlog.get_logger("app")


class InvalidRequest(Problem):
    """The request is not of the shape that the operation takes; `errors` says where and why."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The request is not of the right shape"


class InternalError(Problem):
    """We failed, and do not know why yet."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "Something went wrong here"


class MalformedJson(Problem):
    """The body cannot be read as JSON."""

    status = HTTPStatus.BAD_REQUEST
    title = "The body is not JSON"


class CutOff(Problem):
    """The caller left before the request had arrived whole, and does not hear this any more."""

    status = HTTPStatus.BAD_REQUEST
    title = "The request did not arrive whole"


class UnsupportedMediaType(Problem):
    """The body is of a kind that the operation does not take."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "The body is of the wrong media type"
    sends = ("Accept",)

    @property
    def headers(self) -> dict[str, str]:
        """What is taken instead."""
        return {"Accept": str(self.members.get("accepts", "application/json"))}


def install(app: FastAPI) -> None:
    """Have every refusal and every failure of the app answered as a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(ClientDisconnect, _cut_off)
    app.add_exception_handler(RequestValidationError, _validation)
    for kind in (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        app.add_exception_handler(kind, _database)


def render(problem: Problem, *, instance: str | None) -> Response:
    """A problem as an answer. Extension members never overwrite the standard ones."""
    return _answer(
        status=problem.status,
        kind=f"/problems/{problem.slug()}",
        title=problem.title,
        detail=problem.detail,
        instance=instance,
        members=problem.members,
        headers=problem.headers,
    )


def failure(error: BaseException, *, instance: str | None) -> Response:
    """The answer to an error nobody expected: 503 where trying again may help, 500 otherwise."""
    if is_passing(error):
        _log.warning("database_unavailable", request_id=instance, error=type(error).__name__)
        return render(unavailable(), instance=instance)
    _log.error(
        "unexpected_error",
        request_id=instance,
        error=type(error).__name__,
        at=_frames(error),
    )
    detail = "The request failed and was undone. If it goes on, tell us the instance."
    return render(InternalError(detail), instance=instance)


def invalid(errors: Iterable[Mapping[str, Any]]) -> InvalidRequest:
    """A refusal of a payload, from what pydantic or FastAPI found wrong with it."""
    return refused([_described(error) for error in errors])


def refused(errors: Sequence[Mapping[str, str]]) -> InvalidRequest:
    """A refusal of a payload, from places and reasons in our own words."""
    many = f"{len(errors)} things are wrong" if len(errors) != 1 else "One thing is wrong"
    return InvalidRequest(f"{many} with the request.", errors=list(errors[:_MOST_ERRORS]))


def invalid_model(error: ValidationError) -> InvalidRequest:
    """A refusal of a body that was validated by hand."""
    return invalid(
        {**found, "loc": ("body", *found["loc"])}
        for found in error.errors(include_url=False, include_input=False)
    )


def instance_of(request: Request) -> str | None:
    """The id of the request, under which the log knows it."""
    found: str | None = request.scope.get("request_id")
    return found


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return render(error, instance=instance_of(request))


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return render(invalid(error.errors()), instance=instance_of(request))


async def _cut_off(request: Request, _error: Exception) -> Response:
    return render(CutOff("Send the request again."), instance=instance_of(request))


async def _database(request: Request, error: Exception) -> Response:
    return failure(error, instance=instance_of(request))


async def _http_exception(request: Request, error: Exception) -> Response:
    """What the framework itself refuses. Its own words are dropped: they may quote the request."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods_at(request)))
    return _answer(
        status=status,
        kind=f"/problems/{status.name.lower().replace('_', '-')}",
        title=status.phrase,
        detail=_FRAMEWORK_DETAILS.get(status, f"{status.description or status.phrase}."),
        instance=instance_of(request),
        headers=headers,
    )


_FRAMEWORK_DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request could not be read.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method; see Allow.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than this address takes.",
}


def _answer(
    *,
    status: HTTPStatus,
    kind: str,
    title: str,
    detail: str,
    instance: str | None,
    members: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, object] = {
        "type": kind,
        "title": title,
        "status": int(status),
        "detail": detail,
    }
    if instance is not None:
        body["instance"] = instance
    body |= {name: value for name, value in (members or {}).items() if name not in _OWN_MEMBERS}
    answer = _ProblemAnswer(
        json.dumps(body, default=str, ensure_ascii=True),
        int(status),
        dict(headers or {}),
        media_type=MEDIA_TYPE,
    )
    answer.problem = kind.rpartition("/")[2]
    return answer


class _ProblemAnswer(Response):
    """A problem; it leaves its name with the request, which is logged and counted by it."""

    problem: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with it."""
        scope["problem"] = self.problem
        await super().__call__(scope, receive, send)


def _described(error: Mapping[str, Any]) -> dict[str, str]:
    """One thing wrong with a payload: where it is, and what it should be."""
    place, *path = error["loc"] or ("body",)
    if place == "body":
        where = {"in": "body", "pointer": "#" + "".join(f"/{_escaped(part)}" for part in path)}
    else:
        where = {"in": str(place), "name": nameable(path[0] if path else "")}
    return {**where, "detail": _worded(error)}


def _worded(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind in _REWORDED:
        return _REWORDED[kind]
    if kind in {"value_error", "assertion_error"}:
        reason = error.get("ctx", {}).get("error")
        # Our own validators raise plain ValueErrors in words that quote nothing.
        return str(reason) if type(reason) is ValueError else "Is not valid"
    if kind == "union_tag_invalid":
        return f"Should name one of {error['ctx']['expected_tags']}"
    if _QUOTES_NOTHING.fullmatch(kind):
        message = str(error["msg"]).removeprefix("Input ")
        return message[:1].upper() + message[1:]
    return "Is not valid"


def nameable(part: object) -> str:
    """The name of a field or parameter, where it is one that we could have given it."""
    text = str(part)
    return text if _NAMEABLE.fullmatch(text) else "…"


def _escaped(part: object) -> str:
    return nameable(part).replace("~", "~0").replace("/", "~1")


def _methods_at(request: Request) -> Iterator[str]:
    path = request.scope["path"]
    for context in iter_route_contexts(request.app.routes):
        regex = getattr(context, "path_regex", None)
        if regex is not None and regex.match(path):
            yield from context.methods or ()


def _frames(error: BaseException) -> list[str]:
    """Where it happened, without the error's words or anybody's data."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
