"""Who is let in to an operation. A caller is judged before anything of the request is read.

A room makes its `router` with `Router(prefix=…, tags=[…])` and its handlers take one of the
aliases below: the scopes they name are what the operation asks for, here and in the OpenAPI.
"""

import re
from collections.abc import Sequence
from enum import Enum
from http import HTTPStatus
from itertools import product
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer
from fastapi.params import Security
from fastapi.routing import iter_route_contexts
from fastapi.security.base import SecurityBase
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute

from app.access import cookie
from app.access.principal import STAFF, Principal, Scope
from app.access.queries import HeldKey, KeyRing
from app.kit.admission import Rates, TooManyRequests
from app.kit.direct import Handler
from app.kit.pages import wants_page
from app.kit.problem import Problem
from app.kit.routing import Route

SCHEME = "key"
SIGN_IN = "/sign-in"
OFFICER_HEADER = "Acting-Officer"
OFFICER_PATTERN = r"^[A-Za-z0-9._-]{1,64}$"
_OFFICER = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_CHANGES_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})
READS = frozenset({"GET", "HEAD"})


class KeyMissing(Problem):
    """The caller has not said who it is."""

    status = HTTPStatus.UNAUTHORIZED
    title = "A key is needed"
    sends = ("WWW-Authenticate",)

    @property
    def headers(self) -> dict[str, str]:
        """How to say who one is."""
        return {"WWW-Authenticate": 'Bearer realm="council-feedback"'}


class KeyRefused(Problem):
    """The key is not one that is accepted now."""

    status = HTTPStatus.UNAUTHORIZED
    title = "The key is not accepted"
    sends = ("WWW-Authenticate",)

    @property
    def headers(self) -> dict[str, str]:
        """How to say who one is."""
        return {"WWW-Authenticate": 'Bearer realm="council-feedback", error="invalid_token"'}


class ScopeMissing(Problem):
    """The key is good, but not for this."""

    status = HTTPStatus.FORBIDDEN
    title = "The key may not be used for this"


class ActingOfficerMissing(Problem):
    """A change by staff came without saying who makes it."""

    status = HTTPStatus.BAD_REQUEST
    title = "The acting officer is not named"


class ActingOfficerMalformed(Problem):
    """What names the officer is not a staff id."""

    status = HTTPStatus.BAD_REQUEST
    title = "The acting officer is not named by a staff id"


REFUSALS: tuple[type[Problem], ...] = (
    KeyMissing,
    KeyRefused,
    ScopeMissing,
    ActingOfficerMissing,
    ActingOfficerMalformed,
    TooManyRequests,
)


class Needs(SecurityBase):
    """What an operation asks of a key: any one of these scopes."""

    model = HTTPBearer(description="A key, made by `council-feedback keys issue`.")
    scheme_name = SCHEME

    def __init__(self, *any_of: Scope) -> None:
        self.any_of = any_of

    async def __call__(self, request: Request) -> Principal:
        """Who was admitted."""
        admitted: Principal = request.state.principal
        return admitted


def needs(*any_of: Scope) -> Security:
    """The dependency of a handler that asks for a key with any one of these scopes."""
    return Security(Needs(*any_of), scopes=[scope.value for scope in any_of])


Submitter = Annotated[Principal, needs(Scope.feedback_submit)]
Logger = Annotated[Principal, needs(Scope.feedback_log)]
Receiver = Annotated[Principal, needs(Scope.feedback_submit, Scope.feedback_log)]
CaseReader = Annotated[Principal, needs(Scope.case_read)]
CaseTriage = Annotated[Principal, needs(Scope.case_triage)]
CaseManager = Annotated[Principal, needs(Scope.case_manage)]
PersonalReader = Annotated[Principal, needs(Scope.case_pii)]
StatsReader = Annotated[Principal, needs(Scope.stats_read)]
ExactReader = Annotated[Principal, needs(Scope.stats_full)]  # chooses what is counted, and listed
Publisher = Annotated[Principal, needs(Scope.reports_publish)]
Importer = Annotated[Principal, needs(Scope.imports_write)]
Watcher = Annotated[Principal, needs(Scope.ops_metrics)]
AnyKey = Annotated[Principal, needs(*Scope)]  # any good key: reference data is no secret


class GuardedRoute(Route):
    """A route that lets in only whom its handler's dependencies ask for."""

    async def admit(self, request: Request) -> None:
        """Refuse a caller without a good key (401), or with one that is not for this (403).

        Refuse those who ask too often, with or without a key (429).
        """
        ring: KeyRing = request.app.state.keyring
        rates: Rates = request.app.state.rates
        try:
            principal = await self.holder(request, ring)
        except (KeyMissing, KeyRefused):
            rates.failed(request.scope)
            raise
        request.state.principal = principal  # the log names the client, refused or not
        rates.used(request.scope, principal.client)
        for one in self.asks_for:
            if principal.scopes.isdisjoint(one.any_of):
                wanted = " or ".join(one.any_of)
                raise ScopeMissing(f"It takes a key with {wanted}.", scopes=list(one.any_of))
        request.state.principal = _with_officer(request, principal)

    async def holder(self, request: Request, ring: KeyRing) -> Principal:
        """Who holds the key that the request came with."""
        return await _holder(request, ring)

    @property
    def asks_for(self) -> tuple[Needs, ...]:
        """Everything the handler asks of a key; each of these must be met."""
        if not hasattr(self, "_asks_for"):
            self._asks_for = tuple(_needs_of(self.dependant))
        return self._asks_for


