"""The running service, asked over HTTP, gives every number that the source report printed.

Its database holds the demonstration council and the generator's cases, brought in by the bulk
import. Expected values are those of the paper alone, transcribed in `tests.demo.paper`; numbers
in brackets are its paragraphs.
"""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Server
from tests.demo import paper
from tests.stats.demonstration import Answer, Reader, fill, highest, key, serving
from tests.stats.oracle import FIGURES
from tests.stats.reconciliation import disagreements

pytestmark = pytest.mark.timeout(300)  # on a busy machine the import alone may take a minute

NAMES = {paper.CF: "Children & Families", paper.EDUCATION: "Education"}
MIGRATED = {**paper.MIGRATED_IN_JANUARY, paper.EDUCATION: 7}  # 6 of the 7 were closed in the year
BEFORE = {"since": "2023-04-01", "until": paper.SWITCH}
SINCE = {"since": paper.SWITCH, "until": "2024-04-01"}
EACH_SERVICE = pytest.mark.parametrize("service", paper.BOTH)
EACH_YEAR = pytest.mark.parametrize("year", paper.YEARS)
EACH_EARLIER_YEAR = pytest.mark.parametrize("year", paper.EARLIER_YEARS)


@pytest.fixture(scope="module")
async def database(server: Server) -> str:
    """A database with every case in it."""
    return await server.filled("demonstration", fill)


@pytest.fixture(scope="module")
async def reader(database: str) -> AsyncIterator[Reader]:
    reporting = await key(database, "reporting")
    async with serving(database) as client:
        yield Reader(client, reporting)


@pytest.fixture(scope="module")
async def admin(database: str, reader: Reader) -> Reader:
    return Reader(reader.client, await key(database, "admin"))


async def test_the_import_refused_no_case(admin: Reader) -> None:
    (run,) = (await admin.get("/v1/imports"))["items"]
    taken = run["counts"].pop("taken")
    assert 14_500 < taken == run["lines_read"] < 15_500
    assert set(run["counts"].values()) == {0}
    assert run["open_rejects"] == 0


# --- Figures 1 and 2: how much feedback there was -----------------------------------------------


async def test_figure_1_counts_complaints_compliments_and_comments(reader: Reader) -> None:
    answer = await reader.ask("feedback-over-time")
    assert list(answer.counts("year", feedback_type="complaint")) == list(paper.YEARS)
    for kind, years in paper.FEEDBACK.items():
        assert years.items() <= answer.counts("year", feedback_type=kind).items()
    for year, count in paper.FEEDBACK_OF_ALL_TYPES.items():
        assert answer.whole(year=year) == count


async def test_figure_1_falls_by_what_is_printed(reader: Reader) -> None:
    answer = await reader.ask("feedback-over-time")
    for kind, earlier, later, fall in paper.FEEDBACK_FALLS:
        was, now = (_how_many(answer, kind, year) for year in (earlier, later))
        assert paper.percent(was - now, was) == fall, (kind, earlier)


async def test_figure_1_has_its_peak_and_its_lowest_year(reader: Reader) -> None:
    answer = await reader.ask("feedback-over-time")
    year, possible = paper.COMPLAINTS_PEAK
    complaints = answer.counts("year", feedback_type="complaint")
    assert highest(complaints) == [year]
    assert complaints[year] in possible
    assert answer.count(year="2018-19", feedback_type="compliment") in paper.COMPLIMENTS_2018_19
    totals = {year: answer.whole(year=year) for year in paper.YEARS}
    assert min(totals, key=lambda year: totals[year]) == paper.LOWEST_OF_ALL_TYPES
    last = totals[paper.YEAR]
    for before in paper.PRE_PANDEMIC:
        assert (totals[before] - last) * 100 <= paper.CLOSE * last


def _how_many(answer: Answer, kind: str | None, year: str) -> int:
    return answer.count(year=year, feedback_type=kind) if kind else answer.whole(year=year)


@EACH_SERVICE
async def test_figure_2_counts_the_feedback_of_a_service(reader: Reader, service: str) -> None:
    answer = await reader.ask("feedback-by-service", service=service)
    for kind, years in paper.FEEDBACK_OF_SERVICE[service].items():
        counts = answer.counts("year", service=service, feedback_type=kind)
        assert len(counts) == 3
        assert years.items() <= counts.items()


