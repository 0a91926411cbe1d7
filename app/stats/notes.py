"""Remarks under a figure. Each is found in the data or the reference lists, never typed by year."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from app.stats.counted import Counted, Key, Tally
from app.stats.fact import USUAL_PERCENTILE, How, Scope
from app.stats.facts.endings import EXCLUDED_FROM_TIMESCALES
from app.stats.figure import Figure, Note
from app.stats.labels import day as _day
from app.stats.labels import days as _days
from app.stats.lineage import equivalents
from app.stats.measures import Measuring
from app.stats.period import Period
from app.stats.world import TeamBasis


def period_not_over(_figure: Figure, scope: Scope, _counted: Counted) -> Iterator[str]:
    """Say that what is counted so far is not all there will be."""
    if scope.period.until > scope.today:
        yield (
            f"The period is not over: it runs to {_day(scope.period.last_day)}, and this counts "
            f"what was recorded up to {_day(scope.today)}."
        )


def part_years(figure: Figure, scope: Scope, _counted: Counted) -> Iterator[str]:
    """Say which of several financial years is only in part within the period."""
    for year in scope.period.years if figure.over_years else ():
        part = scope.period.part_of(year)
        if part != Period(year.since, year.until):
            yield f"{year} is a part-year here: {_days(part)}. It is no match for a whole one."


def teams_as_today(_figure: Figure, scope: Scope, counted: Counted) -> Iterator[str]:
    """Say which teams are counted as what they are today, and which cannot be."""
    if scope.basis.team is TeamBasis.recorded:
        return
    teams = {team.slug: team.name for team in scope.reference.teams}
    shown = {str(code) for key in counted.rows for code in key}
    for team, now in equivalents(scope.reference.lineage, scope.today).items():
        if now.team == team and team in shown:
            yield (
                f"{teams[team]} was split, and has no equivalent today: its complaints stay its "
                "own, and neither it nor the teams it became can be compared over time."
            )
        elif now.team in shown and now.doubts:
            yield (
                f"{teams[team]} is counted as {teams[now.team]}: that the one became the other "
                "is assumed, not published."
            )


ALWAYS = (period_not_over, part_years, teams_as_today)


def compared(measuring: Measuring, wholes: Iterable[Key]) -> Iterator[str]:
    """Say what is not set against the year before, since the days are not the same days."""
    unlike = {found: None for key in wholes if (found := measuring.unlike(key))}
    annualised = measuring.before is not None and measuring.before.annualise
    for now, before in unlike:
        if before is None:
            yield "Nothing of the kind was collected a year before: there is no change to give."
        elif now is None:
            yield "Nothing of the kind was collected in this period: there is no change to give."
        elif annualised:
            yield (
                f"{_days(now)} is set against {_days(before)}: each is scaled up to the whole, as "
                "if every day had been alike."
            )
        else:
            yield (
                f"{_days(now)} is no match for {_days(before)}, so no change is given; "
                "annualise=true scales each up to the whole."
            )


def migrated_cases(figure: Figure, scope: Scope, counted: Counted) -> Iterator[str]:
    """Say where a migration swells the month in which its cases were registered anew."""
    if scope.day.basis != "registered":
        return
    for who, migrated, total in _migrated(figure, scope, counted):
        yield (
            f"{who}{migrated.count} of {total} were migrated from another system and count in "
            f"{_months(migrated)}, when they were registered in the new one; "
            "by the day of receipt they count when people made contact."
        )


def migrated_without_channel(figure: Figure, scope: Scope, counted: Counted) -> Iterator[str]:
    """Say why migrated cases have no method of contact."""
    for who, migrated, total in _migrated(figure, scope, counted):
        yield (
            f"{who}{migrated.count} of {total} were migrated from another system, so how people "
            "first made contact is not recorded for them."
        )


def channel_coverage(_figure: Figure, scope: Scope, _counted: Counted) -> Iterator[str]:
    """Say from when how contact was made is collected, if not throughout the period."""
    systems = scope.reference.collecting(scope.period)
    within = [(system.name, days) for system, days in systems if system.collects_channel]
    if not within:
        yield "How contact was made was not collected in this period."
    elif (first := min(days.since for _, days in within)) > scope.period.since:
        names = " and ".join(name for name, days in within if days.since == first)
        yield (
            f"How contact was made is collected only from {_day(first)}, in {names}; "
            "what was registered before is left out."
        )


def team_lists_changed(_figure: Figure, scope: Scope, _counted: Counted) -> Iterator[str]:
    """Say that each system has its own teams, and what part of the period it covers."""
    within = scope.reference.collecting(scope.period)
    if len(within) > 1:
        columns = "; ".join(f"{system.name}, {_days(days)}" for system, days in within)
        yield (
            f"The list of teams changed within the period: {columns}. Each part has its own "
            "denominator, and teams of the same name need not be the same team."
        )


def types_that_are_fixed(_figure: Figure, scope: Scope, _counted: Counted) -> Iterator[str]:
    """Say which systems could not change what feedback is."""
    for system, days in scope.reference.collecting(scope.period):
        if not system.reallocates_type:
            yield (
                f"{system.name}, {_days(days)}, could not change the type of feedback: what was "
                "registered in it is what it was taken in as."
            )


def teams_moved(_figure: Figure, scope: Scope, _counted: Counted) -> Iterator[str]:
    """Say which teams moved between the services shown, within the period."""
    teams = {team.slug: team.name for team in scope.reference.teams}
    services = {service.slug: service.name for service in scope.reference.services}
    placements = sorted(scope.reference.placements, key=lambda place: (place.team, place.since))
    for before, after in pairwise(placements):
        moved = before.team == after.team and before.service != after.service
        shown = not scope.services or {before.service, after.service} & set(scope.services)
        if moved and shown and scope.period.since < after.since < scope.period.until:
            yield (
                f"{teams[after.team]} moved from {services[before.service]} to "
                f"{services[after.service]} on {_day(after.since)}."
            )


def volumes_of_other_days(_figure: Figure, scope: Scope, _counted: Counted) -> Iterator[str]:
    """Say where an activity is known for days that are not those asked for."""
    for each in scope.reference.activities:
        shown = not scope.services or each.service in scope.services
        days = Period(each.since, each.until)
        if (
            shown
            and scope.period.overlaps(each.since, each.until)
            and not (scope.period.since <= days.since and days.until <= scope.period.until)
        ):
            yield (
                f"{each.name} is known for {_days(days)} as a whole, so there is no rate for a "
                "part of it."
            )


def other_percentiles(figure: Figure, _scope: Scope, _counted: Counted) -> Iterator[str]:
    """Say which percentile was asked for, if not the usual one."""
    for one in figure.quantities:
        if one.how is How.percentile and one.at != USUAL_PERCENTILE:
            yield f"{one.name} is what {one.at} in 100 do not exceed."


def excluded_from_timescales(figure: Figure, scope: Scope, counted: Counted) -> Iterator[str]:
    """Say how many cases are excluded from timescales, whose, and why."""
    for reason in EXCLUDED_FROM_TIMESCALES:
        for who, keys in _by_service(figure, scope, counted):
            count = sum(counted.totals[key].left_out[reason.code] for key in keys)
            if count:
                yield f"{who}{count} left out: {reason.words}."


def some_migrated(figure: Figure, scope: Scope, counted: Counted) -> Iterator[str]:
    """The same of a migration, without a number of cases."""
    if scope.day.basis != "registered":
        return
    for who, migrated, _ in _migrated(figure, scope, counted):
        yield (
            f"{who}some were migrated from another system and count in {_months(migrated)}, when "
            "they were registered in the new one."
        )


def some_without_channel(figure: Figure, scope: Scope, counted: Counted) -> Iterator[str]:
    """The same of migrated cases' method of contact, without a number of cases."""
    for who, _, _ in _migrated(figure, scope, counted):
        yield (
            f"{who}some were migrated from another system, so how people first made contact is "
            "not recorded for them."
        )


