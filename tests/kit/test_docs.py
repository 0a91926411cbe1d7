"""The description of the API, and the pages that are open to all."""

import json
import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from app.kit.docs import ASSETS, _Description
from app.kit.health import faults
from app.kit.openapi import as_text, for_older_readers, operations
from app.main import VERSION

if TYPE_CHECKING:
    from tests.kit.conftest import Probe


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


async def test_the_description_is_valid_and_of_this_release(client: AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["version"] == VERSION
    assert all(server["url"].startswith("/") for server in document["servers"])


def test_the_release_is_the_one_that_is_packaged() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


async def test_older_readers_get_a_valid_description_too(
    client: AsyncClient, document: dict[str, Any]
) -> None:
    older = (await client.get("/docs/openapi.json")).json()
    OpenAPIV30SpecValidator(older).validate()
    assert older["openapi"] == "3.0.3"
    assert set(older["paths"]) == set(document["paths"])


async def test_a_description_is_written_once_and_again_when_it_changes(
    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0

    def counted(document: dict[str, Any]) -> dict[str, Any]:
        nonlocal written
        written += 1
        return document

    monkeypatch.setattr("app.kit.docs._OLDER", _Description(counted))
    first = await client.get("/docs/openapi.json")
    again = await client.get("/docs/openapi.json")
    assert (written, again.content) == (1, first.content)
    monkeypatch.setattr(app, "openapi", lambda: {"openapi": "3.1.0"})
    assert (await client.get("/docs/openapi.json")).json() == {"openapi": "3.1.0"}


def test_what_older_readers_do_not_know_is_said_in_their_way() -> None:
    schema = {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "examples": ["a", "b"],
    }
    several = {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}
    nothing = {"type": "null"}
    limits = {"type": "number", "exclusiveMinimum": 0, "const": 1}
    older = for_older_readers({
        "openapi": "3.1.0",
        "info": {"title": "x", "summary": "y", "license": {"name": "z", "identifier": "Z"}},
        "paths": {},
        "components": {"schemas": {"a": schema, "b": several, "c": limits, "d": nothing}},
    })  # fmt: skip
    assert older["info"] == {"title": "x", "license": {"name": "z"}}
    assert older["components"]["schemas"] == {
        "a": {"allOf": [{"type": "string"}], "nullable": True, "example": "a"},
        "b": {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
        "d": {"type": "string", "nullable": True, "enum": [None]},
        "c": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "enum": [1]},
    }


def test_making_the_older_description_leaves_the_newer_as_it_was(
    document: dict[str, Any],
) -> None:
    before = json.dumps(document)
    for_older_readers(document)
    assert json.dumps(document) == before


def test_every_operation_has_a_stable_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


def test_every_operation_says_what_it_is_and_belongs_somewhere(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations(document):
        assert operation["description"], operation["operationId"]
        assert operation["tags"], operation["operationId"]
        assert set(operation["tags"]) <= tags, operation["operationId"]


def test_every_refusal_is_described_as_a_problem(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], operation
                schema = answer["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_guarded_operation_describes_what_any_of_them_may_be_refused_for(
    document: dict[str, Any],
) -> None:
    guarded = [operation for operation in operations(document) if "security" in operation]
    assert guarded
    for operation in guarded:
        assert {"400", "401", "403", "500", "503"} <= set(operation["responses"])
        if "requestBody" in operation:
            assert {"413", "422"} <= set(operation["responses"])


def test_every_success_that_has_a_body_has_a_named_shape(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for status, answer in operation["responses"].items():
            if status < "300" and "application/json" in answer.get("content", {}):
                schema = answer["content"]["application/json"]["schema"]
                assert schema.get("$ref"), operation["operationId"]


def test_a_header_whose_lack_is_refused_is_required(document: dict[str, Any]) -> None:
    required = {
        (operation["operationId"], parameter["name"]): parameter["required"]
        for operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "header"
    }
    assert required["submit_feedback", "Idempotency-Key"] is True
    assert required["note", "Idempotency-Key"] is False
    assert required["note", "If-Match"] is True
    assert required["note", "Acting-Officer"] is True


async def test_refusals_of_the_operation_and_of_the_service_are_told_together(
    probe: "Probe",
) -> None:
    paths = probe.app.openapi()["paths"]
    clash = paths["/v1/probe/clash"]["get"]["responses"]
    assert set(clash["409"]["content"]["application/problem+json"]["examples"]) == {"clash"}
    body = paths["/v1/probe/everything"]["post"]["responses"]
    assert {"400", "413", "415", "422"} <= set(body)
    assert set(body["400"]["content"]["application/problem+json"]["examples"]) >= {
        "malformed-json",
        "unreadable",
    }


def test_the_description_as_text_is_the_same_each_time(app: FastAPI) -> None:
    text = as_text(app)
    assert text == as_text(app)
    assert json.loads(text) == app.openapi()
    assert text.endswith("}\n")


async def test_the_page_for_people_works_without_the_internet(client: AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "://" not in page.text
    files = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)
    assert len(files) >= 3
    for file in files:
        answer = await client.get(f"/{file}")
        assert answer.status_code == 200, file
    assert "docs/openapi.json" in (await client.get("/docs/start.js")).text


async def test_the_page_may_run_its_own_files_and_nothing_else(client: AsyncClient) -> None:
    policy = (await client.get("/docs")).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert "<script>" not in (await client.get("/docs")).text


async def test_only_the_files_of_the_page_are_given_out(client: AsyncClient) -> None:
    for name in ("index.html", "..%2f..%2fmain.py", "swagger-ui.js.map", "nothing"):
        answer = await client.get(f"/docs/{name}")
        assert answer.status_code == 404
    for name in ASSETS:
        assert (await client.get(f"/docs/{name}")).status_code == 200


async def test_the_front_door_says_what_this_is_and_where_to_go(client: AsyncClient) -> None:
    front = (await client.get("/")).json()
    assert "council" in front["about"]
    for address in front["links"].values():
        assert (await client.get(address)).status_code in {200, 503}


async def test_nobody_is_named_for_weaknesses_unless_somebody_has_been_set(
    client: AsyncClient,
) -> None:
    answer = await client.get("/.well-known/security.txt")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-security-contact")


async def test_whom_to_tell_about_a_weakness(app: FastAPI, client: AsyncClient) -> None:
    app.state.security_contact = "mailto:security@council.example"
    try:
        answer = await client.get("/.well-known/security.txt")
    finally:
        app.state.security_contact = None
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert lines["Contact"] == "mailto:security@council.example"
    expires = datetime.fromisoformat(lines["Expires"])
    assert 30 < (expires - app.state.clock()).days < 365


async def test_living_asks_nothing_of_anything_else(client: AsyncClient) -> None:
    answer = await client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


DURABLE = {
    "standby": False,
    "read_only": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ({}, []),
        ({"standby": True}, ["read-only"]),
        ({"read_only": "on"}, ["read-only"]),
        ({"fsync": "off"}, ["durability"]),
        ({"full_page_writes": "off"}, ["durability"]),
        ({"synchronous_commit": "off"}, ["durability"]),
        ({"synchronous_commit": "remote_apply"}, []),
        ({"standby": True, "fsync": "off"}, ["read-only", "durability"]),
    ],
)
def test_what_makes_a_database_unfit(state: dict[str, object], found: list[str]) -> None:
    assert faults(DURABLE | state) == found


async def test_a_service_is_ready_when_its_database_is_as_it_should_be(
    probe: "Probe", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kit.health.faults", lambda _state: [])
    ready = await probe.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})
    monkeypatch.setattr("app.kit.revision.head", lambda: "another")
    behind = await probe.client.get("/readyz")
    assert (behind.status_code, behind.json()["faults"]) == (503, ["migrations"])
    assert behind.headers["Retry-After"] == "5"


async def test_a_database_that_may_lose_what_it_took_makes_the_service_unready(
    probe: "Probe",
) -> None:
    async with probe.app.state.pool.acquire() as held:
        fsync = await held.fetchval("SELECT current_setting('fsync')")
    answer = await probe.client.get("/readyz")
    assert (answer.status_code == 200) is (fsync == "on")