async def test_figure_2_sets_complaints_against_the_children_worked_with(reader: Reader) -> None:
    answer = await reader.ask("feedback-by-service")
    complaints = answer.count(service=paper.CF, year=paper.YEAR, feedback_type="complaint")
    assert paper.percent(100 * complaints, paper.CHILDREN_WORKED_WITH) == 141  # 1.41%
    rates = await reader.ask("feedback-rates")
    rate = rates.row(service=paper.CF, feedback_type="complaint")
    assert (rate["count"], rate["volume"]) == (complaints, paper.CHILDREN_WORKED_WITH)
    assert rate["percent_of_volume"] == 1.41


async def test_figure_2_says_when_school_admissions_joined_education(reader: Reader) -> None:
    answer = await reader.ask("feedback-by-service", year=paper.ADMISSIONS_JOINED_EDUCATION)
    assert answer.note("School Admissions", "to Education").endswith("on 1 April 2022.")


# --- Figure 3: how people made contact ----------------------------------------------------------


async def test_figure_3_has_no_post_and_more_portal_for_education(reader: Reader) -> None:
    answer = await reader.ask("contact-methods")
    for service in paper.BOTH:
        post = answer.row(service=service, channel="post")
        assert (post["count"], post["percent"]) == (paper.BY_POST, 0)
    of_education, of_families = (
        answer.row(service=service, channel="portal") for service in (paper.EDUCATION, paper.CF)
    )
    assert of_education["percent"] > of_families["percent"]


@EACH_SERVICE
async def test_figure_3_is_about_all_feedback_since_15_january(
    reader: Reader, service: str
) -> None:
    answer = await reader.ask("contact-methods", service=service)
    feedback = await reader.ask("feedback-by-service", service=service, **SINCE)
    since, _ = paper.CONTACT_WINDOW
    assert since == SINCE["since"]
    assert answer.whole(service=service) == feedback.whole(service=service, year=paper.YEAR)
    assert answer.left_out(service=service, reason="channel_not_collected") > 0
    assert answer.rows() == (await reader.ask("contact-methods", service=service, **SINCE)).rows()


@EACH_SERVICE
async def test_figure_3_says_from_when_channels_are_collected_and_what_has_none(
    reader: Reader, service: str
) -> None:
    answer = await reader.ask("contact-methods", service=service)
    assert answer.note("is collected only from 15 January 2024, in Customer Feedback System")
    migrated = answer.note("migrated", "not recorded for them")
    assert migrated.startswith(f"{NAMES[service]}: {MIGRATED[service]} of ")
    assert answer.count(service=service, channel="not-recorded") == MIGRATED[service]


# --- Figure 4: complaints by month --------------------------------------------------------------


@EACH_SERVICE
async def test_figure_4_months_sum_to_the_year(reader: Reader, service: str) -> None:
    answer = await reader.ask("complaints-by-month", service=service)
    months = answer.counts("month", service=service)
    assert len(months) == 12
    expected = paper.FEEDBACK_OF_SERVICE[service]["complaint"][paper.YEAR]
    assert sum(months.values()) == answer.whole(service=service) == expected
    assert highest(months) == [paper.HIGHEST_MONTH]


@EACH_SERVICE
async def test_figure_4_splits_where_the_systems_changed(reader: Reader, service: str) -> None:
    before = await reader.ask("complaints-by-month", service=service, **BEFORE)
    since = await reader.ask("complaints-by-month", service=service, **SINCE)
    assert before.whole(service=service) == paper.BEFORE_SWITCH[service]
    assert since.whole(service=service) == paper.SINCE_SWITCH[service]


async def test_figure_4_counts_education_in_september(reader: Reader) -> None:
    above, septembers = paper.EDUCATION_SEPTEMBERS_ABOVE
    found: dict[str, int] = {}
    for year in paper.YEARS:
        answer = await reader.ask("complaints-by-month", year=year, service=paper.EDUCATION)
        found |= answer.counts("month", service=paper.EDUCATION)
    assert paper.EDUCATION_IN_SEPTEMBER.items() <= found.items()
    assert all(found[month] > above for month in septembers)


@EACH_YEAR
@EACH_SERVICE
async def test_figure_4_has_its_low_months_in_every_year(
    reader: Reader, service: str, year: str
) -> None:
    answer = await reader.ask("complaints-by-month", year=year, service=service)
    months = answer.counts("month", service=service)
    low = [count for month, count in months.items() if month[-2:] in paper.LOW_MONTHS[service]]
    others = sorted(months.values())[len(low) :]
    assert max(low) < min(others)


@EACH_SERVICE
async def test_figure_4_says_how_many_of_january_were_migrated(
    reader: Reader, service: str
) -> None:
    answer = await reader.ask("complaints-by-month")
    whole = answer.whole(service=service)
    note = answer.note(f"{NAMES[service]}: {MIGRATED[service]} of {whole} were migrated")
    assert "count in January 2024" in note
    by_receipt = await reader.ask("complaints-by-month", service=service, date_basis="received")
    january = {"service": service, "month": paper.HIGHEST_MONTH}
    assert by_receipt.count(**january) < answer.count(**january)


