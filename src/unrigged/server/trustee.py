"""A trustee: keeps the keys that open envelopes, and gives those of a round away once, when the round is closed.

All his keys are derived from one secret, so that nothing but that secret and the list of closings he has signed need be
kept. He contributes to one opening of a session only, replays the whole log before he signs a closing, asks for the
house's signature on that log (else anybody could close a round that is open to him), does not sign what lies in the
future, and never signs two closings of one round: an operator cannot show two groups of people two logs without 2t - n
trustees who help him.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from unrigged.errors import InputError
from unrigged.sealed.encoding import digest, text_of
from unrigged.sealed.envelope import KEY_SIZE, Place, derived, seal
from unrigged.sealed.signatures import verified
from unrigged.server.entries import (
    Refused,
    checkpoint_statement,
    close_statement,
    contribution_statement,
    read_entry,
    trustee_sender,
)
from unrigged.server.reading import MAX_ROUNDS
from unrigged.server.rounds import SIZE_STEP
from unrigged.server.session import Session

OPENING = -1
"""Stands for the opening among the rounds of which something was signed."""

TOLERANCE = 10_000
"""Milliseconds by which the house's clock may be ahead of the trustee's."""


class Signed(Protocol):
    """What a trustee has signed: session and round to the root of the tree at the closing (and to the digest of the
    opening). It is durable before he answers."""

    def setdefault(self, place: tuple[str, int], root: bytes, /) -> bytes:
        """What was signed for that place; `root`, from now on, if nothing was."""


class Trustee:
    """A trustee with his secret (32 random bytes) and what he has signed."""

    def __init__(self, name: str, secret: bytes, signed: Signed) -> None:
        if len(secret) != KEY_SIZE:
            raise InputError("trustee's secret", f"{len(secret)} bytes", f"{KEY_SIZE} random bytes")
        self.name, self._secret, self._signed = name, secret, signed
        self._key = Ed25519PrivateKey.from_private_bytes(derived(secret, b"", "trustee's signature"))

    @property
    def key(self) -> bytes:
        """His public key for signatures."""
        return self._key.public_key().public_bytes_raw()

    def _round_key(self, session: str, round_: int) -> bytes:
        return derived(self._secret, digest("round", session, round_), "trustee's key of a round")

    def keys(self, session: str, rounds: int) -> dict[str, Any]:
        """What the opening of a session says of him: his public keys for its rounds."""
        if not 1 <= rounds <= MAX_ROUNDS:
            raise Refused("rounds", rounds, f"1 to {MAX_ROUNDS}")
        private = (self._round_key(session, number) for number in range(rounds))
        public = [X25519PrivateKey.from_private_bytes(one).public_key().public_bytes_raw() for one in private]
        return {"name": self.name, "key": text_of(self.key), "rounds": [text_of(one) for one in public]}

    def contribution(self, opening: bytes, signed: Signed | None = None) -> dict[str, Any]:
        """The fields of his entry that answers the opening: his sealed contributions to the coins of every round.

        Raises Refused where he has answered another opening of this session.
        """
        session = Session([read_entry(opening)])
        number = self._number_in(session)
        self._one_opening(session, self._signed if signed is None else signed)
        sender = trustee_sender(number)
        envelopes = []
        for round_ in range(len(session.secrets)):
            key = derived(self._secret, digest("contribution", opening, round_), "trustee's contribution")
            place = Place(session.id, round_, sender, SIZE_STEP)
            envelopes.append(seal(b"", key, place, session.committee(round_)))
        signature = self._key.sign(contribution_statement(session.id, opening, number, envelopes))
        return {"trustee": number, "envelopes": [text_of(one) for one in envelopes], "signature": text_of(signature)}

    def _one_opening(self, session: Session, signed: Signed) -> None:
        opening = session.opening.digest
        if signed.setdefault((session.id, OPENING), opening) != opening:
            raise Refused("fork", "another opening of this session", "the one that was answered before")

    def release(self, log: Iterable[bytes], signature: bytes, now: int, signed: Signed | None = None) -> dict[str, Any]:
        """The fields of his entry that opens the round closed last in `log`; `signature`: the house's on a checkpoint
        of that log; `now`: the time, in milliseconds since 1970.

        Raises Refused where the log is against a rule, is not the house's, or lies in the future, where no round is
        closed, or he has signed another closing of it.
        """
        session, signed = Session(log), self._signed if signed is None else signed
        if session.status == "draft":
            raise Refused("order", "a log without its opening or its trustees", "a closed round")
        if not verified(session.house, signature, checkpoint_statement(session.id, session.size, session.tree.root)):
            raise Refused("signature", "a log that the house has not signed", "its checkpoint of this very log")
        if session.now > now + TOLERANCE:
            raise Refused("clock", f"an entry of {session.now}", f"none later than now, {now}")
        self._one_opening(session, signed)
        return self.release_of(session, signed)

    def release_of(self, session: Session, signed: Signed) -> dict[str, Any]:
        """The same of a log that has been replayed; `signed`: what he has signed so far."""
        number = self._number_in(session)
        if session.status != "closing":
            raise Refused("order", f"the session is '{session.status}'", "a closed round")
        running = session.current
        place = (session.id, running.number)
        if signed.setdefault(place, running.closing) != running.closing:
            raise Refused("fork", "another closing of this round", "the one that was signed before")
        statement = close_statement(session.id, running.number, running.closed_size, running.closing)
        return {
            "round": running.number, "trustee": number, "signature": text_of(self._key.sign(statement)),
            "key": text_of(self._round_key(session.id, running.number)),
        }  # fmt: skip

    def _number_in(self, session: Session) -> int:
        for number, trustee in enumerate(session.trustees):
            if trustee.key == self.key:
                if list(trustee.rounds) != [
                    X25519PrivateKey.from_private_bytes(self._round_key(session.id, one))
                    .public_key()
                    .public_bytes_raw()
                    for one in range(len(trustee.rounds))
                ]:
                    raise Refused("trustee", f"other keys of {self.name}", "the keys that he gave")
                return number
        raise Refused("trustee", f"a session without {self.name}", "one in which he is named")
