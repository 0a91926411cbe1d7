"""Operations tried as they are described, with cases for the acts to be done to."""

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode, Response
from schemathesis.checks import CheckFunction
from schemathesis.core import NOT_SET
from schemathesis.generation.hypothesis.examples import generate_one
from schemathesis.specs.openapi.schemas import OpenApiSchema

from app.cases.reference import PATTERN
from app.imports.schemas import MAX_INT
from app.kit.middleware import SECURITY_HEADERS
from app.kit.openapi import operations
from app.kit.settings import Settings
from app.main import create_app

DOCUMENT = create_app(Settings.model_construct()).openapi()
OPERATIONS = {operation["operationId"]: operation for operation in operations(DOCUMENT)}

_REFUSES_BAD_DATA = [400, 403, 404, 405, 409, 412, 413, 415, 422, 428]
CONFIG = {
    "request-timeout": 60,  # a report takes its time on a machine that does much else
    "generation": {"with-security-parameters": False},
    # The links that are followed are those of the description, and no guesses.
    "phases": {"stateful": {"inference": {"algorithms": []}}},
    "checks": {
        # tests/test_census.py proves it of every operation and kind of key.
        "ignored_auth": {"enabled": False},
        # No schema can say which codes the council has, and which moves a case can make.
        "positive_data_acceptance": {"enabled": False},
        "negative_data_rejection": {"expected-statuses": _REFUSES_BAD_DATA},
        "missing_required_header": {"expected-statuses": _REFUSES_BAD_DATA},
    },
    "operations": [
        {
            # A file that is no JSON Lines is answered line by line.
            "include-operation-id": "import_history",
            "checks": {"negative_data_rejection": {"enabled": False}},
        }
    ],
}

# What has been done to a case before an act can be: each by its first example.
BEFORE: Mapping[str, tuple[str, ...]] = {
    "extend": ("triage",),
    "answer": ("triage",),
    "read_clock": ("triage",),
    "add_remedies": ("triage", "answer"),
    "request_escalation": ("triage", "answer"),
    "decide_escalation": ("triage", "answer", "request_escalation"),
    "close": ("triage", "answer"),
    "reopen": ("triage", "answer", "close"),
    "preview_answer": ("triage",),
    "preview_remedies": ("triage", "answer"),
    "preview_reopening": ("triage", "answer", "close"),
}
# Codes of the demonstration council, put for made-up ones, so that a request gets beyond them.
KNOWN = {
    "category": "communication",
    "kind": "apology",
    "procedure": "childrens-statutory",
    "service": "children-and-families",
    "team": "warwick-childrens-team",
}
YEAR = "2023-24"
_DECIDE = {"confirm_publication", "withdraw_publication"}  # what was proposed is no more
AS_IT_IS = 4  # of so many requests, one goes as it was made up
_CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_OF_EVERY_ANSWER = {"content-type", "content-length", *map(bytes.decode, SECURITY_HEADERS)}
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])")


