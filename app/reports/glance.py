"""A report at a glance: a few of its figures as small charts, in words as well."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.reports.evidence import Evidence
from app.reports.schemas import GlanceOut
from app.stats.charts.chart import chart

FIGURES = ("feedback-over-time", "complaints-by-month", "complaints-by-stage", "outcomes")
WIDTH, HEIGHT = 240, 56
_FEW = 4  # points that are all told beside the chart
_WIDEST = 40.0  # of a bar and the gap beside it


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, and how high it is."""

    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Card:
    """A small chart: what it is of, its bars, and what they say."""

    figure: str
    title: str
    about: str
    alternative: str
    course: str
    bars: Sequence[Bar]


def glance(evidence: Evidence) -> Iterator[GlanceOut]:
    """The points of a few figures, as they are frozen with a report."""
    for answer in (evidence.answers[slug] for slug in FIGURES if slug in evidence.answers):
        whole = "" if answer.services else "Whole council"
        for panel in chart(answer).panels:
            for series in panel.series:
                yield GlanceOut(
                    figure=answer.figure.slug,
                    title=answer.figure.title,
                    about=": ".join(name for name in (panel.name or whole, series.name) if name),
                    points=[(point.name, point.count) for point in series.points],
                )


def cards(frozen: Sequence[Mapping[str, Any]]) -> Iterator[Card]:
    """What was frozen, drawn. A number that is withheld has no bar."""
    for one in frozen:
        points = one["points"]
        told = [f"{name}: {_said(count)}" for name, count in points]
        yield Card(
            figure=one["figure"],
            title=one["title"],
            about=one["about"] or "All",
            alternative=f"Bar chart: {one['title']}, {one['about']}. {', '.join(told)}.",
            course=", ".join(told) if len(told) <= _FEW else f"{told[0]} … {told[-1]}",
            bars=list(_bars([count for _, count in points])),
        )


def _said(count: int | None) -> str:
    return "withheld" if count is None else f"{count:,}"


def _bars(counts: Sequence[int | None]) -> Iterator[Bar]:
    highest = max((count or 0 for count in counts), default=0) or 1
    step = min(_WIDEST, WIDTH / len(counts))
    for place, count in enumerate(counts):
        if count:
            height = max(1.0, round(HEIGHT * count / highest, 1))
            yield Bar(round(place * step, 1), round(step * 0.75, 1), height)
