"""The statements that pgbench runs: intake's very own, a select by key, a list of fifty."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from app.access.principal import Principal, Scope
from app.cases.rows import CASE_COLUMNS
from app.demo.filling import COUNCIL_FILE
from app.intake import commands, rules
from app.intake.schemas import FeedbackIn
from app.kit.clock import london_day
from app.procedures.council_file import as_reference, read_council

BODY = {
    "type": "complaint",
    "narrative": "Nobody has rung me back for three weeks, and each time I call I am told that"
    " somebody will. My son has been without the help he was assessed for since September, the"
    " school keeps asking me what is happening, and I do not know what to tell them.",
    "desired_outcome": "A call, and to know who my contact is.",
    "service": "children-and-families",
    "category": "communication",
    "people": [
        {
            "role": "complainant",
            "name": "Alex Example",
            "email": "alex@example.org",
            "phone": "01632 960123",
        }
    ],
}

_COLUMNS = ", ".join(CASE_COLUMNS)
_FIRST_OF_PGBENCH = 500_000_000  # numbers that the service's own sequence does not reach

# $3, $5 and $23 differ from run to run: the key, the number, the name that the number makes.
_OWN_NAME = """('[{"system": "customer_feedback", "reference": "CF-' || :id::text || '-00"}]')"""
_VARYING = {3: "gen_random_uuid()::text", 5: ":id", 23: _OWN_NAME}


def intake() -> tuple[str, Mapping[str, str]]:
    """Intake's statement as a script of pgbench, and the values that stay the same."""
    arguments = _arguments()
    variables = {}

    def spelled(found: re.Match[str]) -> str:
        number = int(found[1])
        if number in _VARYING:
            return _VARYING[number]
        value = arguments[number - 1]
        if value is None:
            return "NULL"
        variables[f"v{number}"] = _as_text(value)
        return f":v{number}"

    statement = re.sub(r"\$(\d+)", spelled, commands._INTAKE)
    return f"\\set n :n + 1\n\\set id :first + :client_id * 1000000 + :n\n{statement};\n", variables


def first_id(run: int) -> str:
    """Where a run of pgbench begins to number, so that no two give the same number."""
    return str(_FIRST_OF_PGBENCH + run * 100_000_000)


def by_key(first: int, last: int) -> str:
    """One case's row, by its number."""
    return f'\\set id random({first}, {last})\nSELECT {_COLUMNS} FROM core."case" WHERE id = :id;\n'


def fifty(first: int, last: int) -> str:
    """A page of cases, and one row more to know whether there is another page."""
    return (
        f'\\set id random({first + 100}, {last})\nSELECT id, {_COLUMNS} FROM core."case"'
        " WHERE id < :id ORDER BY id DESC LIMIT 51;\n"
    )


def _arguments() -> Sequence[object]:
    now = datetime.now(UTC)
    asked = FeedbackIn.model_validate(BODY)
    by = Principal("portal", frozenset({Scope.feedback_submit.value}))
    council = as_reference(read_council(COUNCIL_FILE.read_text()))
    record = rules.take_in(asked, 100_000, by=by, today=london_day(now), council=council)
    answer = b'{"reference":"CF-100000-00"}'.ljust(330)
    return (
        by.client, commands.OPERATION, "", b"\x07" * 32, 0, 201, answer,
        "/v1/feedback/CF-100000-00/receipt", *commands._arguments(record, asked, now),
    )  # fmt: skip


def _as_text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case bytes():
            return f"\\x{value.hex()}"
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
