"""A cursor works for whom it was made, on the list it was made for."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.requests import Request

from app.kit.paging import CursorRefused, decode_cursor, encode_cursor, next_link

SECRET = b"s" * 32


class Filters(BaseModel):
    """Some filters, as a model that also holds the page."""

    service: list[str] = []
    status: str | None = None
    cursor: str | None = None
    limit: int = 50


class OtherFilters(Filters):
    """The same filters, of another list."""


FILTERS = Filters(service=["education"], status="closed")

positions = st.lists(st.one_of(st.integers(), st.text(), st.none()), max_size=4)


@given(positions)
def test_a_cursor_gives_back_its_position(position: list[str | int | None]) -> None:
    cursor = encode_cursor(SECRET, position, client="a", filters=FILTERS)
    assert decode_cursor(SECRET, cursor, client="a", filters=FILTERS) == tuple(position)


def test_no_cursor_is_no_position() -> None:
    assert decode_cursor(SECRET, None, client="a", filters=FILTERS) is None


@given(st.text(max_size=80))
def test_an_invented_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorRefused):
        decode_cursor(SECRET, cursor, client="a", filters=FILTERS)


@pytest.mark.parametrize(
    ("secret", "client", "filters"),
    [
        (b"t" * 32, "a", FILTERS),
        (SECRET, "b", FILTERS),
        (SECRET, "a", FILTERS.model_copy(update={"status": "open"})),
        (SECRET, "a", Filters()),
        (SECRET, "a", OtherFilters(**FILTERS.model_dump())),
    ],
)
def test_a_cursor_is_for_one_caller_and_one_list(
    secret: bytes, client: str, filters: Filters
) -> None:
    cursor = encode_cursor(SECRET, [1], client="a", filters=FILTERS)
    with pytest.raises(CursorRefused):
        decode_cursor(secret, cursor, client=client, filters=filters)


def test_a_cursor_with_another_position_is_refused() -> None:
    cursor = encode_cursor(SECRET, [1], client="a", filters=Filters())
    forged = urlsafe_b64encode(b"x" * 16 + b"[2]").decode()
    assert len(cursor) == len(forged.rstrip("="))
    with pytest.raises(CursorRefused):
        decode_cursor(SECRET, forged, client="a", filters=Filters())


def test_the_size_of_the_page_may_change_on_the_way() -> None:
    cursor = encode_cursor(SECRET, [1], client="a", filters=Filters(service=["x"], limit=10))
    asked = Filters(service=["x"], limit=20, cursor=cursor)
    assert decode_cursor(SECRET, cursor, client="a", filters=asked) == (1,)


def test_the_link_to_the_next_page_keeps_what_was_asked() -> None:
    request = Request({
        "type": "http",
        "path": "/v1/some list",
        "query_string": b"service=a%26b&service=c&cursor=old",
        "headers": [],
    })  # fmt: skip
    link = next_link(request, "new")
    assert link == '</v1/some%20list?service=a%26b&service=c&cursor=new>; rel="next"'
