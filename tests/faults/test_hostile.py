"""Somebody who sends what nobody foresaw fails alone: no other participant, and no session, suffers."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import pytest

from faults_at_once_support import begun, opened, over
from faults_support import bidders, moving
from live_support import House as InMemory
from live_support import at_random
from unrigged.audit import Broken, audited
from unrigged.errors import InputError, UnriggedError
from unrigged.mechanisms import VCG, BestBelief, FirstPrice
from unrigged.sealed.encoding import canonical, text_of
from unrigged.server.entries import Refused, entry, read_entry
from unrigged.server.house import House
from unrigged.server.session import Session
from unrigged.server.storage import Conflict, StorageFailed, open_storage
from unrigged.server.writer import Writer
from unrigged.setting import auction

CONTENTS = {
    b'{"\\ud800": 1}': "its content is not JSON",
    b'{"wanted": ["\\udfff"]}': "its content is not JSON",
    b'{"a": 1, "a": 2}': "its content is not JSON",
    b"[" * 200 + b"]" * 200: "its content is not JSON",
    b"9" * 5000: "its content is not JSON",
    b"1e400": "its content is not JSON",
    b"NaN": "its content is not JSON",
    b"\xff": "its content is not JSON",
    b"": "its content is not JSON",
    b"null": "it is no legal move",
    b"[[[[[]]]]]": "it is no legal move",
    b'{"wanted": {"left": true}}': "it is no legal move",
}


@pytest.mark.parametrize("kind", [BestBelief, VCG])
@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: repr(content[:12]))
def test_contents_that_are_no_moves(kind: type[BestBelief] | type[VCG], content: bytes) -> None:
    """The default counts, for a reason that is the same everywhere, and the log is in order."""
    house = InMemory(kind(auction(("ann", "bob"), ["left", "right"])), digits=4000)
    house.contribute()
    for name in house.players:
        house.join(name)
    house.begin()
    house.send("ann", house.envelope("ann", content))
    house.move("bob", at_random(1))
    while not house.session.results:
        house.step()
    assert house.session.results[0].refused == {"ann": CONTENTS[content]}
    assert audited(one.data for one in house.session.entries).refused == [(0, "ann", CONTENTS[content])]


HOSTILE = ["\ud800", "a\x00b", "", "bidder 1 ", "x" * 100_000, "ＢＩＤＤＥＲ １"]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_names_that_nobody_has(name: str, where: str) -> None:
    """Sent together with the moves of others, in the same batch."""
    with opened(where) as house:
        session = begun(house, 3)
        with house.reading(session) as state:
            moves = [moving(state, each) for each in bidders(3)]

        def send(move: dict[str, Any]) -> str:
            try:
                house.submit(session, **move)
            except UnriggedError as refused:
                return type(refused).__name__
            return "receipt"

        join = {"player": name, "key": text_of(bytes(32)), "token": text_of(bytes(16)), "signature": text_of(bytes(64))}
        with ThreadPoolExecutor(9) as pool:
            sent = [pool.submit(send, {**move, **({"player": name} if bad else {})})
                    for move in moves for bad in (False, True)]  # fmt: skip
            with pytest.raises((Refused, InputError)):
                house.join(session, **join)
            answers = [each.result(30) for each in sent]
        assert answers[::2] == ["receipt"] * 3
        assert "receipt" not in answers[1::2]
        assert "StorageFailed" not in answers
        with pytest.raises(InputError), house.reading(name):
            pass
        over(house, session)


def test_a_request_that_fails_half_way_fails_alone(where: str) -> None:
    with opened(where) as house:
        session = begun(house, 3)
        with house.reading(session) as state:
            size, moves = state.size, [moving(state, each) for each in bidders(2)]

        def half(begun: Any, state: Session, time: int) -> list[Any]:
            return [entry("message", time, text="half"), entry("message", 0, text="earlier")]

        def bad(begun: Any, state: Session, time: int) -> list[Any]:
            begun.keep("bad", "bad", b"x")
            raise ZeroDivisionError

        writer: Writer = house._writer
        with ThreadPoolExecutor(2) as pool:
            with writer.lock:  # so that all of it comes in one batch
                asked = [writer.soon(session, lambda begun, state, time: [])]
                sleep(0.1)
                asked += [writer.soon(session, half), writer.soon(session, bad)]
                sent = [pool.submit(house.submit, session, **move) for move in moves]
                sleep(0.1)
            receipts = [each.result(10) for each in sent]
        with pytest.raises(Refused):
            asked[1].answer.result(10)
        with pytest.raises(StorageFailed):
            asked[2].answer.result(10)
        with house.reading(session) as state:
            assert state.size == size + 2
            assert state.messages == []
            for receipt, move in zip(receipts, moves, strict=True):
                assert state.entries[receipt.number].fields["player"] == move["player"]
        with house.storage.transaction() as looking:
            assert looking.kept("bad", "bad") is None


def test_a_receipt_after_a_conflict_is_for_the_right_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first try is undone because somebody else was faster: the number of the second counts."""
    with opened(tmp_path / "house.db") as house:
        session = begun(house, 3)
        with house.reading(session) as state:
            mine, size = moving(state, "bidder 1"), state.size
        from unrigged.server.storage import Transaction

        real, tries = Transaction.append, []

        def append(self: Transaction, name: str, number: int, data: bytes, move: Any = None) -> None:
            tries.append(number)
            if len(tries) == 1:
                raise Conflict("somebody else was faster")
            real(self, name, number, data, move)

        monkeypatch.setattr(Transaction, "append", append)
        receipt = house.submit(session, **mine)
        assert tries == [size, size]
        assert receipt.number == size
        with house.reading(session) as state:
            assert state.entries[size].fields["player"] == "bidder 1"


