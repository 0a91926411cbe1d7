"""Each change that breaks a caller is found, and none that does not."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.contract import breaking
from tests.contract.breaking import Comparison, undeclared

COMMITTED = json.loads((Path(__file__).parents[2] / "openapi" / "openapi.json").read_text())
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/cases/{id}": {
            "post": {
                "operationId": "change",
                "security": [{"key": ["a", "b"]}, {"key": ["c"]}],
                "parameters": [
                    {
                        "in": "query",
                        "name": "limit",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
                    }
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}
                    }
                },
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Read"}}
                        },
                    },
                    "409": {"description": "Refused"},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Sent": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type"],
                "properties": {
                    "type": {"enum": ["complaint", "comment"]},
                    "words": {"anyOf": [{"type": "string", "maxLength": 100}, {"type": "null"}]},
                    "tags": {"type": "array", "items": {"type": "string", "pattern": "^a+$"}},
                    "pence": {"type": "number"},
                },
            },
            "Read": {
                "type": "object",
                "required": ["state", "due"],
                "properties": {
                    "state": {"enum": ["open", "closed"]},
                    "due": {"type": "string", "format": "date"},
                    "next": {"anyOf": [{"$ref": "#/components/schemas/Read"}, {"type": "null"}]},
                },
            },
        }
    },
}

Change = Callable[[Any, Any, Any], object]  # of the operation, of what is sent, of what is read

BREAKING: dict[str, Change] = {
    "operation renamed": lambda op, _s, _r: op.update(operationId="other"),
    "scope added": lambda op, _s, _r: op.update(security=[{"key": ["a", "b", "d"]}, {"key": "c"}]),
    "way in removed": lambda op, _s, _r: op["security"].pop(),
    "parameter removed": lambda op, _s, _r: op["parameters"].clear(),
    "parameter required": lambda op, _s, _r: op["parameters"][0].update(required=True),
    "new parameter required": lambda op, _s, _r: op["parameters"].append(
        {"in": "header", "name": "X", "required": True, "schema": {}}
    ),
    "parameter narrowed": lambda op, _s, _r: op["parameters"][0]["schema"].update(maximum=50),
    "lower limit raised": lambda op, _s, _r: op["parameters"][0]["schema"].update(minimum=2),
    "body required": lambda op, _s, _r: op["requestBody"].update(required=True),
    "media type removed": lambda op, _s, _r: op["requestBody"]["content"].clear(),
    "status removed": lambda op, _s, _r: op["responses"].pop("409"),
    "header removed": lambda op, _s, _r: op["responses"]["200"]["headers"].clear(),
    "sent value removed": lambda _o, sent, _r: sent["type"]["enum"].remove("comment"),
    "sent type narrowed": lambda _o, sent, _r: sent["pence"].update(type="integer"),
    "null no longer taken": lambda _o, sent, _r: sent["words"]["anyOf"].pop(),
    "text shortened": lambda _o, sent, _r: sent["words"]["anyOf"][0].update(maxLength=99),
    "pattern changed": lambda _o, sent, _r: sent["tags"]["items"].update(pattern="^b+$"),
    "items limited": lambda _o, sent, _r: sent["tags"].update(maxItems=3),
    "sent field removed": lambda _o, sent, _r: sent.pop("pence"),
    "read value removed": lambda _o, _s, read: read["state"]["enum"].remove("closed"),
    "read values opened": lambda _o, _s, read: read.update(state={"type": "string"}),
    "read type widened": lambda _o, _s, read: read["due"].update(type=["string", "null"]),
    "read format changed": lambda _o, _s, read: read["due"].update(format="date-time"),
    "read field removed": lambda _o, _s, read: read.pop("next"),
    "read alternative added": lambda _o, _s, read: read["next"]["anyOf"].append(
        {"type": "integer"}
    ),
}
HARMLESS: dict[str, Change] = {
    "nothing": lambda _o, _s, _r: None,
    "scope no longer needed": lambda op, _s, _r: op.update(security=[{"key": ["a"]}, {"key": []}]),
    "way in added": lambda op, _s, _r: op["security"].append({"key": ["d"]}),
    "parameter added": lambda op, _s, _r: op["parameters"].append(
        {"in": "query", "name": "x", "schema": {"type": "string", "maxLength": 3}}
    ),
    "limit widened": lambda op, _s, _r: op["parameters"][0]["schema"].update(maximum=500),
    "status added": lambda op, _s, _r: op["responses"].update({"410": {}}),
    "sent value added": lambda _o, sent, _r: sent["type"]["enum"].append("praise"),
    "sent type widened": lambda _o, sent, _r: sent["pence"].update(type=["number", "string"]),
    "sent field added": lambda _o, sent, _r: sent.update(more={"type": "string", "maxLength": 9}),
    "text lengthened": lambda _o, sent, _r: sent["words"]["anyOf"][0].update(maxLength=101),
    "read value added": lambda _o, _s, read: read["state"]["enum"].append("void"),
    "read field added": lambda _o, _s, read: read.update(more={"type": "string"}),
    "read no longer null": lambda _o, _s, read: read["next"]["anyOf"].pop(),
    "read described": lambda _o, _s, read: read["due"].update(description="When."),
}


def breaks(change: Change) -> list[str]:
    after = deepcopy(DOCUMENT)
    schemas = after["components"]["schemas"]
    operation = after["paths"]["/cases/{id}"]["post"]
    change(operation, schemas["Sent"]["properties"], schemas["Read"]["properties"])
    return list(Comparison(DOCUMENT, after).breaks())


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING)
def test_a_change_that_breaks_a_caller_is_found(change: Change) -> None:
    found = breaks(change)
    assert found
    assert all(one.startswith("POST /cases/{id}") for one in found)


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_a_change_that_only_gives_more_is_not_reported(change: Change) -> None:
    assert breaks(change) == []


@pytest.mark.parametrize(
    ("schema", "required"), [("Sent", ["type", "words"]), ("Read", ["state"])], ids=str
)
def test_what_is_required_may_not_grow_when_sent_nor_shrink_when_read(
    schema: str, required: list[str]
) -> None:
    after = deepcopy(DOCUMENT)
    after["components"]["schemas"][schema]["required"] = required
    (found,) = Comparison(DOCUMENT, after).breaks()
    assert "now" in found
    assert list(Comparison(after, DOCUMENT).breaks()) == []


def test_a_path_or_method_removed_is_found_in_the_real_description() -> None:
    assert list(Comparison(COMMITTED, COMMITTED).breaks()) == []
    after = deepcopy(COMMITTED)
    del after["paths"]["/v1/feedback"]["get"]
    del after["paths"]["/v1/calendar"]
    found = list(Comparison(COMMITTED, after).breaks())
    assert found == ["GET /v1/feedback: removed", "GET /v1/calendar: removed"]
    assert list(Comparison(after, COMMITTED).breaks()) == []


CHANGELOG = """# Changelog

