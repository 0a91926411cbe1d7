"""The body of an import as the description of the API shows it."""

import csv
import io
import json
from typing import Any

from app.imports.flat_csv import COLUMNS

JSON_LINES, FLAT_CSV = "application/x-ndjson", "text/csv"
_LONGEST = 64 * 1024 * 1024

LINE: dict[str, Any] = {
    "system_of_record": "customer_feedback",
    "systems": [
        {"system": "contact_us", "reference": "CU-20418"},
        {"system": "customer_feedback", "reference": "CFS-0001"},
    ],
    "type": "complaint",
    "received_on": "2023-12-11",
    "registered_on": "2024-01-16",
    "migrated_on": "2024-01-16",
    "service": "children-and-families",
    "people": [{"role": "complainant", "name": "Alex Example", "email": "alex@example.org"}],
    "narrative": "Nobody has rung me back for three weeks.",
    "acts": [
        {"act": "acknowledge", "on": "2023-12-12", "by": "email"},
        {
            "act": "triage",
            "on": "2023-12-13",
            "officer": "a.officer",
            "decision": "accept",
            "procedure": "corporate",
            "category": "communication",
        },
        {
            "act": "answer",
            "on": "2024-01-18",
            "stage": 1,
            "finding": "upheld",
            "remedies": [{"kind": "apology"}],
        },
        {
            "act": "correct",
            "on": "2024-01-18",
            "stage": 1,
            "timescale_excluded": "migrated",
            "reason": "It lay still while it was moved.",
        },
        {"act": "close", "on": "2024-02-20"},
    ],
}
ROW = {
    "system": "contact_us",
    "reference": "CU-18830",
    "type": "complaint",
    "received_on": "2022-06-06",
    "registered_on": "2022-06-07",
    "service": "education",
    "category": "service-standards",
    "procedure": "corporate",
    "accepted_on": "2022-06-08",
    "outcome": "partially_upheld",
    "closed_on": "2022-06-20",
    "remedies": "apology;explanation",
    "narrative": "The bus pass came after term had begun.",
    "complainant_name": "Sam Example",
}


def _table() -> str:
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, COLUMNS, restval="")
    rows.writeheader()
    rows.writerow(ROW)
    return text.getvalue()


def _text(means: str, example: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": _LONGEST, "description": means}
    return {"schema": schema, "examples": {"one_case": {"value": example}}}


REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file, in UTF-8. It is read as it comes, so it may be sent in chunks.",
        "content": {
            JSON_LINES: _text(
                "JSON Lines: one case a line, with its whole history. docs/imports.md explains it.",
                json.dumps(LINE) + "\n",
            ),
            FLAT_CSV: _text(
                "CSV: one row a case that ended at stage 1 or before. The first line names the"
                f" columns: {', '.join(COLUMNS)}.",
                _table(),
            ),
        },
    }
}
