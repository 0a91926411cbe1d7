"""Registers kept as a table: one row a case that ended at stage 1 or before."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest

from app.imports.flat_csv import COLUMNS
from tests.imports.past import CSV, Clerk

ROW = {
    "system": "customer_feedback",
    "reference": "CFS-1",
    "type": "complaint",
    "channel": "post",
    "received_on": "2024-02-05",
    "registered_on": "2024-02-06",
    "service": "children-and-families",
    "team": "edt",
    "category": "communication",
    "procedure": "corporate",
    "acknowledged_on": "2024-02-06",
    "acknowledged_by": "post",
    "accepted_on": "2024-02-07",
    "outcome": "partially_upheld",
    "closed_on": "2024-02-16",
    "remedies": "apology; explanation",
    "narrative": "Nobody rang me back.",
    "complainant_name": "Alex Example",
    "complainant_phone": "01632 960123",
}


def table(*rows: Mapping[str, str], columns: tuple[str, ...] = COLUMNS) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


async def send(clerk: Clerk, body: bytes) -> dict[str, Any]:
    answer = await clerk.post(body, CSV)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def taken(clerk: Clerk, **cells: str) -> dict[str, Any]:
    (result,) = (await send(clerk, table({**ROW, **cells})))["results"]
    assert result["result"] == "taken", result
    case: dict[str, Any] = (await clerk.get(f"/v1/feedback/{result['reference']}")).json()
    return case


async def acts_of(clerk: Clerk, case: Mapping[str, Any]) -> list[tuple[str, str]]:
    history = (await clerk.get(f"/v1/feedback/{case['reference']}/history")).json()["items"]
    return [(entry["act"], entry["happened_on"]) for entry in history]


async def test_a_row_becomes_a_case_with_its_history(clerk: Clerk) -> None:
    case = await taken(clerk)
    assert (case["status"], case["team"], case["category"]) == ("closed", "edt", "communication")
    (stage,) = case["stages"]
    assert (stage["finding"], stage["closed_on"]) == ("partially_upheld", "2024-02-16")
    assert [remedy["kind"] for remedy in stage["remedies"]] == ["apology", "explanation"]
    assert await acts_of(clerk, case) == [
        ("receive", "2024-02-06"),
        ("acknowledge", "2024-02-06"),
        ("accept", "2024-02-07"),
        ("answer", "2024-02-16"),
        ("close", "2024-02-16"),
    ]
    people = (await clerk.get(f"/v1/feedback/{case['reference']}/people")).json()
    assert people["people"][0]["phone"] == "01632 960123"


NOT_WORKED = {"accepted_on": "", "outcome": "", "closed_on": "", "remedies": ""}


@pytest.mark.parametrize(
    ("cells", "acts", "status"),
    [
        pytest.param(NOT_WORKED, [], "received", id="not yet worked"),
        pytest.param(
            {**NOT_WORKED, "withdrawn_on": "2024-02-08"},
            [("withdraw", "2024-02-08")],
            "closed",
            id="withdrawn before it was accepted",
        ),
        pytest.param(
            {"outcome": "", "closed_on": "", "remedies": "", "withdrawn_on": "2024-02-08"},
            [("accept", "2024-02-07"), ("withdraw", "2024-02-08")],
            "closed",
            id="withdrawn while it was worked",
        ),
        pytest.param(
            {"accepted_on": "", "outcome": "resolved_early", "remedies": ""},
            [("resolve_early", "2024-02-16")],
            "closed",
            id="resolved early",
        ),
        pytest.param(
            {"accepted_on": "", "outcome": "outside_complaints_process", "remedies": ""},
            [("redirect_outside_process", "2024-02-16")],
            "closed",
            id="redirected outside the complaints process",
        ),
        pytest.param(
            {"accepted_on": "", "outcome": "not_feedback", "remedies": ""},
            [("redirect_not_feedback", "2024-02-16")],
            "closed",
            id="not feedback",
        ),
        pytest.param(
            {"accepted_on": "", "outcome": "out_of_time", "remedies": ""},
            [("refuse", "2024-02-16")],
            "closed",
            id="refused",
        ),
        pytest.param(
            {"outcome": "concurrent_proceedings", "remedies": ""},
            [("accept", "2024-02-07"), ("answer", "2024-02-16")],
            "closed",
            id="closed without a finding",
        ),
        pytest.param(
            {"type": "compliment", "outcome": "", "remedies": ""},
            [("record", "2024-02-07"), ("close", "2024-02-16")],
            "closed",
            id="a compliment passed on",
        ),
    ],
)
async def test_a_row_tells_every_way_a_case_can_end(
    clerk: Clerk, cells: dict[str, str], acts: list[tuple[str, str]], status: str
) -> None:
    case = await taken(clerk, acknowledged_on="", acknowledged_by="", **cells)
    assert (await acts_of(clerk, case))[1:] == acts
    assert case["status"] == status


async def test_a_question_is_answered_in_the_older_system(clerk: Clerk) -> None:
    old = {"system": "contact_us", "channel": "", "outcome": "question_answered", "remedies": ""}
    days = {
        "received_on": "2023-06-05",
        "registered_on": "2023-06-05",
        "accepted_on": "2023-06-06",
        "acknowledged_on": "2023-06-06",
        "closed_on": "2023-06-09",
    }
    case = await taken(clerk, **old, **days)
    assert case["closure"] == "question_answered"


async def test_a_migrated_case_gets_its_team_as_it_moves(clerk: Clerk) -> None:
    case = await taken(
        clerk,
        channel="",
        other_system="contact_us",
        other_reference="CU-1",
        received_on="2023-12-11",
        acknowledged_on="2023-12-12",
        accepted_on="2023-12-13",
        registered_on="2024-01-16",
        migrated_on="2024-01-16",
        team="strengthening-families",
    )
    assert case["team"] == "strengthening-families"
    assert ("allocate", "2024-01-16") in await acts_of(clerk, case)


async def test_a_cell_that_looks_like_a_formula_is_words(clerk: Clerk) -> None:
    words = '=HYPERLINK("http://example.org";"click")'
    case = await taken(clerk, narrative=words, complainant_name="+44, @home")
    people = (await clerk.get(f"/v1/feedback/{case['reference']}/people")).json()
    assert (people["narrative"], people["people"][0]["name"]) == (words, "+44, @home")


async def test_a_mark_of_byte_order_line_breaks_in_cells_and_any_order_of_columns(
    clerk: Clerk,
) -> None:
    rows = [{**ROW, "narrative": "One.\r\nTwo,\nthree."}, {**ROW, "reference": "CFS-2"}]
    body = b"\xef\xbb\xbf" + table(*rows, columns=COLUMNS[::-1])
    done = await send(clerk, body)
    assert [(one["line"], one["result"]) for one in done["results"]] == [(2, "taken"), (5, "taken")]


async def test_the_same_table_again_changes_nothing(clerk: Clerk) -> None:
    await send(clerk, table(ROW))
    again = await send(clerk, table(ROW))
    assert again["counts"]["unchanged"] == 1
    assert again["run"]["format"] == "flat_csv"


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ({"accepted_on": "2024-02-30"}, {"/accepted_on": "invalid-request"}),
        ({"closed_on": ""}, {"/closed_on": "invalid-request"}),
        ({"closed_on": "2024-02-01"}, {"/closed_on": "day-not-possible"}),
        ({"outcome": "meh"}, {"/outcome": "invalid-request"}),
        ({"outcome": ""}, {"/outcome": "invalid-request"}),
        ({"remedies": "apology;gold"}, {"/remedies": "unknown-remedy"}),
        ({"team": "wizards"}, {"/team": "unknown-team"}),
        ({"category": "rain", "procedure": "x"}, {"/category": "unknown-category",
                                                  "/procedure": "no-such-procedure"}),
        ({"system": ""}, {"/system": "invalid-request"}),
        ({"reference": ""}, {"/reference": "invalid-request"}),
        ({"other_system": "contact_us"}, {"/other_reference": "invalid-request"}),
        ({"accepted_on": ""}, {"/outcome": "stage-not-in-hand"}),
        ({"acknowledged_on": ""}, {"/acknowledged_on": "invalid-request"}),
        ({"complainant_email": "x" * 300}, {"/complainant_email": "invalid-request"}),
        ({"migrated_on": "2024-02-06", "channel": ""}, {"/other_reference": "older-name-missing"}),
    ],
)  # fmt: skip
async def test_a_row_is_refused_with_its_columns_named(
    clerk: Clerk, cells: dict[str, str], reasons: dict[str, str]
) -> None:
    (result,) = (await send(clerk, table({**ROW, **cells})))["results"]
    assert {p["pointer"]: p["code"] for p in result["problems"]} == reasons
    assert result["result"] == "refused"


@pytest.mark.parametrize(
    "row", [b"one,two\r\n", b'"never closed,,,\r\n', b"\xff" * 3 + b"," * 23 + b"\r\n", b'a"b",c\n']
)
async def test_what_is_no_row_is_refused(clerk: Clerk, row: bytes) -> None:
    done = await send(clerk, table(ROW) + row)
    assert [one["result"] for one in done["results"]] == ["taken", "refused"]
    assert done["results"][1]["problems"][0]["code"] == "wrong-row"


async def test_a_row_that_is_too_long_is_refused_and_the_rest_taken(clerk: Clerk) -> None:
    header, _, rest = table(ROW).partition(b"\r\n")
    endless = b'"' + b"word\n" * 60_000
    done = await send(clerk, header + b"\r\n" + endless + b'"\r\n' + rest)
    assert done["results"][0]["problems"][0]["code"] == "line-too-long"
    assert done["counts"]["refused"] >= 1


async def test_a_wrong_header_is_refused_and_names_the_columns(clerk: Clerk) -> None:
    names = [*COLUMNS[1:], "reference", "Mrs Smith"]
    answer = await clerk.post((",".join(names) + "\r\n").encode(), CSV)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "/problems/wrong-header")
    assert problem["missing"] == ["system"]
    assert problem["repeated"] == ["reference"]
    assert problem["unknown_at"] == [len(names)]
    assert problem["columns"] == list(COLUMNS)
    assert "Smith" not in answer.text
    assert (await clerk.get("/v1/imports")).json()["items"] == []


async def test_a_file_without_a_line_has_no_header(clerk: Clerk) -> None:
    assert (await clerk.post(b"", CSV)).status_code == 422