def some_excluded(figure: Figure, scope: Scope, counted: Counted) -> Iterator[str]:
    """The same of what is excluded from timescales, without a number of cases."""
    for reason in EXCLUDED_FROM_TIMESCALES:
        for who, keys in _by_service(figure, scope, counted):
            if any(counted.totals[key].left_out[reason.code] for key in keys):
                yield f"{who}some are left out: {reason.words}."


_WITHOUT_NUMBERS: Mapping[Note, Note] = {
    migrated_cases: some_migrated,
    migrated_without_channel: some_without_channel,
    excluded_from_timescales: some_excluded,
}


def in_public(notes: Iterable[Note]) -> Iterator[Note]:
    """The same remarks, none of them with a number of cases."""
    return (_WITHOUT_NUMBERS.get(note, note) for note in notes)


def _migrated(figure: Figure, scope: Scope, counted: Counted) -> Iterator[tuple[str, Tally, int]]:
    for who, keys in _by_service(figure, scope, counted):
        totals = [counted.totals[key] for key in keys]
        migrated = sum((total.parts["migrated"] for total in totals), start=Tally())
        if migrated.count:
            yield who, migrated, sum(total.count for total in totals)


def _by_service(
    figure: Figure, scope: Scope, counted: Counted
) -> Iterable[tuple[str, list[tuple[str | int, ...]]]]:
    """The keys of totals by service, each with how a remark about it begins."""
    if "service" not in figure.measure.of:
        return [("", list(counted.totals))]
    at = figure.measure.of.index("service")
    names = figure.cuts[at].called(scope.reference)
    keys: dict[str, list[tuple[str | int, ...]]] = {slug: [] for slug in names}
    for key in counted.totals:
        keys[str(key[at])].append(key)
    return [(f"{names[slug]}: ", of_service) for slug, of_service in keys.items()]


def _months(tally: Tally) -> str:
    assert tally.first is not None  # a tally of something has days
    assert tally.last is not None
    first, last = f"{tally.first:%B %Y}", f"{tally.last:%B %Y}"
    return first if first == last else f"{first} to {last}"
