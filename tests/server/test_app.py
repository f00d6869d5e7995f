"""The web server around the house: who may enter, what forms do, what headers, limits and logs promise."""

from __future__ import annotations

import asyncio
import logging
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from pages_support import Browser, created
from unrigged.mechanisms import BestBelief
from unrigged.sealed.encoding import bytes_of
from unrigged.server.app import POLICY, Options, create_app
from unrigged.server.auth import set_password
from unrigged.server.house import House
from unrigged.server.limits import OWN, Limiter, Rate, TooOften
from unrigged.server.opening import Plan
from unrigged.server.running import WithoutQuery
from unrigged.setting import auction

# Who may enter.


def test_a_code_lets_one_browser_in_once_and_its_cookie_is_out_of_reach_of_scripts(app: Starlette) -> None:
    code = app.state.web.organisers.new_code()
    first, second = Browser(app), Browser(app)
    answer = first.post("/organiser/login", {"code": code})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert first.get("/organiser").status_code == 200
    assert second.post("/organiser/login", {"code": code}).status_code == 403
    assert second.get("/organiser").headers["location"] == "/organiser/login"


def test_over_tls_the_cookie_is_for_this_host_and_tls_only(house: House) -> None:
    app = create_app(house, Options(secure=True))
    browser = Browser(app, base="https://house.test")
    answer = browser.post("/organiser/login", {"code": app.state.web.organisers.new_code()})
    assert answer.headers["set-cookie"].startswith("__Host-organiser=")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    app.state.bots.close()


def test_a_password_lets_in_and_is_not_kept_in_clear(app: Starlette, house: House) -> None:
    with house.storage.transaction() as begun:
        set_password(begun, "correct horse battery", house.random)
        assert b"correct" not in (begun.kept("organiser password", "scrypt") or b"")
    assert Browser(app).post("/organiser/login", {"code": "correct horse batterx"}).status_code == 403
    assert Browser(app).post("/organiser/login", {"code": "correct horse battery"}).status_code == 303


def test_the_database_holds_neither_codes_nor_cookies(organiser: Browser, app: Starlette, house: House) -> None:
    code = app.state.web.organisers.new_code()
    cookie = organiser.cookies["organiser"]
    with house.storage.transaction() as begun:
        rows = begun.read("SELECT scope, name, value FROM kept")
    kept = repr(rows)
    assert "organiser codes" in kept
    assert code not in kept
    assert cookie not in kept


def test_who_logs_out_is_out_even_with_the_old_cookie(organiser: Browser) -> None:
    old = httpx.Cookies(organiser.cookies)
    organiser.send("/organiser/logout")
    organiser.cookies = old
    assert organiser.get("/organiser").status_code == 303


ORGANISERS = [
    "/organiser",
    "/organiser/new",
    "/organiser/s/{}",
    "/organiser/s/{}/live",
    "/organiser/s/{}/controls",
    "/organiser/s/{}/links",
]
DEEDS = [
    "/organiser/new",
    "/organiser/practice",
    "/organiser/logout",
    *(f"/organiser/s/{{}}/{what}" for what in ("begin", "extend", "message", "void", "beacon")),
]


@pytest.mark.parametrize("path", ORGANISERS)
def test_pages_of_the_organiser_are_for_him_alone(path: str, organiser: Browser, visitor: Browser) -> None:
    session = created(organiser)
    assert organiser.get(path.format(session)).status_code == 200
    assert visitor.get(path.format(session)).headers["location"] == "/organiser/login"


@pytest.mark.parametrize("path", DEEDS)
def test_what_the_organiser_may_do_needs_his_cookie_and_the_token_of_his_forms(
    path: str, organiser: Browser, visitor: Browser, house: House
) -> None:
    session = created(organiser)
    with house.reading(session) as state:
        before = state.size
    assert visitor.post(path.format(session)).headers["location"] == "/organiser/login"
    assert organiser.post(path.format(session)).status_code == 403
    assert organiser.post(path.format(session), {"form": "AAAA"}).status_code == 403
    elsewhere = {"sec-fetch-site": "cross-site"}
    fields = {"form": organiser.form_token(), "text": "x", "reason": "x", "sure": "yes"}
    assert organiser.post(path.format(session), fields, headers=elsewhere).status_code == 403
    with house.reading(session) as state:
        assert state.size == before
    assert len(house.sessions()) == 1


@pytest.mark.parametrize("what", ["begin", "extend", "message", "void", "beacon"])
def test_the_address_of_a_deed_leads_to_its_form(what: str, organiser: Browser, visitor: Browser) -> None:
    session = created(organiser)
    path = f"/organiser/s/{session}/{what}"
    assert organiser.get(path).headers["location"] == f"/organiser/s/{session}"
    assert visitor.get(path).headers["location"] == "/organiser/login"


@pytest.mark.parametrize("what", ["bundle", "report", "moves.csv", "session.json"])
def test_what_can_be_had_at_the_end_is_refused_before_in_plain_words(what: str, organiser: Browser) -> None:
    answer = organiser.get(f"/s/{created(organiser)}/{what}")
    assert answer.status_code == 409
    assert "This session is not over yet." in answer.text
    assert "found" not in answer.text


def test_attempts_to_log_in_are_few(app: Starlette) -> None:
    browser = Browser(app)
    codes = [browser.post("/organiser/login", {"code": "x"}).status_code for _ in range(12)]
    assert codes[:10] == [403] * 10
    assert codes[-1] == 429


