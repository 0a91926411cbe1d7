"""One import as the description of the API shows it: two lines taken, one refused."""

from pydantic.config import JsonDict

COUNTS: JsonDict = {"taken": 2, "unchanged": 0, "linked": 0, "differs": 0, "refused": 1}
RUN: JsonDict = {
    "id": 1,
    "source": "history-2023-24.jsonl",
    "format": "json_lines",
    "client": "admin",
    "officer": "j.officer",
    "started_at": "2026-10-12T09:00:00Z",
    "finished_at": "2026-10-12T09:00:01Z",
    "lines_read": 3,
    "counts": COUNTS,
    "open_rejects": 1,
}
REFUSED: JsonDict = {
    "line": 3,
    "result": "refused",
    "problems": [
        {
            "pointer": "/type",
            "code": "invalid-request",
            "detail": "Should be 'complaint', 'comment' or 'compliment'",
            "more": {},
        }
    ],
}
ANSWER: JsonDict = {
    "dry_run": False,
    "run": RUN,
    "counts": COUNTS,
    "results": [
        {"line": 1, "result": "taken", "reference": "CF-100033-20", "problems": []},
        {"line": 2, "result": "taken", "reference": "CF-100034-17", "problems": []},
        {**REFUSED, "reference": None},
    ],
}
REJECTS: JsonDict = {
    "items": [
        {
            **REFUSED,
            "names": ["contact_us:CU-20418", "customer_feedback:CFS-0001"],
            "resolved_at": None,
            "raw": None,
        }
    ],
    "next_cursor": None,
}
