"""Nobody can fill in what is withheld from a table, whatever its numbers are."""

from collections.abc import Collection, Mapping
from itertools import chain, permutations
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.suppression import Sum, withheld
from tests.stats.attack import Name, Sums, recoverable

BELOW = 5
Numbers: TypeAlias = dict[Name, int]
Drawn: TypeAlias = tuple[Numbers, Sums]

settings.register_profile("suppression", max_examples=60, deadline=None)
HOW = settings.get_profile("suppression")
NUMBERS = st.one_of(st.integers(0, 9), st.integers(0, 60))


def _gaps(
    numbers: Mapping[Name, int], sums: Sums, below: int = BELOW, untold: Collection[Name] = ()
) -> frozenset[Name]:
    told = [Sum(tuple(parts), whole) for parts, whole in sums]
    return withheld(numbers, told, below=below, untold=untold)


def _small(numbers: Mapping[Name, int], below: int = BELOW) -> set[Name]:
    return {name for name, number in numbers.items() if 0 < number < below}


@st.composite
def lists(draw: st.DrawFn) -> Drawn:
    """Parts of one whole."""
    numbers: Numbers = dict(enumerate(draw(st.lists(NUMBERS, min_size=1, max_size=7))))
    parts = list(numbers)
    return {**numbers, "all": sum(numbers.values())}, [(parts, "all")]


@st.composite
def grids(draw: st.DrawFn) -> Drawn:
    """Rows by columns, with the sums of each and of all."""
    height, width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    numbers: Numbers = {(y, x): draw(NUMBERS) for y in range(height) for x in range(width)}
    rows: dict[Name, list[Name]] = {
        ("row", y): [(y, x) for x in range(width)] for y in range(height)
    }
    columns: dict[Name, list[Name]] = {
        ("column", x): [(y, x) for y in range(height)] for x in range(width)
    }
    sums: list[tuple[list[Name], Name]] = [
        *((parts, whole) for whole, parts in (rows | columns).items()),
        (list(rows), "all"),
        (list(columns), "all"),
    ]
    return _summed(numbers, sums), sums


@st.composite
def linked(draw: st.DrawFn) -> Drawn:
    """The same whole by three cuts, and a part of it that is a whole by itself."""
    inner: Numbers = {("inner", at): draw(NUMBERS) for at in range(draw(st.integers(1, 3)))}
    total = sum(inner.values())
    others: Numbers = {("other", at): draw(NUMBERS) for at in range(draw(st.integers(1, 2)))}
    total += sum(others.values())
    numbers: Numbers = {**inner, **others}
    sums: list[tuple[list[Name], Name]] = [
        (list(inner), "inner"),
        (["inner", *others], "all"),
    ]
    for cut in ("by month", "by team"):
        marks = sorted(draw(st.lists(st.integers(0, total), max_size=2)))
        ends = [0, *marks, total]
        parts = {(cut, at): ends[at + 1] - ends[at] for at in range(len(ends) - 1)}
        numbers |= parts
        sums.append((list(parts), "all"))
    return _summed(numbers, sums), sums


def _summed(numbers: Numbers, sums: Sums) -> Numbers:
    found = dict(numbers)
    for parts, whole in sums:
        found[whole] = sum(found[name] for name in parts)
    return found


ALL_TABLES = st.one_of(lists(), grids(), linked())


@HOW
@given(ALL_TABLES)
def test_every_small_number_is_withheld_and_no_nought_is(drawn: Drawn) -> None:
    numbers, sums = drawn
    gaps = _gaps(numbers, sums)
    assert _small(numbers) <= gaps
    assert all(numbers[name] for name in gaps)


def test_how_its_sums_are_said_makes_no_difference() -> None:
    """Any of the three would hide the first; two answers must not choose otherwise."""
    numbers: Numbers = {"few": 2, "one": 7, "two": 7, "three": 7, "all": 23}
    ways = [(list(parts), "all") for parts in permutations(["few", "one", "two", "three"])]
    chosen = {_gaps(numbers, sums) for sums in ([ways[0]], *([ways[0], way] for way in ways))}
    assert len(chosen) == 1


@HOW
@given(ALL_TABLES)
def test_nobody_can_fill_in_what_is_withheld(drawn: Drawn) -> None:
    numbers, sums = drawn
    gaps = _gaps(numbers, sums)
    assert recoverable(numbers, sums, gaps) == set()


