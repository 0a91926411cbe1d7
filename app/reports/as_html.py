"""A report as a page: for a committee's members, on a screen, a phone or paper; no script."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from app.kit.clock import LONDON
from app.reports.document import Report
from app.reports.pictures import Pictures
from app.reports.words import cell
from app.stats.labels import day
from app.stats.table import SHORTHAND

if TYPE_CHECKING:
    from jinja2 import Environment, Template

STYLE = "/style.css"


@dataclass(frozen=True, slots=True)
class Edition:
    """What a page says of itself when it is published."""

    version: int
    newest: str  # the address of whichever version is newest
    disclosure: str
    sha256: str  # of the document
    suffixes: Sequence[str]  # of the other forms


def as_html(report: Report, pictures: Pictures, edition: Edition | None = None) -> str:
    """The whole page, with its charts where they are drawn (SVG); a draft is no edition."""
    return template("report.html").render(
        report=report, pictures=pictures, edition=edition, style=STYLE, shorthand=SHORTHAND
    )


def template(name: str) -> "Template":
    """One of the files in `pages`, to be filled in."""
    return _pages().get_template(name)


@cache
def _pages() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("app.reports", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"cell": cell, "day": day, "moment": _moment, "data_uri": _data_uri}
    return pages


def _moment(instant: datetime) -> str:
    there = instant.astimezone(LONDON)
    return f"on {day(there.date())} at {there:%H:%M}"


def _data_uri(picture: bytes) -> str:
    """A picture in the page itself; a page with its pictures in it can be kept as one file."""
    return f"data:image/svg+xml;base64,{b64encode(picture).decode()}"