@schemathesis.serializer("application/x-ndjson", "text/csv")
def as_text(_context: object, value: object) -> bytes:
    """A file as it is, and what is no text as JSON."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")


@schemathesis.check
def problem_is_described(_context: object, response: Response, case: Case[Any]) -> None:
    """A refusal is of a kind that the operation names."""
    described = case.operation.definition.raw["responses"].get(str(response.status_code))
    if response.status_code >= 400 and described is not None:
        kind = response.json()["type"].removeprefix("/problems/")
        kinds = described["content"].get("application/problem+json", {}).get("examples", {})
        assert kind in kinds, f"{kind} is not among {sorted(kinds)}"


@schemathesis.check
def headers_are_described(_context: object, response: Response, case: Case[Any]) -> None:
    """An answer has no headers but those that the operation names, and those of every answer."""
    described = case.operation.definition.raw["responses"].get(str(response.status_code))
    if described is not None:
        named = {name.lower() for name in described.get("headers", {})} | _OF_EVERY_ANSWER
        assert set(response.headers) <= named, set(response.headers) - named


CHECKS: list[CheckFunction] = [problem_is_described, headers_are_described]


def name_of(case: Case[Any]) -> str:
    """The name of the operation that a request is for."""
    name: str = case.operation.definition.raw["operationId"]
    return name


def example_of(name: str) -> Any:
    """The first example of what an operation takes."""
    content = OPERATIONS[name]["requestBody"]["content"]
    media_type, media = next(iter(content.items()))
    if "examples" in media:
        return next(iter(media["examples"].values()))["value"]
    assert media_type == "application/json"
    schema = media["schema"]["$ref"].rpartition("/")[2]
    return DOCUMENT["components"]["schemas"][schema]["examples"][0]


@dataclass
class Caller:
    """The holder of a key, who calls operations as they are meant to be called."""

    schema: OpenApiSchema
    key: str
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    def do(
        self,
        name: str,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = NOT_SET,
    ) -> Response:
        """Call an operation with its first example, but for what is given."""
        return self.send(self.made(name, path=path, query=query, headers=headers, body=body))

    def made(
        self,
        name: str,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = NOT_SET,
    ) -> Case[Any]:
        """A request of an operation with its first example, but for what is given."""
        takes = OPERATIONS[name].get("requestBody", {}).get("content", {})
        made: Case[Any] = self.schema.find_operation_by_id(name).Case(
            path_parameters=dict(path or {}),
            query=dict(query or {}),
            headers={
                "Idempotency-Key": str(uuid.uuid4()),
                "Acting-Officer": "p.officer",
                **(headers or {}),
            },
            body=example_of(name) if takes and body is NOT_SET else body,
            media_type=next(iter(takes), None),
        )
        return made

    def act(self, name: str, case: Mapping[str, Any], tag: str) -> str:
        """Do an act to a case of that version, and give the ETag of what it is then."""
        answer = self.do(name, path=case, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.text
        (now,) = answer.headers["etag"]
        return now

    def send(self, case: Case[Any]) -> Response:
        """Send a request, and hold the answer to the description."""
        answer = case.call_and_validate(
            headers=self.shows,
            additional_checks=CHECKS,
        )
        self.count(case, answer)
        return answer

    @property
    def shows(self) -> dict[str, str]:
        """The header that shows the key."""
        return {"Authorization": f"Bearer {self.key}"}

    def count(self, case: Case[Any], answer: Response) -> None:
        """Keep how often an operation was answered with which status."""
        self.statuses.setdefault(name_of(case), Counter())[int(answer.status_code)] += 1


@dataclass
class Trial:
    """Tries operations with made-up requests, most of them about cases that a clerk prepares."""

    caller: Caller
    clerk: Caller
    today: date
    reports: dict[bool, Mapping[str, Any]]  # the one that is published, and one that is not
    numbers: Iterator[int] = field(default_factory=count)
    waiting: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def send(self, case: Case[Any]) -> None:
        """Send a request, most with references, versions, codes and days that there are."""
        name = name_of(case)
        if next(self.numbers) % AS_IT_IS:
            self._make_real(case, name)
        tried = self.waiting.pop(name, None)
        answer = self.caller.send(case)
        if tried is not None and answer.status_code >= 300:
            self.waiting[name] = tried
        if name in _DECIDE and answer.status_code < 300:
            del self.reports[False]

    def case_for(self, name: str) -> tuple[str, str, str]:
        """The reference, ETag and receipt token of a case that the act can be done to."""
        if name not in self.waiting:
            receipt = self.clerk.do("submit_feedback").json()
            reference, tag = receipt["reference"], '"1"'
            for step in BEFORE.get(name, ()):
                stage = {"stage": 1} if step == "answer" else {}
                tag = self.clerk.act(step, {"reference": reference, **stage}, tag)
            self.waiting[name] = reference, tag, receipt["receipt_token"]
        return self.waiting[name]

    def report_for(self, name: str) -> Mapping[str, Any]:
        """A report that is proposed, or published, as the operation asks for."""
        published = "published" in name
        if published not in self.reports:
            year = {"year": YEAR}
            found = self.clerk.do("propose_publication", path=year).json()
            about = "+".join(found["services"])
            place = {**year, "about": about, "version": found["version"]}
            if published:
                body = {"sha256": found["sha256"]}
                other = {"Acting-Officer": "s.officer"}
                self.clerk.do("confirm_publication", path=place, headers=other, body=body)
            self.reports[published] = {**place, "name": about, "sha256": found["sha256"]}
        return self.reports[published]

    def _make_real(self, case: Case[Any], name: str) -> None:
        """Put what there is for what fits the schema: what was wrong of a request stays wrong."""
        headers, path = case.headers, case.path_parameters
        if isinstance(path.get("run"), int) and 1 <= path["run"] <= MAX_INT:
            path["run"] = self.clerk.do("import_history").json()["run"]["id"]
        if _CODE.fullmatch(str(path.get("slug"))):
            path["slug"] = "outcomes"
        if re.fullmatch(PATTERN, str(path.get("reference"))):
            path["reference"], tag, token = self.case_for(name)
            if len(headers.get("If-Match", "x" * 65)) <= 64:
                headers["If-Match"] = tag
            if 1 <= len(headers.get("Receipt-Token", "")) <= 64:
                headers["Receipt-Token"] = token
        if "publi" in name and case.meta and case.meta.generation.mode.is_positive:
            report = self.report_for(name) if set(path) > {"year"} else {"year": YEAR}
            case.path_parameters = {part: report[part] for part in path}
            if name == "confirm_publication":
                case.body = {"sha256": report["sha256"]}
            elif "version" in path:
                case.path_parameters["version"] = str(
                    report["version"]
                )  # which may have a suffix there
        self.fill_in(case)

    def fill_in(self, case: Case[Any]) -> None:
        """Put a key of its own, an officer, and codes and days that there are."""
        headers = case.headers
        if _KEY.fullmatch(headers.get("Idempotency-Key", "")):
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if case.method == "POST" and name_of(case) in {"submit_feedback", "import_history"}:
            headers.setdefault("Acting-Officer", "p.officer")  # where it is not always required
        case.body = self._real(case.body)

    def _real(self, part: Any, name: str = "") -> Any:
        if isinstance(part, dict):
            return {key: self._real(value, key) for key, value in part.items()}
        if isinstance(part, list):
            return [self._real(one, name) for one in part]
        if not isinstance(part, str):
            return part
        if name in KNOWN and _CODE.fullmatch(part) and len(part) <= 64:
            return KNOWN[name]
        return self.today.isoformat() if _DAY.fullmatch(part) else part


def examples(operation: APIOperation[Any, Any, Any, Any]) -> Iterator[Case[Any]]:
    """A request for each example in the description."""
    for strategy in operation.schema.get_strategies_from_examples(operation):
        yield generate_one(strategy)


def coverage(operation: APIOperation[Any, Any, Any, Any]) -> Iterator[Case[Any]]:
    """A request for each bound, type and requirement in the description, kept and broken."""
    schema = operation.schema
    yield from schema.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=schema.config.generation_for(operation=operation),
    )


def fuzz(operation: APIOperation[Any, Any, Any, Any], trial: Trial, *, times: int) -> None:
    """Requests at random, the same in each run, of which some fit the description."""
    either = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])

    @settings(
        max_examples=times,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),  # a request is slow to make, and may be large
    )
    @given(case=either)
    def run(case: Case[Any]) -> None:
        trial.send(case)

    run()
