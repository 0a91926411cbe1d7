"""Every refusal and failure is a problem, says what is wrong, and repeats nothing."""

import json
from typing import TYPE_CHECKING

import pytest
from fastapi.exceptions import RequestValidationError
from httpx import Response
from sqlalchemy.exc import DBAPIError

from app.kit.db import is_passing
from app.kit.errors import invalid, nameable

if TYPE_CHECKING:
    from tests.kit.conftest import Probe

MARK = "Mrs-Smith-of-1-High-Street"


def problem(answer: Response, status: int, slug: str) -> dict[str, object]:
    """The body of an answer that is this problem and nothing else."""
    body: dict[str, object] = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["type"]) == (
        status,
        status,
        f"/problems/{slug}",
    )
    assert body["instance"] == answer.headers["X-Request-ID"]
    assert {"title", "detail"} <= set(body)
    assert MARK not in answer.text
    return body


async def test_an_address_with_nothing_at_it(probe: "Probe") -> None:
    problem(await probe.client.get(f"/v1/{MARK}"), 404, "not-found")


async def test_a_method_that_is_not_taken_and_those_that_are(probe: "Probe") -> None:
    answer = await probe.client.delete("/v1/probe/things/1")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, POST"


async def test_an_address_with_a_slash_too_many(probe: "Probe") -> None:
    problem(await probe.client.get("/v1/probe/clash/"), 404, "not-found")


async def test_a_refusal_cannot_overwrite_what_every_problem_says(probe: "Probe") -> None:
    body = problem(await probe.client.get("/v1/probe/clash"), 409, "clash")
    assert body["possible"] == ["a", "b"]
    assert body["on"] == "2026-01-01"


async def test_an_error_nobody_expected_is_answered_without_its_words(probe: "Probe") -> None:
    answer = await probe.client.get("/v1/probe/boom", headers={"X-Request-ID": "seen-before"})
    assert problem(answer, 500, "internal-error")["instance"] == "seen-before"
    assert "Smith" not in answer.text


async def test_a_body_that_is_not_json(probe: "Probe") -> None:
    for content in (
        b"{",
        b'{"line": NaN',
        b"\xff\xfe",
        b'{"line": "\xff"}',
        b'{"line": "\\ud800"}',
        b"[" * 100_000,
        b'{"anything": ' * 300 + b"1" + b"}" * 300,
        b'{"count": ' + b"9" * 5_000 + b"}",
    ):
        for address in ("everything", "hot"):
            answer = await probe.client.post(
                f"/v1/probe/{address}",
                content=content,
                headers={"Content-Type": "application/json"},
            )
            problem(answer, 400, "malformed-json")


async def test_a_number_that_is_none(probe: "Probe") -> None:
    answer = await probe.client.post(
        "/v1/probe/everything",
        content=b'{"line": "x", "anything": {"n": NaN}}',
        headers={"Content-Type": "application/json"},
    )
    problem(answer, 400, "malformed-json")


async def test_a_body_of_another_media_type(probe: "Probe") -> None:
    for address in ("everything", "hot"):
        for media_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
            answer = await probe.client.post(
                f"/v1/probe/{address}", content=b"{}", headers={"Content-Type": media_type}
            )
            problem(answer, 415, "unsupported-media-type")
            assert answer.headers["Accept"] == "application/json"


async def test_a_body_of_no_media_type(probe: "Probe") -> None:
    answer = await probe.client.post("/v1/probe/everything", content=b"{}")
    problem(answer, 415, "unsupported-media-type")


