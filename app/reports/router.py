"""The annual report over HTTP: as JSON, a page, a document or a workbook."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.access.guard import PageRoute, Router, StatsReader
from app.access.principal import Scope
from app.kit.answers import Responses, named
from app.kit.db import AsOf, StatsRead
from app.kit.pages import POLICY
from app.kit.problem import refuses
from app.kit.text import Code
from app.procedures.queries import Council, NoCouncil
from app.reports.annual import annual_report
from app.reports.as_html import as_html
from app.reports.as_word import as_word
from app.reports.as_workbook import as_workbook
from app.reports.document import Report
from app.reports.pictures import Pictures, pictures
from app.reports.queries import gather
from app.reports.serving import DOCX, FOR_READERS, HTML
from app.stats import forms
from app.stats.asking import ServiceNotYours, services_for
from app.stats.charts.drawing import Kind
from app.stats.forms import Form
from app.stats.public import ExactCountsNeeded
from app.stats.question import Question, QuestionRefused, asked_period

router = Router(prefix="/v1/reports", tags=["reports"], route_class=PageRoute)

_JSON_OF = TypeAdapter(Report)
_WRITTEN: Mapping[Form, Callable[[Report, Pictures], bytes]] = {
    forms.JSON: lambda report, _: _JSON_OF.dump_json(report),
    HTML: lambda report, pictures: as_html(report, pictures).encode(),
    DOCX: as_word,
    forms.XLSX: lambda report, _: as_workbook(report),
}
_DRAWN: Mapping[Form, Kind] = {HTML: "svg", DOCX: "png"}
_OTHER_FORMS: Responses = {
    200: {"content": FOR_READERS, "headers": named("Vary", "Content-Disposition")}
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


@router.get(
    "/annual/{name}",
    response_model=Report,
    responses={
        **_OTHER_FORMS,
        **refuses(
            QuestionRefused, ServiceNotYours, ExactCountsNeeded, forms.NotAcceptable, NoCouncil
        ),
    },
)
async def read_annual_report(
    name: Name,
    asked: Annotated[ReportQuery, Query()],
    by: StatsReader,
    council: Council,
    session: StatsRead,
    as_of: AsOf,
    request: Request,
) -> Response:
    """The annual report of a financial year: every figure, counted at one instant."""
    wanted, suffix = forms.split(name)
    form = forms.chosen(request, suffix, among=tuple(_WRITTEN))
    year, _ = asked_period(wanted, since=None, until=None)
    question = Question(now=as_of, year=year, services=services_for(asked.service, by=by))
    evidence = await gather(
        session,
        question,
        council,
        whole_council=by.services is None,
        exact=by.may(Scope.stats_full),
        rules=request.app.state.disclosure,
    )
    await session.close()  # writing a report takes longer than counting it
    report = await run_in_threadpool(annual_report, evidence)
    drawn = await pictures(report, _DRAWN[form]) if form in _DRAWN else {}
    body = await run_in_threadpool(_WRITTEN[form], report, drawn)
    headers = {
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization",
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "same-origin",  # or the form to sign out would say it comes from nowhere
    }
    if form.is_file:
        name = f"annual-report-{wanted}.{form.suffix}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(body, headers=headers, media_type=form.media_type)