def test_two_houses_cannot_write_to_one_file(tmp_path: Path) -> None:
    with opened(tmp_path / "house.db"):
        storage = open_storage(str(tmp_path / "house.db"))
        with pytest.raises(StorageFailed, match="in use by another house"):
            House(storage, random=os.urandom, version="test")
        storage.close()
    with opened(tmp_path / "house.db") as again:
        assert again.sessions() == []


def opening_with(**changes: Any) -> bytes:
    first = InMemory(BestBelief(auction(("ann", "bob"), ["vase"])), 4, 3).session.entries[0]
    fields = dict(first.fields)
    for name, change in changes.items():
        fields[name] = change(fields[name])
    return canonical({"kind": "open", "time": first.time, **fields})


def trustee(place: int, **fields: Any) -> Any:
    return lambda given: [each if number != place else {**each, **fields} for number, each in enumerate(given)]


LOW_ORDER = text_of(bytes(32))

CHANGES: dict[str, dict[str, Any]] = {
    "format true": {"format": lambda given: True},
    "threshold true": {"threshold": lambda given: True},
    "threshold above": {"threshold": lambda given: 5},
    "threshold none": {"threshold": lambda given: 0},
    "seconds text": {"seconds": str},
    "digits true": {"digits": lambda given: True},
    "unit a number": {"money": lambda given: {**given, "unit": 5}},
    "step in another form": {"money": lambda given: {**given, "step": "0.01"}},
    "somebody twice": {"participants": lambda given: [given[0], *given]},
    "another order": {"participants": lambda given: given[::-1]},
    "a kind of its own": {"participants": lambda given: [{**given[0], "kind": "king"}, given[1]]},
    "a trustee's name twice": {"trustees": trustee(1, name="trustee 0")},
    "no trustees": {"trustees": lambda given: []},
    "a trustee's key twice": {"trustees": lambda given: [given[0], {**given[1], "key": given[0]["key"]}, *given[2:]]},
    "a round's key twice": {
        "trustees": lambda given: [given[0], {**given[1], "rounds": given[0]["rounds"]}, *given[2:]]
    },
    "a key that signs everything": {"trustees": trustee(0, key=LOW_ORDER)},
    "a house that signs everything": {"house": lambda given: LOW_ORDER},
    "a key that nothing is sealed to": {
        "trustees": lambda given: [{**given[0], "rounds": [LOW_ORDER, *given[0]["rounds"][1:]]}, *given[1:]]
    },
    "a session like a path": {"session": lambda given: "../s"},
    "a title of numbers": {"title": lambda given: 7},
    "another field in the play": {"play": lambda given: {**given, "more": 1}},
    "a mechanism of a list": {"play": lambda given: {**given, "mechanism": []}},
    "a beacon that is true": {"beacon": lambda given: True},
}


@pytest.mark.parametrize("change", CHANGES)
def test_openings_that_the_house_and_the_audit_refuse(change: str) -> None:
    data = opening_with(**CHANGES[change])
    with pytest.raises(UnriggedError):
        Session([data])
    with pytest.raises(Broken) as caught:
        audited([data])
    assert caught.value.entry == 0


@pytest.mark.parametrize("data", [b'{"kind":[],"time":1}', b'{"kind":"open","time":true}', b"[]", b"{}", b"3"])
def test_entries_that_are_none(data: bytes) -> None:
    with pytest.raises(Refused):
        read_entry(data)
    with pytest.raises(Broken):
        audited([data])


def test_what_python_takes_for_equal_is_not_the_same() -> None:
    """`true` for 1 in what a round has led to: both the house and the audit refuse it."""
    house = InMemory(FirstPrice(auction(("ann", "bob"), ["vase"])))
    session = house.play(lambda name, space: space.encode(space.sample(Random(1), 1)))
    entries = [one.data for one in session.entries]
    place = next(number for number, one in enumerate(session.entries) if one.kind == "opened")
    swapped = entries[place].replace(b":1", b":true").replace(b":0", b":false").replace(b'"round":false', b'"round":0')
    assert swapped != entries[place]
    with pytest.raises(Refused):
        Session([*entries[:place], swapped])
    with pytest.raises(Broken):
        audited([*entries[:place], swapped])
