"""The links of the description, followed: what an answer gave is put where they say."""

from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis import Case, Response
from schemathesis.core.result import Ok
from schemathesis.core.transforms import UNRESOLVABLE
from schemathesis.engine.link_calibration import LinkCalibrationState
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.stateful.state_machine import StepOutput, normalize_name
from schemathesis.specs.openapi.stateful.links import OpenApiLink

from tests.contract.trial import CHECKS, OPERATIONS, Caller, Trial, example_of, name_of

LINKS = [
    (source, name)
    for source, operation in OPERATIONS.items()
    for answer in operation["responses"].values()
    for name in answer.get("links", {})
]

_PLACES = {"path_parameters": "path", "query": "query", "headers": "headers"}


def begin(trial: Trial, name: str) -> StepOutput:
    """Call an operation with its first example, on what it can be done to."""
    return _called(trial.caller, trial.caller.made(name, **_place_for(trial, name)))


def follow(caller: Caller, answered: StepOutput, name: str) -> StepOutput:
    """Call what a link of an answer leads to, with what it gives and the first example."""
    operation, status = answered.case.operation, str(answered.response.status_code)
    definition = operation.definition.raw["responses"][status]["links"][name]
    link = OpenApiLink(name, status, definition, operation)
    given: dict[str, dict[str, Any]] = {}
    for place, values in link.extract(answered).parameters.items():
        for parameter, found in values.items():
            assert isinstance(found.value, Ok), parameter
            assert found.value.ok() not in {None, UNRESOLVABLE}, parameter
            given.setdefault(_PLACES[place], {})[parameter] = found.value.ok()
    return _called(caller, caller.made(definition["operationId"], **given))


def _called(caller: Caller, case: Case[Any]) -> StepOutput:
    return StepOutput(caller.send(case), case)


def _place_for(trial: Trial, name: str) -> dict[str, Any]:
    """The path and headers of an operation on a case, or an import, that it can be done to."""
    parameters = {one["name"] for one in OPERATIONS[name].get("parameters", ())}
    if "run" in parameters:
        return {"path": {"run": trial.clerk.do("import_history").json()["run"]["id"]}}
    if "version" in parameters:
        report = trial.report_for(name)
        del trial.reports[False]  # once it is published it is of no more use
        path = {part: report[part] for part in ("year", "about", "version")}
        other = {"Acting-Officer": "s.officer"}
        return {"path": path, "headers": other, "body": {"sha256": report["sha256"]}}
    if name == "list_imports":
        trial.clerk.do("import_history")
    if "reference" not in parameters:
        return {}
    reference, tag, _ = trial.case_for(name)
    numbers = {"stage": 1, "request": 1}
    path = {"reference": reference, **{n: numbers[n] for n in numbers if n in parameters}}
    return {"path": path, "headers": {"If-Match": tag}}


_TAKES_IN = ("submit_feedback", "import_history")
_BEGINNINGS = ("POST /v1/feedback", "POST /v1/imports")


class _AlwaysUsed(LinkCalibrationState):
    """Every link is used: requests without what a link gives are tried by the other phases."""

    def use_probability(self, transition_id: str) -> float:  # noqa: ARG002  # schemathesis's name
        return 1.0

    def is_calibrated(self, transition_id: str) -> bool:  # noqa: ARG002  # schemathesis's name
        return True


def wander(trial: Trial, *, chains: int, steps: int) -> set[tuple[str, str]]:
    """Chains of requests, each with what an answer before it gave; the links that led on."""
    followed: set[tuple[str, str]] = set()
    machine = _wanderer(trial, followed)
    for label in machine._root_labels:
        if label not in _BEGINNINGS:
            setattr(machine, normalize_name(f"RANDOM -> {label}"), None)
    once = settings(
        max_examples=2,  # the first is always the shortest chain there is
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),  # a request is slow to make, and may be large
    )
    # One run of Hypothesis for each chain: within a run the same choices have to lead the same
    # way, and here they lead on from what earlier chains have left in the database.
    for number in range(chains):
        seed(number)(machine).run(settings=once)
    return followed


def _wanderer(trial: Trial, followed: set[tuple[str, str]]) -> Any:
    machine: Any = trial.caller.schema.build_state_machine(
        feedback=NO_FEEDBACK, link_calibration=_AlwaysUsed()
    )

    class Wanderer(machine):  # type: ignore[misc]  # made from the description
        def before_call(self, case: Case[Any]) -> None:
            """Put in what there is, or the example: most made-up bodies lead nowhere."""
            name = name_of(case)
            if "requestBody" in OPERATIONS[name] and (name in _TAKES_IN or next(trial.numbers) % 3):
                case.body = example_of(name)
            trial.fill_in(case)

        def get_call_kwargs(self, _case: Case[Any]) -> dict[str, Any]:
            """Show the key."""
            return {"headers": trial.caller.shows}

        def after_call(self, response: Response, case: Case[Any]) -> None:
            """Keep how it was answered, and which link led here."""
            super().after_call(response, case)
            trial.caller.count(case, response)
            transition = self.recorder.cases[case.id].transition
            if transition is not None and response.status_code < 300:
                source = self.recorder.cases[transition.parent_id].value
                followed.add((name_of(source), name_of(case)))

        def validate_response(self, response: Response, case: Case[Any], **kwargs: Any) -> None:
            """Hold the answer to the description."""
            super().validate_response(response, case, additional_checks=CHECKS, **kwargs)

    return Wanderer
