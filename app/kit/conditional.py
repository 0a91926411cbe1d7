"""Versions as ETags: a change names the version it was made from (RFC 9110 §13)."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Header

from app.kit.problem import Problem

_ETAG = re.compile(r'^"(?P<version>[1-9][0-9]{0,8})"$')
_ANY_ETAG = re.compile(r'(?:W/)?("[^"]*")')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description="The ETag of the version that the change was decided on. Required.",
        examples=['"3"'],
    ),
]

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=2_000,
        description="ETags of answers that the caller has: if one still holds, the answer is 304.",
        examples=['"5f0c7a"'],
    ),
]


class IfMatchMissing(Problem):
    """A change must say which version it was decided on."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    title = "If-Match is needed"


class IfMatchMalformed(Problem):
    """The header does not hold one strong ETag of ours."""

    status = HTTPStatus.BAD_REQUEST
    title = "If-Match is not an ETag of this service"


class Stale(Problem):
    """Somebody else changed it first."""

    status = HTTPStatus.PRECONDITION_FAILED
    title = "It has been changed since that version"


def etag(version: int) -> str:
    """The strong ETag of a version."""
    return f'"{version}"'


def has_seen(if_none_match: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names a tag; what cannot be read in it names none."""
    sent = (if_none_match or "").strip()
    return sent == "*" or tag in _ANY_ETAG.findall(sent)


def version_in(if_match: str | None) -> int:
    """The version that an If-Match header names; refuses a missing or malformed one."""
    if if_match is None:
        raise IfMatchMissing("Read the case first, then send its ETag in an If-Match header.")
    found = _ETAG.match(if_match.strip())
    if found is None:
        raise IfMatchMalformed('Send one ETag as it was given, such as If-Match: "3".')
    return int(found["version"])
