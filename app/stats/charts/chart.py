"""What the chart of an answer shows: panels, the series in each, and the points of each. Pure.

A figure over time is drawn as lines, with a panel for each whole that is not itself a time.
Everything else is bars, with a panel for each whole. What would not fit on a page is not drawn,
and the chart says so: the table beside it has everything.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from app.stats.answer import Answer
from app.stats.counted import Key
from app.stats.figure import Figure
from app.stats.labels import brief, label
from app.stats.measures import Line
from app.stats.table import WITHHELD
from app.stats.times import GRAINS

LEAST_FOR_A_LINE = 3  # points
MOST_SERIES = 4  # of which the colours can be told apart
MOST_PANELS = 12
MOST_BARS = 44
MOST_NOUGHTS = 3  # bars of a panel
WITHOUT_ORDER = frozenset({
    "activity", "category", "channel", "closure_reason", "fault", "refusal_reason", "remedy",
    "team",
})  # fmt: skip
"""Cuts whose codes have no order of their own: their bars go by size."""


@dataclass(frozen=True, slots=True)
class Point:
    """A count, what it is of, and how it is written beside its mark."""

    name: str
    brief: str  # the name in short lines, for what stands under an axis
    count: int | None  # none where it may not be shown
    said: str


def total(points: Iterable[Point]) -> int | None:
    """How many there are in all; none where some may not be shown."""
    counts = [point.count for point in points]
    return None if None in counts else sum(count or 0 for count in counts)


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together: the bars of a panel, or a line."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """What has the same frame."""

    name: str
    series: tuple[Series, ...]

    @property
    def points(self) -> list[Point]:
        """Every point in it."""
        return [point for series in self.series for point in series.points]

    @property
    def size(self) -> int:
        """How many it shows, as far as they may be shown."""
        return sum(point.count or 0 for point in self.points)

    @property
    def total(self) -> int | None:
        """How many there are in all; none where some may not be shown."""
        return total(self.points)


@dataclass(frozen=True, slots=True)
class Chart:
    """Panels of one kind, and the names of those that are not drawn."""

    lines: bool
    panels: tuple[Panel, ...]
    too_many: tuple[str, ...]  # there was no room for them
    nothing: tuple[str, ...]  # there was nothing to show

    @property
    def highest(self) -> int:
        """The largest count."""
        return max((p.count or 0 for panel in self.panels for p in panel.points), default=0)


def chart(answer: Answer) -> Chart:
    """The chart of an answer."""
    figure = answer.figure
    time = _time(figure, answer.rows)
    panels = _bars(figure, answer.rows) if time is None else _lines(figure, answer.rows, time)
    something = [panel for panel in panels if any(p.count != 0 for p in panel.points)]
    drawn = _on_a_page(something, lines=time is not None)
    return Chart(
        lines=time is not None,
        panels=tuple(panel for panel in something if panel in drawn),
        too_many=tuple(panel.name for panel in something if panel not in drawn),
        nothing=tuple(panel.name for panel in panels if panel not in something),
    )


def _time(figure: Figure, rows: Sequence[Line]) -> str | None:
    """The finest cut by time, where it has points enough for a line."""
    for cut in reversed(figure.by):
        if cut in GRAINS and len({row[cut] for row in rows}) >= LEAST_FOR_A_LINE:
            return cut
    return None


def _bars(figure: Figure, rows: Sequence[Line]) -> list[Panel]:
    depth = len(figure.measure.of)
    wholes, within = figure.by[:depth], figure.by[depth:]
    by_size = within[-1] in WITHOUT_ORDER
    found = []
    for name, of in grouped(rows, wholes):
        points = _points(of, within)
        found.append(Panel(name, (Series("", tuple(_sized(points) if by_size else points)),)))
    return found


def _sized(points: Sequence[Point]) -> list[Point]:
    """The largest first; where many are nothing, one bar stands for all of those."""
    something = [point for point in points if point.count != 0]
    nothing = [point for point in points if point.count == 0]
    if len(nothing) > MOST_NOUGHTS:
        others = f"{len(nothing)} others"
        nothing = [Point(others, others, 0, "0 each")]
    return [*sorted(something, key=lambda point: -(point.count or 0)), *nothing]


def _lines(figure: Figure, rows: Sequence[Line], time: str) -> list[Panel]:
    of = [cut for cut in figure.measure.of if cut != time]
    apart = [cut for cut in figure.by if cut not in {*of, time}]
    if len({tuple(row[cut] for cut in apart) for row in rows}) > MOST_SERIES:
        of, apart = [*of, *apart], []
    return [
        Panel(
            name,
            tuple(
                Series(line, tuple(_points(points, (time,))))
                for line, points in grouped(within, apart)
            ),
        )
        for name, within in grouped(rows, of)
    ]


def grouped(rows: Sequence[Line], cuts: Sequence[str]) -> list[tuple[str, list[Line]]]:
    """Rows by what they are about under some cuts, in the order in which these appear.

    Where two are called the same, such as teams of two systems, each has its code beside it.
    """
    groups: dict[Key, list[Line]] = {}
    for row in rows:
        groups.setdefault(tuple(row[cut] for cut in cuts), []).append(row)
    names = {key: _named(of[0], cuts) for key, of in groups.items()}
    many = {name for name, times in Counter(names.values()).items() if times > 1}

    def told_apart(key: Key) -> str:
        codes = ", ".join(map(str, key))
        return f"{names[key]} ({codes})" if names[key] in many else names[key]

    return [(told_apart(key), of) for key, of in groups.items()]


def _points(rows: Sequence[Line], cuts: Sequence[str]) -> list[Point]:
    return [
        Point(
            name=name,
            brief=", ".join(brief(cut, row) for cut in cuts),
            count=row["count"],
            said=said(row),
        )
        for name, (row,) in grouped(rows, cuts)
    ]


def _named(row: Line, cuts: Sequence[str]) -> str:
    return ", ".join(label(cut, row) for cut in cuts)


def said(row: Line) -> str:
    """A row's count as it is written beside its mark, with its share."""
    if row["count"] is None:
        return WITHHELD
    count = f"{row['count']:,}"
    if row.get("percent_of_volume") is not None:
        return f"{count} ({row['percent_of_volume']:.2f}% of {row['volume']:,})"
    return count if row.get("percent") is None else f"{count} ({row['percent']}%)"


def _on_a_page(panels: Sequence[Panel], *, lines: bool) -> list[Panel]:
    """The largest panels that a page has room for; the largest in any case."""
    by_size = sorted(panels, key=lambda panel: -panel.size)
    if lines:
        return by_size[:MOST_PANELS]
    heights = accumulate(len(panel.points) for panel in by_size)
    return [
        panel
        for place, (panel, height) in enumerate(zip(by_size, heights, strict=True))
        if place == 0 or (height <= MOST_BARS and place < MOST_PANELS)
    ]
