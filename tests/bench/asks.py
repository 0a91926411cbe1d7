"""What is asked of the service again and again: intake, one case, a list of fifty."""

import json
from collections.abc import Mapping, Sequence

import httpx

from tests.bench import statements
from tests.bench.load import Requests

INTAKE, READ, LIST, NOTHING = "intake", "read", "list", "empty"
_PAGES = 200
PUBLIC = "public"  # the caller who is told no small numbers; the demonstration has none


def by(keys: Mapping[str, str], role: str) -> dict[str, str]:
    """The headers of a caller."""
    return {"Authorization": f"Bearer {keys[role]}"}


def requests(
    address: str, keys: Mapping[str, str], references: Sequence[str]
) -> Mapping[str, Requests]:
    """Every kind of request, by its name."""
    reader = by(keys, "contact_centre")
    as_json = {"Content-Type": "application/json"}
    return {
        INTAKE: Requests(
            ["/v1/feedback"], by(keys, "portal") | as_json, json.dumps(statements.BODY)
        ),
        READ: Requests([f"/v1/feedback/{each}" for each in references], reader),
        LIST: Requests(_pages(address, reader), reader),
        NOTHING: Requests(["/v1/nothing"], reader),
    }


def _pages(address: str, reader: Mapping[str, str]) -> Sequence[str]:
    """Pages of the list of all cases, more than are asked for at once: no two of those are one."""
    found = ["/v1/feedback?limit=50"]
    with httpx.Client(base_url=address, headers=reader) as client:
        while len(found) < _PAGES:
            answer = client.get(found[-1]).raise_for_status()
            found.append(answer.links["next"]["url"])
    return found
