"""The description of the API: what a newcomer needs to call each operation is in it, and holds."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import (  # type: ignore[import-untyped]  # it has no types
    Draft202012Validator,
    FormatChecker,
)
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.kit.openapi import as_text, operations
from app.kit.settings import Settings
from app.main import create_app

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
APP = create_app(Settings.model_construct())
DOCUMENT = APP.openapi()
OPERATIONS = {operation["operationId"]: operation for operation in operations(DOCUMENT)}
BOUNDED = {
    "string": [{"maxLength"}, {"enum"}, {"const"}, {"format"}],
    "array": [{"maxItems"}],
    "integer": [{"minimum", "maximum"}, {"enum"}, {"const"}],
    "number": [{"minimum", "maximum"}, {"enum"}, {"const"}],
}
VALUES = {"const", "default", "enum", "example", "examples"}  # what they hold is no schema


each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def schemas(
    part: Any, place: str = "#"
) -> Iterator[tuple[str, Mapping[str, Any]]]:  # any part of a document
    """Every object of the document that may be a schema, and where it stands."""
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from schemas(one, f"{place}/{number}")
    elif isinstance(part, dict):
        yield place, part
        for name in part:
            if name not in VALUES or name in part.get("properties", {}):
                yield from schemas(part[name], f"{place}/{name}")


def faults(schema: Mapping[str, Any], example: object) -> list[str]:
    """What is wrong with an example."""
    whole = {**schema, "components": DOCUMENT["components"]}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(example)]


@cache
def named(reference: str) -> Any:  # any part of a document
    """What a reference stands for."""
    found: Any = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def looked_up(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the document, or the one that it refers to."""
    found: Mapping[str, Any] = named(part["$ref"]) if "$ref" in part else part
    return found


def examples(media: Mapping[str, Any]) -> list[Any]:
    """The examples of a body: its own, or those of its schema."""
    if "example" in media:
        return [media["example"]]
    if "examples" in media:
        return [looked_up(one)["value"] for one in media["examples"].values()]
    found: list[Any] = looked_up(media["schema"]).get("examples", [])
    return found


def bodies(operation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every body that an operation takes or gives."""
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield f"taken as {kind}", media
    for status, answer in operation["responses"].items():
        for kind, media in answer.get("content", {}).items():
            yield f"given with {status} as {kind}", media


def test_the_description_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert len(OPERATIONS) >= 38


def test_the_description_that_is_kept_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text() == as_text(APP), "run `make openapi`"


@each_operation
def test_an_operation_says_in_a_sentence_what_it_is(operation: Mapping[str, Any]) -> None:
    summary = operation["summary"]
    assert operation["description"].replace("\n", " ").startswith(summary)
    assert re.fullmatch(r"[A-Z].{9,118}[^.\s]", summary)
    assert summary.lower() != operation["operationId"].replace("_", " ")


@each_operation
def test_an_operation_takes_and_gives_bodies_with_examples_that_hold(
    operation: Mapping[str, Any],
) -> None:
    found = list(bodies(operation))
    assert any(place.startswith("given with 2") for place, _ in found)
    for place, media in found:
        assert examples(media), place
        for example in examples(media):
            assert example, place
            assert faults(media["schema"], example) == [], place


@each_operation
def test_an_operation_that_takes_a_body_says_so_of_posts_only(
    operation: Mapping[str, Any],
) -> None:
    path, method = next(
        (path, method)
        for path, methods in DOCUMENT["paths"].items()
        for method, one in methods.items()
        if one is operation
    )
    assert ("requestBody" in operation) is (method == "post"), path


@each_operation
def test_an_operation_has_parameters_that_can_be_sent(operation: Mapping[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        assert "null" not in json.dumps(schema), parameter["name"]
        for example in [*schema.get("examples", ()), parameter.get("example")]:
            if example is not None:
                assert faults(schema, example) == [], parameter["name"]


@each_operation
def test_a_refusal_has_an_example_of_its_own_kind(operation: Mapping[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        if status >= "400":
            media = answer["content"]["application/problem+json"]
            assert media["schema"] == {"$ref": "#/components/schemas/Problem"}
            for slug, example in media["examples"].items():
                value = looked_up(example)["value"]
                assert value["type"] == f"/problems/{slug}"
                assert str(value["status"]) == status


def test_everything_that_comes_in_or_goes_out_has_a_limit() -> None:
    found = list(schemas(DOCUMENT))
    assert sum("type" in schema for _, schema in found) > 500
    unlimited = [
        place
        for place, schema in found
        for kind in BOUNDED
        if schema.get("type") == kind and not any(b <= set(schema) for b in BOUNDED[kind])
    ]
    assert unlimited == []


def test_a_list_of_names_that_nobody_can_know_has_a_limit() -> None:
    open_ended = [
        place
        for place, schema in schemas(DOCUMENT)
        if schema.get("additionalProperties") and "maxProperties" not in schema
    ]
    assert open_ended == []


def test_an_example_in_a_schema_is_one_of_it() -> None:
    found = [
        (place, schema, example)
        for place, schema in schemas(DOCUMENT)
        if isinstance(schema.get("examples"), list)
        for example in schema["examples"]
    ]
    assert len(found) > 60
    assert [
        (place, faults(schema, example))
        for place, schema, example in found
        if faults(schema, example)
    ] == []
