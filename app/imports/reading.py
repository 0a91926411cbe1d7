"""A line of a file as a case's history, or everything that is wrong with its shape."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from app.imports.checks import Fault
from app.imports.flat_csv import Row, WrongRow, read_row
from app.imports.lines import LONGEST_LINE, RawLine
from app.imports.schemas import ImportLine
from app.kit.errors import InvalidRequest, MalformedJson, invalid
from app.kit.problem import Problem

Name = tuple[str, str]  # system, reference

_MOST_NAMES = 20
_ACTS_AND_TAG = 3  # what leads to an act's field: "acts", its number, and which act it is


class LineTooLong(Problem):
    """A line is longer than any case could need."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The line is too long"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of one line: the history it holds, or what is wrong with it."""

    raw: RawLine
    line: ImportLine | None
    names: tuple[Name, ...]
    faults: list[Fault] = field(default_factory=list)
    fingerprint: bytes = b""
    row: Row | None = None

    def placed(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults with their places as the sender knows them: in the line, or columns of the row."""
        if self.row is None:
            return list(faults)
        moved = [replace(fault, pointer=self.row.pointer(fault.pointer)) for fault in faults]
        return list({(fault.pointer, fault.detail): fault for fault in moved}.values())


def read_line(raw: RawLine) -> Reading:
    """A line of the whole form."""
    if raw.too_long:
        return _unread(raw, _too_long())
    try:
        line = ImportLine.model_validate_json(raw.data)
    except ValidationError as error:
        return Reading(raw, None, _names_in(raw.data), list(_faults(error)))
    return _read(raw, line)


def read_flat(raw: RawLine, header: tuple[str, ...]) -> Reading:
    """A row of the flat form."""
    if raw.too_long:
        return _unread(raw, _too_long())
    try:
        row = read_row(raw.data.decode(), header)
    except UnicodeDecodeError:
        return _unread(raw, WrongRow("Write the file in UTF-8."))
    except WrongRow as problem:
        return _unread(raw, problem)
    try:
        line = ImportLine.model_validate(row.line)
    except ValidationError as error:
        reading = Reading(raw, None, tuple(_names_of(row.line)), row=row)
        reading.faults.extend(reading.placed(_faults(error)))
        return reading
    return _read(raw, line, row)


def _read(raw: RawLine, line: ImportLine, row: Row | None = None) -> Reading:
    names = tuple((given.system, given.reference) for given in line.systems)
    return Reading(raw, line, names, fingerprint=fingerprint(line), row=row)


def fingerprint(line: ImportLine) -> bytes:
    """What makes two lines tell the same history, whatever names they give the case.

    What is left out and what is given as its default are the same; so a field that a later
    release adds changes no fingerprint.
    """
    said = line.model_dump(mode="json", exclude={"systems"}, exclude_defaults=True)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


def _too_long() -> LineTooLong:
    return LineTooLong(f"At most {LONGEST_LINE} bytes tell one case.", limit=LONGEST_LINE)


def _unread(raw: RawLine, problem: Problem) -> Reading:
    return Reading(raw, None, (), [Fault.of("", problem)])


def _faults(error: ValidationError) -> Iterator[Fault]:
    """Everything that is wrong with a line's shape. Nothing of the line is repeated."""
    for found in error.errors(include_url=False, include_input=False):
        if found["type"] == "json_invalid":
            yield Fault.of("", MalformedJson("Write one JSON object a line, in UTF-8."))
            return
        place = ("body", *_without_tag(found["loc"]))
        errors = invalid([{**found, "loc": place}]).members["errors"]
        assert isinstance(errors, list)
        pointer, detail = errors[0]["pointer"].removeprefix("#"), errors[0]["detail"]
        yield Fault(pointer, InvalidRequest.slug(), detail, {})


def _without_tag(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The place in the line: pydantic puts the name of the act between its number and field."""
    if place[:1] == ("acts",) and len(place) >= _ACTS_AND_TAG:
        return (*place[:2], *place[_ACTS_AND_TAG:])
    return place


def _names_in(data: bytes) -> tuple[Name, ...]:
    """The names of a case in a line of the wrong shape, so far as they can be read."""
    try:
        return tuple(_names_of(from_json(data)))
    except ValueError:
        return ()


def _names_of(line: object) -> Iterator[Name]:
    systems = line.get("systems") if isinstance(line, Mapping) else None
    for given in systems[:_MOST_NAMES] if isinstance(systems, list) else []:
        one: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        system, reference = one.get("system"), one.get("reference")
        texts = isinstance(system, str) and isinstance(reference, str)
        if texts and "\x00" not in f"{system}{reference}":
            yield str(system), str(reference).strip()
