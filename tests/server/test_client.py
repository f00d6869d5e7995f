"""A participant's program: it joins, follows, seals, sends again, and catches a house that cheats."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving_support import example, kept_house, opened, served
from unrigged.audit import Broken, audit, read_bundle
from unrigged.errors import FileError, InputError
from unrigged.sealed.encoding import text_of
from unrigged.server import client as client_module
from unrigged.server.client import Client, Unreachable
from unrigged.server.entries import Refused
from unrigged.server.house import House
from unrigged.server.keys import Key, Link, read_link

TOKEN = "c2VjcmV0IHNlY3JldCBzZQ"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with kept_house(tmp_path / "house.db") as made:
        yield made


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with served(house) as found:
        yield found


class Connect:
    """Makes clients, whose connections are closed when the test is over."""

    def __init__(self) -> None:
        self.made: list[httpx.Client] = []

    def __call__(
        self, link: Link, key: Key | None = None, via: httpx.BaseTransport | None = None, **more: Any
    ) -> Client:
        self.made.append(httpx.Client(timeout=30.0, transport=via))
        return Client(link, key, http=self.made[-1], **more)

    def all(self, links: Mapping[str, Link]) -> list[Client]:
        """Everybody, who has joined."""
        made = [self(link) for link in links.values()]
        for each in made:
            each.join()
        return made


@pytest.fixture
def connect() -> Iterator[Connect]:
    made = Connect()
    yield made
    for each in made.made:
        each.close()


class Between(httpx.BaseTransport):
    """Stands between a client and the house."""

    def __init__(self) -> None:
        self.inner = httpx.HTTPTransport()

    def close(self) -> None:
        self.inner.close()


def default(client: Client) -> Any:
    """The JSON of what silence means."""
    turn = client.turn()
    assert turn is not None
    return None if turn.space is None else turn.space.encode(turn.space.default)


def finished(house: House, made: list[Client]) -> None:
    """Play by defaults to the end."""
    house.begin(made[0].link.session)
    while not made[0].over:
        for each in made:
            each.update()
            if each.turn() is not None:
                each.submit(default(each))
        made[0].update()


# Links and keys.


def test_a_link_is_read_with_odd_names() -> None:
    link = read_link(f"https://house.example:8443/base/s/a1/p/Zo%C3%AB%20%2F%20Sons#t={TOKEN}&k=eyJhIjoxfQ")
    assert (link.house, link.session, link.player) == ("https://house.example:8443/base", "a1", "Zoë / Sons")
    assert (link.token, link.notes) == (TOKEN, {"a": 1})
    assert TOKEN not in repr(link)
    assert read_link(str(link)) == Link(link.house, link.session, link.player)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "ftp://h/s/a/p/b#t=secret",
        "http:///s/a/p/b#t=secret",
        "http://h/s/a#t=secret",
        "http://[/s/a/p/b",
    ],
)
def test_what_is_no_link_is_refused_without_showing_the_token(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_link(text)
    assert caught.value.where == "link"
    assert "secret" not in str(caught.value)


def test_notes_that_are_cut_off_are_refused() -> None:
    with pytest.raises(InputError, match="notes"):
        read_link("http://h/s/a/p/b#t=x&k=_")


def test_a_key_file_is_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "ann.json"
    key = Key.new(Link("http://h", "a1", "ann"), path)
    key.keep_sent(3, "envelope")
    key.keep_receipt({"number": 7})
    key.see((5, bytes(32)))
    again = Key.read(path)
    assert again.to_json() == key.to_json()
    assert again.public == key.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileError):
        Key.new(Link("http://h", "a1", "ann"), path)
    with pytest.raises(InputError, match="one of bob"):
        Client(Link("http://h", "a1", "bob"), again)
    with pytest.raises(Refused):
        again.keep_sent(3, "another")


def test_the_key_file_of_a_page_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"unrigged": "key", "session": "a1", "player": "ann", "secret": text_of(bytes(32))}))
    assert Key.read(path).player == "ann"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"unrigged": "key"}', '{"unrigged": "key", "session": "a", "player": "b", "secret": "AA"}'],
)
def test_other_files_are_no_keys(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        Key.read(path)
    assert caught.value.where == str(path)


# Taking part.


def test_from_joining_to_the_bundle(house: House, address: str, connect: Connect) -> None:
    made = connect.all(opened(house, address, example("best-belief")))
    finished(house, made)
    assert made[0].status == "settled"
    data = made[1].bundle()
    found = audit(read_bundle(data), {house.key})
    assert found.outcome is not None
    receipts = read_bundle(data).receipts
    assert [dict(one) for one in receipts] == made[1].key.receipts
    assert len(receipts) >= 2


def test_a_mechanism_that_begins_with_a_coin(house: House, address: str, connect: Connect) -> None:
    made = connect.all(opened(house, address, example("independent")))
    house.begin(made[0].link.session)
    made[0].update()
    turn = made[0].turn()
    assert turn is not None
    assert turn.space is None
    finished_by = [each.submit() for each in made if each.update() or each.turn()]
    assert len(finished_by) == len(made)


def test_illegal_moves_are_not_sent(house: House, address: str, connect: Connect) -> None:
    made = connect.all(opened(house, address, example("best-belief")))
    with pytest.raises(Refused, match="waits for it"):
        made[0].submit({})
    house.begin(made[0].link.session)
    made[0].update()
    with pytest.raises(InputError):
        made[0].submit({"allocation": {"nobody knows": ["what"]}})
    assert made[0].key.sent == {}


def test_the_same_envelope_is_sent_again_after_a_restart(
    house: House, address: str, connect: Connect, tmp_path: Path
) -> None:
    links = opened(house, address, example("best-belief"))
    first, *_ = links.values()
    path = tmp_path / "key.json"
    client = connect(first, Key.at(first, path))
    for each in (client, *(connect(link) for link in links.values() if link != first)):
        each.join()
    house.begin(first.session)

    class Cut(Between):
        """Takes every move to the house, and loses its answer."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = self.inner.handle_request(request)
            if request.url.path.endswith("/moves"):
                answer.read()
                raise httpx.ReadError("the line is cut")
            return answer

    cut = connect(first, Key.read(path), via=Cut())
    cut.log.patience = 0.5
    cut.update()
    with pytest.raises(Unreachable):
        cut.submit(default(cut))
    again = connect(first, Key.read(path))
    with house.reading(first.session) as state:
        assert state.current.moves[first.player].fields["envelope"] == again.key.sent[0]
    again.update()
    assert again.turn() is None
    assert [one["number"] for one in again.key.receipts] == [one["number"] for one in client.key.receipts]


