"""A few cases whose every fact moves some figure, and faults that must not go unnoticed."""

from tests.stats.doors import Line

HEAD: Line = {
    "system_of_record": "contact_us",
    "type": "complaint",
    "received_on": "2023-05-02",
    "registered_on": "2023-05-03",
    "migrated_on": None,
    "team": "edt",
    "procedure": "childrens-statutory",
}
NEWER: Line = {
    **HEAD,
    "system_of_record": "customer_feedback",
    "channel": "phone",
    "received_on": "2024-02-01",
    "registered_on": "2024-02-01",
}
ACCEPT: Line = {"act": "triage", "on": "2024-02-02", "decision": "accept"}
KNOWN: tuple[Line, ...] = (
    {
        **HEAD,
        "acts": [
            {"act": "triage", "on": "2023-05-04", "decision": "accept"},
            {
                "act": "answer",
                "on": "2023-05-17",
                "stage": 1,
                "finding": "upheld",
                "remedies": [
                    {"kind": "apology"},
                    {"kind": "financial-symbolic", "pence": 5_000},
                ],
            },
            {"act": "escalate", "on": "2023-05-20"},
            {"act": "decide_escalation", "on": "2023-06-01", "decision": "accepted"},
            {"act": "answer", "on": "2023-07-03", "stage": 2, "finding": "not_upheld"},
            {"act": "escalate", "on": "2023-07-10"},
            {
                "act": "decide_escalation",
                "on": "2023-07-11",
                "decision": "refused",
                "reason": "why",
            },
        ],
    },
    {
        **NEWER,
        "received_on": "2023-12-11",
        "migrated_on": "2024-02-01",
        "channel": None,
        "acts": [
            ACCEPT,
            {"act": "answer", "on": "2024-02-08", "stage": 1, "finding": "not_upheld"},
            {
                "act": "correct",
                "on": "2024-02-09",
                "stage": 1,
                "timescale_excluded": "migrated",
                "reason": "why",
            },
        ],
    },
    {**NEWER, "acts": [ACCEPT, {"act": "withdraw", "on": "2024-02-05"}]},
    {**NEWER, "acts": [{**ACCEPT, "decision": "refuse", "refusal_reason": "out_of_time"}]},
    {**NEWER, "acts": [{**ACCEPT, "decision": "resolve_early"}]},
    {
        **NEWER,
        "acts": [
            ACCEPT,
            {
                "act": "extend",
                "on": "2024-02-05",
                "stage": 1,
                "working_days": 5,
                "extension_reason": "complexity",
            },
            {"act": "answer", "on": "2024-02-19", "stage": 1, "finding": "not_upheld"},
        ],
    },
    {
        **NEWER,
        "received_on": "2024-05-01",
        "registered_on": "2024-05-01",
        "acts": [{**ACCEPT, "on": "2024-05-02"}],
    },
    {**NEWER, "type": "compliment", "acts": [ACCEPT]},
    {**NEWER, "acts": [{"act": "void", "on": "2024-02-05", "reason": "why"}]},
)

NOT_EARLY = """
    UPDATE core.stage SET no_finding_reason = 'concurrent_proceedings' WHERE closure = 'no_finding'
"""
FAULTS = {  # what is changed behind the service's back, and a figure that it makes wrong
    "a type": (
        "UPDATE core.\"case\" SET type = 'comment' WHERE type = 'compliment'",
        "feedback-over-time",
    ),
    "a service": ("UPDATE core.\"case\" SET service = 'highways'", "complaint-categories"),
    "a team": ('UPDATE core."case" SET team = NULL', "complaints-by-team"),
    "a category": ("UPDATE core.\"case\" SET category = 'policy'", "complaint-categories"),
    "a procedure": (
        "UPDATE core.\"case\" SET procedure = 'adult-social-care'",
        "complaints-by-procedure",
    ),
    "a channel": ("UPDATE core.\"case\" SET channel = 'post'", "contact-methods"),
    "a migration": (
        "UPDATE core.\"case\" SET migrated_on = NULL, channel = 'post' WHERE channel IS NULL",
        "contact-methods",
    ),
    "why it is set aside": (
        "UPDATE core.\"case\" SET set_aside = 'not_feedback' WHERE set_aside IS NOT NULL",
        "feedback-by-service",
    ),
    "the day registered": (
        "UPDATE core.\"case\" SET registered_on = '2023-06-01' WHERE registered_on < '2023-06-01'",
        "complaints-by-month",
    ),
    "the day received": (
        'UPDATE core."case" SET received_on = received_on - 40',
        "complaints-by-month",
    ),
    "the day a stage started": (
        "UPDATE core.stage SET started_on = '2023-03-31' WHERE number = 2",
        "complaints-by-stage",
    ),
    "a decision": (
        "UPDATE core.escalation SET decision = 'resolved' WHERE decision = 'refused'",
        "complaints-by-stage",
    ),
    "a remedy": ("UPDATE core.remedy SET kind = 'explanation'", "remedies"),
    "a remedy lost": ("DELETE FROM core.remedy", "remedies"),
    "the day a stage closed": (
        "UPDATE core.stage SET closed_on = '2025-04-01' WHERE finding = 'upheld'",
        "remedies",
    ),
    "a finding": (
        "UPDATE core.stage SET finding = 'partially_upheld' WHERE finding = 'upheld'",
        "outcomes",
    ),
    "a closing": (
        "UPDATE core.stage SET closure = 'question_answered' WHERE closure = 'withdrawn'",
        "outcomes",
    ),
    "whether it kept its time": (
        "UPDATE core.stage SET within_target = NOT within_target",
        "timescales",
    ),
    "whose it is": ("UPDATE core.\"case\" SET service = 'highways'", "feedback-rates"),
    "what it was at receipt": (
        "UPDATE core.\"case\" SET type_at_receipt = 'comment'",
        "reclassifications",
    ),
    "nobody's": ('UPDATE core."case" SET team = NULL', "data-quality"),
    "a day before its time": (
        "UPDATE core.escalation SET requested_on = '2020-04-01'",
        "data-quality",
    ),
    "every trace of how it ended": (
        "DELETE FROM core.remedy; DELETE FROM core.extension; DELETE FROM core.stage",
        "data-quality",
    ),
    "why it was refused": (
        "UPDATE core.\"case\" SET refusal_reason = 'other_route' WHERE closure = 'refused'",
        "refusals",
    ),
    "what was paid": ("UPDATE core.remedy SET pence = pence + 1", "financial-remedies"),
    "the days it took": (
        "UPDATE core.stage SET working_days_taken = working_days_taken + 30",
        "days-taken",
    ),
    "whether it kept its extension": (
        "UPDATE core.stage SET verdict = 'late' WHERE verdict = 'within_extension'",
        "timeliness",
    ),
    "why it was closed": (
        NOT_EARLY,
        "closures",
    ),
    "how early it was resolved": (
        NOT_EARLY,
        "early-resolutions",
    ),
    "the stage asked for": ("UPDATE core.escalation SET to_stage = 2", "escalations"),
    "where it stands": (
        "UPDATE core.standing SET status = 'answered' WHERE status = 'in_stage'",
        "open-complaints",
    ),
    "the day it is due": (
        "UPDATE core.stage SET due_on = '2030-01-01' WHERE closed_on IS NULL",
        "open-stages",
    ),
    "what it was on a day": (
        "UPDATE core.standing SET category = 'policy' WHERE until IS NOT NULL",
        "complaint-categories",
    ),
    "an exclusion": ("UPDATE core.stage SET timescale_excluded = NULL", "timescales"),
}
