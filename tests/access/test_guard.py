"""Who is let in, what they must say about themselves, and what they are told."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel

from app.access.guard import CaseReader, CaseTriage, Receiver, Router
from app.access.principal import Scope
from app.kit.clock import Clock
from app.kit.idempotency import RequiredKey
from app.kit.settings import Settings
from app.main import build

MakeKey = Callable[..., Awaitable[str]]
DOOR = "/v1/door"


class Body(BaseModel):
    """A body that nothing sent here fits."""

    wanted: int


@pytest.fixture
async def guests(app: FastAPI, settings: Settings, clock: Clock) -> AsyncIterator[AsyncClient]:
    """A service with one door for each thing that is asked of guests."""
    router = Router(prefix=DOOR)

    @router.get("")
    async def see(by: CaseReader) -> dict[str, object]:
        return {"client": by.client, "officer": by.officer, "services": sorted(by.services or [])}

    @router.post("")
    async def change(by: CaseTriage) -> dict[str, object]:
        return {"client": by.client, "officer": by.officer}

    @router.post("/strict")
    async def strict(key: RequiredKey, body: Body, by: CaseTriage) -> dict[str, str]:
        return {}

    @router.post("/either")
    async def either(by: Receiver) -> dict[str, object]:
        return {"officer": by.officer}

    @router.get("/both")
    async def both(by: CaseReader, also: CaseTriage) -> dict[str, bool]:
        return {"same": by == also}

    one = build([router], settings=settings, clock=clock)
    transport = ASGITransport(one)
    async with (
        one.router.lifespan_context(one),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} | {
        name.replace("_", "-"): value for name, value in more.items()
    }


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic Y2Y6eA==", "Bearer cf_live_x", "Bearer x y", "cf_live_x"],
)
async def test_what_is_no_bearer_key_is_refused(guests: AsyncClient, authorization: str) -> None:
    answer = await guests.get(DOOR, headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key-refused")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_two_keys_at_once_are_refused(guests: AsyncClient, make_key: MakeKey) -> None:
    key = await make_key(Scope.case_read)
    two = [("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")]
    assert (await guests.get(DOOR, headers=two)).status_code == 401


async def test_the_scheme_may_be_written_in_any_case(
    guests: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(Scope.case_read)
    answer = await guests.get(DOOR, headers={"Authorization": f"bearer {key}"})
    assert answer.status_code == 200


async def test_a_stranger_is_refused_before_anything_of_the_request_is_judged(
    guests: AsyncClient, make_key: MakeKey
) -> None:
    address = f"{DOOR}/strict?unknown=1"
    stranger = await guests.post(address, content=b"{not json")
    key = await make_key(Scope.case_read)
    guest = await guests.post(address, content=b"{not json", headers=bearer(key))
    assert (stranger.status_code, guest.status_code) == (401, 403)


async def test_a_refused_guest_is_told_which_scope_it_takes(
    guests: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(*(set(Scope) - {Scope.case_read}))
    answer = await guests.get(DOOR, headers=bearer(key))
    assert answer.status_code == 403
    assert answer.json()["scopes"] == ["case:read"]


async def test_where_either_scope_will_do_either_does(
    guests: AsyncClient, make_key: MakeKey
) -> None:
    portal = await make_key(Scope.feedback_submit)
    centre = await make_key(Scope.feedback_log)
    assert (await guests.post(f"{DOOR}/either", headers=bearer(portal))).json() == {"officer": None}
    answer = await guests.post(f"{DOOR}/either", headers=bearer(centre, Acting_Officer="jo.b"))
    assert answer.json() == {"officer": "jo.b"}


async def test_where_two_scopes_are_asked_for_one_is_not_enough(
    guests: AsyncClient, make_key: MakeKey
) -> None:
    one = await make_key(Scope.case_read)
    two = await make_key(Scope.case_read, Scope.case_triage)
    assert (await guests.get(f"{DOOR}/both", headers=bearer(one))).status_code == 403
    assert (await guests.get(f"{DOOR}/both", headers=bearer(two))).json() == {"same": True}


async def test_staff_must_say_who_acts_when_they_change_something(
    guests: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(Scope.case_triage)
    nameless = await guests.post(DOOR, headers=bearer(key))
    named = await guests.post(DOOR, headers=bearer(key, Acting_Officer="jo.bloggs-7"))
    assert (nameless.status_code, nameless.json()["type"]) == (
        400,
        "/problems/acting-officer-missing",
    )
    assert named.json()["officer"] == "jo.bloggs-7"


async def test_staff_who_only_read_need_not_say_who_they_are(
    guests: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(Scope.case_read, client="readers-anonymous", services=["education"])
    answer = await guests.get(DOOR, headers=bearer(key))
    assert answer.json() == {
        "client": "readers-anonymous",
        "officer": None,
        "services": ["education"],
    }


@pytest.mark.parametrize("officer", ["", "jo bloggs", "jo@council", "x" * 65, "jo;drop"])
async def test_an_officer_is_named_by_a_staff_id(
    guests: AsyncClient, make_key: MakeKey, officer: str
) -> None:
    key = await make_key(Scope.case_read)
    answer = await guests.get(DOOR, headers=bearer(key, Acting_Officer=officer))
    assert (answer.status_code, answer.json()["type"]) == (
        400,
        "/problems/acting-officer-malformed",
    )


async def test_the_description_tells_the_scopes_and_the_officer(guests: AsyncClient) -> None:
    document = (await guests.get("/openapi.json")).json()
    paths = document["paths"]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert paths[DOOR]["get"]["security"] == [{"key": ["case:read"]}]
    assert paths[f"{DOOR}/either"]["post"]["security"] == [
        {"key": ["feedback:submit"]},
        {"key": ["feedback:log"]},
    ]
    assert paths[f"{DOOR}/both"]["get"]["security"] == [{"key": ["case:read", "case:triage"]}]
    officers = {
        path: parameter["required"]
        for path in (DOOR, f"{DOOR}/either")
        for parameter in paths[path]["post"]["parameters"]
        if parameter["name"] == "Acting-Officer"
    }
    assert officers == {DOOR: True, f"{DOOR}/either": False}
