"""The rehearsals of operations, as they stand in the handbook. They print how far they are."""

from collections import Counter

import pytest

from tests.drills import restore, upgrade
from tests.drills.cluster import site

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
CASES = 5000


async def test_a_restore_to_a_chosen_second_has_everything_acknowledged_before_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with capsys.disabled(), site() as place:
        wrong = await restore.rehearse(place, CASES)
    assert wrong == Counter()


async def test_nobody_notices_an_upgrade(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled(), site() as place:
        wrong = await upgrade.upgrade(place)
    assert wrong == []


async def test_a_migration_that_holds_a_table_is_noticed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with capsys.disabled(), site() as place:
        wrong = await upgrade.careless(place)
    assert any("not what was asked for" in words or "503" in words for words in wrong)
