"""The charts of a report, drawn: each once, all by one process that is not a worker."""

from collections.abc import Mapping

from app.reports.document import Report
from app.stats.charts.drawing import Kind, NotDrawn, drawn

Pictures = Mapping[str, bytes]
"""Pictures by the slug of their figure."""


async def pictures(report: Report, kind: Kind, *, needed: bool = False) -> Pictures:
    """A picture of every chart; none where they cannot be drawn now, since tables say it all.

    What is kept for ever needs them: then NotDrawn is raised.
    """
    charts = {
        exhibit.figure: exhibit.chart.specification
        for section in report.sections
        for exhibit in section.exhibits
        if exhibit.chart
    }
    try:
        found = await drawn(list(charts.values()), kind) if charts else []
    except NotDrawn:
        if needed:
            raise
        return {}
    return dict(zip(charts, found, strict=True))
