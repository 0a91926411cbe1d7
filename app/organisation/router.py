"""Services and teams, over HTTP."""

from app.access.guard import AnyKey, Router
from app.kit.db import Read
from app.organisation import queries
from app.organisation.schemas import ServiceList, TeamList

router = Router(prefix="/v1/organisation", tags=["reference data"])


@router.get("/services")
async def list_services(_by: AnyKey, session: Read) -> ServiceList:
    """Every service there is or was, with its dates and how much it did."""
    return ServiceList(items=await queries.services(session))


@router.get("/teams")
async def list_teams(_by: AnyKey, session: Read) -> TeamList:
    """Every team there is or was: its services by date, and what became of it."""
    return TeamList(items=await queries.teams(session))
