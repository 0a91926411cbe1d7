"""Loading a council's file into the database, again and again, without losing what cases need."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from app.procedures.commands import LoadedDataMissing, load_council
from app.procedures.council_file import BadCouncilFile, as_reference, read_council
from app.procedures.queries import FRESH_SECONDS, NoCouncil, ReferenceCache, load_reference
from app.procedures.reference import ReferenceData


@pytest.fixture
async def bare(session: AsyncSession) -> AsyncSession:
    """A transaction, never committed, in which no council is loaded."""
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    for model in SQLModel.__subclasses__():
        if model.__module__ in {"app.organisation.models", "app.procedures.models"}:
            await session.execute(delete(model))
    await session.execute(text("SET LOCAL session_replication_role = origin"))
    return session


@pytest.fixture
async def engine(new_database: Callable[[], Awaitable[str]]) -> AsyncIterator[AsyncEngine]:
    """A database with the demonstration council that the test may change for good."""
    url = (await new_database()).replace("postgresql:", "postgresql+asyncpg:", 1)
    one = create_async_engine(url, poolclass=NullPool)
    yield one
    await one.dispose()


async def test_what_is_loaded_is_what_the_file_says(
    session: AsyncSession, demonstration: ReferenceData
) -> None:
    loaded = await load_reference(session)
    assert loaded == replace(demonstration, version=loaded.version)


async def test_loading_the_same_file_again_changes_nothing(
    session: AsyncSession, demonstration_text: str
) -> None:
    before = await load_reference(session)
    again = await load_council(session, demonstration_text)
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert again.version == before.version
    assert await load_reference(session) == before


async def test_another_council_loads_from_its_file_alone(
    bare: AsyncSession, another_text: str, another: ReferenceData
) -> None:
    loaded = await load_council(bare, another_text)
    assert loaded.version == 1
    assert loaded.anything
    assert await load_reference(bare) == replace(another, version=1)


async def test_before_a_council_is_loaded_its_rules_cannot_be_asked(bare: AsyncSession) -> None:
    with pytest.raises(NoCouncil) as refused:
        await load_reference(bare)
    assert refused.value.status == 503
    assert "council load" in refused.value.detail


async def test_a_changed_limit_is_loaded_and_counted(
    session: AsyncSession, demonstration_text: str
) -> None:
    before = await load_reference(session)
    later = demonstration_text.replace("acknowledge_within = 3", "acknowledge_within = 2")
    loaded = await load_council(session, later)
    assert (loaded.added, loaded.changed, loaded.removed) == (0, 1, 0)
    assert loaded.version == before.version + 1
    assert (await load_reference(session)).acknowledge_within == 2


async def test_a_code_can_be_ended_but_never_left_out(
    session: AsyncSession, demonstration_text: str
) -> None:
    policy = 'slug = "policy"\nname = "Policy"\n'
    ended = demonstration_text.replace(policy, f"{policy}until = 2026-01-01\n")
    assert (await load_council(session, ended)).changed == 1
    council = await load_reference(session)
    assert council.category("policy", date(2025, 12, 31)).name == "Policy"

    without = demonstration_text.replace('slug = "policy"', 'slug = "policies"')
    with pytest.raises(LoadedDataMissing) as refused:
        await load_council(session, without)
    assert refused.value.conflicts == ["category policy"]
    assert refused.value.status == 409


async def test_everything_that_a_file_leaves_out_is_named_at_once(
    session: AsyncSession, another_text: str
) -> None:
    with pytest.raises(LoadedDataMissing) as refused:
        await load_council(session, another_text)
    named = set(refused.value.conflicts)
    assert {
        "directorate resources",
        "service education",
        "team sendar",
        "source_system contact_us",
        "category policy",
        "remedy_kind explanation",
        "procedure corporate",
        "procedure_version corporate 2024-02-15",
        "procedure_stage corporate 2024-02-15 2",
    } <= named


async def test_where_a_team_belongs_can_be_corrected(
    session: AsyncSession, demonstration_text: str
) -> None:
    there = "until = 2022-04-01 },"
    moved = demonstration_text.replace(there, "until = 2021-04-01 },").replace(
        '"education", since = 2022-04-01', '"education", since = 2021-04-01'
    )
    loaded = await load_council(session, moved)
    assert (loaded.added, loaded.changed, loaded.removed) == (1, 1, 1)
    council = await load_reference(session)
    assert council.team_on("school-admissions", date(2021, 6, 1)) == "education"


async def test_a_changed_list_of_bank_holidays_needs_a_new_version(
    session: AsyncSession, demonstration_text: str
) -> None:
    extra = demonstration_text + '2028-07-03 = "A day proclaimed late"\n'
    with pytest.raises(LoadedDataMissing) as refused:
        await load_council(session, extra)
    assert refused.value.conflicts == ["calendar_version england-and-wales-to-2028"]

    await load_council(session, extra.replace('-to-2028"', '-to-2028-second"'))
    council = await load_reference(session)
    late, first = date(2028, 7, 3), council.calendar_of("england-and-wales-to-2028")
    assert council.calendar.version == "england-and-wales-to-2028-second"
    assert not council.calendar.is_working(late)
    assert first.is_working(late)


async def test_an_earlier_list_of_bank_holidays_can_be_put_back_in_force(
    session: AsyncSession, demonstration_text: str
) -> None:
    second = demonstration_text.replace('-to-2028"', '-to-2028-second"')
    newer = await load_council(session, second)
    back = await load_council(session, demonstration_text)
    assert (back.added, back.changed, back.removed) == (0, 0, 0)
    assert back.version == newer.version + 1
    council = await load_reference(session)
    assert council.calendar.version == "england-and-wales-to-2028"


async def test_a_bad_file_changes_nothing(session: AsyncSession, demonstration_text: str) -> None:
    before = await load_reference(session)
    bad = demonstration_text.replace("acknowledge_within = 3", "acknowledge_within = 0")
    with pytest.raises(BadCouncilFile):
        await load_council(session, bad.replace('name = "Education"', 'name = "Schools"'))
    assert await load_reference(session) == before


async def test_two_loads_at_once_take_their_turns(
    engine: AsyncEngine, demonstration_text: str
) -> None:
    text_of_both = demonstration_text.replace("acknowledge_within = 3", "acknowledge_within = 2")

    async def load() -> int:
        async with AsyncSession(engine) as session, session.begin():
            return (await load_council(session, text_of_both)).version

    first, second = await asyncio.gather(load(), load())
    assert first == second


async def test_a_process_hears_of_a_new_load_within_seconds(
    engine: AsyncEngine, demonstration_text: str
) -> None:
    now = [0.0]
    cache = ReferenceCache(async_sessionmaker(engine), seconds=lambda: now[0])
    before = await cache.get()
    async with AsyncSession(engine) as session, session.begin():
        await load_council(
            session, demonstration_text.replace("acknowledge_within = 3", "acknowledge_within = 2")
        )
    now[0] = FRESH_SECONDS - 0.1
    assert await cache.get() is before
    now[0] = FRESH_SECONDS
    after = await cache.get()
    assert after.acknowledge_within == 2
    now[0] = 2 * FRESH_SECONDS
    assert await cache.get() is after


async def test_requests_that_ask_together_read_the_database_once(engine: AsyncEngine) -> None:
    cache = ReferenceCache(async_sessionmaker(engine))
    answers = await asyncio.gather(*(cache.get() for _ in range(5)))
    assert all(answer is answers[0] for answer in answers)


def test_a_file_needs_no_database_to_be_asked(demonstration_text: str) -> None:
    council = as_reference(read_council(demonstration_text), version=7)
    assert council.version == 7
    assert council.acknowledge_by(date(2023, 12, 22)) == date(2023, 12, 29)
