"""What is asked of the service again and again: intake, one case, a list of fifty."""

import json
from collections.abc import Mapping, Sequence

from tests.bench import statements
from tests.bench.load import Requests

INTAKE, READ, LIST, NOTHING = "intake", "read", "list", "empty"
PUBLIC = "public"  # the caller who is told no small numbers; the demonstration has none


def by(keys: Mapping[str, str], role: str) -> dict[str, str]:
    """The headers of a caller."""
    return {"Authorization": f"Bearer {keys[role]}"}


def requests(keys: Mapping[str, str], references: Sequence[str]) -> Mapping[str, Requests]:
    """Every kind of request, by its name."""
    reader = by(keys, "contact_centre")
    as_json = {"Content-Type": "application/json"}
    return {
        INTAKE: Requests(
            ["/v1/feedback"], by(keys, "portal") | as_json, json.dumps(statements.BODY)
        ),
        READ: Requests([f"/v1/feedback/{each}" for each in references], reader),
        LIST: Requests(["/v1/feedback?limit=50"], reader),
        NOTHING: Requests(["/v1/nothing"], reader),
    }
