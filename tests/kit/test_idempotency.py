"""The same request sent twice does its work once."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from app.kit.idempotency import KeyReused, StillWorking, claim, fingerprint, replay

if TYPE_CHECKING:
    from tests.kit.conftest import Probe

ONCE = "/v1/probe/once"


class Body(BaseModel):
    """Some body."""

    a: int = 0
    b: str = ""


class Wider(Body):
    """The body as a later release takes it."""

    c: str | None = None


async def test_a_repeat_is_answered_byte_for_byte_and_does_nothing(probe: "Probe") -> None:
    named = {"Idempotency-Key": "k"}
    first = await probe.client.post(ONCE, json={"word": "x"}, headers=named)
    again = await probe.client.post(ONCE, json={"word": "x"}, headers=named)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for header in ("ETag", "Location", "Content-Type"):
        assert again.headers[header] == first.headers[header]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await probe.words() == ["x"]


async def test_spaces_in_the_body_make_no_other_request(probe: "Probe") -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    first = await probe.client.post(ONCE, content=b'{"word":"x"}', headers=headers)
    again = await probe.client.post(ONCE, content=b'{ "word" : " x " }', headers=headers)
    assert again.content == first.content


async def test_another_body_under_the_same_key_is_refused(probe: "Probe") -> None:
    named = {"Idempotency-Key": "k"}
    await probe.client.post(ONCE, json={"word": "x"}, headers=named)
    other = await probe.client.post(ONCE, json={"word": "y"}, headers=named)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert await probe.words() == ["x"]


async def test_a_request_that_failed_may_be_sent_again(probe: "Probe") -> None:
    named = {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = await probe.client.post(ONCE, json={"word": "doomed"}, headers=named)
        assert answer.status_code == 500
    assert await probe.words() == []


async def test_of_many_at_once_one_does_the_work_and_all_are_answered_alike(
    probe: "Probe",
) -> None:
    answers = await asyncio.gather(
        *(
            probe.client.post(ONCE, json={"word": "x"}, headers={"Idempotency-Key": "k"})
            for _ in range(8)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await probe.words() == ["x"]


async def test_a_repeat_does_not_wait_for_ever_on_the_first(probe: "Probe") -> None:
    named = {"Idempotency-Key": "k"}
    first = asyncio.create_task(probe.client.post(ONCE, json={"word": "slow"}, headers=named))
    await probe.reached.wait()
    impatient = await probe.client.post(ONCE, json={"word": "slow"}, headers=named)
    probe.gate.set()
    assert (await first).status_code == 201
    assert (impatient.status_code, impatient.json()["type"]) == (409, "/problems/still-working")
    assert impatient.headers["Retry-After"] == "1"
    assert await probe.words() == ["slow"]


async def test_a_key_is_required_where_it_is_required(probe: "Probe") -> None:
    answer = await probe.client.post(ONCE, json={"word": "x"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 129, "é".encode()])
async def test_a_key_is_visible_ascii_and_not_too_long(probe: "Probe", key: str) -> None:
    answer = await probe.client.post("/v1/probe/maybe-once", headers={"Idempotency-Key": key})
    assert answer.status_code == 422


async def test_a_key_may_be_left_out_where_it_is_optional(probe: "Probe") -> None:
    assert (await probe.client.post("/v1/probe/maybe-once")).json() == {"key": None}


@given(st.builds(Body), st.builds(Body))
def test_fingerprints_are_alike_where_bodies_are(one: Body, two: Body) -> None:
    assert (fingerprint(one) == fingerprint(two)) == (one == two)


def test_a_release_that_knows_more_fields_recognises_a_repeat() -> None:
    assert fingerprint(Wider(a=1)) == fingerprint(Body(a=1))
    assert fingerprint(Wider(a=1, c="")) != fingerprint(Body(a=1))


def test_what_the_path_is_about_is_part_of_the_fingerprint() -> None:
    body = Body()
    assert len({fingerprint(body), fingerprint(body, "CF-1"), fingerprint(body, "CF", "-1")}) == 3


def test_a_row_without_an_answer_is_not_replayed() -> None:
    with pytest.raises(StillWorking):
        replay(b"f", None, None, None, None, fingerprint=b"f")
    with pytest.raises(KeyReused):
        replay(b"f", 201, b"{}", None, None, fingerprint=b"g")


async def test_another_error_while_a_key_is_claimed_comes_through(probe: "Probe") -> None:
    async with probe.app.state.database.sessions() as session:
        with pytest.raises(DBAPIError):
            await claim(session, client="\x00", operation="once", key="k", fingerprint=b"f")