# --- Figure 5: stages 2 and 3 -------------------------------------------------------------------


async def test_figure_5_counts_stages_2_and_3(reader: Reader) -> None:
    answer = await reader.ask("complaints-by-stage")
    for stage, years in paper.LATER_STAGES.items():
        assert answer.counts("year", stage=stage) == years


async def test_figure_5_has_stage_3_only_under_the_statutory_procedure(admin: Reader) -> None:
    found = (await admin.get("/v1/feedback", stage=3, limit=100))["items"]
    assert len(found) >= sum(paper.LATER_STAGES[3].values())
    assert {case["procedure"] for case in found} == {paper.PROCEDURE_WITH_STAGE_3}


# --- Figure 6: subject categories ---------------------------------------------------------------


@EACH_SERVICE
async def test_figure_6_counts_subject_categories(reader: Reader, service: str) -> None:
    answer = await reader.ask("complaint-categories", service=service)
    printed = answer.printed("category", service=service)
    assert list(printed.items()) == list(paper.CATEGORIES[service].items())
    expected = paper.FEEDBACK_OF_SERVICE[service]["complaint"][paper.YEAR]
    assert answer.whole(service=service) == expected


@EACH_EARLIER_YEAR
@EACH_SERVICE
async def test_figure_6_has_its_highest_categories_in_earlier_years(
    reader: Reader, service: str, year: str
) -> None:
    answer = await reader.ask("complaint-categories", year=year, service=service)
    counts = answer.counts("category", service=service)
    ranked = sorted(counts, key=lambda category: -counts[category])
    assert set(ranked[:2]) == paper.HIGHEST_CATEGORIES_BEFORE[service]
    assert counts[ranked[1]] > counts[ranked[2]]


# --- Figures 7 and 8: teams ---------------------------------------------------------------------


@pytest.mark.parametrize(("service", "system"), paper.TEAMS)
async def test_figures_7_and_8_count_teams_under_their_systems(
    reader: Reader, service: str, system: str
) -> None:
    answer = await reader.ask("complaints-by-team", service=service)
    printed = answer.printed("team", service=service, source_system=system)
    unlisted, _ = printed.pop(paper.NO_TEAM)
    shown = [(team, counted) for team, counted in printed.items() if counted[0]]
    assert shown == list(paper.TEAMS[service, system].items())
    assert unlisted == paper.WITHOUT_A_TEAM.get((service, system), 0)
    whole = answer.whole(service=service, source_system=system)
    assert whole == paper.TEAM_DENOMINATORS[service, system]


@EACH_SERVICE
async def test_figures_7_and_8_say_that_the_lists_of_teams_changed(
    reader: Reader, service: str
) -> None:
    answer = await reader.ask("complaints-by-team", service=service)
    note = answer.note("The list of teams changed within the period")
    assert "Contact Us, 1 April 2023 to 14 January 2024" in note
    assert "Customer Feedback System, 15 January 2024 to 31 March 2024" in note
    assert answer.note(f"{NAMES[service]}: {MIGRATED[service]} of ", "count in January 2024")


@EACH_SERVICE
async def test_figures_7_and_8_have_their_first_team_in_earlier_years(
    reader: Reader, service: str
) -> None:
    for year, first in paper.MOST_COMPLAINED_OF[service].items():
        answer = await reader.ask("complaints-by-team", year=year, service=service)
        assert highest(answer.counts("team", service=service)) == [first], year


async def test_figure_8_counts_school_admissions_since_it_joined_education(
    reader: Reader,
) -> None:
    for year, (count, whole) in paper.ADMISSIONS.items():
        answer = await reader.ask("complaints-by-team", year=year, service=paper.EDUCATION)
        of_admissions = answer.rows(team="school-admissions")
        assert sum(row["count"] for row in of_admissions) == count
        assert sum(row["count"] for row in answer.rows()) == whole
    for year in (y for y in paper.YEARS if y < paper.ADMISSIONS_JOINED_EDUCATION):
        answer = await reader.ask("complaints-by-team", year=year)
        counting = [row for row in answer.rows(team="school-admissions") if row["count"]]
        assert {row["service"] for row in counting} == {"customer-services"}


# --- Figure 9: remedies -------------------------------------------------------------------------


@EACH_SERVICE
async def test_figure_9_ranks_the_first_three_remedies(reader: Reader, service: str) -> None:
    answer = await reader.ask("remedies", service=service)
    assert tuple(highest(answer.counts("remedy"), 3)) == paper.FIRST_REMEDIES


