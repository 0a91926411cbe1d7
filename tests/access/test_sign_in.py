"""Signing in to read drafts: what the browser is given, what that opens, and when it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI, Response
from httpx import ASGITransport, AsyncClient
from httpx import Response as Answer
from starlette.responses import PlainTextResponse

from app.access import commands, sign_in
from app.access.guard import PageRoute, Publisher, Router, StatsReader
from app.access.principal import Scope
from app.kit.settings import Mode, Settings
from app.main import build
from tests.conftest import MovableClock

MakeKey = Callable[..., Awaitable[str]]
DRAFT = "/v1/reports/annual/2023-24"
SAME_ORIGIN = {"Origin": "http://council.test", "Host": "council.test"}
PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9"}


@pytest.fixture
async def browser(
    app: FastAPI, settings: Settings, clock: MovableClock
) -> AsyncIterator[AsyncClient]:
    """A service with a page of reports, an act, and an address that is no page, and its caller."""
    pages = Router(prefix="/v1/reports", route_class=PageRoute)
    others = Router(prefix="/v1/others")

    @pages.get("/annual/{year}")
    async def read(year: str, by: StatsReader) -> Response:
        return PlainTextResponse(by.client)

    @pages.post("/annual/{year}")
    async def change(year: str, by: Publisher) -> Response:
        return PlainTextResponse(by.client)

    @others.get("")
    async def elsewhere(by: StatsReader) -> Response:
        return PlainTextResponse(by.client)

    demonstration = settings.model_copy(update={"mode": Mode.demonstration})
    one = build([pages, others, sign_in.router], settings=demonstration, clock=clock)
    one.state.settings = demonstration
    async with (
        one.router.lifespan_context(one),
        AsyncClient(transport=ASGITransport(one), base_url="http://council.test") as client,
    ):
        one.state.keyring = app.state.keyring  # whose keys are made as in production
        yield client


async def signed_in(browser: AsyncClient, key: str, to: str = DRAFT) -> Answer:
    return await browser.post("/sign-in", data={"key": key, "to": to}, headers=SAME_ORIGIN)


async def test_a_key_opens_drafts_to_the_browser_that_showed_it(
    browser: AsyncClient, make_key: MakeKey
) -> None:
    key = await make_key(Scope.stats_read)
    answer = await signed_in(browser, key)
    assert (answer.status_code, answer.headers["Location"]) == (303, DRAFT)
    said = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/v1/reports", "Max-Age=1800"} <= set(
        said.split("; ")
    )
    assert key.split("_", 3)[3] not in said
    assert (await browser.get(DRAFT, headers=PAGE)).status_code == 200


async def test_outside_the_demonstration_the_cookie_needs_tls(
    client: AsyncClient, make_key: MakeKey
) -> None:
    answer = await signed_in(client, await make_key(Scope.stats_read))
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


async def test_the_cookie_reads_reports_and_nothing_else(
    browser: AsyncClient, make_key: MakeKey
) -> None:
    await signed_in(browser, await make_key(*Scope))
    (cookie,) = browser.cookies.jar
    sent = {"Cookie": f"{cookie.name}={cookie.value}", "Acting-Officer": "p.officer"}
    browser.cookies.clear()
    assert (await browser.get(DRAFT, headers=sent)).status_code == 200
    assert (await browser.post(DRAFT, headers=sent)).status_code == 401
    assert (await browser.get("/v1/others", headers=sent)).status_code == 401


async def test_a_browser_that_is_not_signed_in_is_led_there_and_back(browser: AsyncClient) -> None:
    answer = await browser.get(f"{DRAFT}?service=education&service=x", headers=PAGE)
    assert answer.status_code == 303
    form = await browser.get(answer.headers["Location"])
    assert f'value="{DRAFT}?service=education&amp;service=x"' in form.text
    assert (await browser.get(DRAFT)).json()["type"] == "/problems/key-missing"


async def test_it_ends_after_half_an_hour(
    browser: AsyncClient, make_key: MakeKey, clock: MovableClock
) -> None:
    await signed_in(browser, await make_key(Scope.stats_read))
    clock.move(minutes=29)
    assert (await browser.get(DRAFT)).status_code == 200
    clock.move(minutes=1)
    assert (await browser.get(DRAFT)).json()["type"] == "/problems/key-refused"
    assert (await browser.get(DRAFT, headers=PAGE)).status_code == 303


async def test_it_ends_within_thirty_seconds_of_its_key(
    browser: AsyncClient, app: FastAPI, make_key: MakeKey, clock: MovableClock
) -> None:
    key = await make_key(Scope.stats_read)
    await signed_in(browser, key)
    async with app.state.database.sessions.begin() as session:
        await commands.revoke_key(session, key_id=key.split("_")[2], now=clock())
    clock.move(seconds=29)
    assert (await browser.get(DRAFT)).json()["type"] == "/problems/key-refused"


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_cookie_that_was_changed_opens_nothing(
    browser: AsyncClient, make_key: MakeKey, place: int
) -> None:
    await signed_in(browser, await make_key(Scope.stats_read))
    (cookie,) = browser.cookies.jar
    assert cookie.value is not None
    parts = cookie.value.split(".")
    other = "3" if parts[place][0] == "2" else "2"
    parts[place] = other + parts[place][1:]
    browser.cookies.clear()
    sent = {"Cookie": f"{cookie.name}={'.'.join(parts)}"}
    assert (await browser.get(DRAFT, headers=sent)).json()["type"] == "/problems/key-refused"


async def test_signing_out_forgets_it(browser: AsyncClient, make_key: MakeKey) -> None:
    await signed_in(browser, await make_key(Scope.stats_read))
    answer = await browser.post("/sign-out", headers=SAME_ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert (await browser.get(DRAFT)).json()["type"] == "/problems/key-missing"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://elsewhere.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", **SAME_ORIGIN},
    ],
)
async def test_another_site_signs_nobody_in_or_out(
    client: AsyncClient, make_key: MakeKey, path: str, headers: dict[str, str]
) -> None:
    key = await make_key(Scope.stats_read)
    answer = await client.post(path, data={"key": key, "to": DRAFT}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/cross-site")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "to",
    [
        "https://elsewhere.test/v1/reports/", "//elsewhere.test/v1/reports/", "javascript:x",
        "/v1/reports\\x", "/v1/feedback", "", "/v1/reports/\u00e9", "/v1/reports/" + "x" * 501,
        "http://[", "/v1/reports/x\ty", "/v1/reports/x\r\nSet-Cookie: y",
    ],
)  # fmt: skip
async def test_it_leads_nowhere_else(client: AsyncClient, make_key: MakeKey, to: str) -> None:
    answer = await signed_in(client, await make_key(Scope.stats_read), to)
    assert answer.headers["Location"] == "/"


async def test_a_key_that_is_not_accepted_is_told_so_and_counts_as_a_failure(
    client: AsyncClient, make_key: MakeKey
) -> None:
    for key in ("", "nonsense", "cf_live_aaaaaaaaaaaaaaaa_" + "a" * 43):
        answer = await signed_in(client, key)
        assert answer.status_code == 401
        assert "The key is not accepted." in answer.text
        assert "Set-Cookie" not in answer.headers
        assert '"failures"' in answer.headers["RateLimit-Policy"]
    no_reader = await signed_in(client, await make_key(Scope.case_read))
    assert "That key may not read statistics" in no_reader.text


async def test_whoever_fails_too_often_is_held_up(browser: AsyncClient, settings: Settings) -> None:
    tries = settings.failure_burst + 60
    said = [(await signed_in(browser, "nonsense")).status_code for _ in range(tries)]
    assert said[0] == 401
    assert 429 in said


@pytest.mark.parametrize("origin", ["http://[", "null", "http://", ""])
async def test_a_form_from_nowhere_is_refused(browser: AsyncClient, origin: str) -> None:
    answer = await browser.post("/sign-in", data={"key": "x"}, headers={"Origin": origin})
    assert answer.status_code == 403


async def test_a_form_with_more_than_it_has_is_refused(browser: AsyncClient) -> None:
    answer = await browser.post(
        "/sign-in",
        content="&".join(["a"] * 11),
        headers={**SAME_ORIGIN, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 401
