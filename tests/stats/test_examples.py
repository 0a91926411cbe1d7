"""Every figure counts its worked example as it was counted by hand."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest

from app.stats.catalogue import FIGURES
from tests.stats.reconciliation import disagreements
from tests.stats.tables import Ask, Connection, Example, put, read

EXAMPLES = {
    figure.slug: import_module(f"tests.stats.examples.{figure.slug.replace('-', '_')}").EXAMPLE
    for figure in FIGURES
}


@pytest.mark.parametrize("slug", EXAMPLES)
async def test_a_figure_counts_as_its_example_was_counted_by_hand(
    slug: str, database: Connection, ask: Ask
) -> None:
    example: Example = EXAMPLES[slug]
    await put(database, example)
    answer = await ask(slug, **example.asked)
    assert _counting(answer["rows"], example.rows) == read(example.rows)
    left_out = [line for line in answer["left_out"] if line["count"]]
    expected = read(example.left_out) if example.left_out else []
    assert _seen(left_out, expected) == expected
    assert tuple(answer["notes"]) == example.notes
    assert list(disagreements(answer)) == []


def _counting(rows: list[Mapping[str, Any]], table: str) -> list[dict[str, str | None]]:
    """The rows that the table lists, and any other that counts something."""
    expected = read(table)
    keys = [name for name in expected[0] if name in rows[0] and not _measures(name)]
    listed = [[line[name] for name in keys] for line in expected]
    shown = [row for row in rows if row["count"] or [_text(row[name]) for name in keys] in listed]
    return _seen(shown, expected)


def _seen(
    lines: list[Mapping[str, Any]], expected: list[dict[str, str | None]]
) -> list[dict[str, str | None]]:
    names = list(expected[0]) if expected else ["count"]
    return [{name: _text(line[name]) for name in names} for line in lines]


def _measures(name: str) -> bool:
    return name == "count" or name.startswith(("percent", "denominator"))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
