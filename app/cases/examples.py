"""One case as the description of the API shows it, wherever a case or a part of one is shown."""

from pydantic.config import JsonDict

REFERENCE = "CF-100001-19"

SUMMARY: JsonDict = {
    "reference": REFERENCE,
    "version": 7,
    "status": "escalation_requested",
    "type_at_receipt": "complaint",
    "type": "complaint",
    "channel": "phone",
    "procedure": "childrens-statutory",
    "category": "communication",
    "service": "children-and-families",
    "team": "warwick-childrens-team",
    "system_of_record": "customer_feedback",
    "received_on": "2026-10-01",
    "registered_on": "2026-10-01",
    "migrated_on": None,
    "acknowledged_on": "2026-10-01",
    "acknowledged_by": "phone",
    "safeguarding": False,
    "on_behalf": False,
    "anonymous": False,
    "closed_on": None,
    "closure": None,
    "no_finding_reason": None,
    "refusal_reason": None,
    "set_aside": None,
}
EXTENSION: JsonDict = {
    "working_days": 5,
    "reason": "complexity",
    "agreed_on": "2026-10-02",
    "told_on": "2026-10-02",
}
STAGE: JsonDict = {
    "number": 1,
    "procedure": "childrens-statutory",
    "requested_on": None,
    "started_on": "2026-10-01",
    "respond_within": 10,
    "base_due_on": "2026-10-15",
    "due_on": "2026-10-22",
    "answered_on": "2026-10-12",
    "closed_on": "2026-10-12",
    "finding": "partially_upheld",
    "closure": None,
    "no_finding_reason": None,
    "verdict": "within_target",
    "working_days_taken": 7,
    "within_target": True,
    "timescale_excluded": None,
    "handler": "r.handler",
    "extensions": [EXTENSION],
    "remedies": [
        {
            "kind": "financial-symbolic",
            "pence": 15000,
            "agreed_on": "2026-10-12",
            "due_on": "2026-11-09",
            "done_on": None,
        }
    ],
}
CASE: JsonDict = {
    **SUMMARY,
    "systems": [{"system": "customer_feedback", "reference": REFERENCE}],
    "stages": [STAGE],
    "escalations": [
        {
            "number": 1,
            "to_stage": 2,
            "requested_on": "2026-10-12",
            "decided_on": None,
            "decision": None,
        }
    ],
    "possible_acts": ["accept_escalation", "refuse_escalation", "resolve_escalation", "note"],
    "links": {
        "self": f"/v1/feedback/{REFERENCE}",
        "history": f"/v1/feedback/{REFERENCE}/history",
        "people": f"/v1/feedback/{REFERENCE}/people",
    },
}
HISTORY: JsonDict = {
    "reference": REFERENCE,
    "items": [
        {
            "version": 5,
            "act": "extend",
            "happened_on": "2026-10-02",
            "recorded_at": "2026-10-02T09:00:00Z",
            "client": "customer_relations",
            "officer": "j.officer",
            "changes": {
                "stage": 1,
                "due_on": "2026-10-22",
                "reason": "complexity",
                "working_days": 5,
            },
        }
    ],
}
PERSONAL: JsonDict = {
    "reference": REFERENCE,
    "people": [
        {
            "role": "complainant",
            "name": "Alex Example",
            "email": "alex@example.org",
            "phone": "01632 960123",
            "address": None,
            "relationship": None,
            "consent": "not_needed",
        }
    ],
    "narrative": "Nobody has rung me back for three weeks.",
    "desired_outcome": "A call, and to know who my contact is.",
    "remarks": [{"version": 5, "text": "Two teams are involved."}],
}
