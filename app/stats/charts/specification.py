"""A chart as a Vega-Lite specification, in the style of the Government Analysis Function.

At most four colours, none of which alone tells anything: every mark has its words beside it, and
lines differ in their dashes and points too, so that a print in black and white reads the same.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from app.stats.answer import Answer
from app.stats.charts.alternative import described, not_drawn
from app.stats.charts.chart import Chart, Panel, chart
from app.stats.labels import capital, day, days

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.4.1.json"
INK, GREY, WHITE = "#0B0C0C", "#D0D3D6", "#FFFFFF"
ONE = ("#12436D",)
TWO = ("#12436D", "#F46A25")
FOUR = ("#12436D", "#28A197", "#801650", "#F46A25")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
SHAPES = ("circle", "square", "triangle-up", "diamond")

_BAR = 20  # pixels of height
_BAR_WIDTH, _NAME_WIDTH, _LETTER = 340, 400, 6.1
_WIDE, _NARROW = (580, 240), (250, 140)
_MOST_WIDE = 3  # panels
_LETTER_OF_TITLE = 7  # pixels
_LABEL = 15  # pixels between the names of two lines
_MOST_LABELLED = 13  # points of a line of which each can have its count beside it
_LETTERS = 92  # of a line of words above a chart


def specification(answer: Answer) -> Spec:
    """The chart of an answer, for Vega-Lite; its description says in words what it shows."""
    shown = chart(answer)
    return {
        "$schema": SCHEMA,
        "description": described(answer, shown),
        "title": _title(answer, shown),
        "background": WHITE,
        "padding": 16,
        "config": _CONFIG,
        **_body(shown),
    }


def _title(answer: Answer, shown: Chart) -> Spec:
    lines = [
        f"{capital(answer.population)}.",
        f"{days(answer.period)}, as known on {day(answer.as_of.date())}.",
        "Counts, with the share of each in brackets." if _shares(shown) else "Counts.",
        *not_drawn(shown),
    ]
    return {
        "text": textwrap.wrap(answer.figure.title, 72),
        "subtitle": [part for line in lines for part in textwrap.wrap(line, _LETTERS)],
    }


def _shares(shown: Chart) -> bool:
    """Whether shares stand beside the marks: a line that is alone has its counts only."""
    return not shown.lines or any(len(panel.series) > 1 for panel in shown.panels)


def _body(shown: Chart) -> Spec:
    if not shown.panels:
        nothing = {"data": {"values": [{}]}, "mark": {"type": "text", "text": "Nothing to show."}}
        return {**nothing, "width": _BAR_WIDTH, "height": 2 * _BAR}
    if not shown.lines:
        return {"vconcat": [_bars(panel, shown) for panel in shown.panels], "spacing": 18}
    size, columns = (_WIDE, 1) if len(shown.panels) <= _MOST_WIDE else (_NARROW, 2)
    return {"concat": [_lines(panel, shown, size) for panel in shown.panels], "columns": columns}


def _bars(panel: Panel, shown: Chart) -> Spec:
    widest = max(len(point.name) for each in shown.panels for point in each.points)
    width = min(widest * _LETTER, _NAME_WIDTH)
    names = {**_NAMES, "labelLimit": width, "minExtent": width}  # bars of all panels begin alike
    return {
        **_framed(panel, _with_total(panel)),
        "width": _BAR_WIDTH,
        "height": {"step": _BAR},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "axis": names},
            "x": {**_counts(shown), "axis": None},
        },
        "layer": [
            {"mark": {"type": "bar", "color": ONE[0]}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5},
                "encoding": {"text": {"field": "said"}},
            },
        ],
    }


def _with_total(panel: Panel) -> str:
    known = panel.total is not None and panel.name
    return f"{panel.name}: {panel.total:,}" if known else panel.name


def _lines(panel: Panel, shown: Chart, size: tuple[int, int]) -> Spec:
    width, height = size
    names = [series.name for series in panel.series]
    times = list(dict.fromkeys(point.name for point in panel.points))
    one = len(names) == 1
    layers: list[Spec] = [
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": _told_apart(names, "strokeDash")},
        {
            "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
            "encoding": _told_apart(names, "shape"),
        },
    ]
    if not one:
        layers.append(_ends(panel, shown, height=height))
    elif len(times) <= _MOST_LABELLED and size == _WIDE:
        layers.append(_readable({"field": "count", "format": ","}, dy=-11))
    return {
        **_framed(panel, panel.name, brief=True, letters=width // _LETTER_OF_TITLE),
        "width": width,
        "height": height,
        "encoding": {
            "x": {
                "field": "name",
                "type": "ordinal",
                "sort": None,
                "axis": _TIMES,
                "scale": {"type": "point", "padding": 0.4},
            },
            "y": {**_counts(shown), "axis": _COUNTS},
        },
        "layer": layers,
    }


def _ends(panel: Panel, shown: Chart, *, height: int) -> Spec:
    """The name of each line at its end, moved apart where the lines end close together."""
    ends = [(series, [p for p in series.points if p.count is not None]) for series in panel.series]
    at = [(points[-1].count or 0, points[-1], series.name) for series, points in ends if points]
    gap, free = max(shown.highest, 1) * _LABEL / height, float("-inf")
    values = []
    for count, point, name in sorted(at, key=lambda end: end[0]):
        free = max(free + gap, count)
        values.append({"name": point.brief, "at": free, "said": f"{name}: {point.said}"})
    return {
        **_readable({"field": "said"}, align="left", dx=10),
        "data": {"values": values},
        "encoding": {"y": {**_counts(shown), "field": "at", "axis": _COUNTS}},
    }


def _readable(words: Spec, **place: object) -> Spec:
    """Words that can be read across a line, since they have a white edge."""
    mark = {"type": "text", **place}
    edge = {**mark, "stroke": WHITE, "strokeWidth": 4, "strokeJoin": "round"}
    return {"layer": [{"mark": one, "encoding": {"text": words}} for one in (edge, mark)]}


def _framed(panel: Panel, title: str, *, brief: bool = False, letters: int = 80) -> Spec:
    """A panel's title and data."""
    values = [
        {
            "series": series.name,
            "name": point.brief if brief else point.name,
            "count": point.count,
            "said": point.said,
        }
        for series in panel.series
        for point in series.points
    ]
    titled = {"title": {"text": textwrap.wrap(title, letters), "offset": 6}} if title else {}
    return {**titled, "data": {"values": values}}


