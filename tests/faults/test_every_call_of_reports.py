"""R3 for reports: an officer writes, proposes, confirms and withdraws; each call fails in each way.

A proposal is frozen from some sixty calls that only read. In the short form they are left alone,
and calls fail from the first that writes.
"""

import hashlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import pytest
from httpx import Response

from tests.faults.conftest import LONG, Tally
from tests.faults.driver import Fault, kinds
from tests.faults.trials import Doing, Trial, Try
from tests.reports.press import Press

pytestmark = [pytest.mark.fault, pytest.mark.timeout(3_600)]

YEAR, SERVICE = "2026-27", "education"
TEXT = {"services": [SERVICE], "place": "section", "name": "summary", "author": "The writer"}
NEVER = 1_000_000  # calls
# All that an officer has done to reports, without what is another's each time.
HELD = """
    SELECT 'text ' || text FROM core.report_text WHERE officer = $1
    UNION ALL
    SELECT concat_ws(' ', 'proposed', p.disclosure, f.form)
    FROM core.publication AS p JOIN core.publication_file AS f ON f.publication_id = p.id
    WHERE proposed_by = $1
    UNION ALL
    SELECT 'confirmed' FROM core.publication_confirmation WHERE confirmed_by = $1
    UNION ALL
    SELECT 'withdrawn ' || reason FROM core.publication_withdrawal WHERE withdrawn_by = $1
    ORDER BY 1
"""


@pytest.fixture(autouse=True)
def _plain(undrawn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publications without charts and files, which take seconds."""
    for form in ("as_word", "as_workbook"):
        monkeypatch.setattr(f"app.reports.freezing.{form}", lambda *_: b"a file")


Prepare = Callable[[Press], Awaitable[tuple[str, Mapping[str, Any]]]]


async def writing(_press: Press) -> tuple[str, Mapping[str, Any]]:
    return "narrative", {**TEXT, "text": "A quiet year."}


async def proposing(_press: Press) -> tuple[str, Mapping[str, Any]]:
    return "publications", {"services": [SERVICE], "disclosure": "exact"}


async def confirming(press: Press) -> tuple[str, Mapping[str, Any]]:
    made = await press.propose()
    return press.at(made["version"], "/confirmation"), {"sha256": made["sha256"]}


async def withdrawing(press: Press) -> tuple[str, Mapping[str, Any]]:
    made = await press.propose()
    return press.at(made["version"], "/withdrawal"), {"reason": "Counted too early."}


ACTS: Sequence[Prepare] = (writing, proposing, confirming, withdrawing)


async def tries(trial: Trial, prepare: Prepare) -> AsyncIterator[Try]:
    """The act by one officer after another."""
    press = Press(trial.client, trial.staff["customer_relations"], YEAR, [SERVICE])
    while True:
        path, body = await prepare(press)
        yield by_somebody(trial, press, path, body)


def by_somebody(trial: Trial, press: Press, path: str, body: Mapping[str, Any]) -> Try:
    key = str(uuid.uuid4())
    officer = f"o.{hashlib.sha256(key.encode()).hexdigest()[:12]}"

    async def send() -> Response:
        headers = {**press.key, "Acting-Officer": officer, "Idempotency-Key": key}
        address = path if path.startswith("/") else f"/v1/reports/annual/{YEAR}/{path}"
        return await trial.client.post(address, json=dict(body), headers=headers)

    async def look() -> list[str]:
        return [row[0] for row in await trial.look.fetch(HELD, officer)]

    return Try(key, send, look)


async def first_that_writes(trial: Trial, doing: Doing) -> int:
    """How many calls an act makes before it begins to write."""
    one = await anext(doing.tries)
    with trial.driver.failing(NEVER, Fault.crossed):
        answer = await one.send()
    assert answer.status_code == doing.status, answer.text
    writes = [at for at, says in enumerate(trial.driver.heard) if "INSERT INTO ops" in says]
    return writes[0]


@pytest.mark.parametrize("prepare", ACTS)
async def test_what_officers_do_to_reports_is_done_whole_or_not_at_all_and_once(
    trial: Trial, tally: Tally, prepare: Prepare
) -> None:
    doing = Doing(trial, prepare.__name__, tries(trial, prepare), HTTPStatus.CREATED)
    await doing.without_failure()
    begin = 0 if LONG or prepare is not proposing else await first_that_writes(trial, doing)
    faults = Fault if LONG else kinds(ACTS.index(prepare))
    await trial.every_failure(doing.attempt, tally, prepare.__name__, faults, begin=begin)
    assert trial.seen["all"]
    assert trial.seen["nothing"] > trial.seen["failures"] / 10
    tally.sum_up(left_alone=begin, half_done=0, not_once=0, **trial.seen)
