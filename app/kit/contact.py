"""Whom a stranger who has found a weakness should tell."""

from datetime import datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse

from app.kit.clock import Now
from app.kit.problem import Problem, refuses
from app.kit.routing import Route

VALID_FOR = timedelta(days=180)

router = APIRouter(tags=["service"], route_class=Route)


class NoSecurityContact(Problem):
    """This installation has not said whom to tell."""

    status = HTTPStatus.NOT_FOUND
    title = "No security contact has been set"


@router.get(
    "/.well-known/security.txt",
    operation_id="security_txt",
    response_class=PlainTextResponse,
    responses={
        200: {
            "content": {
                "text/plain": {
                    "schema": {"type": "string", "maxLength": 500},
                    "example": "Contact: mailto:security@council.example\n",
                }
            }
        },
        **refuses(NoSecurityContact),
    },
)
async def security_txt(request: Request, now: Now) -> PlainTextResponse:
    """Whom to tell about a weakness (RFC 9116)."""
    contact: str | None = request.app.state.security_contact
    if contact is None:
        raise NoSecurityContact("Tell the council that runs this service.")
    return PlainTextResponse(_security_txt(contact, now))


def _security_txt(contact: str, now: datetime) -> str:
    expires = (now + VALID_FOR).strftime("%Y-%m-%dT00:00:00Z")
    return f"Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n"
