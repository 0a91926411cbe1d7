"""What a chart shows, in words written from its numbers, for whoever cannot see it."""

from collections.abc import Iterator

from app.stats.answer import Answer
from app.stats.charts.chart import Chart, Panel, Series, chart, total
from app.stats.labels import capital, days

_NAMED = 6  # bars of a panel
_FEW = 3  # panels to name that have nothing in them


def alternative(answer: Answer) -> str:
    """The text alternative of an answer's chart."""
    return described(answer, chart(answer))


def described(answer: Answer, shown: Chart) -> str:
    """What a chart of an answer shows, in words."""
    kind = "Line chart" if shown.lines else "Bar chart"
    tell = _line if shown.lines else _bars
    sentences = [
        f"{kind}: {answer.figure.title}.",
        f"{capital(answer.population)}, {days(answer.period)}.",
        *(said for panel in shown.panels for said in tell(panel)),
        *not_drawn(shown),
    ]
    return " ".join(sentences)


def not_drawn(shown: Chart) -> Iterator[str]:
    """What the chart leaves to the table."""
    if shown.nothing:
        few = len(shown.nothing) <= _FEW
        of = "; ".join(shown.nothing) if few else f"{len(shown.nothing)} others"
        yield f"There is nothing to show of {of}."
    if shown.too_many:
        yield f"There is no room to draw {len(shown.too_many)} more, which are in the table."


def _bars(panel: Panel) -> Iterator[str]:
    points = panel.points
    named = [f"{point.name} {point.said}" for point in points[:_NAMED]]
    if rest := points[_NAMED:]:
        together = total(rest)
        sums = f", {together:,} together" if together is not None else ""
        named.append(f"and {len(rest)} more{sums}")
    yield f"{panel.name or 'All'}: {', '.join(named)}."


def _line(panel: Panel) -> Iterator[str]:
    for series in panel.series:
        name = ", ".join(part for part in (panel.name, series.name) if part) or "All"
        yield f"{name}: {_course(series)}."


def _course(series: Series) -> str:
    """From where to where a line goes, and where it is highest, as far as that may be shown."""
    first, last = series.points[0], series.points[-1]
    highest = max(series.points, key=lambda point: point.count or 0)
    course = f"{first.said} in {first.name}, {last.said} in {last.name}"
    if highest in {first, last}:
        return course
    withheld = any(point.count is None for point in series.points)
    of = " of those shown" if withheld else ""
    return f"{course}; highest{of} in {highest.name}, with {highest.said}"