async def test_a_media_type_may_have_parameters(probe: "Probe") -> None:
    for media_type in ("application/json; charset=utf-8", "application/merge-patch+json"):
        answer = await probe.client.post(
            "/v1/probe/everything",
            content=b'{"line": "x"}',
            headers={"Content-Type": media_type},
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("address", ["everything", "hot"])
async def test_no_body_at_all(probe: "Probe", address: str) -> None:
    answer = await probe.client.post(f"/v1/probe/{address}")
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["everything", "hot"])
@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ({}, "#/line", "Is required"),
        ({"line": ""}, "#/line", "at least 1"),
        ({"line": 5}, "#/line", "valid string"),
        ({"line": "x" * 201}, "#/line", "at most 200"),
        ({"line": "a\x00b"}, "#/line", "text may not hold the NUL character"),
        ({"line": "x", "count": MARK}, "#/count", "valid integer"),
        ({"line": "x", "count": 101}, "#/count", "less than or equal to 100"),
        ({"line": "x", "day": MARK}, "#/day", "YYYY-MM-DD"),
        ({"line": "x", "day": 99999999999999999}, "#/day", "YYYY-MM-DD"),
        ({"line": "x", "moment": MARK}, "#/moment", "YYYY-MM-DD"),
        ({"line": "x", "kind": MARK}, "#/kind", "'one' or 'two'"),
        ({"line": "x", "code": MARK}, "#/code", "match pattern"),
        ({"line": "x", "items": [{"word": "a"}, {"word": 1}]}, "#/items/1/word", "valid string"),
        ({"line": "x", "items": [{"word": "a"}] * 4}, "#/items", "at most 3 items"),
        ({"line": "x", "items": [{"word": "a", "other": MARK}]}, "#/items/0/other", "not known"),
        ({"line": "x", "items": [5]}, "#/items/0", "Should be"),
        ({"line": "x", "items": 5}, "#/items", "valid"),
        ({"line": "x", "animal": {"animal": MARK}}, "#/animal", "one of 'cat', 'dog'"),
        ({"line": "x", "animal": {"animal": "dog"}}, "#/animal/dog/age", "Is required"),
        ({"line": "x", "unknown": MARK}, "#/unknown", "not known"),
        ({"line": "reasoned"}, "#", "a reason of our own"),
        ({"line": "broken"}, "#", "Is not valid"),
        ([MARK], "#", "Should be an object"),
        (MARK, "#", "Should be an object"),
    ],
)
async def test_what_is_wrong_with_a_body_and_where(
    probe: "Probe", address: str, body: object, pointer: str, detail: str
) -> None:
    answer = await probe.client.post(
        f"/v1/probe/{address}",
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    errors = problem(answer, 422, "invalid-request")["errors"]
    assert isinstance(errors, list)
    found = [error for error in errors if error["pointer"] == pointer]
    assert found, errors
    assert found[0]["in"] == "body"
    assert detail in found[0]["detail"]


async def test_every_fault_is_named_but_no_more_than_fifty(probe: "Probe") -> None:
    few = await probe.client.post("/v1/probe/everything", json={"count": -1, "other": 1})
    many = await probe.client.post(
        "/v1/probe/everything", json={"line": "x"} | {f"field{n}": n for n in range(80)}
    )
    assert len(few.json()["errors"]) == 3
    assert len(many.json()["errors"]) == 50
    assert many.json()["detail"].startswith("80 things")


async def test_a_field_with_an_impossible_name_is_refused_without_repeating_it(
    probe: "Probe",
) -> None:
    for name in (f"{MARK} {MARK}", "a\x00b", "x" * 65, "é", "a/b~c"):
        answer = await probe.client.post("/v1/probe/everything", json={"line": "x", name: 1})
        body = problem(answer, 422, "invalid-request")
        assert body["errors"] == [{"in": "body", "pointer": "#/…", "detail": "Is not known here"}]


@pytest.mark.parametrize(
    ("query", "name", "detail"),
    [
        ("colour=red", "colour", "No such parameter; allowed: kind, size, tag"),
        ("size=1&size=2", "size", "May be given once only"),
        ("size=many", "size", "valid integer"),
        ("size=0", "size", "greater than or equal to 1"),
        ("kind=three", "kind", "'one' or 'two'"),
        ("tag=A", "tag", "match pattern"),
        (f"{MARK}%20{MARK}=1", "…", "No such parameter"),
    ],
)
async def test_what_is_wrong_with_a_query(
    probe: "Probe", query: str, name: str, detail: str
) -> None:
    answer = await probe.client.get(f"/v1/probe/things/1?{query}")
    errors = problem(answer, 422, "invalid-request")["errors"]
    assert isinstance(errors, list)
    assert (errors[0]["in"], errors[0]["name"]) == ("query", name)
    assert detail in errors[0]["detail"]


async def test_a_list_in_a_query_may_be_repeated(probe: "Probe") -> None:
    answer = await probe.client.get("/v1/probe/things/1?tag=a&tag=b&size=2")
    assert answer.json() == {"number": 1, "size": 2, "tag": ["a", "b"]}


async def test_an_operation_without_a_query_takes_none(probe: "Probe") -> None:
    answer = await probe.client.get("/v1/probe/clash?x=1")
    errors = problem(answer, 422, "invalid-request")["errors"]
    assert errors == [{"in": "query", "name": "x", "detail": "No such parameter; none is allowed"}]


async def test_what_is_wrong_with_an_address(probe: "Probe") -> None:
    answer = await probe.client.get(f"/v1/probe/things/{MARK}")
    errors = problem(answer, 422, "invalid-request")["errors"]
    assert errors == [
        {
            "in": "path",
            "name": "number",
            "detail": "Should be a valid integer, unable to parse string as an integer",
        }
    ]


async def test_what_is_wrong_with_a_header(probe: "Probe") -> None:
    answer = await probe.client.post(
        "/v1/probe/maybe-once", headers={"Idempotency-Key": "with a space"}
    )
    errors = problem(answer, 422, "invalid-request")["errors"]
    assert isinstance(errors, list)
    assert errors[0]["in"] == "header"
    assert errors[0]["name"].lower() == "idempotency-key"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("40001", 503),
        ("40P01", 503),
        ("55P03", 503),
        ("57014", 503),
        ("57P01", 503),
        ("53300", 503),
        ("53100", 503),
        ("08006", 503),
        ("25006", 503),
        ("23505", 500),
        ("22000", 500),
        ("42P01", 500),
    ],
)
async def test_an_error_of_the_database_is_503_only_where_trying_again_may_help(
    probe: "Probe", code: str, status: int
) -> None:
    answer = await probe.client.get(f"/v1/probe/state/{code}")
    problem(answer, status, "unavailable" if status == 503 else "internal-error")
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert "Smith" not in answer.text


def test_an_error_of_the_database_without_a_code_is_not_passing() -> None:
    assert not is_passing(DBAPIError("SELECT 1", {}, Exception("odd")))
    assert not is_passing(DBAPIError("SELECT 1", {}, None))  # type: ignore[arg-type]  # it happens


def test_a_reason_that_is_not_ours_is_not_given() -> None:
    found = invalid([{"type": "url_parsing", "loc": ("body", "a"), "msg": f"saw {MARK}"}])
    assert found.members["errors"] == [{"in": "body", "pointer": "#/a", "detail": "Is not valid"}]


def test_an_error_without_a_place_is_about_the_body() -> None:
    error = RequestValidationError([{"type": "missing", "loc": (), "msg": "Field required"}])
    found = invalid(error.errors()).members["errors"]
    assert found == [{"in": "body", "pointer": "#", "detail": "Is required"}]


def test_only_names_that_could_be_ours_are_repeated() -> None:
    assert nameable("due_on") == "due_on"
    assert nameable(3) == "3"
    assert nameable("\ud800") == "…"
