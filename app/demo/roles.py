"""The callers of the demonstration council, and the keys made for them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.commands import add_client, issue_key
from app.access.principal import Scope

ROLES: Mapping[str, tuple[str, frozenset[Scope]]] = {
    "portal": ("The council's web portal", frozenset({Scope.feedback_submit})),
    "contact_centre": (
        "The contact centre",
        frozenset({Scope.feedback_log, Scope.case_read}),
    ),
    "customer_relations": (
        "The customer relations team",
        frozenset(
            {
                Scope.feedback_log,
                Scope.case_read,
                Scope.case_triage,
                Scope.case_manage,
                Scope.case_pii,
                Scope.stats_read,
                Scope.stats_full,
                Scope.reports_publish,
            }
        ),
    ),
    "reporting": (
        "Reports and dashboards",
        frozenset({Scope.stats_read, Scope.stats_full}),
    ),
    "admin": ("Everything, for trying things out", frozenset(Scope)),
}


async def admit(session: AsyncSession, *, env: str, pepper: bytes, now: datetime) -> dict[str, str]:
    """Add every role as a client, and issue each a key. The keys are not kept anywhere else."""
    keys = {}
    for slug, (name, scopes) in ROLES.items():
        await add_client(session, slug=slug, name=name, scopes=scopes, now=now)
        keys[slug] = str(await issue_key(session, client=slug, env=env, pepper=pepper, now=now))
    return keys
