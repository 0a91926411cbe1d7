"""A case from the portal to its figure, by a client that openapi-python-client has generated.

Called, beside the generated package, with the service's address and its demonstration's keys.
"""

# mypy: ignore-errors
# The client is generated when this is run, so there is nothing here to check against before.

import json
import sys
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from council_client import AuthenticatedClient
from council_client.api.casework import answer, close, triage
from council_client.api.feedback import read_case, read_receipt, submit_feedback
from council_client.api.statistics import read_figure
from council_client.models import (
    AnswerOut,
    CaseOut,
    ClosureIn,
    FeedbackIn,
    OutcomeIn,
    Problem,
    Receipt,
    ReceiptStatus,
    TriageIn,
)

TRIAGED = {
    "decision": "accept",
    "procedure": "childrens-statutory",
    "category": "communication",
    "service": "children-and-families",
}


Kind = TypeVar("Kind")


def given(response: Any, kind: type[Kind]) -> Kind:
    assert isinstance(response.parsed, kind), response.content
    return response.parsed


def refused(response: Any, status: int) -> Problem:
    problem = given(response, Problem)
    assert problem.status == response.status_code == status
    assert problem.type_
    assert problem.detail
    return problem


def main(address: str, keys: dict[str, str]) -> None:
    client = {role: AuthenticatedClient(base_url=address, token=key) for role, key in keys.items()}

    # The portal submits, and looks up its receipt.
    portal = client["portal"]
    said = FeedbackIn.from_dict({"type": "complaint", "narrative": "Nobody has rung back."})
    sent = submit_feedback.sync_detailed(client=portal, body=said, idempotency_key=str(uuid4()))
    receipt = given(sent, Receipt)
    looked_up = read_receipt.sync_detailed(
        receipt.reference, client=portal, receipt_token=receipt.receipt_token
    )
    assert given(looked_up, ReceiptStatus).reference == receipt.reference

    # The contact centre logs a call.
    said = {"type": "complaint", "channel": "phone", "narrative": "The review was cancelled."}
    call = submit_feedback.sync_detailed(
        client=client["contact_centre"],
        body=FeedbackIn.from_dict(said),
        idempotency_key=str(uuid4()),
        acting_officer="c.agent",
    )
    reference = given(call, Receipt).reference

    # Customer Relations works it to an outcome, each act on the version it was decided on.
    relations = {"client": client["customer_relations"], "acting_officer": "j.officer"}
    read = read_case.sync_detailed(reference, client=client["customer_relations"])
    assert given(read, CaseOut).type_ == "complaint"
    first = read.headers["etag"]
    early = close.sync_detailed(reference, **relations, if_match=first, body=ClosureIn())
    refused(early, 409)
    triaged = triage.sync_detailed(
        reference, **relations, if_match=first, body=TriageIn.from_dict(TRIAGED)
    )
    given(triaged, CaseOut)
    outcome = OutcomeIn.from_dict({"finding": "upheld", "remedies": [{"kind": "apology"}]})
    refused(answer.sync_detailed(reference, 1, **relations, if_match=first, body=outcome), 412)
    answered = answer.sync_detailed(
        reference, 1, **relations, if_match=triaged.headers["etag"], body=outcome
    )
    assert given(answered, CaseOut).stages[0].finding == "upheld"

    # A payload that is wrong is told where.
    said = FeedbackIn.from_dict({"type": "complaint", "narrative": ""})
    wrong = submit_feedback.sync_detailed(client=portal, body=said, idempotency_key=str(uuid4()))
    assert refused(wrong, 422).errors[0].pointer == "#/narrative"

    # Reporting pulls a figure.
    figure = read_figure.sync_detailed("outcomes", client=client["reporting"], year="2023-24")
    assert given(figure, AnswerOut).rows


if __name__ == "__main__":
    main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))
