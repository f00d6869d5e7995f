"""The house on a real database: receipts, batches, repeated envelopes, deadlines, restarts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from live_support import at_random, secret
from unrigged.errors import InputError
from unrigged.mechanisms import BestBelief
from unrigged.protocol import Decision
from unrigged.sealed.encoding import bytes_of, text_of
from unrigged.sealed.envelope import Place, seal
from unrigged.server.entries import Refused, join_statement, move_statement, receipt_statement
from unrigged.server.house import House, Receipt
from unrigged.server.opening import Plan
from unrigged.server.rounds import written_move
from unrigged.server.storage import Conflict, StorageFailed, open_storage
from unrigged.setting import auction

PLAYERS = ("ann", "bob", "cy")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1_000_000

    def __call__(self) -> int:
        return self.time


class Random:
    """Bytes that depend on how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, size: int) -> bytes:
        self.asked += 1
        return sha256(f"random {self.asked}".encode()).digest()[:size]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    made = House(open_storage(str(tmp_path / "house.db")), random=Random(), version="test", now=clock)
    yield made
    made.close()
    made.storage.close()


def created(house: House, seconds: int = 60) -> tuple[str, dict[str, bytes]]:
    return house.create(Plan("a test", BestBelief(auction(PLAYERS, ["left", "right"])), seconds=seconds))


KEYS = {name: Ed25519PrivateKey.from_private_bytes(secret("player", name)) for name in PLAYERS}


def join(house: House, session: str, name: str, token: bytes) -> Receipt:
    public = KEYS[name].public_key().public_bytes_raw()
    with house.reading(session) as state:
        opening = state.opening.digest
    signature = KEYS[name].sign(join_statement(session, name, public, opening))
    return house.join(session, name, text_of(public), text_of(token), text_of(signature))


def sealed(house: House, session: str, name: str, seed: int = 1) -> dict[str, Any]:
    with house.reading(session) as state:
        running = state.current
        position = state.position
        assert isinstance(position, Decision)
        space = position.space(PLAYERS.index(name))
        assert space is not None
        place = Place(session, running.number, name, running.size)
        content = written_move(at_random(seed)(name, space))
        envelope = seal(content, secret("key", name, seed, running.number), place, state.committee(running.number))
    signature = KEYS[name].sign(move_statement(session, running.number, name, envelope))
    return {"round_": running.number, "player": name, "envelope": text_of(envelope), "signature": text_of(signature)}


def begun(house: House) -> str:
    session, tokens = created(house)
    for name in PLAYERS:
        join(house, session, name, tokens[name])
    house.begin(session)
    return session


def test_a_session_from_creation_to_settlement(house: House) -> None:
    session = begun(house)
    for name in PLAYERS:
        house.submit(session, **sealed(house, session, name))
    while True:
        with house.reading(session) as state:
            if state.status == "settled":
                break
            waiting = state.missing
        for name in waiting:
            house.submit(session, **sealed(house, session, name))
    with house.reading(session) as state:
        assert state.outcome is not None


def test_receipts_are_signed_by_the_house(house: House) -> None:
    session = begun(house)
    receipt = house.submit(session, **sealed(house, session, "ann"))
    with house.reading(session) as state:
        statement = receipt_statement(session, receipt.number, state.entries[receipt.number].data)
    Ed25519PublicKey.from_public_bytes(house.key).verify(bytes_of(receipt.signature, "signature"), statement)


def test_the_same_envelope_gets_the_same_receipt_and_another_is_refused(house: House) -> None:
    session = begun(house)
    move = sealed(house, session, "ann")
    assert house.submit(session, **move) == house.submit(session, **move)
    with pytest.raises(Refused) as caught:
        house.submit(session, **sealed(house, session, "ann", seed=2))
    assert caught.value.rule == "once"


def test_many_at_once_are_logged_once_each(house: House) -> None:
    session = begun(house)
    moves = [sealed(house, session, "ann")] * 40 + [sealed(house, session, "bob")] * 40
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda move: house.submit(session, **move), moves))
    assert len({receipt.number for receipt in receipts}) == 2


def test_who_is_silent_gets_the_default_when_time_is_up(house: House, clock: Clock) -> None:
    session = begun(house)
    house.submit(session, **sealed(house, session, "ann"))
    clock.time += 61_000
    house._tend(session)
    until(lambda: opened(house, session) > 0)
    with house.reading(session) as state:
        assert set(state.results[0].refused) >= {"bob", "cy"}


def opened(house: House, session: str) -> int:
    with house.reading(session) as state:
        return len(state.results)


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until it holds; what follows from a round is computed on the side."""
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end
        sleep(0.01)


def test_after_a_restart_nothing_is_lost(tmp_path: Path, clock: Clock) -> None:
    path = str(tmp_path / "again.db")
    first = House(open_storage(path), random=Random(), version="test", now=clock)
    session = begun(first)
    receipt = first.submit(session, **(move := sealed(first, session, "ann")))
    first.close()
    first.storage.close()
    second = House(open_storage(path), random=Random(), version="test", now=clock)
    assert second.key == first.key
    assert second.submit(session, **move) == receipt
    second.close()
    second.storage.close()


def test_a_failed_commit_gives_no_receipt(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    session = begun(house)
    move = sealed(house, session, "ann")

    class Broken:
        def __enter__(self) -> Any:
            raise StorageFailed("the disk is full")

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(house.storage, "transaction", Broken)
    with pytest.raises(StorageFailed):
        house.submit(session, **move)
    monkeypatch.undo()
    with house.reading(session) as state:
        assert not state.current.moves
    assert house.submit(session, **move).number > 0


def test_tokens_are_used_once_and_forgotten(house: House) -> None:
    session, tokens = created(house)
    assert set(house.tokens(session)) == set(PLAYERS)
    receipt = join(house, session, "ann", tokens["ann"])
    assert join(house, session, "ann", tokens["ann"]) == receipt
    assert set(house.tokens(session)) == {"bob", "cy"}
    with pytest.raises(Refused):
        join(house, session, "bob", tokens["cy"])
    assert set(house.tokens(session)) == {"bob", "cy"}


def test_unknown_sessions_are_refused(house: House) -> None:
    with pytest.raises(InputError), house.reading("none"):
        pass
    with pytest.raises(InputError):
        house.begin("none")


def test_the_database_keeps_numbers_and_moves_unique(house: House) -> None:
    session = begun(house)
    with pytest.raises(Conflict), house.storage.transaction() as transaction:
        transaction.append(session, 0, b"again")