@EACH_EARLIER_YEAR
@EACH_SERVICE
async def test_figure_9_has_explanations_first_in_earlier_years(
    reader: Reader, service: str, year: str
) -> None:
    answer = await reader.ask("remedies", year=year, service=service)
    assert highest(answer.counts("remedy")) == [paper.FIRST_REMEDY_BEFORE]


# --- Figures 10 and 11: outcomes ----------------------------------------------------------------


@EACH_SERVICE
async def test_figures_10_and_11_count_outcomes(reader: Reader, service: str) -> None:
    answer = await reader.ask("outcomes", service=service)
    printed = answer.printed("outcome", service=service)
    without, _ = printed.pop("closed_without_a_finding")
    assert printed == paper.OUTCOMES[service]
    whole = answer.whole(service=service)
    assert whole in paper.OUTCOME_DENOMINATORS[service]
    assert without == whole - paper.FINDINGS[service]
    assert without == paper.CLOSED_WITHOUT_A_FINDING.get(service, without)


@EACH_SERVICE
async def test_figures_10_and_11_give_the_share_of_findings_too(
    reader: Reader, service: str
) -> None:
    answer = await reader.ask("outcomes", service=service)
    findings = paper.FINDINGS[service]
    for outcome, (count, _) in paper.OUTCOMES[service].items():
        row = answer.row(service=service, outcome=outcome)
        assert row["denominator_of_findings"] == findings
        assert row["percent_of_findings"] == paper.percent(count, findings)


@EACH_SERVICE
async def test_figures_10_and_11_have_their_order_in_the_year_before(
    reader: Reader, service: str
) -> None:
    answer = await reader.ask("outcomes", year="2022-23", service=service)
    counts = {code: answer.count(outcome=code) for code in paper.OUTCOMES[service]}
    expected = paper.OUTCOMES_2022_23[service]
    assert tuple(highest(counts, len(expected))) == expected


# --- Figure 12: timescales ----------------------------------------------------------------------


@EACH_SERVICE
async def test_figure_12_leaves_out_the_migrated_and_says_why(reader: Reader, service: str) -> None:
    answer = await reader.ask("timescales", service=service)
    excluded = paper.EXCLUDED_AS_MIGRATED[service]
    assert answer.left_out(service=service, reason="timescale_excluded_migrated") == excluded
    assert answer.note(f"{NAMES[service]}: {excluded} left out: migrated from another system")
    outcomes = await reader.ask("outcomes", service=service)
    assert answer.whole(service=service) == outcomes.whole(service=service) - excluded


@EACH_YEAR
@EACH_SERVICE
async def test_figure_12_is_mostly_within_or_outside_the_target_as_printed(
    reader: Reader, service: str, year: str
) -> None:
    answer = await reader.ask("timescales", year=year, service=service)
    last = year == paper.YEAR
    within = paper.MOSTLY_WITHIN[service] if last else paper.MOSTLY_WITHIN_BEFORE
    expected = "within_target" if within else "outside_target"
    assert 2 * answer.count(service=service, verdict=expected) > answer.whole(service=service)


# --- All figures --------------------------------------------------------------------------------


@pytest.mark.parametrize("figure", FIGURES)
async def test_every_answer_accounts_for_everything_it_considered(
    reader: Reader, figure: str
) -> None:
    listed = (await reader.get("/v1/organisation/services"))["items"]
    filters = [[], list(paper.BOTH), *([service["service"]] for service in listed)]
    for year in paper.YEARS:
        for services in filters:
            answer = await reader.ask(figure, year=year, service=services)
            assert list(disagreements(answer.said)) == [], (year, services)


@pytest.mark.parametrize("figure", [slug for slug in FIGURES if "service" in FIGURES[slug].whole])
@EACH_SERVICE
async def test_a_service_asked_for_alone_has_the_rows_it_has_among_all(
    reader: Reader, service: str, figure: str
) -> None:
    among_all, alone = await reader.ask(figure), await reader.ask(figure, service=service)
    assert alone.rows() == among_all.rows(service=service)


@pytest.mark.parametrize("figure", [slug for slug in FIGURES if FIGURES[slug].whole == ("year",)])
async def test_a_column_that_is_part_of_a_year_says_so(reader: Reader, figure: str) -> None:
    answer = await reader.ask(figure, since="2022-04-01", until=paper.SWITCH)
    note = answer.note("is a part-year here")
    assert note.startswith(f"{paper.YEAR} is a part-year here: 1 April 2023 to 14 January 2024.")
