"""Broken on purpose: every kind of work shares one room."""

from starlette.types import Scope

from app import main

_lane_of = main._lane_of


def lane_of(scope: Scope) -> str | None:
    return _lane_of(scope) and "work"


vars(main)["_lane_of"] = lane_of
