"""The rules of a session's log (docs/bundle.md), checked entry by entry, up to a replay of the mechanism."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from unrigged.audit.bundle import Bundle
from unrigged.audit.findings import Findings, at, need
from unrigged.audit.opening import OWN, listed, read_opening
from unrigged.audit.whole import whole
from unrigged.errors import InputError
from unrigged.exact import written
from unrigged.moves.base import MoveSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Event, after, replay
from unrigged.sealed import merkle
from unrigged.sealed.coins import draw, seed
from unrigged.sealed.encoding import alike, bytes_of, canonical, digest, framed, from_canonical, from_json
from unrigged.sealed.envelope import Opened, Place, open_envelope, read_envelope
from unrigged.sealed.signatures import verified
from unrigged.transcripts import events_to_json, outcome_to_json

KINDS = {
    "open": {"format", "session", "title", "house", "play", "participants", "trustees", "threshold", "secrets",
             "seconds", "digits", "money", "beacon", "version"},
    "contribution": {"trustee", "envelopes", "signature"},
    "join": {"player", "key", "token", "signature"},
    "round": {"round", "label", "actors", "size", "deadline"},
    "extend": {"round", "deadline"},
    "message": {"text"},
    "move": {"round", "player", "envelope", "signature"},
    "close": {"round", "reason"},
    "release": {"round", "trustee", "key", "signature"},
    "secret": {"round", "secret"},
    "beacon": {"round", "value"},
    "opened": {"round", "moves", "refused", "events"},
    "settled": {"outcome", "payments"},
    "void": {"reason"},
}  # fmt: skip

STEP, LARGEST, TRUSTEES_SIZE = 256, 32 * 1024, 256
LARGEST_ENTRY, MAX_TEXT, LATEST = 4 * 2**20, 2000, 253_402_300_799_999


def audit(bundle: Bundle, pinned: Iterable[bytes] = (), kept: Iterable[Any] = ()) -> Findings:
    """Check everything in `bundle`; Broken names the first entry and rule that is not in order.

    `pinned`: public keys that were got from elsewhere; where some are given, the house's and every trustee's but that
    of the house must be among them. `kept`: receipts and checkpoints that somebody kept, as the house gave them.
    """
    auditor = _read(bundle.entries, set(pinned))
    with at(None):
        whole(auditor, bundle, kept)
    return auditor.findings


def audited(entries: Iterable[bytes]) -> Findings:
    """What the entries of a log say, every rule checked; Broken names the first that is not in order."""
    return _read(entries, set()).findings


def move_in(space: MoveSpace, found: Opened | str) -> tuple[Any, str]:
    """The move that counts, and why it is the default (nothing where it is not)."""
    if isinstance(found, str):
        return space.default, found
    try:
        content = from_json(found.content)
    except InputError:
        return space.default, "its content is not JSON"
    try:
        move = space.decode(content)
        canonical(space.encode(move))
    except InputError:
        return space.default, "it is no legal move"
    return move, ""


def _read(entries: Iterable[bytes], pinned: set[bytes]) -> Auditor:
    auditor = Auditor(pinned)
    for number, data in enumerate(entries):
        with at(number):
            auditor.entry(number, data)
    return auditor


class Auditor:
    """What is known of the session after the entries read so far: also the means to follow a log while it grows.

    `entry` takes the next one, and raises what `at` makes a Broken of; after an error the auditor is of no more use.
    """

    def __init__(self, pinned: set[bytes]) -> None:
        self.pinned = pinned
        self.findings = Findings()
        self.phase = "start"
        self.time = 0
        self.leaves: list[bytes] = []
        self.frontier = merkle.Frontier()
        self.contributions: dict[int, list[bytes]] = {}
        self.keys: dict[str, bytes] = {}
        self.round = -1
        self.now: dict[str, Any] = {}
        self.seed = b""

    def check(self, condition: bool, rule: str, words: str) -> None:
        """Broken unless the condition holds; counted where it does."""
        need(condition, rule, words)
        self.findings.held(rule)

    def entry(self, number: int, data: bytes) -> None:
        """One more entry."""
        self.check(len(data) <= LARGEST_ENTRY, "size", f"it has more than {LARGEST_ENTRY} bytes")
        fields = from_canonical(data)
        given = fields.pop("kind", None) if isinstance(fields, dict) else None
        kind = given if isinstance(given, str) else ""
        self.check(kind in KINDS, "form", "it is of no known kind")
        time = fields.pop("time", None)
        self.check(set(fields) == KINDS[kind], "form", f"it has not the fields of '{kind}'")
        self.check(type(time) is int and self.time <= time <= LATEST, "time", f"{time} is earlier than {self.time}")
        self.check((kind == "open") == (number == 0), "order", "the opening comes first, and once")
        self.check(self.phase not in ("settled", "void"), "order", "something follows the end")
        self.time = time
        self.findings.times.append((time, kind))
        self.data = data
        getattr(self, f"see_{kind}")(fields)
        leaf = merkle.leaf(data)
        self.leaves.append(leaf)
        self.frontier.add(leaf)
        if kind == "close":
            self.now["tree"] = (self.frontier.size, self.frontier.root)

    def in_phase(self, *phases: str) -> None:
        self.check(self.phase in phases, "order", f"it stands where the session is '{self.phase}'")

    def signed(self, key: bytes, signature: Any, statement: bytes, whose: str) -> None:
        """The signature is the key's on the statement."""
        self.check(isinstance(signature, str), "signature", f"it is not signed by {whose}")
        need(
            verified(key, bytes_of(signature, "signature", 64), statement), "signature", f"it is not signed by {whose}"
        )
        self.findings.held("signature")

    # The opening, trustees, participants.

    def see_open(self, fields: dict[str, Any]) -> None:
        opening = self.opening = read_opening(self.data, fields, self.check)
        self.mechanism, self.names = opening.mechanism, opening.mechanism.setting.players
        self.session, self.house, self.trustees = opening.session, opening.house, opening.trustees
        self.secrets, self.threshold, self.committee = opening.secrets, opening.threshold, opening.committee
        if self.pinned:
            self.check(self.house in self.pinned, "pin", "the house's key is not among the pinned ones")
            for name, key, _ in self.trustees:
                if name != OWN:
                    self.check(key in self.pinned, "pin", f"the key of {name} is not among the pinned ones")
        self.history: tuple[Event, ...] = ()
        self.position = after(self.mechanism, ())[0]
        self.findings.session, self.findings.title = opening.session, opening.title
        self.findings.mechanism, self.findings.opening = self.mechanism, dict(fields)
        self.findings.operator_reads = opening.operator_reads
        self.phase = "trustees"

    def see_contribution(self, fields: dict[str, Any]) -> None:
        self.in_phase("trustees")
        number = fields["trustee"]
        self.check(type(number) is int and 0 <= number < len(self.trustees), "trustees", "there is no such trustee")
        self.check(number not in self.contributions, "trustees", "this trustee has contributed before")
        envelopes = [bytes_of(one, "envelopes") for one in listed(fields["envelopes"], self.check, len(self.secrets))]
        self.check(len(envelopes) == len(self.secrets), "trustees", "there is not an envelope for every round")
        name, key, _ = self.trustees[number]
        statement = framed("contribution", self.session, self.opening.digest, number, *envelopes)
        self.signed(key, fields["signature"], statement, name)
        for round_, envelope in enumerate(envelopes):
            self.in_place(envelope, Place(self.session, round_, f"\0trustee {number}", TRUSTEES_SIZE))
        self.contributions[number] = envelopes
        if len(self.contributions) == len(self.trustees):
            self.phase = "open"

    def in_place(self, envelope: bytes, place: Place) -> None:
        found = read_envelope(envelope, place, self.committee(place.round))
        self.check(not isinstance(found, str), "envelope", f"the envelope is not one of this place: {found}")

    def see_join(self, fields: dict[str, Any]) -> None:
        self.in_phase("open", "moves", "closed", "done")
        player, key = fields["player"], bytes_of(fields["key"], "key", 32)
        tokens = self.opening.tokens
        self.check(isinstance(player, str) and player in tokens, "eligibility", f"{player} is not a participant")
        self.check(player not in self.keys, "eligibility", f"{player} has joined before")
        self.check(digest("token", bytes_of(fields["token"], "token")) == tokens[player], "eligibility",
                   f"the token is not the one made for {player}")  # fmt: skip
        statement = framed("join", self.session, player, key, self.opening.digest)
        self.signed(key, fields["signature"], statement, player)
        self.keys[player] = key

    def see_message(self, fields: dict[str, Any]) -> None:
        self.text(fields["text"], MAX_TEXT)

    def text(self, value: Any, most: int) -> str:
        self.check(isinstance(value, str) and len(value) <= most, "form", f"it is no text of at most {most} characters")
        return str(value)

    # Rounds.

    def see_round(self, fields: dict[str, Any]) -> None:
        self.in_phase("open", "done")
        self.check(self.phase == "open" or self.round >= 0, "order", "the round before is not over")
        self.check(not isinstance(self.position, Outcome), "order", "the play is over")
        decision = self.position if isinstance(self.position, Decision) else None
        actors = self.names if decision is None else tuple(self.names[player] for player, _ in decision.actors)
        digits = self.opening.digits
        longest = 0 if decision is None else max(space.encoded_limit(digits) for _, space in decision.actors)
        size = min((longest + 4 + STEP - 1) // STEP * STEP, LARGEST)
        self.check(self.is_number(fields["round"], self.round + 1), "round", "it is not the next one")
        self.check(self.round + 1 < len(self.secrets), "round", "there are no keys for as many rounds")
        self.check(fields["label"] == (decision.label if decision else ""), "round", "another decision comes next")
        self.check(fields["actors"] == list(actors), "round", "others move in it")
        self.check(self.is_number(fields["size"], size), "round", f"moves are to be padded to {size} bytes")
        self.check(self.is_number(fields["deadline"], self.time + 1000 * self.opening.seconds), "deadline",
                   f"a round lasts {self.opening.seconds} seconds")  # fmt: skip
        self.round += 1
        self.now = {"actors": actors, "size": size, "deadline": fields["deadline"], "moves": {}, "keys": {},
                    "secret": None, "beacon": None}  # fmt: skip
        self.phase = "moves"

    def of_round(self, fields: dict[str, Any], *phases: str) -> None:
        self.in_phase(*phases)
        self.check(self.is_number(fields["round"], self.round), "round", "it is of another round")

    @staticmethod
    def is_number(value: Any, expected: int) -> bool:
        return type(value) is int and value == expected

    def see_extend(self, fields: dict[str, Any]) -> None:
        self.of_round(fields, "moves")
        deadline, before = fields["deadline"], self.now["deadline"]
        self.check(type(deadline) is int and before < deadline <= LATEST, "deadline", "it is not a later one")
        self.check(self.time <= before, "deadline", "the deadline had passed when it was extended")
        self.now["deadline"] = deadline

    def see_move(self, fields: dict[str, Any]) -> None:
        self.of_round(fields, "moves")
        player, envelope = fields["player"], bytes_of(fields["envelope"], "envelope")
        self.check(player in self.now["actors"], "eligibility", f"{player} does not move in this round")
        self.check(player not in self.now["moves"], "once", f"{player} has moved before in this round")
        self.check(player in self.keys, "eligibility", f"{player} has not joined")
        self.check(self.time <= self.now["deadline"], "deadline", "it came after the deadline")
        self.signed(self.keys[player], fields["signature"], framed("move", self.session, self.round, player, envelope),
                    player)  # fmt: skip
        self.in_place(envelope, Place(self.session, self.round, player, self.now["size"]))
        self.now["moves"][player] = envelope

    def see_close(self, fields: dict[str, Any]) -> None:
        self.of_round(fields, "moves")
        missing = [name for name in self.now["actors"] if name not in self.now["moves"]]
        self.check(fields["reason"] == ("deadline" if missing else "all moved"), "close", "it states another reason")
        self.check(not missing or self.time >= self.now["deadline"], "deadline", "it was closed before the deadline")
        self.phase = "closed"

    def see_release(self, fields: dict[str, Any]) -> None:
        self.of_round(fields, "closed")
        number, key = fields["trustee"], bytes_of(fields["key"], "key", 32)
        self.check(type(number) is int and 0 <= number < len(self.trustees), "trustees", "there is no such trustee")
        self.check(number not in self.now["keys"], "trustees", "this trustee has released the key before")
        name, theirs, rounds = self.trustees[number]
        public = X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
        self.check(public == rounds[self.round], "trustees", f"it is not the key that {name} announced")
        self.signed(theirs, fields["signature"], framed("close", self.session, self.round, *self.now["tree"]), name)
        self.now["keys"][number] = key

    def see_secret(self, fields: dict[str, Any]) -> None:
        self.of_round(fields, "closed")
        secret = bytes_of(fields["secret"], "secret", 32)
        self.check(self.now["secret"] is None, "secret", "it was given before")
        self.check(digest("secret", self.session, self.round, secret) == self.secrets[self.round], "secret",
                   "it is not the one committed to at the opening")  # fmt: skip
        self.now["secret"] = secret

    def see_beacon(self, fields: dict[str, Any]) -> None:
        self.of_round(fields, "closed")
        self.check(bool(self.opening.beacon) and self.now["beacon"] is None, "beacon", "no beacon is due")
        self.now["beacon"] = self.text(fields["value"], 1024)
        self.findings.beacons.append((self.round, fields["value"]))

    def see_opened(self, fields: dict[str, Any]) -> None:
        self.of_round(fields, "closed")
        self.check(len(self.now["keys"]) >= self.threshold, "trustees", "not enough trustees have released their keys")
        self.check(self.now["secret"] is not None, "secret", "the house's secret is missing")
        self.check(not self.opening.beacon or self.now["beacon"] is not None, "beacon", "the beacon's value is missing")
        before, chosen, moves, refused, coins = self.history, {}, {}, {}, []
        for name in self.now["actors"]:
            found = self.opened(name, self.now["moves"].get(name), self.now["size"])
            coins.append(found.coin if isinstance(found, Opened) else b"-")
            if not isinstance(self.position, Decision):
                if isinstance(found, str):
                    refused[name] = found
                continue
            player = self.names.index(name)
            space = self.position.space(player)
            assert space is not None
            chosen[player], why = move_in(space, found)
            if why:
                refused[name] = why
            moves[name] = space.encode(chosen[player])
        for number in range(len(self.trustees)):
            sealed = self.contributions[number][self.round]
            found = self.opened(f"\0trustee {number}", sealed, TRUSTEES_SIZE)
            coins.append(found.coin if isinstance(found, Opened) else b"-")
        self.check(alike(fields["moves"], moves), "moves", "they are not what the envelopes hold")
        self.check(alike(fields["refused"], refused), "default", "a default is taken for others, or for another reason")
        self.seed = seed("round", self.session, self.round, self.seed, self.now["tree"][1], *coins, self.now["secret"],
                         self.now["beacon"] or "")  # fmt: skip
        if isinstance(self.position, Decision):
            event = Event(
                self.position.label, moves=tuple((player, chosen[player]) for player, _ in self.position.actors)
            )
            self.history = (*self.history, event)
        self.toss()
        events = list(events_to_json(self.mechanism, self.history))[len(before) :]
        self.check(alike(fields["events"], events), "coins", "the coins do not show what the seed gives")
        self.findings.refused += [(self.round, name, why) for name, why in refused.items()]
        self.phase = "done"

    def opened(self, sender: str, envelope: bytes | None, size: int) -> Opened | str:
        if envelope is None:
            return "nothing was sent in time"
        place = Place(self.session, self.round, sender, size)
        found = open_envelope(envelope, place, self.committee(self.round), self.now["keys"])
        return found if isinstance(found, Opened) else "its envelope is void"

    def toss(self) -> None:
        position, _ = after(self.mechanism, self.history)
        while isinstance(position, Chance):
            side = draw([branch.probability for branch in position.branches], self.seed, position.label)
            self.history = (*self.history, Event(position.label, side=position.branches[side].name))
            self.findings.held("coins")
            position, _ = after(self.mechanism, self.history)
        self.position = position

    # The end.

    def see_settled(self, fields: dict[str, Any]) -> None:
        self.in_phase("done")
        outcome = replay(self.mechanism, self.history)
        expected = outcome_to_json(self.mechanism.setting, outcome)
        self.check(alike(fields["outcome"], expected), "outcome", "it is not the one that the mechanism gives")
        payments = {name: written(self.paid(price)) for name, price in zip(self.names, outcome.prices, strict=True)}
        self.check(alike(fields["payments"], payments), "payments", "they are not the prices, rounded as was stated")
        self.findings.history, self.findings.outcome, self.findings.payments = self.history, outcome, payments
        self.phase = self.findings.status = "settled"

    def paid(self, price: Any) -> Fraction:
        """A price rounded to steps: down, or to the nearest with halves down."""
        steps = Fraction(price) / self.opening.step
        whole = floor(steps)
        if self.opening.rounding == "nearest" and steps - whole > Fraction(1, 2):
            whole += 1
        return Fraction(whole * self.opening.step)

    def see_void(self, fields: dict[str, Any]) -> None:
        self.findings.void, self.findings.history = self.text(fields["reason"], MAX_TEXT), self.history
        self.phase = self.findings.status = "void"