def _counts(shown: Chart) -> Spec:
    """Counts, on the same scale in every panel, from nothing."""
    scale = {"domain": [0, max(shown.highest, 1)], "nice": shown.lines}
    return {"field": "count", "type": "quantitative", "scale": scale}


def _told_apart(names: Sequence[str], by: str) -> Spec:
    """Each line in a colour of its own, and in something else than colour."""
    colours = {1: ONE, 2: TWO}.get(len(names), FOUR)[: len(names)]
    ranges: Mapping[str, Sequence[object]] = {
        "color": colours,
        "shape": SHAPES[: len(names)],
        "strokeDash": DASHES[: len(names)],
    }
    return {
        channel: {
            "field": "series",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": list(names), "range": list(ranges[channel])},
        }
        for channel in ("color", by)
    }


_NAMES: Spec = {
    "title": None,
    "domain": False,
    "ticks": False,
    "labelPadding": 6,
}
_TIMES: Spec = {
    "title": None,
    "grid": False,
    "labelAngle": 0,
    "labelOverlap": True,
    "labelExpr": "split(datum.label, '\\n')",
}
_COUNTS: Spec = {
    "title": None,
    "format": ",d",
    "tickCount": 5,
    "tickMinStep": 1,
    "domain": False,
    "ticks": False,
}
_CONFIG: Spec = {
    "font": "Arial, Liberation Sans, Helvetica, sans-serif",
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "color": INK,
        "fontSize": 14,
        "fontWeight": "bold",
        "subtitleColor": INK,
        "subtitleFontSize": 12,
        "subtitlePadding": 6,
        "offset": 12,
    },
    "axis": {"labelColor": INK, "labelFontSize": 12, "gridColor": GREY, "domainColor": INK},
    "text": {"color": INK, "fontSize": 12},
}