## [Unreleased]

### Breaking

- `GET /b` is gone.

### Added

- GET /c too.

## [1.1.0]

### Breaking

- `GET /d` is gone.

## [1.0.0]

### Breaking

- `GET /e` is gone.
"""
UNRELEASED = CHANGELOG.partition("\n## [1.1.0]")[0]
GONE: dict[str, Any] = {"paths": {"/gone": {"get": {"responses": {}}}}}


def test_a_break_must_be_declared_by_its_operation_since_the_release_compared_with() -> None:
    found = [f"GET /{name}: removed" for name in "abcde"]
    assert undeclared(found, CHANGELOG, "1.0.0") == [found[0], found[2], found[4]]
    assert undeclared(found, CHANGELOG, "1.1.0") == [found[0], *found[2:]]


@pytest.mark.parametrize(
    ("tag", "kept", "changelog", "code", "says"),
    [
        (None, {}, UNRELEASED, 0, "nothing was compared"),
        (None, {}, CHANGELOG, 1, "fetch it"),
        ("v1.1.0", COMMITTED, CHANGELOG, 0, "since v1.1.0: 0, "),
        ("v1.1.0", GONE, CHANGELOG, 1, "undeclared: GET /gone: removed"),
        ("v1.1.0", GONE, CHANGELOG.replace("/b", "/gone"), 0, "\ndeclared: GET /gone: removed"),
    ],
    ids=["nothing released", "tag not fetched", "the same", "broken", "broken as declared"],
)
def test_the_gate_says_what_it_compared_and_fails_on_what_is_not_declared(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    tag: str | None,
    kept: Any,
    changelog: str,
    code: int,
    says: str,
) -> None:
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "openapi.json").write_text(json.dumps(COMMITTED))
    (tmp_path / "CHANGELOG.md").write_text(changelog)

    def git(word: str, *_rest: str) -> str | None:
        return tag if word == "describe" else json.dumps(kept)

    monkeypatch.setattr(breaking, "_git", git)
    monkeypatch.setattr(breaking, "ROOT", tmp_path)
    assert breaking.main() == code
    assert says in "\n" + capsys.readouterr().out
