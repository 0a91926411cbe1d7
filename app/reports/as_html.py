"""A report as a page: for a committee's members, on a screen, a phone or paper; no script."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from app.kit.clock import LONDON
from app.reports import words
from app.reports.document import SHORTHAND, Report

if TYPE_CHECKING:
    from jinja2 import Template

STYLE = "/style.css"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


def as_html(report: Report) -> str:
    """The whole page."""
    return _template().render(report=report, style=STYLE, shorthand=SHORTHAND)


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    pages = Environment(
        loader=PackageLoader("app.reports", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"cell": words.cell, "day": words.day, "moment": _moment}
    return pages.get_template("report.html")


def _moment(instant: datetime) -> str:
    there = instant.astimezone(LONDON)
    return f"on {words.day(there.date())} at {there:%H:%M}"
