"""What a stranger finds at the door: what this is, and whom to tell about a weakness."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from app.kit.clock import Now
from app.kit.problem import Problem, refuses
from app.kit.routing import Route
from app.kit.shown import shown

VALID_FOR = timedelta(days=180)
_Text = Annotated[str, Field(max_length=500)]
_LINKS = {"documentation": "/docs", "openapi": "/openapi.json", "ready": "/readyz"}

router = APIRouter(tags=["service"], route_class=Route)


class NoSecurityContact(Problem):
    """This installation has not said whom to tell."""

    status = HTTPStatus.NOT_FOUND
    title = "No security contact has been set"


class Front(BaseModel):
    """What this is, and where to go on."""

    model_config = shown(
        {"name": "Council feedback", "about": "What it does.", "links": {**_LINKS}}
    )

    name: _Text
    about: _Text
    links: Annotated[Mapping[str, _Text], Field(max_length=10)]


@router.get("/", operation_id="front")
async def front(request: Request) -> Front:
    """What this service is, and where its description is."""
    app = request.app
    return Front(
        name=app.title,
        about=app.summary,
        links=_LINKS,
    )


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
