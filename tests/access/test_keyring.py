"""The ring of keys each process keeps: it is fresh enough, and cannot be made to ask or to grow."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.access.keys import Key, new_key, secret_hash
from app.access.principal import Principal, Scope
from app.access.queries import HeldKey, KeyRing, Ring
from app.kit.problem import Unavailable

PEPPER = b"p" * 40
START = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


class Store:
    """A table of keys that counts how often it is read, and may be out of order."""

    def __init__(self) -> None:
        self.keys: dict[str, HeldKey] = {}
        self.reads = 0
        self.fails = False
        self.now = START
        self.ring = KeyRing(self.load, env="live", pepper=PEPPER, clock=lambda: self.now)

    async def load(self) -> Ring:
        self.reads += 1
        await asyncio.sleep(0)
        if self.fails:
            raise Unavailable("not now")
        return dict(self.keys)

    def issue(self, env: str = "live") -> Key:
        key = new_key(env, pepper=PEPPER)
        self.keys[key.id] = HeldKey(
            secret_hash=secret_hash(key.secret, pepper=PEPPER),
            expires_at=self.now + timedelta(days=1),
            revoked_at=None,
            principal=Principal("portal", frozenset({Scope.feedback_submit})),
        )
        return key

    def revoke(self, key: Key) -> None:
        held = self.keys[key.id]
        self.keys[key.id] = HeldKey(held.secret_hash, held.expires_at, self.now, held.principal)

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def store() -> Store:
    return Store()


async def test_a_common_request_asks_no_database(store: Store) -> None:
    key = str(store.issue())
    for _ in range(100):
        held = await store.ring.holder(key)
        assert held is not None
        assert held.principal.client == "portal"
    assert store.reads == 1


async def test_a_revoked_key_is_known_as_such_within_30_seconds(store: Store) -> None:
    key = store.issue()
    await store.ring.holder(str(key))
    store.pass_time(seconds=14)
    store.revoke(key)
    store.pass_time(seconds=16)
    held = await store.ring.holder(str(key))
    assert held is not None
    assert held.revoked_at is not None


async def test_a_revoked_key_is_not_trusted_for_30_seconds_while_the_database_is_away(
    store: Store,
) -> None:
    key = store.issue()
    await store.ring.holder(str(key))
    store.fails = True
    store.pass_time(seconds=24)
    assert await store.ring.holder(str(key)) is not None
    store.pass_time(seconds=6)
    with pytest.raises(Unavailable):
        await store.ring.holder(str(key))


async def test_a_key_is_good_as_soon_as_it_is_made(store: Store) -> None:
    await store.ring.holder(str(store.issue()))
    assert await store.ring.holder(str(store.issue())) is not None


async def test_invented_keys_ask_the_database_for_nothing_and_are_not_remembered(
    store: Store,
) -> None:
    await store.ring.holder(str(store.issue()))
    for _ in range(1_000):
        invented = new_key("live", pepper=b"guessed" * 8)
        assert await store.ring.holder(str(invented)) is None
    assert store.reads == 1
    assert len(store.ring._strangers) == 0


async def test_a_key_deleted_from_the_database_is_asked_for_once(store: Store) -> None:
    gone = new_key("live", pepper=PEPPER)
    for _ in range(10):
        assert await store.ring.holder(str(gone)) is None
    assert store.reads == 2


async def test_the_memory_for_deleted_keys_is_bounded(store: Store) -> None:
    for _ in range(1_100):
        await store.ring.holder(str(new_key("live", pepper=PEPPER)))
    assert len(store.ring._strangers) == 1_024


async def test_a_key_made_while_the_database_was_away_is_not_forgotten(store: Store) -> None:
    await store.ring.holder(str(store.issue()))
    late = store.issue()
    store.fails = True
    assert await store.ring.holder(str(late)) is None
    store.fails = False
    store.ring._failed_at = float("-inf")
    assert await store.ring.holder(str(late)) is not None


async def test_many_callers_at_once_read_the_keys_once(store: Store) -> None:
    key = str(store.issue())
    held = await asyncio.gather(*(store.ring.holder(key) for _ in range(50)))
    assert all(held)
    assert store.reads == 1


async def test_callers_do_not_queue_for_a_database_that_has_just_failed(store: Store) -> None:
    store.fails = True
    key = str(store.issue())
    answers = await asyncio.gather(
        *(store.ring.holder(key) for _ in range(50)), return_exceptions=True
    )
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert store.reads == 1


async def test_the_right_id_with_another_secret_opens_nothing(store: Store) -> None:
    key = store.issue()
    forged = Key(env=key.env, id=key.id, secret="x" * 43)
    assert await store.ring.holder(str(forged)) is None


async def test_a_key_of_another_environment_opens_nothing(store: Store) -> None:
    assert await store.ring.holder(str(store.issue(env="demo"))) is None


async def test_a_clock_set_back_does_not_keep_an_old_ring(store: Store) -> None:
    key = store.issue()
    await store.ring.holder(str(key))
    store.revoke(key)
    store.pass_time(hours=-1)
    held = await store.ring.holder(str(key))
    assert held is not None
    assert held.revoked_at is not None
