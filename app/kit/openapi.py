"""The description of the API: what FastAPI derives, and every refusal that it does not know of."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from app.kit.admission import Overloaded
from app.kit.answers import HEADERS, named
from app.kit.errors import (
    MEDIA_TYPE,
    InternalError,
    InvalidRequest,
    MalformedJson,
    UnsupportedMediaType,
)
from app.kit.middleware import BodyTooLarge, Unreadable
from app.kit.problem import Problem, Unavailable, refuses

Document = dict[str, Any]

_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")

_NULL = {"type": "null"}
_SENTENCE_END = re.compile(r"(?<=[.?!]) ")

_RATES = ("RateLimit", "RateLimit-Policy")

PROBLEM: Mapping[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "Why a request was not carried out (RFC 9457). It never repeats what was sent.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "maxLength": 200,
            "description": "Which kind of problem it is. It stays the same; test this.",
        },
        "title": {"type": "string", "maxLength": 200},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {
            "type": "string",
            "maxLength": 2_000,
            "description": "For a person: what is wrong and what to do.",
        },
        "instance": {
            "type": "string",
            "maxLength": 64,
            "description": "The id of the request, as in X-Request-ID and in the log.",
        },
        "errors": {
            "type": "array",
            "maxItems": 50,
            "description": "What is wrong with a payload, and where.",
            "items": {
                "type": "object",
                "required": ["in", "detail"],
                "properties": {
                    "in": {"enum": ["body", "query", "path", "header", "cookie"]},
                    "pointer": {
                        "type": "string",
                        "maxLength": 1_000,
                        "description": "In the body: a JSON pointer, such as #/people/0/email.",
                    },
                    "name": {
                        "type": "string",
                        "maxLength": 64,
                        "description": "Elsewhere: the name of the parameter or header.",
                    },
                    "detail": {"type": "string", "maxLength": 2_000},
                },
            },
        },
    },
}


def complete(document: Document, *, guarded_by: tuple[type[Problem], ...]) -> Document:
    """Describe what every operation can be refused for, whether its handler knows it or not.

    `guarded_by` are the refusals of operations that ask for a key.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    schemas["Problem"] = dict(PROBLEM)
    for schema in schemas.values():
        if "examples" in schema:
            schema["examples"] = [_whole(one, schema, schemas) for one in schema["examples"]]
    for operation in operations(document):
        responses = operation["responses"]
        _summarise(operation)
        _require(operation)
        _never_null(operation)
        _forget_framework_refusal(responses)
        for status, answer in refuses(*_refusals(operation, guarded_by)).items():
            _merge(responses.setdefault(str(status), {}), answer)
        operation["responses"] = dict(sorted(responses.items()))
        _tell_of_every_answer(operation)
    document["components"]["headers"] = HEADERS
    _share_problems(document)
    return document


def operations(document: Document) -> Iterator[Document]:
    """Every operation of a document."""
    for path in document["paths"].values():
        yield from path.values()


def as_text(app: FastAPI) -> str:
    """The description as it is kept in the repository; indented by little, since it is long."""
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


def for_older_readers(document: Document) -> Document:
    """The same as OpenAPI 3.0.3, for tools that do not read 3.1."""
    older: Document = _older(document)
    older["openapi"] = "3.0.3"
    older["info"].pop("summary", None)
    older["info"].get("license", {}).pop("identifier", None)
    for operation in operations(older):
        # 3.0 knows scopes of OAuth only.
        for requirement in operation.get("security", ()):
            requirement.update({key: [] for key in requirement})
    return older


def _refusals(
    operation: Document, guarded_by: tuple[type[Problem], ...]
) -> Iterator[type[Problem]]:
    yield InternalError
    yield Unreadable
    if operation.get("security"):
        yield from guarded_by
        yield Overloaded
        yield Unavailable
    if operation.get("parameters") or "requestBody" in operation:
        yield InvalidRequest
    if "requestBody" in operation:
        yield BodyTooLarge
        if "application/json" in operation["requestBody"]["content"]:
            yield MalformedJson
            yield UnsupportedMediaType


def _tell_of_every_answer(operation: Document) -> None:
    """Say what every answer tells: the request's id, and to a key what is left of its rate."""
    always = named("X-Request-ID", *(_RATES if operation.get("security") else ()))
    for answer in operation["responses"].values():
        answer["headers"] = dict(sorted({**answer.get("headers", {}), **always}.items()))


