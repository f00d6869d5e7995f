"""Whatever is sent to the house is answered fast, and never with a fault of the house's own."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from time import perf_counter, process_time, sleep
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from serving_support import EXAMPLES, example, kept_house, served
from unrigged.errors import InputError
from unrigged.sealed.encoding import text_of
from unrigged.sealed.envelope import Place, seal
from unrigged.server import api, openapi
from unrigged.server.entries import join_statement, move_statement
from unrigged.server.house import House
from unrigged.server.keys import Key, Link
from unrigged.server.opening import Plan
from unrigged.server.planning import drafted

REQUESTS = int(os.environ.get("UNRIGGED_FUZZ", "400"))
"""Requests that are made up; `make fuzz` asks for 20,000."""

SECOND = 1.0

HOSTILE = [
    "", "\x00", "a\x00b", "\u202egnp.exe", "e\u0301" * 500, "Z" + "\u0300" * 5000, "\ud800", "\udfff\ud800", "\ufeff",
    "\U0010ffff", "../../etc/passwd", "'; DROP TABLE entries; --", "<script>alert(1)</script>", "%00", "%s%s%n",
    "\r\nx: y",     "\x00trustee 0", "constructor", "__proto__", "a" * 200_000, "\u2028", "١٢٣", "²", "ﬀ",
]  # fmt: skip


@dataclass
class Target:
    """A served house with a session in which a round is open: one participant has joined, another has not."""

    house: House
    address: str
    session: str
    links: Mapping[str, Link]
    key: Key

    @property
    def api(self) -> str:
        return f"{self.address}/api/v1"

    def joining(self) -> dict[str, Any]:
        """A body that would take a place."""
        link = list(self.links.values())[1]
        with self.house.reading(self.session) as state:
            return dict(Key.new(link).joining(link.token, state.entries[0].data))

    def moving(self) -> dict[str, Any]:
        """A body that would be a move, with an empty content."""
        name = self.key.player
        with self.house.reading(self.session) as state:
            running = state.current
            place = Place(self.session, running.number, name, running.size)
            envelope = seal(b"{}", os.urandom(32), place, state.committee(running.number))
        signature = self.key.signed(move_statement(self.session, running.number, name, envelope))
        return {"round": running.number, "player": name, "envelope": text_of(envelope), "signature": signature}

    def check(self, method: str, path: str, **request: Any) -> requests.Response:
        """The answer to a request: fast (the second time, if something else kept the machine busy), and no 5xx."""
        for attempt in range(2):
            begun = perf_counter()
            answer = requests.request(method, self.api + path, timeout=30, **request)
            spent = perf_counter() - begun
            if spent < SECOND:
                break
            assert attempt == 0, f"{method} {path[:100]} took {spent:.2f} s twice"
        self.seen(answer)
        return answer

    def seen(self, answer: Any) -> None:
        assert answer.status_code < 500, answer.text
        if answer.status_code != 200:
            error = answer.json()["error"]
            assert set(error) == {"rule", "found", "expected"}
            assert all(isinstance(words, str) and len(words) <= 500 for words in error.values())


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with kept_house(tmp_path_factory.mktemp("house") / "house.db") as house:
        session, tokens = house.create(Plan("a target", example("best-belief"), seconds=86400))
        with served(house) as address:
            links = {name: Link(address, session, name, text_of(token)) for name, token in tokens.items()}
            first, *_ = links.values()
            key = Key.new(first)
            with house.reading(session) as state:
                fields = key.joining(first.token, state.entries[0].data)
            house.join(session, fields["player"], fields["key"], fields["token"], fields["signature"])
            house.begin(session)
            yield Target(house, address, session, links, key)


# Made up from the description.


def test_the_description_is_complete(target: Target) -> None:
    document = requests.get(f"{target.api}/openapi.json", timeout=10).json()
    described = {
        (path, method.upper()) for path, each in document["paths"].items() for method in each if method != "parameters"
    }
    routes = [*api.routes(target.house, api.Presence()), *openapi.routes()]
    served_ = {(route.path, method) for route in routes for method in route.methods or () if method != "HEAD"}
    assert described == served_


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "otherwise"])
@pytest.mark.parametrize("known", [True, False], ids=["the session", "any session"])
@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/sessions/{session}"), ("GET", "/sessions/{session}/log"), ("POST", "/sessions/{session}/join"),
    ("POST", "/sessions/{session}/moves"),
])  # fmt: skip
def test_requests_made_up_from_the_description(
    target: Target, method: str, path: str, known: bool, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(openapi.document())
    operation = schema[path][method]
    given_path = {"path_parameters": {"session": target.session}} if known else {}

    @seed(1)
    @settings(max_examples=max(10, REQUESTS // 20), deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode, **given_path))
    def run(case: Any) -> None:
        begun = perf_counter()
        answer = case.call(base_url=target.api)
        if perf_counter() - begun > SECOND:
            begun = perf_counter()
            answer = case.call(base_url=target.api)
            assert perf_counter() - begun < SECOND, "slower than a second, twice"
        target.seen(answer)
        if answer.request.path_url.startswith(f"/api/v1/sessions/{target.session}"):
            case.validate_response(answer, checks=[schemathesis.checks.not_a_server_error,
                                                   schemathesis.checks.response_schema_conformance])  # fmt: skip

    run()


ODD = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=50), st.none(), st.booleans(), st.integers(), st.floats(),
    st.just(2**53), st.just(-1), st.just(10**400), st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
)  # fmt: skip


def _sent(document: Any) -> dict[str, Any]:
    """A JSON body that says what Python can say, lone surrogates as escapes."""
    return {"data": json.dumps(document).encode(), "headers": {"content-type": "application/json"}}


@pytest.mark.parametrize("kind", ["join", "moves"])
def test_good_requests_with_one_thing_odd(target: Target, kind: str) -> None:
    good = target.joining() if kind == "join" else target.moving()

    @seed(2)
    @settings(max_examples=max(40, REQUESTS // 5), deadline=None, database=None, phases=[Phase.generate])
    @given(name=st.sampled_from([*good, "more"]), value=ODD, change=st.integers(0, 2**16))
    def run(name: str, value: Any, change: int) -> None:
        document = {**good, name: value}
        if isinstance(good.get(name), str) and change % 2 and good[name]:
            text = list(good[name])
            text[change % len(text)] = "A"
            document[name] = "".join(text)
        if document == good:
            return
        answer = target.check("POST", f"/sessions/{target.session}/{kind}", **_sent(document))
        assert answer.status_code in (400, 409, 413)

    run()
    with target.house.reading(target.session) as state:
        assert list(state.keys) == [target.key.player]
        assert not state.current.moves


def test_unknown_sessions_and_ways(target: Target) -> None:
    for way in ("", "/log", "/events"):
        assert target.check("GET", f"/sessions/unknown{way}").status_code == 404
    assert target.check("POST", "/sessions/unknown/join", **_sent(target.joining())).status_code == 404
    assert target.check("POST", "/sessions/unknown/moves", **_sent(target.moving())).status_code == 404
    assert target.check("GET", "/nothing").status_code == 404
    assert target.check("DELETE", f"/sessions/{target.session}").status_code == 405


# By hand.


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names(target: Target, name: str) -> None:
    for body, kind in ((target.joining(), "join"), (target.moving(), "moves")):
        answer = target.check("POST", f"/sessions/{target.session}/{kind}", **_sent({**body, "player": name}))
        assert answer.status_code in (400, 409)
    try:
        path = quote(name[:5000], safe="")
    except UnicodeEncodeError:
        return
    if not path:
        return
    for rest in ("", "/log"):
        assert target.check("GET", f"/sessions/{path}{rest}").status_code in (400, 404)
    assert target.check("GET", f"/sessions/{target.session}?player={path}").status_code == 200
    assert target.check("GET", f"/sessions/{target.session}/log?from={path}").status_code == 400
    with httpx.stream("GET", f"{target.api}/sessions/{target.session}/events?player={path}", timeout=5) as answer:
        assert answer.status_code == 200
        assert next(answer.iter_lines()) == "event: change"


@pytest.mark.parametrize(
    ("about", "body"),
    [
        ("10 MB", b'{"player": "' + b"a" * 10_000_000 + b'"}'),
        ("a number of a million digits", b'{"round": 1' + b"0" * 1_000_000 + b"}"),
        ("a number of 200,000 digits", b'{"round": 1' + b"0" * 200_000 + b"}"),
        ("an exponent", b'{"round": 1e999999999}'),
        ("not a number", b'{"round": NaN, "player": Infinity}'),
        ("100,000 lists in lists", b"[" * 100_000),
        ("closed ones", b"[" * 100_000 + b"]" * 100_000),
        ("objects in objects", b'{"a":' * 40_000),
        ("no UTF-8", b'{"player": "\xff\xfe"}'),
        ("a byte order mark", b'\xef\xbb\xbf{"player": "a"}'),
        ("UTF-16", '{"player": "a"}'.encode("utf-16")),
        ("the same key twice", b'{"player": "a", "player": "b"}'),
        ("nothing", b""),
        ("a NUL", b"\x00"),
        ("a list", b"[]"),
        ("many keys", json.dumps({str(number): number for number in range(20_000)}).encode()),
    ],
)
@pytest.mark.parametrize("kind", ["join", "moves"])
def test_bodies_that_are_refused(target: Target, kind: str, about: str, body: bytes) -> None:
    begun = perf_counter()
    try:
        answer = requests.post(f"{target.api}/sessions/{target.session}/{kind}", data=body, timeout=30)
    except requests.exceptions.ConnectionError:  # the house has answered, and does not read the rest
        assert len(body) > api.MAX_BODY
    else:
        target.seen(answer)
        assert answer.status_code == (413 if len(body) > api.MAX_BODY else 400), about
    assert perf_counter() - begun < 2 * SECOND


def test_a_body_without_a_length_is_cut_off(target: Target) -> None:
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(400):
            sent += 65536
            yield b"x" * 65536

    try:
        answer = requests.post(f"{target.api}/sessions/{target.session}/moves", data=pieces(), timeout=30)
        assert answer.status_code == 413
    except requests.exceptions.ConnectionError:
        assert sent < 400 * 65536


@pytest.mark.parametrize("raw", [
    b"GET /api/v1/sessions/\x00 HTTP/1.1\r\nhost: x\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET " + b"/" * 100_000,
    b"POST /api/v1/sessions/x/join HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999\r\n\r\n",
    b"POST /api/v1/sessions/x/join HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    b"GET /api/v1/sessions/%ff%fe HTTP/1.1\r\nhost: x\r\n\r\n", b"GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n",
])  # fmt: skip
def test_what_is_hardly_http(target: Target, raw: bytes) -> None:
    parts = urlsplit(target.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as line:
        line.sendall(raw)
        line.shutdown(socket.SHUT_WR)
        try:
            answer = line.recv(65536)
        except ConnectionResetError:
            answer = b""
    assert b" 50" not in answer[:20]
    assert requests.get(f"{target.api}/sessions/{target.session}", timeout=10).status_code == 200


# Contents: what only shows when an envelope is opened. Nothing in it may stop the round.


@pytest.mark.parametrize("content", [
    b"", b"\xff", b"null", b"[" * 5000, b'{"prices": {"' + b"a" * 1000 + b'": 1}}', b'"\\ud800"', b"1e999999",
    b'{"allocation": {}, "prices": {"ann": 1' + b"0" * 2000 + b"}}", b'{"__proto__": 1}', b"NaN",
    b'{"allocation": NaN}',
    '{"allocation": {"\u202e": ["\\u0000"]}}'.encode(), b'{"allocation": {"ann": ["left", "left"]}}', b"0" * 3000,
    b'{"allocation": {}, "prices": {"ann": "1/0"}}', b'{"allocation": {}, "prices": {"ann": "1e999999999"}}',
])  # fmt: skip
def test_contents_that_are_no_moves_count_as_the_default(tmp_path: Path, content: bytes) -> None:
    with kept_house(tmp_path / "house.db") as house:
        mechanism = example("best-belief")
        session, tokens = house.create(Plan("contents", mechanism, seconds=600))
        keys = {name: Key.new(Link("", session, name)) for name in tokens}
        with house.reading(session) as state:
            first = state.entries[0].data
        for name, key in keys.items():
            house.join(session, **key.joining(text_of(tokens[name]), first))
        house.begin(session)
        begun = perf_counter()
        for name, key in keys.items():
            with house.reading(session) as state:
                place = Place(session, 0, name, state.current.size)
                envelope = seal(content[: place.size - 4], os.urandom(32), place, state.committee(0))
            signature = key.signed(move_statement(session, 0, name, envelope))
            house.submit(session, 0, name, text_of(envelope), signature)
        while True:
            with house.reading(session) as state:
                if state.results:
                    assert set(state.results[0].refused) == set(keys)
                    break
            assert perf_counter() - begun < 5 * SECOND
            sleep(0.01)


# Forms: a scenario that an organiser pastes, or a form that he fills in.


def scenario(**changes: Any) -> str:
    document = {"mechanism": "best-belief", "players": ["ann", "bob"], "goods": ["left"], "title": "t", **changes}
    return json.dumps(document)


SCENARIOS = [
    "", "\x00", "[" * 100_000, "{" * 100_000, "a: &a [*a]", "&a [" + "*a," * 1000 + "]", "- " * 100_000,
    "x: " + "1" * 1_000_000, scenario(value_bound="9" * 1_000_000), scenario(parameters={"eps": "1/" + "9" * 100_000}),
    scenario(players=["\ud800", "b"]), scenario(players=["a\x00", "b"]), scenario(players=["\u202eann", "bob"]),
    scenario(players=["Z" + "\u0300" * 5000, "b"]), scenario(players=[str(number) for number in range(100_000)]),
    scenario(players=["a" * 100_000, "b"]),
    scenario(auction="/etc/passwd"), scenario(types={"ann": {"left": "1e999999999"}}), scenario(title="\x1b[31m"),
    "a: b\n" * 200_000, "%YAML 9.9\n---\n!!python/object/apply:os.system ['true']", "<a>" * 10_000, "goods 3\nbids 1\n",
    "l: &a [x,x,x]\n" + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in pairwise("abcdefghi")),
]  # fmt: skip


@pytest.mark.parametrize("text", SCENARIOS, ids=range(len(SCENARIOS)))
def test_scenarios_that_are_refused(text: str) -> None:
    begun = process_time()
    draft = drafted({"scenario": text, "title": ""}, "scenario")
    assert process_time() - begun < 2 * SECOND
    assert draft.plan is None
    assert draft.errors
    assert all(len(words) < 2000 for words in draft.errors.values())


@pytest.mark.parametrize("field", ["players", "goods", "value_bound", "step", "seconds", "digits", "unit", "title",
                                   "beacon", "bots", "mechanism", "parameter.eps"])  # fmt: skip
@pytest.mark.parametrize("text", [*HOSTILE, "9" * 1_000_000, "1/0", "-1", "1e999999999", "nan", "a\n" * 50_000],
                         ids=range(len(HOSTILE) + 6))  # fmt: skip
def test_forms_filled_in_with_hostile_texts(field: str, text: str) -> None:
    values = {"mechanism": "best-belief", "title": "a title", "players": "ann\nbob", "goods": "left\nright"}
    begun = process_time()
    draft = drafted({**values, field: text}, "form")
    assert process_time() - begun < SECOND
    assert (draft.plan is None) == bool(draft.errors)
    assert all(len(words) < 2000 for words in draft.errors.values())
    if draft.plan is not None:
        draft.plan.title.encode()
        "".join(draft.plan.mechanism.setting.players).encode()


def test_bundled_examples_are_taken() -> None:
    for path in sorted(EXAMPLES.glob("*.yaml")):
        if path.stem != "cats-auction":
            assert drafted({"scenario": path.read_text(encoding="utf-8")}, "scenario").errors == {}, path.name


def test_random_bytes_as_scenarios() -> None:
    rng = Random(7)
    for _ in range(50):
        text = "".join(chr(rng.choice((rng.randrange(128), rng.randrange(0xD800)))) for _ in range(rng.randrange(400)))
        assert drafted({"scenario": text}, "scenario").plan is None


def test_joins_with_broken_keys_are_refused(target: Target) -> None:
    link = list(target.links.values())[1]
    key = Key.new(link)
    with target.house.reading(target.session) as state:
        opening = state.opening.digest
    assert join_statement(target.session, link.player, key.public, opening)
    body = target.joining()
    for broken in (text_of(bytes(32)), text_of(b"\xff" * 32), text_of(b"\x01" + bytes(31))):
        answer = target.check("POST", f"/sessions/{target.session}/join", **_sent({**body, "key": broken}))
        assert answer.status_code == 400
    with pytest.raises(InputError):
        target.house.join(target.session, link.player, "!", link.token, "!")