class PageRoute(GuardedRoute):
    """A guarded route that a browser may read after signing in; it is led there if it has not."""

    async def holder(self, request: Request, ring: KeyRing) -> Principal:
        """Who holds the key sent with the request, or shown when the browser signed in."""
        sent = request.cookies.get(cookie.NAME)
        if sent is None or request.method not in READS or "authorization" in request.headers:
            return await _holder(request, ring)
        key_id = cookie.key_in(sent, now=ring.now(), pepper=request.app.state.pepper)
        found = None if key_id is None else await ring.of_id(key_id)
        return accepted(found, ring)

    def get_route_handler(self) -> Handler:
        """The handler, with a way in for browsers before it."""
        handle = super().get_route_handler()

        async def led_in(request: Request) -> Response:
            try:
                return await handle(request)
            except (KeyMissing, KeyRefused):
                if request.method not in READS or not wants_page(request):
                    raise
            to = quote(request.url.path + "?" * bool(request.url.query) + request.url.query)
            return RedirectResponse(f"{SIGN_IN}?to={to}", HTTPStatus.SEE_OTHER)

        return led_in


def describe(document: dict[str, Any], routes: Sequence[BaseRoute]) -> None:
    """Say in the API's description which scopes an operation asks for, and who must be named.

    FastAPI lists the scopes of one dependency as if all were needed: where any one will do, each
    becomes a way in of its own.
    """
    for context in iter_route_contexts(routes):
        route = context.original_route
        if not isinstance(route, GuardedRoute) or not context.include_in_schema:
            continue
        for method in context.methods or ():
            operation = document["paths"][context.path_format][method.lower()]
            ways = product(*(one.any_of for one in route.asks_for))
            operation["security"] = [{SCHEME: sorted(set(way))} for way in ways]
            if method not in _CHANGES_NOTHING:
                operation.setdefault("parameters", []).append(_officer_parameter(route))


def _officer_parameter(route: GuardedRoute) -> dict[str, Any]:
    always = any(STAFF.issuperset(one.any_of) for one in route.asks_for)
    return {
        "name": OFFICER_HEADER,
        "in": "header",
        "required": always,
        "description": "The council's staff id of the officer who does this."
        + ("" if always else " Required of keys that staff use."),
        "schema": {"type": "string", "pattern": OFFICER_PATTERN, "maxLength": 64},
        "example": "jo.bloggs",
    }


class Router(APIRouter):
    """The router of a room: guarded, and with operations named by their functions."""

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: Sequence[str | Enum] = (),
        route_class: type[GuardedRoute] = GuardedRoute,
    ) -> None:
        super().__init__(
            prefix=prefix,
            tags=list(tags),
            route_class=route_class,
            redirect_slashes=False,
            generate_unique_id_function=lambda route: route.name,
        )


async def _holder(request: Request, ring: KeyRing) -> Principal:
    sent = request.headers.getlist("authorization")
    if not sent:
        raise KeyMissing("Send a key in the header `Authorization: Bearer cf_…`.")
    scheme, _, text = sent[0].partition(" ")
    found = None
    if len(sent) == 1 and scheme.lower() == "bearer":
        found = await ring.holder(text.strip())
    return accepted(found, ring)


def accepted(found: HeldKey | None, ring: KeyRing) -> Principal:
    """The holder of a key, if it is one of ours that is alive."""
    if found is None:
        raise KeyRefused("It is not a key of this service.")
    if found.revoked_at is not None:
        raise KeyRefused("It has been revoked. Ask for a new one.")
    if found.expires_at <= ring.now():
        raise KeyRefused("It has expired. Ask for a new one.")
    return found.principal


def _with_officer(request: Request, principal: Principal) -> Principal:
    officers = request.headers.getlist(OFFICER_HEADER)
    if not officers:
        if principal.names_officers and request.method not in _CHANGES_NOTHING:
            raise ActingOfficerMissing(
                f"Name the officer who does this in the header {OFFICER_HEADER}, by staff id."
            )
        return principal
    if len(officers) > 1 or not _OFFICER.fullmatch(officers[0]):
        raise ActingOfficerMalformed(
            "A staff id is 1 to 64 letters, digits, full stops, underscores or hyphens."
        )
    return principal.by(officers[0])


def _needs_of(dependant: Dependant) -> list[Needs]:
    found = [dependant.call] if isinstance(dependant.call, Needs) else []
    return found + [one for inner in dependant.dependencies for one in _needs_of(inner)]