@HOW
@given(ALL_TABLES)
def test_nobody_can_even_if_told_which_numbers_are_small(drawn: Drawn) -> None:
    """Unless all that is linked is withheld, since nothing less would do."""
    numbers, sums = drawn
    gaps, small = _gaps(numbers, sums), _small(numbers)
    if gaps != {name for name, number in numbers.items() if number}:
        told = dict.fromkeys(small, BELOW - 1)
        assert not small & recoverable(numbers, sums, gaps, at_most=told)


@HOW
@given(linked())
def test_no_small_number_can_be_filled_in_though_some_are_told_nowhere(drawn: Drawn) -> None:
    numbers, sums = drawn
    untold = {"inner", ("by team", 0)}
    gaps = _gaps(numbers, sums, untold=untold)
    nowhere = gaps | {name for name in untold if numbers[name]}
    found = recoverable(numbers, sums, nowhere)
    assert not found & (_small(numbers) | (gaps - untold))


def test_what_is_told_nowhere_hides_a_number_for_nothing() -> None:
    numbers: Numbers = {"few": 2, "other": 9, "all": 11}
    sums: Sums = [(["few", "other"], "all")]
    assert _gaps(numbers, sums) == {"few", "other"}
    assert _gaps(numbers, sums, untold=["all"]) == {"few", "all"}


@pytest.mark.parametrize("drawn", [lists(), grids(), linked()], ids=["lists", "grids", "linked"])
def test_to_withhold_the_small_numbers_alone_is_not_enough(
    drawn: st.SearchStrategy[Drawn],
) -> None:
    """The attacker is one that succeeds where there is something to find."""
    caught: list[Drawn] = []

    @settings(HOW, max_examples=50, derandomize=True, database=None)
    @given(drawn)
    def attack(table: Drawn) -> None:
        numbers, sums = table
        if recoverable(numbers, sums, _small(numbers)):
            caught.append(table)

    attack()
    assert caught


def _by_row(numbers: Mapping[Name, int]) -> Sums:
    return [(list(numbers), "all")]


@pytest.mark.parametrize(
    ("numbers", "gaps"),
    [
        pytest.param({"a": 44, "b": 43, "c": 9, "d": 1}, {"d", "c"}, id="the next smallest goes"),
        pytest.param({"a": 44, "b": 2, "c": 1}, {"b", "c"}, id="two small ones hide each other"),
        pytest.param({"a": 44, "b": 1, "c": 1}, {"a", "b", "c"}, id="but not one and one"),
        pytest.param({"a": 44, "b": 9, "c": 0}, set(), id="noughts are told"),
        pytest.param({"a": 3, "b": 0}, {"a", "all"}, id="a whole that is one small part"),
        pytest.param(
            {"a": 40, "b": 5, "c": 1}, {"a", "c"}, id="five could not be less and not be small"
        ),
    ],
)
def test_what_is_withheld_of_the_parts_of_a_whole(
    numbers: dict[Name, int], gaps: set[Name]
) -> None:
    sums = _by_row(numbers)
    assert _gaps({**numbers, "all": sum(numbers.values())}, sums) == gaps


def test_the_difference_of_two_wholes_is_a_small_number_too() -> None:
    """183 complaints, 182 of them with a team."""
    numbers: Numbers = {"all": 183, "with a team": 182, "without": 1}
    gaps = _gaps(numbers, [(["with a team", "without"], "all")])
    assert gaps in ({"without", "with a team"}, {"without", "all"})


@HOW
@given(st.lists(ALL_TABLES, min_size=2, max_size=3))
def test_tables_that_share_nothing_do_not_touch_each_other(tables: list[Drawn]) -> None:
    def apart(at: int) -> Drawn:
        numbers, sums = tables[at]
        return (
            {(at, name): number for name, number in numbers.items()},
            [([(at, part) for part in parts], (at, whole)) for parts, whole in sums],
        )

    each = [apart(at) for at in range(len(tables))]
    together = {name: number for numbers, _ in each for name, number in numbers.items()}
    gaps = _gaps(together, list(chain.from_iterable(sums for _, sums in each)))
    assert gaps == {name for one in each for name in _gaps(*one)}
