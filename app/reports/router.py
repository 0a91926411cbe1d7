"""The annual report over HTTP: its JSON, and the page that people read."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.access.guard import PageRoute, Router, StatsReader
from app.access.principal import Scope
from app.kit.answers import Responses, named
from app.kit.db import AsOf, StatsRead
from app.kit.problem import refuses
from app.kit.text import Code
from app.procedures.queries import Council, NoCouncil
from app.reports.annual import annual_report
from app.reports.as_html import POLICY, as_html
from app.reports.document import Report
from app.reports.queries import gather
from app.stats import forms
from app.stats.asking import ServiceNotYours, services_for
from app.stats.forms import Form
from app.stats.question import Question, QuestionRefused, asked_period

router = Router(prefix="/v1/reports", tags=["reports"], route_class=PageRoute)

HTML = Form("html", "text/html")
_JSON_OF = TypeAdapter(Report)
_BODIES: Mapping[Form, Callable[[Report], bytes]] = {
    forms.JSON: _JSON_OF.dump_json,
    HTML: lambda report: as_html(report).encode(),
}
_OTHER_FORMS: Responses = {
    200: {
        "content": {
            "text/html": {
                "schema": {"type": "string", "maxLength": 100_000_000},
                "example": '<!doctype html>\n<html lang="en-GB">',
            },
        },
        "headers": named("Vary"),
    }
}

Name = Annotated[
    str,
    Path(
        max_length=12,
        description="The financial year. A suffix asks for a form: `.html`.",
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
        **refuses(QuestionRefused, ServiceNotYours, forms.NotAcceptable, NoCouncil),
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
    form = forms.chosen(request, suffix, among=tuple(_BODIES))
    year, _ = asked_period(wanted, since=None, until=None)
    question = Question(now=as_of, year=year, services=services_for(asked.service, by=by))
    evidence = await gather(
        session,
        question,
        council,
        whole_council=by.services is None,
        exact=by.may(Scope.stats_full),
    )
    await session.close()  # writing a report takes longer than counting it
    body = await run_in_threadpool(lambda: _BODIES[form](annual_report(evidence)))
    headers = {
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization",
        "Content-Security-Policy": POLICY,
    }
    return Response(body, headers=headers, media_type=form.media_type)
