"""A whole live session in memory: a house, trustees and participants whose keys come from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unrigged.mechanisms import Mechanism
from unrigged.moves.base import MoveSpace
from unrigged.protocol import Decision
from unrigged.sealed.encoding import text_of
from unrigged.sealed.envelope import Place, seal
from unrigged.server.entries import checkpoint_statement, entry, join_statement, move_statement
from unrigged.server.opening import Plan, opening, rounds_of, secret_of_round
from unrigged.server.rounds import written_move
from unrigged.server.session import Session, next_entries, round_entry
from unrigged.server.trustee import Trustee

Chooses = Callable[[str, MoveSpace], Any]
"""What a player does: his name and his moves to the move's JSON, or None for silence."""


def secret(*words: object) -> bytes:
    """32 bytes that depend on these words."""
    return sha256(" ".join(map(str, words)).encode()).digest()


class House:
    """A session with everybody's keys at hand; time passes a second with every entry."""

    def __init__(self, mechanism: Mechanism, trustees: int = 1, threshold: int = 1, **plan: Any) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(secret("house"))
        self.secret = secret("house's secret")
        self.trustees = [Trustee(f"trustee {number}", secret("trustee", number), {}) for number in range(trustees)]
        self.tokens = {name: secret("token", name) for name in mechanism.setting.players}
        self.players = {
            name: Ed25519PrivateKey.from_private_bytes(secret("player", name)) for name in mechanism.setting.players
        }
        given = [trustee.keys("s", rounds_of(mechanism)) for trustee in self.trustees]
        first = opening(
            Plan("a test", mechanism, **plan), session="s", house=self.key.public_key().public_bytes_raw(),
            secret=self.secret, tokens=self.tokens, trustees=given, threshold=threshold, version="test", time=1000,
        )  # fmt: skip
        self.session = Session([first])

    @property
    def time(self) -> int:
        return self.session.now + 1000

    def add(self, kind: str, **fields: Any) -> None:
        self.session.apply(entry(kind, self.time, **fields))

    def contribute(self) -> None:
        for trustee in self.trustees:
            self.add("contribution", **trustee.contribution(self.session.entries[0].data))

    def join(self, name: str) -> None:
        key = self.players[name]
        public = key.public_key().public_bytes_raw()
        signature = key.sign(join_statement("s", name, public, self.session.opening.digest))
        self.add(
            "join", player=name, key=text_of(public), token=text_of(self.tokens[name]), signature=text_of(signature)
        )

    def begin(self) -> None:
        self.session.apply(round_entry(self.session, self.time))

    def envelope(self, name: str, content: bytes, key: bytes | None = None) -> bytes:
        running = self.session.current
        place = Place("s", running.number, name, running.size)
        return seal(content, key or secret("key", name, running.number), place, self.session.committee(running.number))

    def send(self, name: str, envelope: bytes) -> None:
        running = self.session.current
        signature = self.players[name].sign(move_statement("s", running.number, name, envelope))
        self.add("move", round=running.number, player=name, envelope=text_of(envelope), signature=text_of(signature))

    def move(self, name: str, chooses: Chooses) -> None:
        """What `name` does in this round; in a round that only prepares a coin, an empty contribution."""
        position = self.session.position
        if isinstance(position, Decision):
            space = position.space(self.session.mechanism.setting.players.index(name))
            assert space is not None
            move = chooses(name, space)
            if move is not None:
                self.send(name, self.envelope(name, written_move(move)))
        else:
            self.send(name, self.envelope(name, b""))

    def checkpoint(self, session: Session) -> bytes:
        """The house's signature on a log: that of this session, or of a fork."""
        return self.key.sign(checkpoint_statement("s", session.size, session.tree.root))

    def step(self, trustees: Iterable[int] | None = None) -> bool:
        """The next thing the house does; False where it waits for somebody."""
        session = self.session
        if session.status == "closing" and not session.ready:
            now = session.current
            log, signature = [each.data for each in session.entries], self.checkpoint(session)
            for number in range(len(self.trustees)) if trustees is None else trustees:
                if now.keys is not None and number not in now.keys and len(now.keys) < session.threshold:
                    self.add("release", **self.trustees[number].release(log, signature, self.time))
            self.add("secret", round=now.number, secret=text_of(secret_of_round(self.secret, "s", now.number)))
            return True
        found = next_entries(session, self.time)
        for each in found:
            session.apply(each)
        return bool(found)

    def play(self, chooses: Chooses, trustees: Iterable[int] | None = None) -> Session:
        """From the opening to the end."""
        self.contribute()
        for name in self.players:
            self.join(name)
        self.begin()
        chosen = None if trustees is None else list(trustees)
        while self.session.status not in ("settled", "void"):
            if self.session.status == "playing" and len(self.session.results) < len(self.session.rounds):
                for name in self.session.missing:
                    self.move(name, chooses)
                if self.session.missing:
                    for each in next_entries(self.session, self.session.current.deadline):
                        self.session.apply(each)
            self.step(chosen)
        return self.session


def at_random(seed: int, scale: int = 5) -> Chooses:
    """Random legal moves."""

    def chooses(name: str, space: MoveSpace) -> Any:
        return space.encode(space.sample(Random(f"{seed} {name} {space!r}"), scale))

    return chooses
