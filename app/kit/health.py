"""Whether the process lives, and whether it may be sent requests."""

from collections.abc import Mapping
from http import HTTPStatus

import asyncpg
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.kit import revision
from app.kit.db import AsyncpgPool, connection
from app.kit.problem import Problem, Unavailable, refuses
from app.kit.routing import Route
from app.kit.shown import shown

_STATE = """
    SELECT pg_is_in_recovery() AS standby,
           current_setting('transaction_read_only') AS read_only,
           current_setting('fsync') AS fsync,
           current_setting('full_page_writes') AS full_page_writes,
           current_setting('synchronous_commit') AS synchronous_commit
"""

router = APIRouter(tags=["service"], route_class=Route)


class NotReady(Problem):
    """The service should not be sent requests."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The service is not ready"
    sends = ("Retry-After",)

    @property
    def headers(self) -> dict[str, str]:
        """When to ask again, in seconds."""
        return {"Retry-After": "5"}


class Health(BaseModel):
    """That all is well."""

    model_config = shown({"status": "ok"})

    status: str = Field(max_length=10)


@router.get("/livez", operation_id="livez")
async def livez() -> Health:
    """Whether the process answers. It asks nothing of anything else."""
    return Health(status="ok")


@router.get("/readyz", operation_id="readyz", responses=refuses(NotReady))
async def readyz(request: Request) -> Health:
    """Whether the database takes writes, keeps them, and has the tables this release needs."""
    found = await _faults(request.app.state.database.pool)
    if found:
        raise NotReady("Something it relies on is not as it should be.", faults=found)
    return Health(status="ok")


async def _faults(pool: AsyncpgPool) -> list[str]:
    try:
        async with connection(pool) as held:
            state = await held.fetchrow(_STATE)
            at = await revision.current(held)
    except (Unavailable, asyncpg.PostgresError):
        return ["database"]
    assert state is not None
    return [*faults(dict(state)), *(["migrations"] if revision.is_behind(at) else [])]


def faults(state: Mapping[str, object]) -> list[str]:
    """What is wrong with a database that answers: it takes no writes, or may lose them."""
    found = []
    if state["standby"] or state["read_only"] == "on":
        found.append("read-only")
    if "off" in {state["fsync"], state["full_page_writes"], state["synchronous_commit"]}:
        found.append("durability")
    return found
