"""The statements that pgbench runs: intake's very own, a select by key, a list of fifty."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic_core import to_json

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

# Stand in the feedback for what differs from run to run: its key, its number (also in its name).
_KEY, _NUMBER = "the-key", 777_777_777


def intake() -> tuple[str, Mapping[str, str]]:
    """Intake's statement as a script of pgbench, and the feedback that it stores.

    One at a time, as when nobody hands in feedback at the same moment.
    """
    given = f"replace(replace(:given, '{_KEY}', gen_random_uuid()::text), '{_NUMBER}', :id::text)"
    statement = commands._INTAKE.replace("$1", given)
    script = f"\\set n :n + 1\n\\set id :first + :client_id * 1000000 + :n\n{statement};\n"
    return script, {"given": to_json([_feedback()]).decode()}


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


def _feedback() -> Mapping[str, object]:
    now = datetime.now(UTC)
    asked = FeedbackIn.model_validate(BODY)
    by = Principal("portal", frozenset({Scope.feedback_submit.value}))
    council = as_reference(read_council(COUNCIL_FILE.read_text()))
    record = rules.take_in(asked, _NUMBER, by=by, today=london_day(now), council=council)
    return commands.row_of(
        record,
        asked,
        by=by,
        key=_KEY,
        answer='{"reference":"CF-100000-00"}'.ljust(330),
        location="/v1/feedback/CF-100000-00/receipt",
        now=now,
    )
