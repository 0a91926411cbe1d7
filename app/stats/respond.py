"""The one place that answers with statistics: in the form that is asked for, or that it is known.

An answer's strong ETag is that of all it says but `as_of`, which moves with every request: while
the data stay the same, whoever has seen the answer is told so (304) and nothing is written again.
"""

import json
from asyncio import to_thread
from collections.abc import Callable, Mapping
from hashlib import sha256
from http import HTTPStatus

from fastapi import Response

from app.kit.answers import Responses, named
from app.kit.conditional import has_seen
from app.stats import forms
from app.stats.answer import Answer
from app.stats.charts.chart import chart
from app.stats.charts.drawing import Kind, drawn
from app.stats.charts.specification import specification
from app.stats.forms import Form
from app.stats.schemas import AnswerOut
from app.stats.spreadsheet import as_workbook
from app.stats.table import tables
from app.stats.tidy import as_csv

_WRITTEN: Mapping[Form, Callable[[Answer], bytes]] = {
    forms.CSV: lambda answer: as_csv(answer, tables(answer)[0]),
    forms.TOTALS: lambda answer: as_csv(answer, tables(answer)[1]),
    forms.LEFT_OUT: lambda answer: as_csv(answer, tables(answer)[2]),
    forms.XLSX: as_workbook,
    forms.VEGA_LITE: lambda answer: json.dumps(specification(answer)).encode(),
}
_DRAWN: Mapping[Form, Kind] = {forms.SVG: "svg", forms.PNG: "png"}
MOST_BARS_DRAWN = 500  # of a picture, which is as high as its bars together

ANSWERS: Responses = {
    200: {
        "content": forms.described(),
        "headers": named("ETag", "Vary", "Content-Disposition"),
    },
    304: {
        "description": "The caller has the answer already, and it still holds but for `as_of`.",
        "headers": named("ETag", "Vary"),
    },
}
"""What the description of the API says of answers."""


async def respond(answer: Answer, form: Form, *, if_none_match: str | None) -> Response:
    """An answer in one of its forms; to somebody who has it already, only that it still holds."""
    said = await to_thread(AnswerOut.of, answer)
    tag = f'"{await to_thread(_digest, said, form)}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",  # it may be kept, and is asked about before use
        "Vary": "Accept, Authorization",
    }
    if has_seen(if_none_match, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = await _body(answer, said, form)
    if form.is_file:
        name = f"{answer.figure.slug}.{form.suffix}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(body, headers=headers, media_type=form.media_type)


async def _body(answer: Answer, said: AnswerOut, form: Form) -> bytes:
    if form in _DRAWN:
        shown = chart(answer)
        bars = 0 if shown.lines else sum(len(panel.points) for panel in shown.panels)
        if bars > MOST_BARS_DRAWN:
            raise forms.NotAcceptable(
                f"A picture has at most {MOST_BARS_DRAWN} bars. Ask for CSV, or for fewer.",
                suffixes=[".csv", ".vl.json"],
                media_types=[forms.CSV.media_type, forms.VEGA_LITE.media_type],
            )
        (picture,) = await drawn([specification(answer)], _DRAWN[form])
        return picture
    if form in _WRITTEN:
        return await to_thread(_WRITTEN[form], answer)
    return (await to_thread(said.model_dump_json, exclude_unset=True)).encode()


def _digest(said: AnswerOut, form: Form) -> str:
    timeless = said.model_dump_json(exclude_unset=True, exclude={"as_of"})
    return sha256(f"{form.suffix}\n{timeless}".encode()).hexdigest()[:32]
