"""Refusals as RFC 9457 problem details: one exception class for each kind of refusal."""

import re
from http import HTTPStatus
from typing import ClassVar

from app.kit.answers import Responses, named


class Problem(Exception):
    """A request we understood and will not carry out.

    A subclass stands beside the rule that refuses. `detail` is for a person: it says what is
    wrong and what to do, and never repeats what was sent. `members` become extension members
    of the answer (RFC 9457 §3.2); they hold codes, dates and numbers only.
    """

    status: ClassVar[HTTPStatus]
    title: ClassVar[str]
    sends: ClassVar[tuple[str, ...]] = ()
    """The names of the headers below, for the description."""

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members

    @classmethod
    def slug(cls) -> str:
        """The kebab-case name in the problem's type, `/problems/<slug>`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @property
    def headers(self) -> dict[str, str]:
        """Headers that the answer carries besides its media type."""
        return {}


class Unavailable(Problem):
    """The service cannot answer now; the same request may be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The service cannot answer just now"
    sends = ("Retry-After",)

    @property
    def headers(self) -> dict[str, str]:
        """When to try again, in seconds."""
        return {"Retry-After": str(self.members.get("retry_after", 1))}


def refuses(*problems: type[Problem]) -> Responses:
    """Describe an operation's refusals in its OpenAPI `responses`, one entry a status."""
    by_status: dict[HTTPStatus, list[type[Problem]]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem)
    return {
        int(status): {
            "description": " · ".join(p.title for p in sorted(kinds, key=lambda p: p.title)),
            "headers": named(*sorted({name for p in kinds for name in p.sends})),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {
                        p.slug(): {
                            "value": {
                                "type": f"/problems/{p.slug()}",
                                "title": p.title,
                                "status": int(status),
                                "detail": p.title + ".",
                            }
                        }
                        for p in kinds
                    },
                }
            },
        }
        for status, kinds in sorted(by_status.items())
    }
