"""The web server around the house: who may enter, what forms do, what headers, limits and logs promise."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from serving_support import EXAMPLES, kept_house, served
from unrigged.audit import audit, read_bundle
from unrigged.errors import InputError
from unrigged.mechanisms import ALL, BestBelief
from unrigged.sealed.encoding import bytes_of
from unrigged.server.app import POLICY, Options, create_app
from unrigged.server.auth import Organisers, set_password
from unrigged.server.client import Client
from unrigged.server.house import House
from unrigged.server.keys import read_link
from unrigged.server.limits import OWN, Limiter, Rate, TooOften
from unrigged.server.opening import Plan
from unrigged.server.planning import DEFAULTS, drafted, read_scenario_text
from unrigged.server.playing import Wish, chooser, play
from unrigged.server.running import WithoutQuery
from unrigged.setting import auction


class Browser:
    """Asks the application without a network, and keeps cookies as a browser does."""

    def __init__(self, app: Starlette, address: str = "1.2.3.4", base: str = "http://house.test") -> None:
        self.app, self.address, self.base = app, address, base
        self.cookies = httpx.Cookies()

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def asking() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.address, 1))
            async with httpx.AsyncClient(transport=transport, base_url=self.base, cookies=self.cookies) as client:
                answer = await client.request(method, path, **given)
                self.cookies = client.cookies
                return answer

        return asyncio.run(asking())

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, fields: dict[str, str] | None = None, **given: Any) -> httpx.Response:
        return self.ask("POST", path, data=fields or {}, **given)

    def form_token(self, page: str = "/organiser") -> str:
        """The token in the forms of a page."""
        found = re.search(r'name="form" value="([^"]+)"', self.get(page).text)
        assert found is not None
        return found[1]

    def send(self, path: str, **fields: str) -> httpx.Response:
        """A form of the organiser, with its token."""
        return self.post(path, {"form": self.form_token(), **fields})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with kept_house(tmp_path / "house.db") as made:
        yield made


@pytest.fixture
def app(house: House) -> Iterator[Starlette]:
    made = create_app(house)
    yield made
    made.state.bots.close()


@pytest.fixture
def visitor(app: Starlette) -> Browser:
    return Browser(app)


@pytest.fixture
def organiser(app: Starlette) -> Browser:
    browser = Browser(app)
    code = app.state.web.organisers.new_code()
    assert browser.post("/organiser/login", {"code": code}).headers["location"] == "/organiser"
    return browser


FORM = {
    "from": "form",
    "mechanism": "best-belief",
    "title": "Two licences",
    "players": "ann\nbob\ncy",
    "goods": "left\nright",
}


def created(organiser: Browser, **changes: str) -> str:
    """A session made by the form; its id."""
    answer = organiser.send("/organiser/new", **{**FORM, **changes})
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/organiser/s/([\w-]+)/links", answer.headers["location"])
    assert found is not None
    return found[1]


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


# Sessions out of forms and scenarios.


def test_a_session_is_made_by_the_form_and_shown_to_everybody(
    organiser: Browser, visitor: Browser, house: House
) -> None:
    session = created(organiser, step="1", unit="euro", bots="cy", seconds="60", **{"parameter.eps": "1/2"})
    with house.reading(session) as state:
        assert state.mechanism == BestBelief(auction(["ann", "bob", "cy"], ["left", "right"]), eps="1/2")
        assert [each.kind for each in state.participants.values()] == ["human", "human", "bot"]
        assert (state.seconds, state.money.unit, state.money.step) == (60, "euro", 1)
    page = visitor.get(f"/s/{session}").text
    for words in (
        "Two licences",
        "left, right",
        "The operator could read moves",
        "a fair coin is flipped",
        "euro",
        "What silence means",
    ):
        assert words in page


def test_everything_wrong_is_told_at_its_place_and_nothing_is_lost(organiser: Browser, house: House) -> None:
    wrong = {
        "players": "ann\nann",
        "goods": "left",
        "parameter.eps": "3",
        "step": "x",
        "seconds": "1",
        "title": "",
        "programs": "zoe",
        "unit": "€" * 30,
    }
    answer = organiser.send("/organiser/new", **{**FORM, **wrong})
    assert answer.status_code == 422
    page = unescape(answer.text)
    for place in ("players", "step", "seconds", "title", "unit"):
        assert f'id="error-{place}"' in page, place
    for text in wrong.values():
        assert text in page
    assert house.sessions() == []
    again = organiser.send("/organiser/new", **{**FORM, "parameter.eps": "3"})
    assert 'id="error-parameter.eps"' in again.text
    assert 'id="error-programs"' in organiser.send("/organiser/new", **{**FORM, "programs": "zoe"}).text


@pytest.mark.parametrize("name", [each.name for each in ALL])
def test_every_mechanism_can_be_set_up_by_the_form(name: str, organiser: Browser) -> None:
    assert organiser.get(f"/organiser/new?mechanism={name}").status_code == 200
    draft = drafted(
        {
            "title": "x",
            "mechanism": name,
            "players": "ann\nbob",
            "goods": "it",
            "states": "a\nb",
            "endowment": "it = ann",
            "value_bound": "8",
        },
        "form",
    )
    assert draft.errors == {}
    assert draft.plan is not None
    assert draft.plan.mechanism.name == name


def test_choosing_another_mechanism_keeps_what_was_filled_in(organiser: Browser, house: House) -> None:
    page = organiser.send("/organiser/new", **{**FORM, "mechanism": "market", "action": "choose"})
    assert page.status_code == 200
    assert "Who owns what beforehand" in page.text
    assert "ann\nbob\ncy" in page.text
    assert house.sessions() == []


def test_a_scenario_becomes_a_session_and_its_values_private_notes(organiser: Browser, visitor: Browser) -> None:
    text = (EXAMPLES / "best-belief.yaml").read_text()
    session = created(organiser, **{"from": "scenario", "scenario": text, "title": ""})
    page = organiser.get(f"/organiser/s/{session}/links").text
    link = unescape(re.findall(r'href="(http://house.test/s/[^"]+)"', page)[0])
    note = json.loads(bytes_of(parse_qs(urlsplit(link).fragment)["k"][0], "k"))
    assert "{east} 100" in note["lines"][0]
    assert note["type"] == {"kind": "xor", "bids": [{"goods": ["east"], "value": 100}]}
    assert note["knowledge"]["belief"]["lower"]["bob"]["bids"][0]["value"] == 25
    for path in (f"/s/{session}", f"/s/{session}/p/ann", f"/api/v1/sessions/{session}"):
        assert not re.search(r"\b(80|50|25)\b", visitor.get(path).text)


def test_a_scenario_that_is_wrong_or_names_files_of_the_server_is_refused_at_its_place(organiser: Browser) -> None:
    text = "mechanism: best-belief\nplayers: [ann]\nauction: {file: /etc/passwd}\n"
    answer = organiser.send("/organiser/new", **{**FORM, "from": "scenario", "scenario": text})
    assert answer.status_code == 422
    assert 'id="error-scenario"' in answer.text
    assert "/etc/passwd" in answer.text
    with pytest.raises(InputError):
        read_scenario_text("")


def test_a_file_is_uploaded_in_place_of_pasted_text(organiser: Browser, house: House) -> None:
    fields = {**DEFAULTS, "form": organiser.form_token(), "from": "scenario"}
    upload = {"scenario_file": ("market.yaml", (EXAMPLES / "market.yaml").read_bytes())}
    answer = organiser.ask("POST", "/organiser/new", data=fields, files=upload)
    assert answer.status_code == 303, answer.text
    with house.reading(house.sessions()[0]) as state:
        assert state.mechanism.name == "market"
        assert state.title == "Three neighbours and their homes"


# The monitor.


def test_the_organiser_begins_extends_tells_and_voids(organiser: Browser, visitor: Browser, house: House) -> None:
    session = created(organiser)
    to = f"/organiser/s/{session}"
    assert organiser.send(f"{to}/extend", minutes="5").status_code == 422
    assert organiser.send(f"{to}/begin").status_code == 303
    with house.reading(session) as state:
        deadline = state.current.deadline
    wrong = organiser.send(f"{to}/extend", minutes="soon")
    assert wrong.status_code == 422
    assert 'value="soon"' in wrong.text
    assert organiser.send(f"{to}/extend", minutes="5").status_code == 303
    assert organiser.send(f"{to}/message", text="<b>Take your time</b>").status_code == 303
    with house.reading(session) as state:
        assert state.current.deadline == deadline + 300_000
    page = visitor.get(f"/s/{session}/live").text
    assert "&lt;b&gt;Take your time&lt;/b&gt;" in page
    assert organiser.send(f"{to}/void", reason="fire").status_code == 422
    with house.reading(session) as state:
        assert state.status == "playing"
    assert organiser.send(f"{to}/void", reason="fire", sure="yes").status_code == 303
    page = organiser.get(to).text
    assert "declared the session void: fire" in page
    assert "Extend" not in page
    assert "This session is void" in visitor.get(f"/s/{session}").text


def test_practice_is_one_click_and_ends_with_a_bundle_in_order(house: House) -> None:
    with served(house) as address, httpx.Client(base_url=address, timeout=30.0) as browser:
        code = Organisers(house, secure=False).new_code()
        browser.post("/organiser/login", data={"code": code})
        page = browser.get("/organiser").text
        token = re.search(r'name="form" value="([^"]+)"', page)
        assert token is not None
        answer = browser.post("/organiser/practice", data={"form": token[1], "example": "best-belief.yaml"})
        participant = Client(read_link(address + answer.headers["location"]), http=browser)
        play(
            [participant], chooser(Wish("random", None, (), 5.0, 1), BestBelief(auction(["a"], ["b"])), ["ann"]), print
        )
        session = house.sessions()[0]
        found = audit(read_bundle(browser.get(f"/s/{session}/bundle").content))
        assert found.status == "settled"
        assert found.refused == []
        assert "cy" in browser.get(f"/s/{session}/report").text


def test_hostile_names_are_shown_as_they_are_and_do_nothing(organiser: Browser, visitor: Browser) -> None:
    name = "<script>alert(1)</script>/..%2f\u202e"
    refused = organiser.send("/organiser/new", **{**FORM, "players": f"{name}\nbob"})
    assert refused.status_code == 422
    name = "<script>alert(1)</script>/..%2f"
    session = created(organiser, players=f"{name}\nbob", title='"><script>')
    for page in (visitor.get(f"/s/{session}"), organiser.get(f"/organiser/s/{session}/links")):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;/..%2f" in page.text
    link = unescape(
        re.findall(r'href="(http://house.test/s/[^"]+)"', organiser.get(f"/organiser/s/{session}/links").text)[0]
    )
    assert visitor.get(urlsplit(link).path).status_code == 200
