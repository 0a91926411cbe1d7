"""The flat form: one row a case that ended at stage 1 or before, for registers kept as a table.

A row says the same as a line of the whole form and becomes one. Cells are text: one that begins
like a formula is words like any other.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.cases.vocabulary import Finding, NoFindingReason, RefusalReason
from app.kit.problem import Problem

COLUMNS = (
    "system",
    "reference",
    "other_system",
    "other_reference",
    "type",
    "channel",
    "received_on",
    "registered_on",
    "migrated_on",
    "service",
    "team",
    "category",
    "procedure",
    "acknowledged_on",
    "acknowledged_by",
    "accepted_on",
    "outcome",
    "closed_on",
    "remedies",
    "withdrawn_on",
    "narrative",
    "complainant_name",
    "complainant_email",
    "complainant_phone",
)

_AT_TRIAGE = {
    NoFindingReason.resolved_early: "resolve_early",
    NoFindingReason.outside_process: "redirect_outside_process",
    "not_feedback": "redirect_not_feedback",
}
OUTCOMES = (*Finding, "question_answered", *NoFindingReason, *RefusalReason, "not_feedback")


class WrongHeader(Problem):
    """The first line of a CSV file does not name the columns of the flat form."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The first line does not name the columns"


class WrongRow(Problem):
    """A row of a CSV file does not fit its header."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The row does not fit the header"


Cells = Mapping[str, str]
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as a line of the whole form, and the column that each part of it came from."""

    line: Line
    columns: Mapping[str, str]  # by JSON pointer

    def pointer(self, pointer: str) -> str:
        """Where something is wrong, as a pointer to the column."""
        while pointer and pointer not in self.columns:
            pointer = pointer.rpartition("/")[0]
        return f"/{self.columns[pointer]}" if pointer else ""


def read_header(text: str) -> tuple[str, ...]:
    """The columns, in the order of the file. Raises WrongHeader, naming what is not right."""
    given = [cell.strip().lower() for cell in _cells(text) or []]
    missing = [name for name in COLUMNS if name not in given]
    unknown = [n for n, name in enumerate(given, start=1) if name not in COLUMNS]
    repeated = sorted({name for name in given if name in COLUMNS and given.count(name) > 1})
    if not missing and not unknown and not repeated:
        return tuple(given)
    said = [
        f"missing: {', '.join(missing)}" if missing else "",
        f"not known: number {', '.join(map(str, unknown))}" if unknown else "",
        f"given twice: {', '.join(repeated)}" if repeated else "",
    ]
    raise WrongHeader(
        f"The columns are not right; {'; '.join(filter(None, said))}.",
        columns=list(COLUMNS),
        missing=missing,
        unknown_at=unknown,
        repeated=repeated,
    )


def read_row(text: str, header: tuple[str, ...]) -> Row:
    """One case. Raises WrongRow where it is not a row of as many cells as the header."""
    given = _cells(text)
    if given is None:
        raise WrongRow("It cannot be read as CSV: look for a quotation mark that is not closed.")
    if len(given) != len(header):
        raise WrongRow(f"It has {len(given)} cells; the header has {len(header)}.")
    cells = {name: cell.strip() for name, cell in zip(header, given, strict=True)}
    filled = {name: cell for name, cell in cells.items() if cell}
    acts = sorted(_acts(filled), key=lambda act: act[0].get("on", ""))
    columns = dict(_COLUMN_OF)
    for number, (_, made_of) in enumerate(acts):
        columns |= {f"/acts/{number}{part}": column for part, column in made_of.items()}
    return Row({**_head(filled), "acts": [act for act, _ in acts]}, columns)


def _cells(text: str) -> list[str] | None:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


_SAME = ("type", "channel", "received_on", "registered_on", "migrated_on", "service", "narrative")
_DESCRIBED = ("service", "team", "category", "procedure")  # what triage settled, if there was any
_TRIAGED = ("accepted_on", "outcome")
_COLUMN_OF = {
    **{f"/{name}": name for name in (*_SAME, *_DESCRIBED)},
    "/system_of_record": "system",
    "/systems": "other_reference",
    "/systems/0": "reference",
    "/systems/0/system": "system",
    "/systems/1": "other_reference",
    "/systems/1/system": "other_system",
    "/people/0/name": "complainant_name",
    "/people/0/email": "complainant_email",
    "/people/0/phone": "complainant_phone",
}


