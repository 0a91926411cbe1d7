"""The report's sentences, held against what the source report said in numbers."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.demo import paper
from tests.reports.statements import NOT_CARRIED, Statement, statements
from tests.stats.demonstration import Reader

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]

STATEMENTS = tuple(statements())
LEAST = 90  # per cent of what the recorded data can carry


@pytest.fixture(scope="module")
async def said(reader: Reader) -> Mapping[str, list[str]]:
    """What the report says of each figure: its sentences and its notes."""
    report: Any = await reader.get(f"/v1/reports/annual/{paper.YEAR}", service=list(paper.BOTH))
    return {
        one["figure"]: [*one["sentences"], *one["notes"]]
        for section in report["sections"]
        for one in section["exhibits"]
    }


def carried(statement: Statement, said: Mapping[str, list[str]]) -> bool:
    return any(
        all(words in sentence for words in statement.words) for sentence in said[statement.figure]
    )


async def test_nine_in_ten_of_the_papers_statements_are_said(said: Mapping[str, list[str]]) -> None:
    missing = [one for one in STATEMENTS if not carried(one, said)]
    assert len(STATEMENTS) > 60
    assert 100 * len(missing) <= (100 - LEAST) * len(STATEMENTS), missing
    assert missing == []  # all of them are, at present


@pytest.mark.parametrize(("words"), [words for *_, words in NOT_CARRIED])
async def test_what_the_numbers_do_not_carry_is_not_said(
    said: Mapping[str, list[str]], words: str
) -> None:
    assert [one for some in said.values() for one in some if words in one] == []
