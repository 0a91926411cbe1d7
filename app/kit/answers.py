"""What an answer brings besides its body: its headers, and what can be called next with it.

Said in the API's description, beside the operation: `responses=gives("ETag", then=…)`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

Responses = dict[int | str, dict[str, Any]]
Links = Mapping[str, Mapping[str, str]]

HEADERS: Mapping[str, Any] = {
    "Accept": {
        "description": "The media types that are taken here.",
        "schema": {"type": "string", "maxLength": 200},
        "example": "application/json",
    },
    "Content-Disposition": {
        "description": "There when the answer is a file: what to call it.",
        "schema": {"type": "string", "maxLength": 200},
        "example": 'attachment; filename="outcomes.csv"',
    },
    "ETag": {
        "description": "Stays the same while what is answered with does. A change sends it as"
        " `If-Match`, and whoever has the answer already as `If-None-Match`.",
        "required": True,
        "schema": {"type": "string", "maxLength": 100},
        "example": '"3"',
    },
    "Idempotency-Replayed": {
        "description": "There when the request had been carried out before: this answer was kept.",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
    "Link": {
        "description": 'Where there is a further page: its address, as `rel="next"` (RFC 8288).',
        "schema": {"type": "string", "maxLength": 4_000},
        "example": '</v1/feedback?cursor=bGF0ZXI>; rel="next"',
    },
    "Location": {
        "description": "The address of what the request has made.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference", "maxLength": 200},
        "example": "/v1/feedback/CF-100001-19/receipt",
    },
    "RateLimit": {
        "description": "Experimental, after the IETF's draft: how many more requests the caller"
        " may send at once (`r`), and the seconds until all of its rate is there again (`t`).",
        "schema": {"type": "string", "maxLength": 100},
        "example": '"client";r=2999;t=1',
    },
    "RateLimit-Policy": {
        "description": "Experimental, after the IETF's draft: how many requests the caller may"
        " send at once (`q`), and the seconds in which that comes back (`w`).",
        "schema": {"type": "string", "maxLength": 100},
        "example": '"client";q=3000;w=10',
    },
    "Retry-After": {
        "description": "Seconds after which the same request may be sent again.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 3_600},
        "example": 2,
    },
    "Vary": {
        "description": "The headers of the request that decide what is answered.",
        "schema": {"type": "string", "maxLength": 200},
        "example": "Accept, Authorization",
    },
    "WWW-Authenticate": {
        "description": "How to say who is calling.",
        "required": True,
        "schema": {"type": "string", "maxLength": 200},
        "example": 'Bearer realm="council-feedback"',
    },
    "X-Request-ID": {
        "description": "The id of the request, as in the log: the caller's own, if it sent one.",
        "required": True,
        "schema": {"type": "string", "maxLength": 64},
        "example": "5f0c2a9be1d34c77",
    },
}


def gives(
    *headers: str, then: Links | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Responses:
    """Describe the headers of an operation's answer, and the operations that it leads to.

    `then` says of each operation where its parameters are found, as OpenAPI's runtime expressions.
    """
    answer: dict[str, Any] = {"headers": named(*headers)} if headers else {}
    if then:
        answer["links"] = {
            name: {"operationId": name, "parameters": dict(where)} for name, where in then.items()
        }
    return {int(status): answer}


def named(*headers: str) -> dict[str, Any]:
    """Headers, each by a reference to what is said of it once."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
