"""Whether the parts of a council's file agree with each other.

The checks look at the file as it was read, entry by entry, and leave alone whatever a shape
error was already found in: so one reading names every error, and none twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from app.kit.toml_lines import Path
from app.procedures.council_shape import day_of
from app.procedures.vocabulary import NOT_CATEGORISED, OUTSIDE_PROCESS, ClockStart

FIRST_STAGE_STARTS = (ClockStart.receipt, ClockStart.acknowledgement)
LATER_STAGE_STARTS = (ClockStart.request, ClockStart.acceptance)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong, and where in the file's structure."""

    path: Path
    what: str


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the file with those of its values that have the right shape."""

    path: Path
    values: Mapping[str, Any]

    def get(self, key: str) -> Any:  # noqa: ANN401 - what a file holds
        """A value, or none where it is absent or of the wrong shape."""
        return self.values.get(key)

    def texts(self, key: str) -> Iterator[tuple[Path, str]]:
        """The texts of a list, each with its path."""
        for number, element in enumerate(self.get(key) or []):
            if isinstance(element, str):
                yield (*self.path, key, number), element

    def wrong(self, key: str, what: str) -> Mistake:
        """A mistake in one value of the entry."""
        return Mistake((*self.path, key), what)


@dataclass(frozen=True, slots=True)
class Reading:
    """The file as read, and the paths in which a shape error was found."""

    document: Mapping[str, Any]
    bad: frozenset[Path]

    def items(self, section: str, inside: Item | None = None) -> list[Item]:
        """The entries of a section, or of an array inside an entry."""
        holder, path = (inside.values, inside.path) if inside else (self.document, ())
        entries = holder.get(section)
        if not isinstance(entries, list):
            return []
        return [
            self._item((*path, section, number), entry)
            for number, entry in enumerate(entries)
            if isinstance(entry, dict)
        ]

    def table(self, section: str) -> Item:
        """A section that is one table."""
        entry = self.document.get(section)
        return self._item((section,), entry if isinstance(entry, dict) else {})

    def codes(self, section: str) -> set[str]:
        """Every code of a section, well formed or not: what a reference may point at."""
        return {
            item.values["slug"]
            for item in self.items(section)
            if isinstance(item.values.get("slug"), str)
        }

    def by_code(self, section: str) -> dict[str, Item]:
        """The entries of a section by code: the first of those that share one."""
        entries = reversed(self.items(section))
        return {item.get("slug"): item for item in entries if item.get("slug") is not None}

    def _item(self, path: Path, entry: Mapping[str, Any]) -> Item:
        good = {key: value for key, value in entry.items() if (*path, key) not in self.bad}
        return Item(path, good)


def mistakes_in(reading: Reading) -> Iterator[Mistake]:
    """Everything that does not agree, in no particular order."""
    yield from _codes_given_once(reading)
    yield from _references(reading)
    yield from _lineage(reading)
    yield from _periods(reading)
    yield from _placements(reading)
    yield from _source_systems(reading)
    yield from _required_categories(reading)
    yield from _procedures(reading)
    yield from _activity(reading)
    yield from _calendar(reading)


def _codes_given_once(reading: Reading) -> Iterator[Mistake]:
    sections = ("directorate", "service", "source_system", "team", "category", "remedy")
    for section in (*sections, "procedure"):
        yield from _once(reading.items(section), "slug", f"This {section} is in the file twice")
    for system in reading.items("source_system"):
        listed: set[str] = set()
        for path, team in system.texts("teams"):
            if team in listed:
                yield Mistake(path, "This team is on the list twice")
            listed.add(team)


def _once(items: Iterable[Item], key: str, what: str) -> Iterator[Mistake]:
    seen: set[Any] = set()
    for item in items:
        value = item.get(key)
        if value is not None and value in seen:
            yield item.wrong(key, what)
        seen.add(value)


def _references(reading: Reading) -> Iterator[Mistake]:
    services, teams = reading.codes("service"), reading.codes("team")
    yield from _known(reading.items("service"), "directorate", reading.codes("directorate"))
    yield from _known(reading.items("activity"), "service", services)
    yield from _known(reading.items("team"), "service", services)
    for team in reading.items("team"):
        yield from _known(reading.items("placed", team), "service", services)
    for system in reading.items("source_system"):
        for path, listed in system.texts("teams"):
            if listed not in teams:
                yield Mistake(path, "No team in this file has this code")


def _known(items: Iterable[Item], key: str, codes: set[str]) -> Iterator[Mistake]:
    kind = "service" if key == "service" else "directorate"
    for item in items:
        if item.get(key) is not None and item.get(key) not in codes:
            yield item.wrong(key, f"No {kind} in this file has this code")


def _lineage(reading: Reading) -> Iterator[Mistake]:
    teams = reading.codes("team")
    pairs: set[tuple[str, str]] = set()
    for line in reading.items("lineage"):
        was = line.get("was")
        if was is not None and was not in teams:
            yield line.wrong("was", "No team in this file has this code")
        for path, became in line.texts("became"):
            if became not in teams:
                yield Mistake(path, "No team in this file has this code")
            if became == was:
                yield Mistake(path, "A team cannot become itself")
            if (was, became) in pairs:
                yield Mistake(path, "This lineage is in the file twice")
            pairs.add((was, became))


def _periods(reading: Reading) -> Iterator[Mistake]:
    for section in ("directorate", "service", "team", "category", "activity"):
        yield from _ends_after_it_starts(reading.items(section))
    yield from _ends_after_it_starts(
        reading.items("source_system"), starts="collects_from", ends="collects_until"
    )
    yield from _ends_after_it_starts(
        [reading.table("calendar")], starts="covers_from", ends="covers_until"
    )
    directorates = reading.by_code("directorate")
    for service in reading.items("service"):
        holder = directorates.get(service.get("directorate") or "")
        if holder and not _inside(service, holder):
            yield service.wrong(
                "directorate", "The directorate did not exist for all of this period"
            )


def _ends_after_it_starts(
    items: Iterable[Item], *, starts: str = "since", ends: str = "until"
) -> Iterator[Mistake]:
    for item in items:
        since, until = item.get(starts), item.get(ends)
        if since is not None and until is not None and until <= since:
            yield item.wrong(ends, f"`{ends}` is the first day after the period: give a later day")


def _inside(inner: Item, outer: Item) -> bool:
    """Whether one period lies in another; unsaid where a day is missing."""
    if inner.get("since") is None or outer.get("since") is None:
        return True
    ends_inside = outer.get("until") is None or (
        inner.get("until") is not None and inner.get("until") <= outer.get("until")
    )
    return bool(outer.get("since") <= inner.get("since") and ends_inside)


def _placements(reading: Reading) -> Iterator[Mistake]:
    services = reading.by_code("service")
    for team in reading.items("team"):
        placed = reading.items("placed", team)
        if (team.values.get("service") is None) == (team.values.get("placed") is None):
            if not _bad_within(reading, team, "service", "placed"):
                yield Mistake(team.path, "Give either `service`, or `placed` with dates")
            continue
        yield from _ends_after_it_starts(placed)
        yield from _chain(placed)
        yield from _covers(team, placed)
        for placement in placed or [team]:
            service = services.get(placement.get("service") or "")
            if service and not _inside(placement, service):
                yield placement.wrong("service", "The service did not exist for all of this period")


def _bad_within(reading: Reading, item: Item, *keys: str) -> bool:
    return any((*item.path, key) in reading.bad for key in keys)


def _covers(team: Item, placed: list[Item]) -> Iterator[Mistake]:
    """Placements must begin and end with the team."""
    known = sorted((p for p in placed if p.get("since")), key=lambda p: p.get("since"))
    if not known or len(known) < len(placed) or team.get("since") is None:
        return
    if known[0].get("since") != team.get("since"):
        yield known[0].wrong("since", "The first placement must start when the team does")
    if known[-1].get("until") != team.get("until"):
        yield known[-1].wrong("until", "The last placement must end when the team does")


def _chain(items: list[Item], *, starts: str = "since", ends: str = "until") -> Iterator[Mistake]:
    """Periods that must follow each other day to day: no overlap, no gap."""
    if any(item.get(starts) is None for item in items):
        return
    ordered = sorted(items, key=lambda item: item.get(starts))
    for before, item in pairwise(ordered):
        end, start = before.get(ends), item.get(starts)
        if end is None or end > start:
            yield item.wrong(starts, "This period overlaps the one before it")
        elif end < start:
            last = start - timedelta(days=1)
            yield item.wrong(starts, f"Nothing holds from {end} to {last}: close the gap")


def _source_systems(reading: Reading) -> Iterator[Mistake]:
    systems = reading.items("source_system")
    yield from _chain(systems, starts="collects_from", ends="collects_until")
    still_open = [s for s in systems if "collects_until" not in s.values]
    whole = all((*s.path, "collects_until") not in reading.bad for s in systems)
    if systems and whole and len(still_open) != 1:
        path = still_open[1].path if still_open else systems[-1].path
        what = f"Exactly one source system must still collect; {len(still_open)} do"
        yield Mistake(path, what)


def _required_categories(reading: Reading) -> Iterator[Mistake]:
    categories = reading.by_code("category")
    for slug in (NOT_CATEGORISED, OUTSIDE_PROCESS):
        if slug not in categories:
            yield Mistake(("category",), f"The category {slug} is missing: every council needs it")
        elif categories[slug].get("until") is not None:
            yield categories[slug].wrong("until", f"The category {slug} cannot end")


def _procedures(reading: Reading) -> Iterator[Mistake]:
    for procedure in reading.items("procedure"):
        versions = reading.items("version", procedure)
        yield from _ends_after_it_starts(versions)
        yield from _chain(versions)
        for version in versions:
            yield from _stages(reading.items("stage", version))


def _stages(stages: list[Item]) -> Iterator[Mistake]:
    for number, stage in enumerate(stages, start=1):
        if stage.get("number") not in (None, number):
            yield stage.wrong("number", f"Stages are numbered in order: this one is {number}")
        allowed = FIRST_STAGE_STARTS if number == 1 else LATER_STAGE_STARTS
        starts = stage.get("clock_starts")
        if starts is not None and starts not in allowed:
            what = f"The clock of stage {number} starts with {' or '.join(allowed)}"
            yield stage.wrong("clock_starts", what)
        if stage.get("extend_by_at_most") and "respond_within" not in stage.values:
            yield stage.wrong("extend_by_at_most", "A stage with no limit cannot be extended")
        if number == 1 and stage.get("request_within") is not None:
            yield stage.wrong("request_within", "Stage 1 is not asked for: leave this out")


def _activity(reading: Reading) -> Iterator[Mistake]:
    same: dict[tuple[Any, Any], list[Item]] = {}
    for item in reading.items("activity"):
        same.setdefault((item.get("service"), item.get("measure")), []).append(item)
    for items in same.values():
        dated = [i for i in items if i.get("since") and i.get("until")]
        ordered = sorted(dated, key=lambda i: i.get("since"))
        for before, item in pairwise(ordered):
            if before.get("until") > item.get("since"):
                yield item.wrong("since", "This period overlaps another of the same measure")


def _calendar(reading: Reading) -> Iterator[Mistake]:
    calendar = reading.table("calendar")
    since, until, days = (calendar.get(k) for k in ("covers_from", "covers_until", "days"))
    if since is None or until is None or not isinstance(days, dict):
        return
    listed = {key: day_of(key) for key in days}
    for key, day in listed.items():
        if day and not since <= day < until:
            yield Mistake((*calendar.path, "days", key), "This day is outside what the list covers")
    years = {day.year for day in listed.values() if day}
    last = until - timedelta(days=1)
    missing = [year for year in range(since.year, last.year + 1) if year not in years]
    if missing:
        what = f"The list covers {missing[0]} but has no bank holiday in it"
        yield calendar.wrong("covers_until" if missing[0] > since.year else "covers_from", what)
