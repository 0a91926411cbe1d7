"""Cases as JSON that Postgres writes: what a reader is shown, without a row becoming an object.

The fields are those of the schemas, in their order, so that there is one list of what is shown.
Making fifty rows into objects, and those into text, takes longer than all else of a page.
"""

from pydantic import BaseModel
from pydantic_core import to_json

from app.cases.schemas import (
    CaseSummary,
    EscalationOut,
    ExtensionOut,
    RemedyOut,
    StageOut,
    SystemReference,
)
from app.cases.vocabulary import FeedbackType, Status
from app.cases.workflow import possible

_CASE = 'core."case"'


def _select(what: str, source: str) -> str:
    return f"SELECT {what} FROM {source}"  # noqa: S608  # every name in it is one of ours


def _object(fields: str) -> str:
    """A JSON object of these fields."""
    return f"({_select('row_to_json(one)::text', f'(SELECT {fields}) AS one')})"


def _array(fields: str, source: str) -> str:
    """A JSON array of objects, one for each row of a source."""
    rows = _select(fields, source)
    return f"array_to_json(ARRAY({_select('row_to_json(one)', f'({rows}) AS one')}))"


def _fields(model: type[BaseModel], of: str, **parts: str) -> str:
    """The fields of a schema: columns of `of`, or the parts that are given."""
    named = (parts.get(name) or f"{of}.{name}" for name in model.model_fields)
    return ", ".join(
        f"{value} AS {name}" for name, value in zip(model.model_fields, named, strict=True)
    )


def _of_stage(model: type[BaseModel], table: str) -> str:
    source = f"core.{table} AS p WHERE p.case_id = s.case_id AND p.stage = s.number ORDER BY p.seq"
    return _array(_fields(model, "p"), source)


def _of_case(model: type[BaseModel], table: str, *, order: str) -> str:
    source = f"core.{table} AS p WHERE p.case_id = {_CASE}.id ORDER BY p.{order}"
    return _array(_fields(model, "p"), source)


_STAGES = _array(
    _fields(
        StageOut,
        "s",
        extensions=_of_stage(ExtensionOut, "extension"),
        remedies=_of_stage(RemedyOut, "remedy"),
    ),
    f"core.stage AS s WHERE s.case_id = {_CASE}.id ORDER BY s.number",
)

SUMMARY = _object(_fields(CaseSummary, _CASE))
"""A case in a list, as an expression of `core.case`."""

WHOLE = _object(
    f"{_fields(CaseSummary, _CASE)}, {_of_case(SystemReference, 'case_system', order='system')}"
    f" AS systems, {_STAGES} AS stages,"
    f" {_of_case(EscalationOut, 'escalation', order='number')} AS escalations"
)
"""A case with its parts, as far as the database knows it, as an expression of the same."""

SEVERAL = _select(
    f"id, service, version, status, type, {WHOLE} AS whole",
    f"{_CASE} WHERE id = ANY ($1::bigint[])",
)
"""Cases by their numbers."""

_POSSIBLE = {
    (status.value, kind.value): to_json(possible(status, kind))
    for status in Status
    for kind in FeedbackType
}


def completed(whole: str, reference: str, *, status: str, kind: str) -> bytes:
    """`WHOLE` with what the workflow knows: what can be done now, and where to find the rest."""
    here = f"/v1/feedback/{reference}"
    links = to_json({"self": here, "history": f"{here}/history", "people": f"{here}/people"})
    known = whole.encode().removesuffix(b"}")
    return b'%b,"possible_acts":%b,"links":%b}' % (known, _POSSIBLE[status, kind], links)
