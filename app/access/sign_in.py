"""Signing in to read drafts in a browser: a short form takes a key, and a cookie remembers which.

The cookie opens pages of reports to read, and nothing else; it ends with the key, or in half an
hour.
"""

import re
from html import escape
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.access import cookie
from app.access.guard import SIGN_IN, KeyRefused, accepted
from app.access.keys import parsed
from app.access.principal import Scope
from app.access.queries import KeyRing
from app.kit.admission import Rates
from app.kit.pages import page, page_answer
from app.kit.problem import Problem
from app.kit.routing import Route
from app.kit.settings import Mode, Settings

router = APIRouter(route_class=Route, include_in_schema=False)

SIGN_OUT = "/sign-out"
_OF_REPORTS = re.compile(rf"{cookie.PATH}/[A-Za-z0-9._~%!$&()*+,;=:@/?-]{{0,500}}")
_FORM = """<h1>Sign in to read drafts</h1>
{refused}
<p>Reports that are published are <a href="/">open to all</a>. A draft needs a key that may read
statistics. The browser is signed in for half an hour, to read reports and nothing else.</p>
<form method="post" action="{action}">
<label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="off" required maxlength="200"{described}>
<input name="to" type="hidden" value="{to}">
<button>Sign in</button>
</form>"""
_REFUSED = '<p class="refused" id="refused" role="alert"><strong>{why}</strong></p>'


class CrossSite(Problem):
    """A form that another site sent, in the name of whoever was looking at it."""

    status = HTTPStatus.FORBIDDEN
    title = "The form was not sent from a page of this service"


@router.get(SIGN_IN)
async def show_form(to: str = cookie.PATH) -> Response:
    """The form that takes a key."""
    return _form(to)


@router.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Take a key, and have the browser remember that it was shown."""
    _refuse_other_sites(request)
    body = (await request.body()).decode("ascii", "replace")
    try:
        sent = parse_qs(body, max_num_fields=10)
    except ValueError:  # more fields than the form has
        sent = {}
    text, to = (sent.get(name, [""])[-1] for name in ("key", "to"))
    ring: KeyRing = request.app.state.keyring
    rates: Rates = request.app.state.rates
    try:
        principal = accepted(await ring.holder(text.strip()), ring)
    except KeyRefused as refusal:
        rates.failed(request.scope)
        return _form(to, refused=f"The key is not accepted. {refusal.detail}")
    rates.used(request.scope, principal.client)
    if not principal.may(Scope.stats_read):
        return _form(to, refused="That key may not read statistics, so it opens no report.")
    key = parsed(text.strip())
    assert key is not None  # a holder was found for it
    answer = RedirectResponse(_within(to), HTTPStatus.SEE_OTHER)
    pepper = cast("bytes", request.app.state.pepper)
    _remember(request, answer, cookie.value(key.id, now=ring.now(), pepper=pepper))
    return answer


@router.post(SIGN_OUT)
async def sign_out(request: Request) -> Response:
    """Have the browser forget that a key was shown."""
    _refuse_other_sites(request)
    answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    _remember(request, answer, "", seconds=0)
    return answer


def _form(to: str, *, refused: str | None = None) -> Response:
    body = _FORM.format(
        action=SIGN_IN,
        to=escape(_within(to)),
        refused=_REFUSED.format(why=escape(refused)) if refused else "",
        described=' aria-describedby="refused" aria-invalid="true"' if refused else "",
    )
    status = HTTPStatus.UNAUTHORIZED if refused else HTTPStatus.OK
    return page_answer(page("Sign in to read drafts", body), status=status)


def _within(to: str) -> str:
    """Where to go on: to a page of reports here, whatever the form says."""
    return to if _OF_REPORTS.fullmatch(to) else "/"


def _remember(
    request: Request,
    answer: Response,
    value: str,
    *,
    seconds: int = int(cookie.LASTS.total_seconds()),
) -> None:
    settings: Settings = request.app.state.settings
    answer.set_cookie(
        cookie.NAME,
        value,
        max_age=seconds,
        path=cookie.PATH,
        secure=settings.mode is not Mode.demonstration,
        httponly=True,
        samesite="strict",
    )


def _refuse_other_sites(request: Request) -> None:
    """Let no other site sign somebody in or out: browsers say where a form was sent from."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "").partition("://")[2]
    at_home = bool(origin) and origin == request.headers.get("host")
    same = site == "same-origin" if site else at_home
    if not same:
        raise CrossSite("Open the form here, and send it from there.")
