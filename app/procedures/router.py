"""Categories, procedures and the calendar, over HTTP."""

from app.access.guard import AnyKey, Router
from app.kit.db import Read
from app.kit.problem import refuses
from app.procedures import queries
from app.procedures.queries import Council, NoCouncil
from app.procedures.reference import ProcedureRules, StageRule
from app.procedures.schemas import (
    BankHolidayOut,
    CalendarOut,
    CategoryList,
    ProcedureList,
    ProcedureOut,
    ProcedureVersionOut,
    StageRuleOut,
)

router = Router(prefix="/v1", tags=["reference data"])


@router.get("/categories")
async def list_categories(_by: AnyKey, session: Read) -> CategoryList:
    """Every subject category there is or was, with what the council means by it."""
    return CategoryList(items=await queries.categories(session))


@router.get("/procedures", responses=refuses(NoCouncil))
async def list_procedures(_by: AnyKey, council: Council) -> ProcedureList:
    """Every procedure with its versions, their stages and their limits in working days."""
    return ProcedureList(items=[_procedure(v) for v in council.procedures.values()])


@router.get("/calendar", responses=refuses(NoCouncil))
async def show_calendar(_by: AnyKey, council: Council) -> CalendarOut:
    """The bank holidays that due days are counted with, and how far they reach."""
    calendar = council.calendar
    days = sorted(calendar.holidays.items())
    return CalendarOut(
        version=calendar.version,
        covers_from=calendar.covers_from,
        covers_until=calendar.covers_until,
        items=[BankHolidayOut(day=day, title=title) for day, title in days],
    )


def _procedure(versions: tuple[ProcedureRules, ...]) -> ProcedureOut:
    latest = versions[-1]
    return ProcedureOut(
        procedure=latest.slug,
        procedure_name=latest.name,
        versions=[
            ProcedureVersionOut(
                since=version.since,
                until=version.period.until,
                basis=version.basis,
                stages=[_stage(rule) for rule in version.stages],
            )
            for version in versions
        ],
    )


def _stage(rule: StageRule) -> StageRuleOut:
    return StageRuleOut(
        number=rule.number,
        name=rule.name,
        clock_starts=rule.clock_starts,
        respond_within=rule.timescale.respond_within,
        extend_by_at_most=rule.timescale.extend_by_at_most,
        request_within=rule.request_within,
    )
