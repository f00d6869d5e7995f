"""A live session as the replay of its log: what has happened, what may come next, and nothing that is not in the log.

Time is an argument; nothing here reads a clock, draws a random number, touches a file or knows a private key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, History, after
from unrigged.sealed.encoding import alike, bytes_of, digest, text_of
from unrigged.sealed.envelope import KEY_SIZE, Committee, Place, read_envelope
from unrigged.sealed.merkle import Frontier, leaf
from unrigged.sealed.signatures import SIZE as SIGNATURE_SIZE
from unrigged.sealed.signatures import verified
from unrigged.server.entries import (
    MAX_TIME,
    Entry,
    Refused,
    close_statement,
    commitment,
    contribution_statement,
    entry,
    join_statement,
    move_statement,
    read_entry,
    token_digest,
    trustee_sender,
)
from unrigged.server.money import payments
from unrigged.server.reading import MAX_PARTICIPANTS, Participant, Trustee, mechanism_in, read_opening, text_in
from unrigged.server.rounds import SIZE_STEP, Result, Round, opened, padded_size
from unrigged.transcripts import outcome_to_json

Status = Literal["draft", "open", "playing", "closing", "settled", "void"]
"""`draft`: trustees have yet to contribute; `open`: participants join; `playing`: a round is open for moves; `closing`:
it is over and not opened yet."""

MAX_TEXT = 2000

__all__ = ["MAX_PARTICIPANTS", "Participant", "Session", "Trustee", "mechanism_in", "next_entries", "round_entry"]


@dataclass
class Running:
    """The round that is going on, or closed and not opened yet."""

    number: int
    label: str
    actors: tuple[str, ...]
    size: int
    deadline: int
    moves: dict[str, Entry]
    closing: bytes = b""
    closed_size: int = 0
    keys: dict[int, bytes] | None = None
    secret: bytes | None = None
    beacon: str | None = None
    result: Result | None = None


class Session:
    """The state of a session after all entries that were applied."""

    def __init__(self, entries: Iterable[bytes | Entry] = ()) -> None:
        self.entries: list[Entry] = []
        self.numbers: dict[bytes, int] = {}
        self.tree = Frontier()
        self.status: Status = "draft"
        self.contributions: dict[int, tuple[bytes, ...]] = {}
        self.keys: dict[str, bytes] = {}
        self.joined_by: dict[str, Entry] = {}
        self.history: History = ()
        self.seed = b""
        self.results: list[Result] = []
        self.rounds: list[Running] = []
        self.outcome: Outcome | None = None
        self.void_reason = ""
        self.messages: list[tuple[int, str]] = []
        for each in entries:
            self.apply(each)

    # What the opening says.

    def _open(self, first: Entry) -> None:
        found = read_opening(first)
        self.opening = found
        self.id, self.title, self.house, self.mechanism = found.id, found.title, found.house, found.mechanism
        self.participants, self.trustees, self.threshold = found.participants, found.trustees, found.threshold
        self.secrets, self.seconds, self.digits = found.secrets, found.seconds, found.digits
        self.money, self.beacon = found.money, found.beacon

    def committee(self, round_: int) -> Committee:
        """The trustees' public keys for a round."""
        return self.opening.committee(round_)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    @property
    def now(self) -> int:
        """The time of the last entry."""
        return self.entries[-1].time if self.entries else 0

    @property
    def current(self) -> Running:
        """The round that is going on."""
        return self.rounds[-1]

    @property
    def position(self) -> Decision | Chance | Outcome:
        """Where the play stands, by what is public."""
        return after(self.mechanism, self.history)[0]

    @property
    def missing(self) -> tuple[str, ...]:
        """Whose move the round is waiting for."""
        return tuple(name for name in self.current.actors if name not in self.current.moves)

    # Entries.

    def apply(self, added: bytes | Entry) -> Entry:
        """One more entry; Refused, with nothing changed, where it is against a rule."""
        one = read_entry(added) if isinstance(added, bytes) else added
        if (one.kind == "open") != (not self.entries):
            raise Refused("order", f"'{one.kind}'", "the opening first, and once")
        if one.time < self.now:
            raise Refused("time", one.time, f"no earlier than the entry before, {self.now}")
        if self.status in ("settled", "void"):
            raise Refused("over", f"'{one.kind}' after the end", "nothing more")
        getattr(self, f"_{one.kind}")(one)
        self.numbers[one.data] = len(self.entries)
        self.entries.append(one)
        self.tree.add(leaf(one.data))
        return one

    def _in(self, *statuses: Status) -> None:
        if self.status not in statuses:
            raise Refused("order", f"the session is '{self.status}'", " or ".join(f"'{status}'" for status in statuses))

    def _round_of(self, one: Entry) -> Running:
        given = one.fields["round"]
        if not self.rounds or type(given) is not int or given != self.current.number:
            raise Refused("round", given, "the round that is going on")
        return self.current

    def _contribution(self, one: Entry) -> None:
        self._in("draft")
        number, given = one.fields["trustee"], one.fields["envelopes"]
        if type(number) is not int or not 0 <= number < len(self.trustees) or number in self.contributions:
            raise Refused("trustee", number, "a trustee who has not contributed yet")
        if not isinstance(given, list) or len(given) != len(self.secrets):
            raise Refused("contribution", "other envelopes", f"one for each of {len(self.secrets)} rounds")
        envelopes = [bytes_of(each, f"envelopes[{place}]") for place, each in enumerate(given)]
        statement = contribution_statement(self.id, self.entries[0].data, number, envelopes)
        verify(self.trustees[number].key, one.bytes("signature", SIGNATURE_SIZE), statement)
        for round_, envelope in enumerate(envelopes):
            self._check_envelope(envelope, round_, trustee_sender(number), SIZE_STEP)
        self.contributions[number] = tuple(envelopes)
        if len(self.contributions) == len(self.trustees):
            self.status = "open"

    def _join(self, one: Entry) -> None:
        self._in("open", "playing", "closing")
        player, key = one.fields["player"], one.bytes("key", KEY_SIZE)
        if not isinstance(player, str) or player not in self.participants:
            raise Refused("eligibility", player, "a participant")
        if player in self.keys:
            raise Refused("eligibility", f"{player} again", "every place taken once")
        if token_digest(one.bytes("token")) != self.participants[player].token:
            raise Refused("eligibility", "another token", f"the one made for {player}")
        verify(key, one.bytes("signature", SIGNATURE_SIZE), join_statement(self.id, player, key, self.opening.digest))
        self.keys[player] = key
        self.joined_by[player] = one

    def _round(self, one: Entry) -> None:
        self._in("open", "playing")
        number = len(self.rounds)
        expected = self.next_round()
        if number == len(self.secrets):
            raise Refused("round", number, f"at most {number} rounds, as many as there are keys for")
        expected = {**expected, "round": number, "deadline": one.time + 1000 * self.seconds}
        if not alike(dict(one.fields), expected):
            raise Refused("round", dict(one.fields), str(expected))
        self.rounds.append(Running(number, expected["label"], tuple(expected["actors"]), expected["size"],
                                   one.fields["deadline"], {}))  # fmt: skip
        self.status = "playing"

    def next_round(self) -> dict[str, Any]:
        """What the next round is: its label, who moves, and the size of their moves. Where the mechanism begins with a
        coin, a round in which everybody may contribute to it comes first."""
        if self.rounds and self.current.number >= len(self.results):
            raise Refused("order", "a round while another is going on", "its end first")
        names = self.mechanism.setting.players
        position = self.position
        if isinstance(position, Decision):
            return {"label": position.label, "actors": [names[player] for player, _ in position.actors],
                    "size": padded_size(position, self.digits)}  # fmt: skip
        return {"label": "", "actors": list(names), "size": padded_size(None, self.digits)}

    def _extend(self, one: Entry) -> None:
        self._in("playing")
        running = self._round_of(one)
        deadline = one.fields["deadline"]
        if type(deadline) is not int or not running.deadline < deadline <= MAX_TIME:
            raise Refused("deadline", deadline, f"a time after {running.deadline}")
        if one.time > running.deadline:
            raise Refused("deadline", one.time, f"an extension before the deadline has passed, {running.deadline}")
        running.deadline = deadline

    def _message(self, one: Entry) -> None:
        self.messages.append((one.time, text_in(one.fields["text"], "text", MAX_TEXT)))

    def _move(self, one: Entry) -> None:
        self._in("playing")
        running, player = self._round_of(one), one.fields["player"]
        if player not in running.actors:  # which holds texts only
            raise Refused("eligibility", player, f"one of {', '.join(running.actors)}, who move in this round")
        if player in running.moves:
            raise Refused("once", f"another move of {player}", "one sealed move in a round")
        if player not in self.keys:
            raise Refused("eligibility", f"{player}, who has not joined", "somebody who has joined")
        if one.time > running.deadline:
            raise Refused("deadline", one.time, f"at most {running.deadline}")
        envelope = one.bytes("envelope")
        statement = move_statement(self.id, running.number, player, envelope)
        verify(self.keys[player], one.bytes("signature", SIGNATURE_SIZE), statement)
        self._check_envelope(envelope, running.number, player, running.size)
        running.moves[player] = one

    def _check_envelope(self, envelope: bytes, round_: int, sender: str, size: int) -> None:
        found = read_envelope(envelope, Place(self.id, round_, sender, size), self.committee(round_))
        if isinstance(found, str):
            raise Refused("envelope", f"an envelope: {found}", "a sealed move of this session, round and participant")

    def _close(self, one: Entry) -> None:
        self._in("playing")
        running = self._round_of(one)
        reason = one.fields["reason"]
        if reason != ("all moved" if not self.missing else "deadline"):
            raise Refused("close", reason, "'all moved' when they have, else 'deadline'")
        if self.missing and one.time < running.deadline:
            raise Refused("close", f"closed at {one.time}", f"not before {running.deadline}, as somebody has not moved")
        tree = Frontier()
        for each in (*self.entries, one):
            tree.add(leaf(each.data))
        running.closing, running.closed_size, running.keys = tree.root, tree.size, {}
        self.status = "closing"

    def _release(self, one: Entry) -> None:
        self._in("closing")
        running, number = self._round_of(one), one.fields["trustee"]
        assert running.keys is not None
        if type(number) is not int or not 0 <= number < len(self.trustees) or number in running.keys:
            raise Refused("trustee", number, "a trustee who has not released his key yet")
        trustee, key = self.trustees[number], one.bytes("key", KEY_SIZE)
        if X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw() != trustee.rounds[running.number]:
            raise Refused("trustee", f"another key of {trustee.name}", "the one whose public part was announced")
        statement = close_statement(self.id, running.number, running.closed_size, running.closing)
        verify(trustee.key, one.bytes("signature", SIGNATURE_SIZE), statement)
        running.keys[number] = key

    def _secret(self, one: Entry) -> None:
        self._in("closing")
        running, secret = self._round_of(one), one.bytes("secret", 32)
        if commitment(self.id, running.number, secret) != self.secrets[running.number]:
            raise Refused("secret", "another secret", "the one committed to at the opening")
        if running.secret is not None:
            raise Refused("once", "the secret again", "every secret once")
        running.secret = secret

    def _beacon(self, one: Entry) -> None:
        self._in("closing")
        running = self._round_of(one)
        if not self.beacon or running.beacon is not None:
            raise Refused("beacon", "a beacon's value", "one where a beacon is named, and once a round")
        running.beacon = text_in(one.fields["value"], "value", 1024)

    @property
    def ready(self) -> bool:
        """Whether a closed round can be opened."""
        if self.status != "closing":
            return False
        now = self.current
        enough = now.keys is not None and len(now.keys) >= self.threshold
        return enough and now.secret is not None and (not self.beacon or now.beacon is not None)

    def result(self) -> Result:
        """What the closed round leads to; Refused where it cannot be opened yet."""
        if not self.ready:
            raise Refused("order", "a round that cannot be opened yet", "enough trustees' keys, and the house's secret")
        if self.current.result is None:
            self.current.result = self.opening_of_round()()
        return self.current.result

    def opening_of_round(self) -> Callable[[], Result]:
        """How what the closed round leads to is computed, which may take long; the session need not be held for it."""
        now = self.current
        assert now.keys is not None
        assert now.secret is not None
        envelopes = {player: move.bytes("envelope") for player, move in now.moves.items()}
        contributions = tuple(self.contributions[number][now.number] for number in range(len(self.trustees)))
        closed = Round(self.id, now.number, self.mechanism, self.history, now.actors, now.size,
                       self.committee(now.number), envelopes, contributions)  # fmt: skip
        return partial(opened, closed, dict(now.keys), now.secret, now.beacon or "", now.closing, self.seed)

    def _opened(self, one: Entry) -> None:
        self._in("closing")
        self._round_of(one)
        result = self.result()
        expected = {"round": self.current.number, **opened_fields(result)}
        if not alike(dict(one.fields), expected):
            raise Refused("opened", "another result", "what the opened envelopes and the coins lead to")
        self.results.append(result)
        self.history, self.seed, self.outcome = result.history, result.seed, result.outcome
        self.status = "playing"

    def _settled(self, one: Entry) -> None:
        if self.outcome is None or self.status != "playing":
            raise Refused("order", "settled before the end of the play", "the end of the play")
        if not alike(dict(one.fields), settled_fields(self)):
            raise Refused("settled", "another outcome", "the one the play ended with")
        self.status = "settled"

    def _void(self, one: Entry) -> None:
        self.void_reason = text_in(one.fields["reason"], "reason", MAX_TEXT)
        self.status = "void"