def _head(cells: Cells) -> Line:
    """The case as it was received. What triage settled is said there; the service was known."""
    names = [("system", "reference"), ("other_system", "other_reference")]
    systems = [
        {"system": cells.get(system, ""), "reference": cells.get(reference, "")}
        for system, reference in names
        if system == "system" or system in cells or reference in cells
    ]
    person = {
        part: cells[f"complainant_{part}"]
        for part in ("name", "email", "phone")
        if f"complainant_{part}" in cells
    }
    known = _SAME if _triaged(cells) else (*_SAME, *_DESCRIBED)
    return {
        "system_of_record": cells.get("system", ""),
        "systems": systems,
        **{name: cells[name] for name in known if name in cells},
        "people": [{"role": "complainant", **person}] if person else [],
    }


def _triaged(cells: Cells) -> bool:
    return any(column in cells for column in _TRIAGED)


def _acts(cells: Cells) -> Iterator[tuple[Line, dict[str, str]]]:
    """What was done, each with the columns that it is made of."""
    if "acknowledged_on" in cells or "acknowledged_by" in cells:
        act = _act("acknowledge", cells, "acknowledged_on", by="acknowledged_by")
        yield act, {"": "acknowledged_on", "/on": "acknowledged_on", "/by": "acknowledged_by"}
    moved = _moved_team(cells)
    if "accepted_on" in cells:
        yield _triage(cells, "accepted_on", {"decision": "accept"}, but="team" if moved else "")
    if moved:
        allocated = _act("allocate", cells, "migrated_on", service="service", team="team")
        yield allocated, {"": "team", "/on": "migrated_on", "/service": "service"}
    yield from _ending(cells)
    if "withdrawn_on" in cells:
        yield _act("withdraw", cells, "withdrawn_on"), {"": "withdrawn_on"}


def _moved_team(cells: Cells) -> bool:
    """Whether the team is one of the newer system, which a case in hand was given as it moved."""
    moved, accepted = cells.get("migrated_on", ""), cells.get("accepted_on", "")
    ended = cells.get("closed_on") or cells.get("withdrawn_on") or moved
    return "team" in cells and bool(accepted) and accepted < moved <= ended


def _act(name: str, cells: Cells, on: str, **parts: str) -> Line:
    said = {part: cells[column] for part, column in parts.items() if column in cells}
    return {"act": name, **({"on": cells[on]} if on in cells else {}), **said}


def _triage(cells: Cells, on: str, decided: Line, *, but: str = "") -> tuple[Line, dict[str, str]]:
    parts = {name: name for name in _DESCRIBED if name != but}
    columns = {"": "outcome" if on == "closed_on" else on, "/on": on}
    columns |= {f"/{name}": name for name in parts}
    return {**_act("triage", cells, on, **parts), **decided}, columns


def _ending(cells: Cells) -> Iterator[tuple[Line, dict[str, str]]]:
    outcome, columns = cells.get("outcome"), {"": "outcome", "/on": "closed_on"}
    if outcome is None and "remedies" not in cells:
        if "closed_on" in cells:
            yield _act("close", cells, "closed_on"), {"": "closed_on"}
    elif outcome in set(RefusalReason):
        yield _triage(cells, "closed_on", {"decision": "refuse", "refusal_reason": outcome})
    elif outcome in _AT_TRIAGE and "accepted_on" not in cells:
        yield _triage(cells, "closed_on", {"decision": _AT_TRIAGE[outcome]})
    else:
        yield _answer(cells, outcome), {**columns, "/remedies": "remedies"}
        if outcome in set(Finding):
            yield _act("close", cells, "closed_on"), columns


def _answer(cells: Cells, outcome: str | None) -> Line:
    if outcome == "question_answered":
        ending = {"closure": outcome}
    elif outcome in set(NoFindingReason):
        ending = {"closure": "no_finding", "no_finding_reason": outcome}
    else:
        ending = {"finding": outcome or ""}
    kinds = [kind.strip() for kind in cells.get("remedies", "").split(";")]
    remedies = [{"kind": kind} for kind in kinds if kind]
    return {**_act("answer", cells, "closed_on"), "stage": 1, **ending, "remedies": remedies}