# Headers, logs, limits.


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/static/app.js", "/organiser/login", "/api/v1/sessions/x", "/health"]
)
def test_everything_carries_the_headers_that_protect_it(path: str, visitor: Browser) -> None:
    headers = visitor.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/organiser",
        "/organiser/new",
        "/organiser/new?from=scenario",
        "/s/{}",
        "/s/{}/p/ann",
        "/s/{}/log",
        "/organiser/s/{}",
        "/organiser/s/{}/links",
    ],
)
def test_pages_have_nothing_inline_and_ask_nothing_of_others(path: str, organiser: Browser) -> None:
    session = created(organiser)
    page = organiser.get(path.format(session))
    assert page.status_code == 200
    assert re.findall(r"<script(?![^>]* src=\"/static/)", page.text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page.text) == []
    links = re.findall(r"(?:src|href|action)=\"([^\"]+)\"", page.text)
    assert all(link.startswith(("/", "#", "http://house.test/s/")) for link in links), links


def test_the_fragment_with_the_token_is_only_on_the_page_of_links(organiser: Browser, house: House) -> None:
    session = created(organiser)
    token = house.tokens(session)["ann"]
    links = [
        unescape(link)
        for link in re.findall(
            r'href="(http://house.test/s/[^"]+)"', organiser.get(f"/organiser/s/{session}/links").text
        )
    ]
    assert len(links) == 3
    parts = urlsplit(links[0])
    assert bytes_of(parse_qs(parts.fragment)["t"][0], "t") == token
    assert parts.query == ""
    for path in (f"/organiser/s/{session}", f"/s/{session}", f"/s/{session}/p/ann", f"/api/v1/sessions/{session}"):
        assert parse_qs(parts.fragment)["t"][0] not in organiser.get(path).text


def test_what_is_logged_of_a_request_ends_before_the_question_mark() -> None:
    record = logging.LogRecord(
        "uvicorn.access",
        logging.INFO,
        "",
        0,
        '%s - "%s %s HTTP/%s" %d',
        ("1.2.3.4", "GET", "/s/x?secret=y", "1.1", 200),
        None,
    )
    assert WithoutQuery().filter(record)
    assert "secret" not in record.getMessage()
    assert "/s/x" in record.getMessage()


def test_a_bucket_gives_so_many_at_once_and_so_many_a_second_after() -> None:
    time = [0.0]
    limiter = Limiter(lambda: time[0], most=2)
    rate = Rate(3, 2)

    def taken() -> int:
        count = 0
        try:
            while True:
                limiter.take(rate, "a")
                count += 1
        except TooOften:
            return count

    assert taken() == 3
    time[0] = 1.0
    assert taken() == 2
    time[0] = 100.0
    assert taken() == 3
    for other in "bcd":
        limiter.take(rate, other)
    assert len(limiter._buckets) == 2


def test_two_hundred_behind_one_address_move_at_once_and_one_who_floods_is_slowed(app: Starlette, house: House) -> None:
    session, _ = house.create(Plan("many", BestBelief(auction([f"p{i}" for i in range(200)], ["it"]))))
    body = {"round": 0, "envelope": "AA", "signature": "AA"}
    browser = Browser(app)

    async def all_at_once(players: list[str]) -> list[int]:
        transport = httpx.ASGITransport(app, client=("9.9.9.9", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://house.test") as client:
            answers = [
                client.post(f"/api/v1/sessions/{session}/moves", json={**body, "player": name}) for name in players
            ]
            return [answer.status_code for answer in await asyncio.gather(*answers)]

    codes = asyncio.run(all_at_once([f"p{i}" for i in range(200)]))
    assert 429 not in codes
    codes = asyncio.run(all_at_once(["p0"] * (int(OWN.burst) + 10)))
    assert codes.count(429) >= 5
    assert asyncio.run(all_at_once(["p1"])) != [429]
    browser.address = "8.8.8.8"
    other = browser.ask("POST", f"/api/v1/sessions/{session}/moves", json={**body, "player": "p0"})
    assert other.status_code != 429


@pytest.mark.parametrize("path", ["/organiser/login", "/organiser/new", "/api/v1/sessions/x/moves"])
def test_bodies_are_read_only_so_far(path: str, organiser: Browser) -> None:
    answer = organiser.ask(
        "POST",
        path,
        content=b"form=" + b"x" * 10_000_000,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413


def test_what_breaks_is_a_page_or_json_without_a_trace(app: Starlette, visitor: Browser) -> None:
    assert "There is no such page here" in visitor.get("/s/nowhere").text
    assert visitor.get("/s/nowhere/p/ann").status_code == 404
    assert visitor.get("/api/v1/sessions/nowhere").json()["error"]["rule"] == "session"


def test_a_mistake_of_the_house_is_told_without_a_trace(
    app: Starlette, organiser: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = created(organiser)
    monkeypatch.setattr("unrigged.server.pages.view", lambda *a, **b: {}["a secret place"])
    answers = [Browser(app, safe=True).get(f"/s/{session}"), Browser(app, safe=True).get("/s/nowhere")]
    assert [answer.status_code for answer in answers] == [500, 404]
    assert "Something went wrong" in answers[0].text
    assert "secret place" not in answers[0].text
    assert answers[0].headers["content-security-policy"] == POLICY
