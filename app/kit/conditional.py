"""Versions as ETags: a change names the version it was made from (RFC 9110 §13)."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Header

from app.kit.problem import Problem

_ETAG = re.compile(r'^"(?P<version>[1-9][0-9]{0,8})"$')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description="The ETag of the version that the change was decided on. Required.",
        examples=['"3"'],
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


def version_in(if_match: str | None) -> int:
    """The version that an If-Match header names; refuses a missing or malformed one."""
    if if_match is None:
        raise IfMatchMissing("Read the case first, then send its ETag in an If-Match header.")
    found = _ETAG.match(if_match.strip())
    if found is None:
        raise IfMatchMalformed('Send one ETag as it was given, such as If-Match: "3".')
    return int(found["version"])