def test_a_busy_house_is_asked_again(
    house: House, address: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "FIRST_PAUSE", 0.01)
    link, *_ = opened(house, address, example("best-belief")).values()
    answers = [httpx.Response(503), httpx.Response(429, headers={"retry-after": "0"}), httpx.ConnectError("down")]

    class Busy(Between):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if not answers:
                return self.inner.handle_request(request)
            found = answers.pop()
            if isinstance(found, Exception):
                raise found
            return found

    assert connect(link, via=Busy()).join()["session"] == link.session
    assert not answers


def test_a_house_that_is_gone_is_named(connect: Connect) -> None:
    client = connect(Link("http://127.0.0.1:9", "a", "ann", TOKEN))
    client.log.patience = 0.1
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 does not answer"):
        client.join()


def test_a_place_that_somebody_else_has_taken(house: House, address: str, connect: Connect) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()
    connect(link).join()
    with pytest.raises(Refused, match="used before"):
        connect(link).join()


def test_joining_needs_the_token(house: House, address: str, connect: Connect) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()
    with pytest.raises(InputError, match="no token"):
        connect(Link(link.house, link.session, link.player)).join()
    with pytest.raises(Refused, match="another token"):
        connect(Link(link.house, link.session, link.player, TOKEN)).join()


def test_changes_are_told(house: House, address: str, connect: Connect) -> None:
    made = connect.all(opened(house, address, example("best-belief")))
    for seen, _ in enumerate(made[0].changes()):
        if seen == 1:
            house.begin(made[0].link.session)
        if made[0].status == "moves":
            break
        assert seen < 20
    assert made[0].turn() is not None


def test_only_who_shows_his_key_is_present(house: House, address: str, connect: Connect) -> None:
    first, second = connect.all(opened(house, address, example("second-price")))[:2]
    where = f"{first.log.address}/events"

    def present() -> list[str]:
        seen = httpx.get(first.log.address).json()
        return [each["player"] for each in seen["participants"] if each["present"]]

    proof = second.present()["proof"]
    for params in (
        {"player": first.player},
        {"player": first.player, "proof": "x"},
        {"player": first.player, "proof": proof},
        {"player": "nobody", "proof": proof},
    ):
        with httpx.stream("GET", where, params=params) as answer:
            assert next(answer.iter_lines()) == "event: change"
            assert present() == []
    changes = first.changes()
    next(changes)
    next(changes)
    assert present() == [first.player]
    assert connect(first.link).present() == {}


