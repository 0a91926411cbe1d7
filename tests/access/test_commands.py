"""Key holders and their keys, through the service they open."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.commands import (
    ClientExists,
    ClientUnknown,
    KeyLivesTooLong,
    KeyUnknown,
    TooManyKeys,
    add_client,
    issue_key,
    record_disclosure,
    revoke_key,
)
from app.access.principal import Principal, Scope

MakeKey = Callable[..., Awaitable[str]]
NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
PEPPER = b"p" * 40
FIGURES = "/v1/stats/figures"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def add(session: AsyncSession, slug: str = "partner") -> None:
    await add_client(session, slug=slug, name="A partner", scopes=[Scope.stats_read], now=NOW)


async def issue(
    session: AsyncSession, now: datetime = NOW, lives: timedelta = timedelta(days=90)
) -> str:
    key = await issue_key(
        session, client="partner", env="live", pepper=PEPPER, now=now, lives=lives
    )
    return key.id


async def test_a_client_has_at_most_two_live_keys(session: AsyncSession) -> None:
    await add(session)
    first = await issue(session)
    await issue(session)
    with pytest.raises(TooManyKeys):
        await issue(session)
    await revoke_key(session, key_id=first, now=NOW)
    await issue(session)


async def test_an_expired_key_makes_room_for_another(session: AsyncSession) -> None:
    await add(session)
    await issue(session, lives=timedelta(days=1))
    await issue(session)
    await issue(session, now=NOW + timedelta(days=1))


@pytest.mark.parametrize("lives", [timedelta(0), timedelta(days=-1), timedelta(days=366)])
async def test_a_key_lives_no_longer_than_a_year(session: AsyncSession, lives: timedelta) -> None:
    await add(session)
    with pytest.raises(KeyLivesTooLong):
        await issue(session, lives=lives)


async def test_a_key_is_made_for_a_client_that_is_there(session: AsyncSession) -> None:
    with pytest.raises(ClientUnknown):
        await issue(session)


async def test_a_client_is_added_once(session: AsyncSession) -> None:
    await add(session)
    with pytest.raises(ClientExists):
        await add(session)


async def test_only_a_key_that_is_there_can_be_revoked(session: AsyncSession) -> None:
    with pytest.raises(KeyUnknown):
        await revoke_key(session, key_id="a" * 16, now=NOW)


async def test_revoking_again_keeps_the_first_moment(session: AsyncSession) -> None:
    await add(session)
    key_id = await issue(session)
    await revoke_key(session, key_id=key_id, now=NOW)
    await revoke_key(session, key_id=key_id, now=NOW + timedelta(days=1))
    found = await session.execute(
        text("SELECT revoked_at FROM ops.api_key WHERE id = :id"), {"id": key_id}
    )
    assert found.scalar_one() == NOW


async def test_the_secret_is_not_in_the_database(session: AsyncSession) -> None:
    await add(session)
    key = await issue_key(session, client="partner", env="live", pepper=PEPPER, now=NOW)
    found = await session.execute(text("SELECT k::text FROM ops.api_key AS k"))
    assert all(key.secret not in row for row in found.scalars())


async def test_two_issuers_at_once_make_no_third_key(app: FastAPI) -> None:
    sessions = app.state.database.sessions
    async with sessions.begin() as one:
        await add(one)

    async def attempt() -> bool:
        try:
            async with sessions.begin() as one:
                await issue(one)
        except TooManyKeys:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(6)))) == 2


async def test_a_disclosure_is_put_on_record_for_good(session: AsyncSession) -> None:
    reader = Principal("customer_relations", frozenset({Scope.case_pii}), officer="jo.bloggs")
    await record_disclosure(session, to=reader, case_id=1, what="people", now=NOW)
    row = (
        await session.execute(text("SELECT client, officer, case_id, what FROM audit.disclosure"))
    ).one()
    assert tuple(row) == ("customer_relations", "jo.bloggs", 1, "people")


async def test_a_revoked_key_is_refused_within_30_seconds(
    app: FastAPI, client: AsyncClient, make_key: MakeKey, clock: Callable[[], datetime]
) -> None:
    key = await make_key(Scope.stats_read)
    assert (await client.get(FIGURES, headers=bearer(key))).status_code == 200
    async with app.state.database.sessions.begin() as one:
        await revoke_key(one, key_id=key.split("_")[2], now=clock())
    clock.move(seconds=30)  # type: ignore[attr-defined]  # the tests' clock can be moved
    answer = await client.get(FIGURES, headers=bearer(key))
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key-refused")
    assert "revoked" in answer.json()["detail"]


async def test_the_next_key_works_before_the_last_one_ends(
    client: AsyncClient, make_key: MakeKey
) -> None:
    first = await make_key(Scope.stats_read, client="partner")
    second = await make_key(client="partner")
    for key in (first, second):
        assert (await client.get(FIGURES, headers=bearer(key))).status_code == 200
