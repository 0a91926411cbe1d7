"""What held on a day: the demonstration council and another one, asked by the rules."""

from collections.abc import Callable
from datetime import date

import pytest

from app.kit.problem import Problem
from app.organisation.structure import TeamElsewhere, UnknownService, UnknownSystem, UnknownTeam
from app.procedures.reference import (
    NoSuchProcedure,
    NoSuchStage,
    ReferenceData,
    UnknownCategory,
    UnknownRemedy,
)
from app.procedures.timescales import Timescale
from app.procedures.vocabulary import ClockStart

THEN = date(2023, 12, 1)
NOW = date(2024, 1, 15)


@pytest.mark.parametrize(
    ("team", "on", "service"),
    [
        pytest.param("school-admissions", "2022-03-31", "customer-services", id="before"),
        pytest.param("school-admissions", "2022-04-01", "education", id="from then"),
        pytest.param("sendar", "2024-01-14", "education", id="an old team on its last day"),
        pytest.param("send-and-inclusion", "2024-01-15", "education", id="its successor"),
    ],
)
def test_a_team_belongs_to_a_service_on_a_day(
    demonstration: ReferenceData, team: str, on: str, service: str
) -> None:
    assert demonstration.team_on(team, date.fromisoformat(on)) == service


@pytest.mark.parametrize(
    ("service", "team", "settled"),
    [
        pytest.param(None, None, None, id="nothing named"),
        pytest.param("education", None, "education", id="a service"),
        pytest.param(None, "sendar", "education", id="a team alone names its service"),
        pytest.param("education", "sendar", "education", id="a team with its service"),
    ],
)
def test_a_case_goes_to_the_service_named_or_the_teams(
    demonstration: ReferenceData, service: str | None, team: str | None, settled: str | None
) -> None:
    assert demonstration.place(service=service, team=team, on=THEN) == settled


Ask = Callable[[ReferenceData], object]


@pytest.mark.parametrize(
    ("ask", "refusal", "allowed", "not_allowed"),
    [
        pytest.param(
            lambda c: c.service("housing", THEN), UnknownService, "education", "housing",
            id="a service the council never had",
        ),
        pytest.param(
            lambda c: c.service("public-health", date(2013, 3, 31)), UnknownService, "education",
            "public-health", id="a service before its day",
        ),
        pytest.param(
            lambda c: c.team_on("sendar", NOW), UnknownTeam, "send-and-inclusion", "sendar",
            id="a team after its day",
        ),
        pytest.param(
            lambda c: c.place(service=None, team="digging", on=NOW), UnknownTeam, "edt", "digging",
            id="a team the council never had",
        ),
        pytest.param(
            lambda c: c.category("Policy", NOW), UnknownCategory, "policy", "Policy",
            id="a category by its name",
        ),
        pytest.param(
            lambda c: c.remedy("flowers"), UnknownRemedy, "apology", "flowers",
            id="a remedy of no kind",
        ),
        pytest.param(
            lambda c: c.procedure_on("statutory", NOW), NoSuchProcedure, "childrens-statutory",
            "statutory", id="a procedure that never was",
        ),
        pytest.param(
            lambda c: c.procedure_on("corporate", date(2010, 3, 31)), NoSuchProcedure,
            "childrens-statutory", "corporate", id="a procedure before its first version",
        ),
        pytest.param(
            lambda c: c.system("ledger"), UnknownSystem, "contact_us", "ledger",
            id="a system of another council",
        ),
        pytest.param(
            lambda c: c.current_system(date(2010, 3, 31)), UnknownSystem, "contact_us", "ledger",
            id="a day before any system",
        ),
    ],
)  # fmt: skip
def test_an_unknown_code_is_refused_with_those_allowed(
    demonstration: ReferenceData, ask: Ask, refusal: type[Problem], allowed: str, not_allowed: str
) -> None:
    with pytest.raises(refusal) as refused:
        ask(demonstration)
    assert refused.value.status == 422
    listed = refused.value.members["allowed"]
    assert isinstance(listed, list)
    assert allowed in listed
    assert not_allowed not in listed


