"""The forms that an answer is given in, and which of them a request asks for (RFC 9110 §12)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request

from app.kit.problem import Problem


class NotAcceptable(Problem):
    """An answer is asked for in a form that it does not come in; those it comes in are named."""

    status = HTTPStatus.NOT_ACCEPTABLE
    title = "It does not come in that form"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of an answer: asked for by the end of its address, or else by `Accept`."""

    suffix: str
    media_type: str
    is_file: bool = False  # kept as a file of its own, rather than shown where it was asked for


JSON = Form("json", "application/json")
CSV = Form("csv", "text/csv", is_file=True)
TOTALS = Form("totals.csv", "text/csv", is_file=True)
LEFT_OUT = Form("left-out.csv", "text/csv", is_file=True)
XLSX = Form(
    "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", is_file=True
)
VEGA_LITE = Form("vl.json", "application/vnd.vegalite.v6+json")
SVG = Form("svg", "image/svg+xml")
PNG = Form("png", "image/png")

FORMS = (JSON, CSV, TOTALS, LEFT_OUT, XLSX, VEGA_LITE, SVG, PNG)
"""In order of preference, for callers that have none."""

_EXAMPLES: Mapping[str, Any] = {
    CSV.media_type: (
        "service,service_name,category,category_name,count,denominator,percent\r\n"
        "education,Education,communication,Communication,40,105,38\r\n"
    ),
    XLSX.media_type: "PK …",
    VEGA_LITE.media_type: {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.4.1.json",
        "description": "Bar chart: Complaints by subject category. Education: Communication 40 …",
        "vconcat": [],
    },
    SVG.media_type: '<svg aria-label="Bar chart: Complaints by subject category. …"></svg>',
    PNG.media_type: "‰PNG …",
}


def split(address: str) -> tuple[str, str | None]:
    """The name at the end of an address, and the suffix after it, if there is one."""
    name, dot, suffix = address.partition(".")
    return name, suffix if dot else None


def chosen(request: Request, suffix: str | None = None, *, among: Sequence[Form] = FORMS) -> Form:
    """The form that a request asks for: by its suffix, or else the best that it accepts."""
    if suffix is not None:
        fitting = [form for form in among if form.suffix == suffix]
    else:
        ranges = list(_ranges(",".join(request.headers.getlist("accept")) or "*/*"))
        weighed = [(_weight(form.media_type, ranges), form) for form in among]
        best = max(weight for weight, _ in weighed)
        fitting = [form for weight, form in weighed if weight == best > 0]
    if not fitting:
        raise NotAcceptable(
            "Ask for one of these forms: by a suffix of the address, or by `Accept`.",
            suffixes=[f".{form.suffix}" for form in among],
            media_types=list(dict.fromkeys(form.media_type for form in among)),
        )
    return fitting[0]


def described() -> dict[str, Any]:
    """What the description of the API says of the forms besides JSON, with an example of each."""
    return {
        media_type: {"schema": _schema(example), "example": example}
        for media_type, example in _EXAMPLES.items()
    }


def _schema(example: object) -> dict[str, Any]:
    if isinstance(example, dict):
        return {"type": "object"}
    return {"type": "string", "maxLength": 100_000_000}


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """The media ranges of an `Accept` header, each with its weight; what is no range is none."""
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                weight = _quality(value.strip())
        if "/" in kind:
            yield kind, weight


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def _weight(media_type: str, ranges: list[tuple[str, float]]) -> float:
    """How welcome a media type is: what names it most closely decides."""
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        weights = [weight for kind, weight in ranges if kind == name]
        if weights:
            return max(weights)
    return 0.0
