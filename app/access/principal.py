"""Who is asking, and what they may do. No scope implies another."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Scope(StrEnum):
    """One thing a key may be used for."""

    feedback_submit = "feedback:submit"
    feedback_log = "feedback:log"
    case_read = "case:read"
    case_triage = "case:triage"
    case_manage = "case:manage"
    case_pii = "case:pii"
    stats_read = "stats:read"
    stats_full = "stats:full"
    imports_write = "imports:write"
    reports_publish = "reports:publish"
    reference_write = "reference:write"
    ops_metrics = "ops:metrics"


MEANINGS = {
    Scope.feedback_submit: "Submit feedback by the portal, for today; read its receipts.",
    Scope.feedback_log: "Log feedback of any channel and day, and who logged it.",
    Scope.case_read: "Find and read cases, without people and narrative.",
    Scope.case_triage: "Acknowledge, triage, reclassify and allocate.",
    Scope.case_manage: "Everything else on a case.",
    Scope.case_pii: "See people and narrative; each disclosure is recorded.",
    Scope.stats_read: "Read statistics.",
    Scope.stats_full: "Read exact counts, however small.",
    Scope.imports_write: "Bring in bulk history.",
    Scope.reports_publish: "Publish reports.",
    Scope.reference_write: "Change reference data.",
    Scope.ops_metrics: "Read the service's own measurements.",
}

# Staff act under these: on every change the key holder must say which officer acts.
STAFF = frozenset({
    Scope.feedback_log,
    Scope.case_read,
    Scope.case_triage,
    Scope.case_manage,
    Scope.case_pii,
    Scope.reports_publish,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of the key a request came with, and the officer it acts for."""

    client: str
    scopes: frozenset[str]
    services: frozenset[str] | None = None  # None: every service
    officer: str | None = None

    def may(self, scope: Scope) -> bool:
        """Whether the key was given this scope."""
        return scope in self.scopes

    def sees(self, service: str | None) -> bool:
        """Whether the key was given the cases of this service."""
        return self.services is None or service in self.services

    def by(self, officer: str) -> "Principal":
        """This key holder, acting for an officer."""
        return replace(self, officer=officer)

    @property
    def names_officers(self) -> bool:
        """Whether this key is used by staff, who are named on everything they change."""
        return not STAFF.isdisjoint(self.scopes)
