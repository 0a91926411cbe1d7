"""R5: many clients change few cases at once, and no change is lost.

Thirty-two clients note, allocate, reclassify, escalate, decide, close and reopen fifty cases, each
on the version that it saw last, which others may have changed by then. Every act names an officer
of its own, so that each line of history can be told. The same clients against a service that
neither locks nor compares versions must be found out.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from tests.faults.chronicle import REFUSED_BY_RULE, STALE, Chronicle, Done
from tests.faults.conftest import Tally, pick
from tests.faults.installation import Installation, installed
from tests.faults.prepared import prepared

pytestmark = [pytest.mark.fault, pytest.mark.timeout(pick(600, 3_600))]

CLIENTS, CASES = 32, 50
ACTS = 5_000
ROUNDS = pick(1, 20)  # each with cases of its own: the longer a case's history, the slower an act
WHERE = {"service": "education", "reason": "Theirs."}, {"service": "children-and-families"}
HISTORY = """
    SELECT c.reference, e.version, e.officer FROM audit.entry AS e
    JOIN core."case" AS c ON c.id = e.case_id WHERE c.reference = ANY ($1)
"""


def chosen(case: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """An act that is possible for a case as it was seen."""
    acts: list[tuple[str, Mapping[str, Any]]] = [("notes", {"text": "Rang back."})]
    match case["status"]:
        case "recorded" | "answered":
            acts += [("allocations", random.choice(WHERE)), ("closure", {})]  # noqa: S311
        case "closed":
            acts += [("reopening", {"reason": "More to say."})]
    match case["status"], case["type"]:
        case "recorded", kind:
            other = "compliment" if kind == "comment" else "comment"
            acts += [("reclassifications", {"type": other, "reason": "Praise."})]
        case "answered", _:
            acts += [("escalations", {"reason": "Not content."})]
        case "escalation_requested", _:
            number = len(case["escalations"])
            refused = {"decision": "refused", "reason": "Too late."}
            acts += [(f"escalations/{number}/decision", refused)]
    return random.choice(acts)  # noqa: S311  # chance, not secrecy


class Crew:
    """Clients who share what they saw of the cases, and write down what they do."""

    def __init__(self, installation: Installation, cases: Mapping[str, Mapping[str, Any]]) -> None:
        self.seen = dict(cases)
        self.chronicle = Chronicle({ref: case["version"] for ref, case in cases.items()})
        self.statuses: Counter[int] = Counter()
        self._installation = installation
        self._left = 0

    async def work(self, acts: int) -> None:
        """Do so many acts, all at once."""
        self._left = acts
        await asyncio.gather(*(self._client(number) for number in range(CLIENTS)))

    async def _client(self, number: int) -> None:
        address, role = self._installation.address, self._installation.role("customer_relations")
        async with httpx.AsyncClient(base_url=address, headers=role, timeout=30) as client:
            done = 0
            while self._left > 0:
                self._left -= 1
                done += 1
                await self._act(client, f"c{number}.{done}")

    async def _act(self, client: httpx.AsyncClient, officer: str) -> None:
        reference = random.choice(list(self.seen))  # noqa: S311
        case = self.seen[reference]
        path, body = chosen(case)
        headers = {"If-Match": f'"{case["version"]}"', "Acting-Officer": officer}
        begun = time.monotonic()
        answer = await client.post(f"/v1/feedback/{reference}/{path}", json=body, headers=headers)
        ended = time.monotonic()
        self.statuses[answer.status_code] += 1
        told = int(answer.headers.get("ETag", answer.json().get("etag", "0")).strip('"'))
        sent = case["version"]
        self.chronicle.acts.append(
            Done(reference, officer, sent, begun, ended, answer.status_code, told)
        )
        if answer.is_success and told > self.seen[reference]["version"]:
            self.seen[reference] = answer.json()

    async def history(self) -> dict[str, list[tuple[int, str]]]:
        """The lines of history that were written since."""
        lines: dict[str, list[tuple[int, str]]] = {reference: [] for reference in self.seen}
        async with self._installation.database() as connection:
            for row in await connection.fetch(HISTORY, list(lines)):
                if row["version"] > self.chronicle.first[row["reference"]]:
                    lines[row["reference"]].append((row["version"], row["officer"]))
        return lines


async def cases_of(installation: Installation) -> dict[str, dict[str, Any]]:
    """Half of them answered complaints, half comments that were recorded."""
    address, role = installation.address, installation.role("admin")
    async with httpx.AsyncClient(base_url=address, headers=role, timeout=30) as client:
        complaints: AsyncIterator[str] = prepared(client, {}, "answered")
        comments = prepared(client, {}, "recorded")
        references = [await anext(complaints) for _ in range(CASES // 2)]
        references += [await anext(comments) for _ in range(CASES // 2)]
        return {ref: (await client.get(f"/v1/feedback/{ref}")).json() for ref in references}


async def tried(installation: Installation, acts: int) -> tuple[Crew, list[str]]:
    """What a crew did to cases of its own, and what their histories say against it."""
    crew = Crew(installation, await cases_of(installation))
    await crew.work(acts)
    return crew, crew.chronicle.judge(await crew.history())


async def test_no_change_is_lost_and_all_happened_in_one_order(tally: Tally) -> None:
    statuses: Counter[int] = Counter()
    async with installed(spares=0) as installation:
        for number in range(ROUNDS):
            crew, wrong = await tried(installation, ACTS)
            assert not wrong, "\n".join(wrong[:20])
            assert crew.statuses[200] > ACTS / 4
            assert crew.statuses[STALE] > 0, "nobody was overtaken: the test would prove too little"
            statuses += crew.statuses
            tally.progress(f"{number + 1} of {ROUNDS} rounds")
    tally.sum_up(
        acts=statuses.total(),
        clients=CLIENTS,
        cases=CASES * ROUNDS,
        done=statuses[200],
        stale=statuses[STALE],
        refused=statuses[REFUSED_BY_RULE],
    )
    assert set(statuses) <= {200, REFUSED_BY_RULE, STALE, 429, 503}


async def test_a_service_that_does_not_compare_versions_is_found_out(tally: Tally) -> None:
    async with installed(broken="no_compare_and_set", spares=0) as installation:
        async with installation.database() as connection:
            await connection.execute("DROP INDEX audit.uq_entry_case_version")
        crew, wrong = await tried(installation, 500)
    tally.sum_up(acts=len(crew.chronicle.acts), wrong=len(wrong))
    assert any("versions are not unique" in one for one in wrong)
