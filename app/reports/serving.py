"""Answers with what is frozen, byte for byte, in the form that is asked for."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.answers import Responses, named
from app.kit.conditional import has_seen
from app.kit.pages import POLICY
from app.reports import frozen
from app.reports.as_html import Edition, as_html
from app.reports.document import OF_JSON, Report
from app.reports.publications import Found, file_of
from app.reports.vocabulary import FileForm
from app.stats import forms
from app.stats.forms import Form

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML, DOCX = Form("html", "text/html"), Form("docx", _WORD, is_file=True)
_EXAMPLES = {HTML: '<!doctype html>\n<html lang="en-GB">', DOCX: "PK", forms.XLSX: "PK"}
FOR_READERS: dict[str, Any] = {
    form.media_type: {
        "schema": {"type": "string", "maxLength": 100_000_000},
        "example": example,
    }
    for form, example in _EXAMPLES.items()
}
"""What the description of the API says of a report in the forms that people read."""

FORMS: Mapping[Form, FileForm | None] = {
    forms.JSON: None,
    HTML: FileForm.html,
    DOCX: FileForm.docx,
    forms.XLSX: FileForm.xlsx,
}
"""The forms of a publication, in order of preference; JSON is the document itself."""

AS_PAGE: Responses = {
    200: {"content": {HTML.media_type: FOR_READERS[HTML.media_type]}, "headers": named("Vary")}
}
"""What the description says where the forms are JSON and a page."""

READ_AS: Mapping[Form, Callable[[Report, Edition | None], bytes]] = {
    forms.JSON: lambda report, _: OF_JSON.dump_json(report),
    HTML: lambda report, edition: as_html(report, {}, edition).encode(),
}
"""A report without pictures in the forms of which a page and a program make the most."""

FILES: Responses = {
    200: {
        "description": "What was frozen, byte for byte; its ETag is its SHA-256.",
        "headers": named("ETag", "Vary", "Content-Disposition"),
        "content": FOR_READERS,
    },
    304: {"description": "The caller has it already.", "headers": named("ETag", "Vary")},
}


async def answer_with(
    found: Found, session: AsyncSession, request: Request, suffix: str | None, *, kept: str
) -> Response:
    """A publication in one of its forms; `kept` says who may keep it and for how long."""
    form = forms.chosen(request, suffix, among=tuple(FORMS))
    made = FORMS[form]
    if made is None:
        content, mark = found.proposed.document.encode(), found.proposed.sha256
    else:
        file = await file_of(session, found, made)
        content, mark = file.content, file.sha256
    tag = f'"{mark.hex()}"'
    headers = {"ETag": tag, "Cache-Control": kept, "Vary": "Accept"}
    if has_seen(request.headers.get("if-none-match"), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if form is HTML:
        headers["Content-Security-Policy"] = POLICY
    if form.is_file:
        one = found.proposed
        name = f"annual-report-{one.year}-{frozen.about(one.services)}-{one.version}"
        headers["Content-Disposition"] = f'attachment; filename="{name[:150]}.{form.suffix}"'
    return Response(content, headers=headers, media_type=form.media_type)
