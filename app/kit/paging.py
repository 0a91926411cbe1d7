"""Lists by the page: an opaque cursor that only its holder can use, and only for the same list."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request
from pydantic import BaseModel

from app.kit.page import MOST_ITEMS, CursorText
from app.kit.problem import Problem

Position = tuple[str | int | None, ...]

_TAG_BYTES = 16
_NOT_OF_THE_LIST = {"cursor", "limit"}

Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="How many items a page holds.")]
Cursor = Annotated[
    CursorText | None, Query(description="The `next_cursor` of the page before this one.")
]


class CursorRefused(Problem):
    """The cursor was not given out for this list to this caller."""

    status = HTTPStatus.BAD_REQUEST
    title = "The cursor does not belong to this list"


async def _secret(request: Request) -> bytes:
    pepper: bytes = request.app.state.pepper
    return pepper


CursorSecret = Annotated[bytes, Depends(_secret)]


def encode_cursor(
    secret: bytes,
    position: Sequence[str | int | None],
    *,
    client: str,
    filters: BaseModel | Mapping[str, object],
) -> str:
    """A cursor to the items after `position`: the sort key of the last item given out."""
    payload = json.dumps(position, separators=(",", ":")).encode()
    return urlsafe_b64encode(_tag(secret, payload, client, filters) + payload).decode().rstrip("=")


def decode_cursor(
    secret: bytes,
    cursor: str | None,
    *,
    client: str,
    filters: BaseModel | Mapping[str, object],
) -> Position | None:
    """The position a cursor stands for; none without one. Refuses another list's or caller's."""
    if cursor is None:
        return None
    try:
        data = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raise _refusal() from None
    tag, payload = data[:_TAG_BYTES], data[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(secret, payload, client, filters)):
        raise _refusal()
    return tuple(json.loads(payload))


def next_link(request: Request, cursor: str) -> str:
    """The value of a Link header to the next page, relative to this address."""
    asked = request.query_params.multi_items()
    query = urlencode([pair for pair in asked if pair[0] != "cursor"] + [("cursor", cursor)])
    return f'<{quote(request.scope["path"])}?{query}>; rel="next"'


def _tag(
    secret: bytes, payload: bytes, client: str, filters: BaseModel | Mapping[str, object]
) -> bytes:
    """What only we can make, and only for this position, caller and list."""
    bound = b"\x00".join((b"cursor", client.encode(), _list(filters).encode(), payload))
    return hmac.digest(secret, bound, hashlib.sha256)[:_TAG_BYTES]


def _list(filters: BaseModel | Mapping[str, object]) -> str:
    """Which list it is: the kind of its filters, and those that are set."""
    if isinstance(filters, BaseModel):
        asked = filters.model_dump_json(exclude=_NOT_OF_THE_LIST, exclude_defaults=True)
        return type(filters).__qualname__ + asked
    asked_of = {name: value for name, value in filters.items() if name not in _NOT_OF_THE_LIST}
    return json.dumps(asked_of, sort_keys=True, default=str)


def _refusal() -> CursorRefused:
    return CursorRefused("Start from the first page: ask again without a cursor.")
