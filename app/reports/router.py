"""The annual report over HTTP: as JSON, a page, a document or a workbook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.guard import PageRoute, Router, StatsReader
from app.access.principal import Principal, Scope
from app.kit.answers import Responses, named
from app.kit.db import AsOf, StatsRead
from app.kit.pages import POLICY
from app.kit.problem import refuses
from app.kit.text import Code
from app.procedures.queries import Council, NoCouncil
from app.procedures.reference import ReferenceData
from app.reports.addresses import Year
from app.reports.annual import annual_report
from app.reports.as_html import as_html
from app.reports.as_word import as_word
from app.reports.as_workbook import as_workbook
from app.reports.document import OF_JSON, Report
from app.reports.pictures import Pictures, pictures
from app.reports.queries import gather
from app.reports.reconciliation import KEY
from app.reports.serving import AS_PAGE, DOCX, FOR_READERS, HTML, READ_AS
from app.stats import forms
from app.stats.asking import ServiceNotYours, services_for
from app.stats.charts.drawing import Kind
from app.stats.disclosure import Rules
from app.stats.forms import Form
from app.stats.public import ExactCountsNeeded
from app.stats.question import Question, QuestionRefused, asked_period

router = Router(prefix="/v1/reports", tags=["reports"], route_class=PageRoute)

_WRITTEN: Mapping[Form, Callable[[Report, Pictures], bytes]] = {
    forms.JSON: lambda report, _: OF_JSON.dump_json(report),
    HTML: lambda report, pictures: as_html(report, pictures).encode(),
    DOCX: as_word,
    forms.XLSX: lambda report, _: as_workbook(report),
}
_DRAWN: Mapping[Form, Kind] = {HTML: "svg", DOCX: "png"}
_OTHER_FORMS: Responses = {
    200: {"content": FOR_READERS, "headers": named("Vary", "Content-Disposition")}
}

_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "Accept, Authorization",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # or the form to sign out would say it comes from nowhere
}

Name = Annotated[
    str,
    Path(
        max_length=12,
        description="The financial year. A suffix asks for a form: `.html`, `.docx`, `.xlsx`.",
        examples=["2023-24"],
    ),
]


class ReportQuery(BaseModel):
    """What a report may be asked with."""

    model_config = ConfigDict(extra="forbid")

    service: list[Code] = Field(
        default_factory=list,
        max_length=50,
        description="A service to report on; may be repeated. All of them when left out.",
        examples=[["children-and-families", "education"]],
    )


@dataclass(frozen=True, slots=True)
class Drafts:
    """The reports that a caller may read as they are now."""

    by: Principal
    asked: ReportQuery
    council: ReferenceData
    session: AsyncSession
    as_of: datetime
    rules: Rules

    async def of(self, year: str) -> Report:
        """The report of a year; once it is counted nothing is held any longer."""
        whole, _ = asked_period(year, since=None, until=None)
        services = services_for(self.asked.service, by=self.by)
        evidence = await gather(
            self.session,
            Question(now=self.as_of, year=whole, services=services),
            self.council,
            whole_council=self.by.services is None,
            exact=self.by.may(Scope.stats_full),
            rules=self.rules,
        )
        await self.session.close()  # writing a report takes longer than counting it
        return await run_in_threadpool(annual_report, evidence)


async def _drafts(
    by: StatsReader,
    asked: Annotated[ReportQuery, Query()],
    council: Council,
    session: StatsRead,
    as_of: AsOf,
    request: Request,
) -> Drafts:
    return Drafts(by, asked, council, session, as_of, request.app.state.disclosure)


Drafted = Annotated[Drafts, Depends(_drafts, scope="function")]
_REFUSALS = refuses(
    QuestionRefused, ServiceNotYours, ExactCountsNeeded, forms.NotAcceptable, NoCouncil
)


@router.get("/annual/{name}", response_model=Report, responses={**_OTHER_FORMS, **_REFUSALS})
async def read_annual_report(name: Name, drafts: Drafted, request: Request) -> Response:
    """The annual report of a financial year: every figure, counted at one instant."""
    wanted, suffix = forms.split(name)
    form = forms.chosen(request, suffix, among=tuple(_WRITTEN))
    report = await drafts.of(wanted)
    drawn = await pictures(report, _DRAWN[form]) if form in _DRAWN else {}
    body = await run_in_threadpool(_WRITTEN[form], report, drawn)
    headers = dict(_HEADERS)
    if form.is_file:
        name = f"annual-report-{wanted}.{form.suffix}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(body, headers=headers, media_type=form.media_type)


@router.get(
    "/annual/{year}/reconciliation", response_model=Report, responses={**AS_PAGE, **_REFUSALS}
)
async def read_reconciliation(year: Year, drafts: Drafted, request: Request) -> Response:
    """Every place of a report where a reader could stumble, and why; as JSON or as a page."""
    form = forms.chosen(request, None, among=tuple(READ_AS))
    report = (await drafts.of(year)).only(KEY)
    body = await run_in_threadpool(READ_AS[form], report, None)
    return Response(body, headers=_HEADERS, media_type=form.media_type)