def _require(operation: Document) -> None:
    """Mark as required the headers whose lack has a refusal of its own."""
    refused = {
        kind
        for answer in operation["responses"].values()
        for kind in answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
    }
    for parameter in operation.get("parameters", ()):
        if f"{parameter['name'].lower()}-missing" in refused:
            parameter["required"] = True


def _whole(example: Any, schema: Document, schemas: Document) -> Any:  # noqa: ANN401  # any JSON
    """An example with the nulls that FastAPI leaves out of everything it writes."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != _NULL]
    if len(choices) == 1:
        return _whole(example, choices[0], schemas)
    if "$ref" in schema:
        return _whole(example, schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if isinstance(example, list):
        return [_whole(one, schema["items"], schemas) for one in example]
    if not isinstance(example, dict):
        return example
    parts = schema.get("properties", {})
    nulls = {name for name in schema.get("required", ()) if _NULL in parts[name].get("anyOf", ())}
    names = [name for name in parts if name in nulls or name in example]
    names += [name for name in example if name not in parts]
    return {name: _whole(example.get(name), parts.get(name, {}), schemas) for name in names}


def _summarise(operation: Document) -> None:
    """Head an operation with the first sentence of what its handler says of itself."""
    if said := " ".join(operation.get("description", "").split()):
        operation["summary"] = _SENTENCE_END.split(said, maxsplit=1)[0].removesuffix(".")


def _never_null(operation: Document) -> None:
    """A parameter may be left out, but there is no way to send none: do not offer it."""
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        others = [choice for choice in schema.get("anyOf", ()) if choice != _NULL]
        if len(others) == 1:
            del schema["anyOf"]
            parameter["schema"] = {**others[0], **schema}
        elif others:
            schema["anyOf"] = others


def _share_problems(document: Document) -> None:
    """Write each problem's example once, and refer to it wherever it is met."""
    shared: Document = {}
    for operation in operations(document):
        for answer in operation["responses"].values():
            examples = answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
            for slug, example in examples.items():
                if shared.setdefault(slug, example) != example:
                    raise ValueError(f"two problems are called {slug}")
                examples[slug] = {"$ref": f"#/components/examples/{slug}"}
    document["components"]["examples"] = dict(sorted(shared.items()))


def _forget_framework_refusal(responses: Document) -> None:
    content = responses.get("422", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if schema.get("$ref", "").endswith("HTTPValidationError"):
        del responses["422"]


def _merge(described: Document, answer: Document) -> None:
    """Add refusals to those the operation names itself for the same status."""
    named = described.get("description")
    found = described.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
    added = answer["content"][MEDIA_TYPE]["examples"]
    titles = {example["value"]["title"] for example in {**found, **added}.values()}
    described["description"] = " · ".join(sorted(titles)) if found or not named else named
    examples = dict(sorted({**found, **added}.items()))
    described.setdefault("headers", {}).update(answer["headers"])
    described.setdefault("content", {})[MEDIA_TYPE] = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": examples,
    }


def _older(part: Any) -> Any:  # noqa: ANN401  # any part of a document
    if isinstance(part, list):
        return [_older(one) for one in part]
    if not isinstance(part, dict):
        return part
    changed = {name: _older(value) for name, value in part.items()}
    choices = part.get("anyOf")
    if isinstance(choices, list) and _NULL in choices:
        others = [_older(choice) for choice in choices if choice != _NULL]
        changed["nullable"] = True
        del changed["anyOf"]
        changed |= {"allOf": others} if len(others) == 1 else {"anyOf": others}
    if part.get("type") == "null":
        changed |= {"type": "string", "nullable": True, "enum": [None]}
    if "const" in changed:
        changed["enum"] = [changed.pop("const")]
    if isinstance(changed.get("examples"), list):
        changed["example"] = changed.pop("examples")[0]
    for bound in ("Minimum", "Maximum"):
        limit = changed.get(f"exclusive{bound}")
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            changed[bound.lower()], changed[f"exclusive{bound}"] = limit, True
    for name in ("propertyNames", "contentMediaType", "prefixItems"):
        changed.pop(name, None)
    return changed