def test_a_team_named_with_another_service_is_refused_with_its_own(
    demonstration: ReferenceData,
) -> None:
    with pytest.raises(TeamElsewhere) as refused:
        demonstration.place(service="children-and-families", team="sendar", on=THEN)
    assert refused.value.members["service"] == "education"


@pytest.mark.parametrize(
    ("on", "system"), [("2024-01-14", "contact_us"), ("2024-01-15", "customer_feedback")]
)
def test_one_system_collects_on_a_day(demonstration: ReferenceData, on: str, system: str) -> None:
    found = demonstration.current_system(date.fromisoformat(on))
    assert found.slug == system
    assert found.collects_channel is found.reallocates_type is (system == "customer_feedback")
    assert demonstration.system(system) is found


@pytest.mark.parametrize(
    ("on", "since"),
    [("2024-02-14", "2010-04-01"), ("2024-02-15", "2024-02-15"), ("2026-04-01", "2026-04-01")],
)
def test_the_version_of_a_procedure_in_force_is_found(
    demonstration: ReferenceData, on: str, since: str
) -> None:
    found = demonstration.procedure_on("corporate", date.fromisoformat(on))
    assert found.since == date.fromisoformat(since)


def test_the_childrens_procedure_has_the_limits_of_its_regulations(
    demonstration: ReferenceData,
) -> None:
    rules = demonstration.procedure_on("childrens-statutory", THEN)
    assert [(s.timescale, s.clock_starts, s.request_within) for s in rules.stages] == [
        (Timescale(10, 10), ClockStart.receipt, None),
        (Timescale(25, 40), ClockStart.acceptance, 20),
        (Timescale(30, 0), ClockStart.request, 20),
    ]


def test_adult_social_care_has_one_stage_without_a_fixed_limit(
    demonstration: ReferenceData,
) -> None:
    rules = demonstration.procedure_on("adult-social-care", THEN)
    assert [stage.timescale for stage in rules.stages] == [Timescale(None, 0)]


@pytest.mark.parametrize("number", [0, 3])
def test_a_stage_that_the_procedure_lacks_is_refused(
    demonstration: ReferenceData, number: int
) -> None:
    rules = demonstration.procedure_on("corporate", THEN)
    assert not rules.has_stage(number)
    with pytest.raises(NoSuchStage) as refused:
        rules.stage(number)
    assert (refused.value.status, refused.value.members) == (409, {"last_stage": 2})


def test_every_procedure_covers_the_years_of_the_history(demonstration: ReferenceData) -> None:
    for slug in demonstration.procedures:
        assert demonstration.procedure_on(slug, date(2017, 4, 1)).stage(1).number == 1


def test_a_category_that_has_ended_is_known_until_then(another: ReferenceData) -> None:
    assert another.category("noise", date(2024, 3, 31)).name == "Noise"
    with pytest.raises(UnknownCategory):
        another.category("noise", date(2024, 4, 1))


def test_feedback_is_to_be_acknowledged_in_working_days(another: ReferenceData) -> None:
    assert another.acknowledge_by(date(2026, 1, 1)) == date(2026, 1, 9)


def test_a_complaint_that_nobody_chose_a_procedure_for_goes_under_the_first_in_force(
    demonstration: ReferenceData,
) -> None:
    assert demonstration.default_procedure(NOW) == "corporate"
    assert demonstration.default_procedure(date(2009, 4, 1)) == "childrens-statutory"
    with pytest.raises(NoSuchProcedure):
        demonstration.default_procedure(date(2006, 8, 31))


@pytest.mark.parametrize(
    ("remedy", "financial"),
    [("apology", False), ("financial-quantifiable", True), ("financial-symbolic", True)],
)
def test_a_payment_is_told_from_other_remedies(
    demonstration: ReferenceData, remedy: str, *, financial: bool
) -> None:
    assert demonstration.remedy(remedy).financial is financial
