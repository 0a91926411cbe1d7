"""The generated cases, counted in plain Python, give every number of the source report."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from app.demo.generator import write_lines
from tests.demo import paper
from tests.demo.folding import Case, Stage, counted, working_days, year_of

NOT_AN_OUTCOME = {"withdrawn", "question_answered", "reclassified"}
SERVICES_AND_YEARS = [(s, y) for s in paper.BOTH for y in paper.YEARS]
SERVICES_AND_EARLIER = [(s, y) for s in paper.BOTH for y in paper.EARLIER_YEARS]


@pytest.fixture(scope="module")
def cases(everything: list[Case]) -> list[Case]:
    return counted(everything)


@pytest.fixture(scope="module")
def complaints(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.type == "complaint"]


def of(cases: Iterable[Case], service: str, year: str) -> list[Case]:
    return [case for case in cases if case.service == service and case.year == year]


def outcomes(complaints: Iterable[Case], service: str, year: str) -> list[tuple[Case, Stage]]:
    """Stage 1 closed in the year: the population of Figures 10 and 11."""
    return [
        (case, case.stages[1])
        for case in complaints
        if case.service == service and 1 in case.stages
        if (closed := case.stages[1].closed) and year_of(closed) == year
        if case.stages[1].ending not in NOT_AN_OUTCOME
    ]


def in_and_out(complaints: Iterable[Case], service: str, year: str) -> tuple[int, int]:
    """How many of those kept the target, and how many did not; the migrated left out."""
    timed = [
        working_days(case.clock_from, stage.closed or "") <= paper.TARGET_WORKING_DAYS
        for case, stage in outcomes(complaints, service, year)
        if stage.excluded is None
    ]
    return timed.count(True), timed.count(False)


def test_the_same_seed_makes_the_same_file(
    generated: list[dict[str, Any]], written: Path, tmp_path: Path
) -> None:
    text = written.read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == generated
    assert 14_500 < len(generated) < 15_500
    assert write_lines(tmp_path / "other", seed=7) == len(generated)
    assert (tmp_path / "other").read_text(encoding="utf-8") != text


@pytest.mark.parametrize("kind", paper.FEEDBACK)
def test_figure_1_counts_each_type_across_the_council(cases: list[Case], kind: str) -> None:
    by_year = Counter(case.year for case in cases if case.type == kind)
    assert set(by_year) == set(paper.YEARS)
    for year, count in paper.FEEDBACK[kind].items():
        assert by_year[year] == count, year


def test_figure_1_counts_all_types_and_is_lowest_in_the_last_year(cases: list[Case]) -> None:
    totals = Counter(case.year for case in cases)
    for year, count in paper.FEEDBACK_OF_ALL_TYPES.items():
        assert totals[year] == count
    assert min(paper.YEARS, key=lambda year: totals[year]) == paper.LOWEST_OF_ALL_TYPES
    last = totals[paper.YEAR]
    for year in paper.PRE_PANDEMIC:
        assert abs(totals[year] - last) * 100 <= paper.CLOSE * last


def test_figure_1_peaks_and_falls_as_printed(cases: list[Case]) -> None:
    by_type = Counter((case.type, case.year) for case in cases)
    peak, bounds = paper.COMPLAINTS_PEAK
    complaints = {year: by_type["complaint", year] for year in paper.YEARS}
    assert max(complaints, key=lambda year: complaints[year]) == peak
    assert complaints[peak] in bounds
    assert by_type["compliment", "2018-19"] in paper.COMPLIMENTS_2018_19
    totals = Counter(case.year for case in cases)
    for kind, before, after, fall in paper.FEEDBACK_FALLS:
        was = by_type[kind, before] if kind else totals[before]
        now = by_type[kind, after] if kind else totals[after]
        assert paper.percent(was - now, was) == fall, (kind, before)


@pytest.mark.parametrize("service", paper.BOTH)
def test_figure_2_counts_each_type_of_a_service(cases: list[Case], service: str) -> None:
    by_type = Counter((c.type, c.year) for c in cases if c.service == service)
    for kind, years in paper.FEEDBACK_OF_SERVICE[service].items():
        for year, count in years.items():
            assert by_type[kind, year] == count, (kind, year)


def test_figure_3_counts_channels_since_they_are_collected(cases: list[Case]) -> None:
    since, until = paper.CONTACT_WINDOW
    share = {}
    for service in paper.BOTH:
        window = [c for c in cases if c.service == service and since <= c.registered <= until]
        channels = Counter(case.channel for case in window)
        assert channels["post"] == paper.BY_POST
        assert channels[None] == sum(case.migrated for case in window)
        share[service] = channels["portal"] / len(window)
    assert share[paper.EDUCATION] > share[paper.CF]


def test_figure_3_collects_no_channel_before(cases: list[Case]) -> None:
    assert {c.channel for c in cases if c.registered < paper.SWITCH} == {None}


@pytest.mark.parametrize(("service", "year"), SERVICES_AND_YEARS)
def test_figure_4_has_its_low_months(complaints: list[Case], service: str, year: str) -> None:
    months = Counter(case.registered[:7] for case in of(complaints, service, year))
    assert len(months) == 12
    low = {month for month in months if month[5:] in paper.LOW_MONTHS[service]}
    assert max(months[month] for month in low) < min(months[m] for m in months if m not in low)
    if year == paper.YEAR:
        assert max(months, key=lambda month: months[month]) == paper.HIGHEST_MONTH


def test_figure_4_counts_education_in_september(complaints: list[Case]) -> None:
    months = Counter(c.registered[:7] for c in complaints if c.service == paper.EDUCATION)
    for month, count in paper.EDUCATION_IN_SEPTEMBER.items():
        assert months[month] == count
    above, septembers = paper.EDUCATION_SEPTEMBERS_ABOVE
    assert all(months[month] > above for month in septembers)


@pytest.mark.parametrize("service", paper.BOTH)
def test_figure_4_splits_where_the_systems_changed(complaints: list[Case], service: str) -> None:
    year = of(complaints, service, paper.YEAR)
    before = [case for case in year if case.registered < paper.SWITCH]
    assert len(before) == paper.BEFORE_SWITCH[service]
    assert len(year) - len(before) == paper.SINCE_SWITCH[service]
    migrated = [case for case in year if case.migrated]
    assert len(migrated) == paper.MIGRATED_IN_JANUARY.get(service, len(migrated)) > 0
    for case in migrated:
        assert case.registered[:7] == "2024-01"
        assert case.received < paper.SWITCH <= case.registered
        assert [name["system"] for name in case.line["systems"]] == [
            paper.CONTACT_US,
            paper.CUSTOMER_FEEDBACK,
        ]


def test_figure_5_counts_later_stages_by_request_and_by_acceptance(
    complaints: list[Case],
) -> None:
    later = [(c, s) for c in complaints for s in c.stages.values() if s.number > 1]
    for number, years in paper.LATER_STAGES.items():
        for year, count in years.items():
            stages = [s for _, s in later if s.number == number]
            assert sum(year_of(s.opened) == year for s in stages) == count
            assert sum(year_of(s.requested or "") == year for s in stages) == count
    procedures = {case.procedure for case, stage in later if stage.number == 3}
    assert procedures == {paper.PROCEDURE_WITH_STAGE_3}


@pytest.mark.parametrize("service", paper.BOTH)
def test_figure_6_counts_categories(complaints: list[Case], service: str) -> None:
    year = of(complaints, service, paper.YEAR)
    categories = Counter(case.category or "not-categorised" for case in year)
    for category, (count, printed) in paper.CATEGORIES[service].items():
        assert categories.pop(category, 0) == count, category
        assert paper.percent(count, len(year)) == printed
    assert not categories


@pytest.mark.parametrize(("service", "year"), SERVICES_AND_EARLIER)
def test_figure_6_has_its_highest_categories(
    complaints: list[Case], service: str, year: str
) -> None:
    categories = Counter(case.category for case in of(complaints, service, year))
    highest = {category for category, _ in categories.most_common(2)}
    assert highest == paper.HIGHEST_CATEGORIES_BEFORE[service]


@pytest.mark.parametrize(("service", "system"), paper.TEAMS)
def test_figures_7_and_8_count_teams_by_system_of_record(
    complaints: list[Case], service: str, system: str
) -> None:
    kept = [c for c in of(complaints, service, paper.YEAR) if c.system == system]
    teams = Counter(case.team for case in kept)
    assert len(kept) == paper.TEAM_DENOMINATORS[service, system]
    for team, (count, printed) in paper.TEAMS[service, system].items():
        assert teams.pop(team) == count, team
        assert paper.percent(count, len(kept)) == printed
    assert teams.pop(None, 0) == paper.WITHOUT_A_TEAM.get((service, system), 0)
    assert not teams


@pytest.mark.parametrize("service", paper.BOTH)
def test_figures_7_and_8_have_their_first_team_in_earlier_years(
    complaints: list[Case], service: str
) -> None:
    for year, first in paper.MOST_COMPLAINED_OF[service].items():
        teams = Counter(case.team for case in of(complaints, service, year))
        assert max(teams, key=lambda team: teams[team]) == first, year


def test_figure_8_counts_school_admissions_since_it_joined(complaints: list[Case]) -> None:
    for year, (count, whole) in paper.ADMISSIONS.items():
        teams = [case.team for case in of(complaints, paper.EDUCATION, year)]
        assert (teams.count("school-admissions"), len(teams)) == (count, whole)
    before = [c for c in complaints if c.year < paper.ADMISSIONS_JOINED_EDUCATION]
    homes = {case.service for case in before if case.team == "school-admissions"}
    assert homes == {"customer-services"}


@pytest.mark.parametrize(("service", "year"), SERVICES_AND_YEARS)
def test_figure_9_ranks_remedies(complaints: list[Case], service: str, year: str) -> None:
    remedies = Counter(
        kind
        for case in complaints
        for stage in case.stages.values()
        if case.service == service and stage.closed and year_of(stage.closed) == year
        for kind in stage.remedies
    )
    ranked = remedies.most_common()
    counts = [count for _, count in ranked]
    assert (ranked[0][0], counts[0] > counts[1]) == (paper.FIRST_REMEDY_BEFORE, True)
    if year == paper.YEAR:
        assert tuple(kind for kind, _ in ranked[:3]) == paper.FIRST_REMEDIES
        assert counts[0] > counts[1] > counts[2] > counts[3]


@pytest.mark.parametrize("service", paper.BOTH)
def test_figures_10_and_11_count_outcomes(complaints: list[Case], service: str) -> None:
    closed = outcomes(complaints, service, paper.YEAR)
    endings = Counter(stage.ending for _, stage in closed)
    assert len(closed) in paper.OUTCOME_DENOMINATORS[service]
    for finding, (count, printed) in paper.OUTCOMES[service].items():
        assert endings[finding] == count
        assert paper.percent(count, len(closed)) == printed
    without = len(closed) - paper.FINDINGS[service]
    assert endings["no_finding"] == paper.CLOSED_WITHOUT_A_FINDING.get(service, without) == without


@pytest.mark.parametrize("service", paper.BOTH)
def test_figures_10_and_11_have_their_order_in_2022_23(
    complaints: list[Case], service: str
) -> None:
    closed = outcomes(complaints, service, "2022-23")
    findings = Counter(stage.ending for _, stage in closed if stage.ending != "no_finding")
    ranked = [finding for finding, _ in findings.most_common()]
    first = paper.OUTCOMES_2022_23[service]
    assert tuple(ranked[: len(first)]) == first


@pytest.mark.parametrize("service", paper.BOTH)
def test_figure_12_leaves_out_what_was_migrated(complaints: list[Case], service: str) -> None:
    closed = outcomes(complaints, service, paper.YEAR)
    excluded = [case for case, stage in closed if stage.excluded == "migrated"]
    assert len(excluded) == paper.EXCLUDED_AS_MIGRATED[service]
    assert [case for case, _ in closed if case.migrated] == excluded
    within, outside = in_and_out(complaints, service, paper.YEAR)
    assert within + outside == len(closed) - len(excluded)
    assert (within > outside) == paper.MOSTLY_WITHIN[service]


@pytest.mark.parametrize(("service", "year"), SERVICES_AND_EARLIER)
def test_figure_12_was_mostly_in_time_before(
    complaints: list[Case], service: str, year: str
) -> None:
    within, outside = in_and_out(complaints, service, year)
    assert (within > outside) == paper.MOSTLY_WITHIN_BEFORE
