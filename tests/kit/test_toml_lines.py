"""Where the keys and elements of a TOML document stand."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.toml_lines import Path, lines_of, nearest_line

DOCUMENT = r'''# a comment with = and [brackets]
a = [[1, 2],
     [3,   # not ] an end

      4]]
b.c = { x = [1], y.z = "}\"" }
"quoted key" = 'single ]'

[table]
"k k" = """
several [lines]
a = 1
"""
when = 2024-01-01 10:00:00.5
literal = ''' + "'''\n= ]\n'''" + r"""

[[shelf.book]]
title = "one"
[shelf.book.author]
name = "A"
[[shelf.book]]
title = "two"
pages = [ ]
"""  # fmt: skip

LINES: list[tuple[Path, int]] = [
    (("a",), 2),
    (("a", 0), 2),
    (("a", 0, 1), 2),
    (("a", 1), 3),
    (("a", 1, 1), 5),
    (("b", "c"), 6),
    (("b", "c", "x", 0), 6),
    (("b", "c", "y", "z"), 6),
    (("quoted key",), 7),
    (("table",), 9),
    (("table", "k k"), 10),
    (("table", "when"), 14),
    (("table", "literal"), 15),
    (("shelf", "book", 0), 19),
    (("shelf", "book", 0, "title"), 20),
    (("shelf", "book", 0, "author"), 21),
    (("shelf", "book", 0, "author", "name"), 22),
    (("shelf", "book", 1), 23),
    (("shelf", "book", 1, "pages"), 25),
]


@pytest.mark.parametrize(("path", "line"), LINES)
def test_a_line_is_found(path: Path, line: int) -> None:
    assert lines_of(DOCUMENT)[path] == line


def test_windows_line_ends_count_once() -> None:
    assert lines_of("a = 1\r\nb = [\r\n 2,\r\n]\r\n") == {("a",): 1, ("b",): 2, ("b", 0): 3}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("shelf", "book", 1, "title", "x"), 24),
        (("shelf", "book", 1, "missing"), 23),
        (("nowhere", 3), 1),
        ((), 1),
    ],
)
def test_what_has_no_line_takes_that_of_what_is_around_it(path: Path, line: int) -> None:
    assert nearest_line(lines_of(DOCUMENT), path) == line


# Documents of any shape: the scanner knows every leaf that the standard library reads.

KEYS = st.text("abc-_1", min_size=1, max_size=3)
SCALARS = st.sampled_from(['"text"', "'= ] }'", "1", "true", "2024-01-01", '"\\""', "1.5e3"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ",\n ".join(items) + "]")
        | st.dictionaries(KEYS, inner.filter(lambda text: "\n" not in text), max_size=2).map(
            lambda pairs: "{" + ", ".join(f"{k} = {v}" for k, v in pairs.items()) + "}"
        )
    ),
    max_leaves=6,
)
TABLES = st.lists(
    st.tuples(st.sampled_from(["[[t]]", "[[t.u]]", "[[s]]"]), st.dictionaries(KEYS, VALUES))
)


def leaves(value: Any, path: Path = ()) -> list[Path]:
    if isinstance(value, dict) and value:
        return [found for key, inner in value.items() for found in leaves(inner, (*path, key))]
    if isinstance(value, list) and value:
        return [found for n, inner in enumerate(value) for found in leaves(inner, (*path, n))]
    return [path]


@given(TABLES)
def test_every_leaf_of_any_document_has_a_line(
    tables: list[tuple[str, dict[str, str]]],
) -> None:
    text = "[[t]]\n" + "".join(
        f"{header}\n" + "".join(f"{key} = {value}\n" for key, value in pairs.items())
        for header, pairs in tables
    )
    lines = lines_of(text)
    for path in leaves(tomllib.loads(text)):
        assert path in lines
        last = next(step for step in reversed(path) if isinstance(step, str))
        if path[-1] == last:
            assert str(last) in text.splitlines()[lines[path] - 1] or path == ("t", 0)
