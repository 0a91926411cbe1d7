"""Whole histories, one case a line, over HTTP."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.imports.past import ACCEPT, ANSWER, Clerk, line, migrated, written


async def test_a_line_becomes_a_case_with_its_history(clerk: Clerk) -> None:
    given = line(ACCEPT, {**ANSWER, "officer": "t.manager", "remedies": [{"kind": "apology"}]})
    case = await clerk.taken(given)
    assert (case["status"], case["registered_on"]) == ("answered", "2024-02-05")
    (stage,) = case["stages"]
    assert (stage["finding"], stage["closed_on"], stage["verdict"]) == (
        "upheld",
        "2024-02-14",
        "within_target",
    )
    history = (await clerk.get(f"/v1/feedback/{case['reference']}/history")).json()["items"]
    assert [(e["act"], e["happened_on"], e["officer"]) for e in history] == [
        ("receive", "2024-02-05", None),
        ("accept", "2024-02-06", None),
        ("answer", "2024-02-14", "t.manager"),
    ]
    people = (await clerk.get(f"/v1/feedback/{case['reference']}/people")).json()
    assert people["people"][0]["name"] == "Alex Example"
    assert people["narrative"] == "Nobody rang me back."


async def test_a_migrated_case_keeps_its_dates_apart_and_both_its_names(clerk: Clerk) -> None:
    case = await clerk.taken(migrated())
    days = ("received_on", "registered_on", "migrated_on")
    assert [case[day] for day in days] == ["2023-12-11", "2024-01-16", "2024-01-16"]
    assert [one["system"] for one in case["systems"]] == ["contact_us", "customer_feedback"]
    assert case["system_of_record"] == "customer_feedback"


async def test_a_case_goes_by_no_name_but_those_in_the_file(clerk: Clerk) -> None:
    case = await clerk.taken(line(reference="CFS-77000"))
    assert case["systems"] == [{"system": "customer_feedback", "reference": "CFS-77000"}]


def _note(on: str) -> dict[str, str]:
    return {"act": "note", "on": on, "text": "Rang back."}


_WRONG: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "an act before receipt",
        line(_note("2024-02-01")),
        {"/acts/0/on": "day-not-possible"},
    ),
    (
        "acts out of order",
        line(_note("2024-02-09"), _note("2024-02-08")),
        {"/acts/1/on": "day-not-possible"},
    ),
    (
        "an act in the future",
        line(_note("2026-10-02")),
        {"/acts/0/on": "day-not-possible"},
    ),
    (
        "registered in the future",
        line(registered_on="2026-10-02"),
        {"/registered_on": "day-not-possible"},
    ),
    (
        "received after it was registered",
        line(received_on="2024-02-06"),
        {"/received_on": "day-not-possible"},
    ),
    (
        "migrated on another day than registered",
        {**migrated(), "migrated_on": "2024-01-17"},
        {"/migrated_on": "migration-day"},
    ),
    (
        "migrated without a name in an older system",
        line(channel=None, migrated_on="2024-02-05"),
        {"/systems": "older-name-missing"},
    ),
    (
        "a channel that the older system did not collect",
        {**migrated(), "channel": "email"},
        {"/channel": "channel-not-collected"},
    ),
    (
        "a channel that the system does not collect",
        line(
            system_of_record="contact_us",
            systems=[{"system": "contact_us", "reference": "CU-9"}],
            received_on="2023-06-01",
            registered_on="2023-06-01",
        ),
        {"/channel": "channel-not-collected"},
    ),
    (
        "a system that had ceased to collect",
        line(
            system_of_record="contact_us",
            systems=[{"system": "contact_us", "reference": "CU-9"}],
            channel=None,
        ),
        {"/registered_on": "not-collecting"},
    ),
    (
        "systems nobody knows",
        line(system_of_record="paper", systems=[{"system": "paper", "reference": "1"}]),
        {"/systems/0/system": "unknown-system", "/system_of_record": "unknown-system"},
    ),
    (
        "the same name twice",
        line(systems=[{"system": "customer_feedback", "reference": "CFS-8"}] * 2),
        {"/systems/1": "name-given-twice"},
    ),
    (
        "codes nobody knows, at receipt and in acts",
        line(
            {**ACCEPT, "category": "weather", "procedure": "magic", "service": "sorcery"},
            {**ANSWER, "remedies": [{"kind": "apology"}, {"kind": "gold"}]},
            service="alchemy",
            team="wizards",
            category="rain",
            procedure="spell",
        ),
        {
            "/service": "unknown-service",
            "/team": "unknown-team",
            "/category": "unknown-category",
            "/procedure": "no-such-procedure",
            "/acts/0/service": "unknown-service",
            "/acts/0/procedure": "no-such-procedure",
            "/acts/0/category": "unknown-category",
            "/acts/1/remedies/1/kind": "unknown-remedy",
        },
    ),
    (
        "a team of another service",
        line(team="highways-maintenance"),
        {"/team": "team-elsewhere"},
    ),
    (
        "an act that cannot be done from there",
        line(ANSWER),
        {"/acts/0": "stage-not-in-hand"},
    ),
    (
        "a bad code, and an illegal act before it",
        line(
            {"act": "close", "on": "2024-02-05"},
            {**ACCEPT, "category": "weather"},
        ),
        {"/acts/0": "illegal-move", "/acts/1/category": "unknown-category"},
    ),
    (
        "an amount for a remedy that carries none",
        line(ACCEPT, {**ANSWER, "remedies": [{"kind": "apology", "pence": 100}]}),
        {"/acts/1": "money-does-not-fit"},
    ),
    (
        "a shape wrong in several places",
        {
            **line({"act": "answer", "on": "soon", "finding": "maybe"}, {"act": "dance"}),
            "colour": "red",
            "type": "moan",
        },
        {
            "/type": "invalid-request",
            "/acts/0/on": "invalid-request",
            "/acts/0/stage": "invalid-request",
            "/acts/0/finding": "invalid-request",
            "/acts/1": "invalid-request",
            "/colour": "invalid-request",
        },
    ),
    (
        "an outcome wanted, and no words",
        line(narrative=None, desired_outcome="A call."),
        {"": "invalid-request"},
    ),
]


@pytest.mark.parametrize(
    ("given", "reasons"),
    [pytest.param(given, reasons, id=name) for name, given, reasons in _WRONG],
)
async def test_a_line_is_refused_with_every_reason(
    clerk: Clerk, given: Mapping[str, Any], reasons: Mapping[str, str]
) -> None:
    assert await clerk.refused(given) == reasons


async def test_a_reason_speaks_of_what_is_allowed_and_repeats_nothing(clerk: Clerk) -> None:
    result = await clerk.one(line(category="mrs-smith"))
    (problem,) = result["problems"]
    assert "communication" in problem["more"]["allowed"]
    assert "mrs-smith" not in str(result)


@pytest.mark.parametrize(
    "body",
    [b"{not json}", b"[1, 2]", b"\xff\xfe", b'{"type": "\\ud800"}', b'"text"', b"null", b"\x00"],
)
async def test_what_is_no_json_object_is_refused_and_the_rest_taken(
    clerk: Clerk, body: bytes
) -> None:
    done = await clerk.send(body=body + b"\r\n\r\n" + written([line()]))
    assert [(one["line"], one["result"]) for one in done["results"]] == [
        (1, "refused"),
        (3, "taken"),
    ]


async def test_a_line_that_is_too_long_is_refused_and_the_rest_taken(clerk: Clerk) -> None:
    long = b'{"narrative": "' + b"x" * 300_000 + b'"}\n'
    done = await clerk.send(body=long + written([line()]))
    assert [one["result"] for one in done["results"]] == ["refused", "taken"]
    assert done["results"][0]["problems"][0]["code"] == "line-too-long"


async def test_a_byte_order_mark_is_no_part_of_the_first_line(clerk: Clerk) -> None:
    done = await clerk.send(body=b"\xef\xbb\xbf" + written([line()]))
    assert done["counts"]["taken"] == 1


async def test_the_last_line_needs_no_line_break(clerk: Clerk) -> None:
    done = await clerk.send(body=written([line(), line()]).rstrip())
    assert done["counts"]["taken"] == 2
