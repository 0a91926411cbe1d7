"""Text that can be kept comes in, and days as they are written, and no other."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.kit.text import Code, Day, Line, Prose, storable

CODE, LINE, PROSE = TypeAdapter(Code), TypeAdapter(Line), TypeAdapter(Prose)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_whole_characters_are_storable(text: str) -> None:
    assert storable(text).encode() == text.encode()


@given(st.text(), st.sampled_from(["\x00", "\ud800", "\udfff"]), st.text())
def test_nul_and_half_a_character_are_not(before: str, bad: str, after: str) -> None:
    with pytest.raises(ValueError, match="text may not hold"):
        storable(before + bad + after)
    for adapter in (LINE, PROSE):
        with pytest.raises(ValidationError):
            adapter.validate_python(before + bad + after)


@pytest.mark.parametrize("code", ["a", "no-team", "contact_us", "stage-2", "a" * 64])
def test_codes(code: str) -> None:
    assert CODE.validate_python(code) == code


@pytest.mark.parametrize(
    "code", ["", "-a", "a-", "a--b", "A", "a b", "é", "a" * 65, "a\n", "a\x00"]
)
def test_what_is_no_code(code: str) -> None:
    with pytest.raises(ValidationError):
        CODE.validate_python(code)


@pytest.mark.parametrize(("adapter", "most"), [(LINE, 200), (PROSE, 20_000)])
def test_text_is_trimmed_and_bounded(adapter: TypeAdapter[str], most: int) -> None:
    assert adapter.validate_python("  x\t") == "x"
    assert adapter.validate_python("é" * most) == "é" * most
    for bad in ("", "   ", "x" * (most + 1)):
        with pytest.raises(ValidationError):
            adapter.validate_python(bad)


def test_days() -> None:
    adapter: TypeAdapter[date] = TypeAdapter(Day)
    assert adapter.validate_python("2026-10-01") == date(2026, 10, 1)
    assert adapter.validate_json('"2026-10-01"') == date(2026, 10, 1)
    assert adapter.validate_python(date(2026, 10, 1)) == date(2026, 10, 1)


@pytest.mark.parametrize(
    "day",
    [
        0,
        1.5,
        True,
        "0",
        "1790812800",
        "2026-10-01T00:00:00",
        "2026-13-01",
        "2026-1-1",
        "",
        None,
        datetime(2026, 10, 1, tzinfo=UTC),
    ],
)
def test_what_is_no_day(day: object) -> None:
    adapter: TypeAdapter[date] = TypeAdapter(Day)
    with pytest.raises(ValidationError):
        adapter.validate_python(day)
