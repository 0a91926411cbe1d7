"""The closed lists of words that the code depends on; the database holds each to a CHECK."""

from enum import StrEnum


class FeedbackType(StrEnum):
    """What a person's feedback is."""

    complaint = "complaint"
    comment = "comment"
    compliment = "compliment"


class Channel(StrEnum):
    """How the person first made contact; none where it was not recorded."""

    portal = "portal"
    phone = "phone"
    email = "email"
    post = "post"


class Status(StrEnum):
    """Where a case stands. `workflow.MOVES` is the only place where it changes."""

    received = "received"
    recorded = "recorded"
    in_stage = "in_stage"
    answered = "answered"
    escalation_requested = "escalation_requested"
    closed = "closed"
    void = "void"


class SetAside(StrEnum):
    """Why a case leaves every count: entered by mistake, or never feedback at all."""

    void = "void"
    not_feedback = "not_feedback"


class Finding(StrEnum):
    """The three findings that a stage of a complaint can be answered with."""

    upheld = "upheld"
    partially_upheld = "partially_upheld"
    not_upheld = "not_upheld"


class Closure(StrEnum):
    """How a case or a stage ends without a finding."""

    withdrawn = "withdrawn"
    question_answered = "question_answered"
    no_finding = "no_finding"
    refused = "refused"
    reclassified = "reclassified"
    completed = "completed"


class NoFindingReason(StrEnum):
    """Why a complaint was closed with no finding."""

    resolved_early = "resolved_early"
    outside_process = "outside_complaints_process"
    closed_without_record = "closed_without_record"
    concurrent_proceedings = "concurrent_proceedings"


class RefusalReason(StrEnum):
    """Why a complaint was not accepted; the Ombudsman's Code wants each one evidenced."""

    out_of_time = "out_of_time"
    already_considered = "already_considered"
    no_sufficient_interest = "no_sufficient_interest"
    legal_proceedings = "legal_proceedings"
    other_route = "other_route"


class EscalationDecision(StrEnum):
    """What became of a request for the next stage."""

    accepted = "accepted"
    refused = "refused"
    resolved = "resolved"
    withdrawn = "withdrawn"


class TimescaleExclusion(StrEnum):
    """Why a stage is left out of the timescale figures."""

    migrated = "migrated"


class OverwrittenPart(StrEnum):
    """What an act can overwrite: the case's own facts, a stage, or a remedy."""

    case = "case"
    stage = "stage"
    remedy = "remedy"


class PersonRole(StrEnum):
    """What a person is to a case."""

    complainant = "complainant"
    affected_child = "affected_child"
    affected_adult = "affected_adult"
    representative = "representative"
    advocate = "advocate"


class Consent(StrEnum):
    """Whether the affected person's agreement, or a sufficient interest, was checked."""

    not_needed = "not_needed"
    to_be_checked = "to_be_checked"
    given = "given"
    refused = "refused"
    sufficient_interest = "sufficient_interest"
