"""R3 for feedback that is handed in at once: several are stored by one statement, and it fails.

Whatever happens to the statement, each of them is there whole or not at all, whoever was told so
finds it, and all who send again have it there once. One that is refused keeps none of the others.
"""

import asyncio
import uuid
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus

import pytest
from httpx import Response

from app.cases.reference import number_in
from tests.desk import COMPLAINT
from tests.faults.conftest import LONG, Tally
from tests.faults.driver import Fault, kinds
from tests.faults.prepared import held
from tests.faults.trials import Trial, assert_passing

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1_800)]

TOGETHER = 8
TAKEN = {"system": "contact_us", "reference": "TAKEN"}
BY_WORDS = "SELECT case_id, xmin::text AS by FROM pii.narrative WHERE text = $1"


@dataclass
class Sender:
    """Somebody who hands something in, and hands it in again until it is taken."""

    trial: Trial
    systems: list[dict[str, str]] = field(default_factory=list)
    words: str = field(default_factory=lambda: str(uuid.uuid4()))

    async def send(self) -> Response:
        headers = {**self.trial.staff["contact_centre"], "Idempotency-Key": self.words}
        body = {**COMPLAINT, "narrative": self.words, "systems": self.systems}
        return await self.trial.client.post("/v1/feedback", json=body, headers=headers)

    async def cases(self) -> list[int]:
        """What is stored of it."""
        return [row["case_id"] for row in await self.trial.look.fetch(BY_WORDS, self.words)]

    async def kept(self) -> list[int]:
        """What its key stands for."""
        rows = await self.trial.look.fetch(
            "SELECT case_id FROM ops.idempotency WHERE key = $1", self.words
        )
        return [row["case_id"] for row in rows]

    async def whole(self) -> list[str]:
        """All that is stored of it, without its own words."""
        (case,) = await self.cases()
        return [row.replace(self.words, "") for row in await held(self.trial.look, case)]


async def at_once(senders: list[Sender]) -> list[Response]:
    return await asyncio.gather(*(one.send() for one in senders))


async def largest_group(trial: Trial, senders: list[Sender]) -> int:
    """How many the same transaction has stored."""
    found = [await trial.look.fetch(BY_WORDS, one.words) for one in senders]
    return max(Counter(row["by"] for rows in found for row in rows).values())


async def assert_whole(sender: Sender, answer: Response, like: list[str]) -> bool:
    """Whether it is stored: then all of it, and before anybody is told so."""
    assert_passing(answer)
    cases = await sender.cases()
    assert await sender.kept() == cases, "key apart from its work"
    assert cases or not answer.is_success, "acknowledged and not done"
    assert not cases or await sender.whole() == like, "half done"
    return bool(cases)


@pytest.mark.parametrize("refused", [0, 1])
async def test_of_a_group_each_is_taken_in_whole_or_not_at_all_and_once(
    trial: Trial, tally: Tally, refused: int
) -> None:
    taken = Sender(trial, [TAKEN])
    assert (await taken.send()).is_success
    groups: list[int] = []

    async def attempt(at: int, fault: Fault) -> str:
        senders = [Sender(trial) for _ in range(TOGETHER)]
        strangers = [Sender(trial, [TAKEN]) for _ in range(refused)]
        trial.app.state.case_numbers._left.clear()  # so that fetching numbers fails as well
        trial.app.state.reference._fresh_until = 0  # and reading the council anew
        with trial.driver.failing(at, fault):
            answers = await at_once([*senders[:4], *strangers, *senders[4:]])
        told = answers[:4] + answers[4 + refused :]
        for answer in answers[4 : 4 + refused]:
            if answer.status_code != HTTPStatus.CONFLICT:
                assert_passing(answer)
        done = [
            await assert_whole(one, answer, like) for one, answer in zip(senders, told, strict=True)
        ]
        first = [await one.cases() for one in senders]
        for one, cases in zip(senders, first, strict=True):
            again = await trial.done_now(one.send)
            assert [number_in(again.json()["reference"])] == await one.cases() == await one.kept()
            assert not cases or await one.cases() == cases, "not once"
            assert await one.whole() == like
        for one in strangers:
            assert (await one.send()).status_code == HTTPStatus.CONFLICT
            assert not await one.cases()
        groups.append(await largest_group(trial, senders))
        return "all" if all(done) else "some" if any(done) else "nothing"

    plain = Sender(trial)
    assert (await plain.send()).is_success
    like = await plain.whole()
    faults = Fault if LONG else [*kinds(0), *kinds(1)[::2]]
    await trial.every_failure(attempt, tally, "a group", faults)
    if refused:
        assert trial.seen["some"], "none of a group failed by itself"
    else:
        assert max(groups) > TOGETHER // 2, "hardly any were stored together"
        assert trial.seen["all"], "no failure came after a commit"
    tally.sum_up(together=max(groups), half_done=0, not_once=0, **trial.seen)
