"""How keys look, and that invented ones cost nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.keys import may_be_ours, new_key, parsed, secret_hash

PEPPER = b"p" * 40


def test_a_key_says_its_environment_and_id_and_holds_256_bits() -> None:
    key = new_key("live", pepper=PEPPER)
    assert re.fullmatch(r"cf_live_[a-z2-7]{16}_[A-Za-z0-9_-]{43}", str(key))
    assert parsed(str(key)) is not None
    assert str(parsed(str(key))) == str(key)


def test_no_two_keys_are_alike() -> None:
    keys = [new_key("live", pepper=PEPPER) for _ in range(100)]
    assert len({key.id for key in keys}) == len({key.secret for key in keys}) == 100


def test_a_key_does_not_show_its_secret_by_accident() -> None:
    key = new_key("live", pepper=PEPPER)
    assert key.secret not in repr(key)
    assert key.secret not in repr([key])


def test_an_id_can_only_be_made_with_the_pepper() -> None:
    key = new_key("live", pepper=PEPPER)
    assert may_be_ours(key.id, pepper=PEPPER)
    assert not may_be_ours(key.id, pepper=b"q" * 40)


@given(st.from_regex(r"[a-z2-7]{16}", fullmatch=True))
def test_an_invented_id_is_known_for_what_it_is(key_id: str) -> None:
    assert not may_be_ours(key_id, pepper=PEPPER)


@given(st.text())
def test_text_that_is_no_key_is_no_key(text: str) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cf_live",
        "cf_live_aaaaaaaaaaaaaaaa_",
        "cf_LIVE_aaaaaaaaaaaaaaaa_" + "a" * 43,
        "cf_live_aaaaaaaaaaaaaaa1_" + "a" * 43,
        "cf_live_aaaaaaaaaaaaaaaa_" + "a" * 44,
        "cf_live_aaaaaaaaaaaaaaaa_" + "a" * 43 + "\n",
        "cf_live_aaaaaaaaaaaaaaaa_" + "é" * 43,
    ],
)
def test_nearly_a_key_is_no_key(text: str) -> None:
    assert parsed(text) is None


def test_what_is_kept_of_a_secret_depends_on_the_pepper() -> None:
    assert secret_hash("a" * 43, pepper=PEPPER) != secret_hash("a" * 43, pepper=b"q" * 40)
    assert len(secret_hash("a" * 43, pepper=PEPPER)) == 32