def opened_fields(result: Result) -> dict[str, Any]:
    """What the log says of an opened round."""
    return {"moves": result.moves, "refused": result.refused, "events": result.events}


def settled_fields(session: Session) -> dict[str, Any]:
    """What the log says at the end: the outcome, and what everybody pays in money."""
    assert session.outcome is not None
    names = session.mechanism.setting.players
    return {
        "outcome": outcome_to_json(session.mechanism.setting, session.outcome),
        "payments": dict(zip(names, payments(session.money, session.outcome), strict=True)),
    }


def next_entries(session: Session, now: int) -> list[Entry]:
    """What the house has to write next that needs no secret and no trustee: close a round that is over, open one that
    can be opened, begin the next, settle. At most one entry; call again after it is written."""
    time = max(now, session.now)
    if session.status == "playing" and session.rounds and len(session.results) == len(session.rounds):
        if session.outcome is not None:
            return [entry("settled", time, **settled_fields(session))]
        return [round_entry(session, time)]
    if session.status == "playing":
        running = session.current
        if not session.missing:
            return [entry("close", time, round=running.number, reason="all moved")]
        if time >= running.deadline:
            return [entry("close", time, round=running.number, reason="deadline")]
    if session.ready:
        return [entry("opened", time, round=session.current.number, **opened_fields(session.result()))]
    return []


def round_entry(session: Session, time: int) -> Entry:
    """The entry that begins the next round."""
    return entry(
        "round", time, round=len(session.rounds), deadline=time + 1000 * session.seconds, **session.next_round()
    )


def verify(key: bytes, signature: bytes, statement: bytes) -> None:
    """Refused unless `signature` is one of `statement` by `key`."""
    if not verified(key, signature, statement):
        raise Refused("signature", "one that does not fit", "a signature by the key that was announced")


def log_digest(session: Session) -> str:
    """The root of the session's tree, as people see it."""
    return text_of(digest("root", session.tree.root))