def test_an_unknown_session_is_refused(address: str, connect: Connect) -> None:
    with pytest.raises(Refused) as caught:
        connect(Link(address, "nothing", "ann", TOKEN)).join()
    assert caught.value.rule == "session"


def test_pinned_keys(house: House, address: str, connect: Connect) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()
    connect(link, pinned=[house.key]).update()
    with pytest.raises(Broken) as caught:
        connect(link, pinned=[bytes(32)]).update()
    assert caught.value.rule == "pin"


# A house that cheats.


class Lies(Between):
    """Changes the JSON that the house answers."""

    def __init__(self, changes: Any) -> None:
        super().__init__()
        self.changes = changes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.inner.handle_request(request)
        answer.read()
        return httpx.Response(answer.status_code, json=self.changes(request.url.path, json.loads(answer.content)))


def test_a_log_without_its_last_entry(house: House, address: str, connect: Connect) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()

    def shorter(path: str, document: Any) -> Any:
        return {**document, "entries": document["entries"][:-1]}

    with pytest.raises(Broken) as caught:
        connect(link, via=Lies(shorter)).update()
    assert caught.value.rule == "fork"


def test_a_checkpoint_of_somebody_else(house: House, address: str, connect: Connect) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()

    def forged(path: str, document: Any) -> Any:
        return {**document, "checkpoint": {**document["checkpoint"], "signature": text_of(bytes(64))}}

    with pytest.raises(Broken) as caught:
        connect(link, via=Lies(forged)).update()
    assert caught.value.rule == "signature"


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [("number", 1, "signature"), ("digest", text_of(bytes(32)), "receipt"), ("time", 5, "receipt"),
     ("signature", text_of(bytes(64)), "signature"), ("session", "another", "receipt"), ("number", "1", "receipt")],
)  # fmt: skip
def test_a_forged_receipt(house: House, address: str, connect: Connect, field: str, value: Any, rule: str) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()

    def forged(path: str, document: Any) -> Any:
        return {**document, field: value} if path.endswith("/join") else document

    client = connect(link, via=Lies(forged))
    with pytest.raises(Broken) as caught:
        client.join()
    assert caught.value.rule == rule
    assert client.key.receipts == []


def test_another_log_than_before_a_restart(house: House, address: str, connect: Connect, tmp_path: Path) -> None:
    mechanism = example("best-belief")
    link, *_ = opened(house, address, mechanism).values()
    path = tmp_path / "key.json"
    client = connect(link, Key.at(link, path))
    client.update()
    house.message(link.session, "one log")
    client.update()
    document = json.loads(path.read_text())
    document["seen"]["root"] = text_of(bytes(32))
    path.write_text(json.dumps(document))
    with pytest.raises(Broken) as caught:
        connect(link, Key.read(path)).update()
    assert caught.value.rule == "fork"
    document["seen"]["size"] = 100
    path.write_text(json.dumps(document))
    with pytest.raises(Broken):
        connect(link, Key.read(path)).update()


def test_a_receipt_for_an_entry_that_the_log_lacks(house: House, address: str, connect: Connect) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()
    client = connect(link)
    client.join()
    client.key.receipts[0]["digest"] = text_of(bytes(32))
    with pytest.raises(Broken) as caught:
        client.update()
    assert caught.value.rule == "receipt"


@pytest.mark.parametrize("answer", [[], {}, {"entries": 3, "checkpoint": {}}, {"entries": ["!"], "checkpoint": None}])
def test_answers_that_are_no_log(house: House, address: str, connect: Connect, answer: Any) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()
    with pytest.raises(Broken):
        connect(link, via=Lies(lambda path, document: answer)).update()


def test_a_bundle_of_another_log(house: House, address: str, connect: Connect) -> None:
    links = opened(house, address, example("best-belief"))
    others = opened(house, address, example("best-belief"))
    made = connect.all(links)
    finished(house, made)
    finished(house, connect.all(others))
    first, second = next(iter(links.values())), next(iter(others.values()))

    class Swaps(Between):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/bundle"):
                request = httpx.Request("GET", str(request.url).replace(first.session, second.session))
            return self.inner.handle_request(request)

    with pytest.raises(Broken) as caught:
        connect(first, made[0].key, via=Swaps()).bundle()
    assert caught.value.rule == "fork"
