"""What the first entry of a log says, read strictly: everything else in the session rests on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unrigged.errors import UnriggedError
from unrigged.mechanisms import mechanism_named
from unrigged.mechanisms.base import Mechanism
from unrigged.sealed.encoding import bytes_of, digest
from unrigged.sealed.envelope import KEY_SIZE, Committee
from unrigged.sealed.signatures import agrees, signs
from unrigged.server.entries import FORMAT, Entry, Refused
from unrigged.server.money import Money
from unrigged.transcripts import setting_from_json

MAX_PARTICIPANTS = 200
MAX_TRUSTEES = 255
MAX_ROUNDS = 1000
MAX_SECONDS = 10**8
MAX_DIGITS = 4000
KINDS = ("human", "program", "bot")

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Participant:
    """Somebody who may take part: the digest of the token with which he joins, and whether he is a human, a program or
    a bot of the house."""

    player: str
    token: bytes
    kind: str


@dataclass(frozen=True)
class Trustee:
    """A trustee: his signing key, and his public keys for the rounds."""

    name: str
    key: bytes
    rounds: tuple[bytes, ...]


@dataclass(frozen=True)
class Opening:
    """A session as it was opened; `digest`: of the entry, which participants and trustees sign."""

    digest: bytes
    id: str
    title: str
    house: bytes
    mechanism: Mechanism
    participants: dict[str, Participant]
    trustees: tuple[Trustee, ...]
    threshold: int
    secrets: tuple[bytes, ...]
    seconds: int
    digits: int
    money: Money
    beacon: str

    def committee(self, round_: int) -> Committee:
        """The trustees' public keys for a round."""
        return Committee(tuple(trustee.rounds[round_] for trustee in self.trustees), self.threshold)


def read_opening(first: Entry) -> Opening:
    """What an `open` entry says; Refused where it breaks a rule of docs/bundle.md."""
    fields = first.fields
    if type(fields["format"]) is not int or fields["format"] != FORMAT:
        raise Refused("format", fields["format"], f"{FORMAT}")
    session = text_in(fields["session"], "session", 64)
    if not _NAME.fullmatch(session):
        raise Refused("session", session, "1 to 64 letters, digits, - and _")
    text_in(fields["version"], "version", 200)
    house = first.bytes("house", KEY_SIZE)
    if not signs(house):
        raise Refused("house", "a key that commits to nothing", "a public key for signatures")
    secrets = tuple(bytes_of(one, "secrets", 32) for one in _list(fields["secrets"], "secrets", MAX_ROUNDS))
    mechanism = mechanism_in(fields["play"])
    found = Opening(
        digest("opening", first.data), session, text_in(fields["title"], "title", 200), house, mechanism,
        _participants(fields["participants"], mechanism), _trustees(fields["trustees"], len(secrets)),
        whole_in(fields["threshold"], "threshold", 1, MAX_TRUSTEES), secrets,
        whole_in(fields["seconds"], "seconds", 1, MAX_SECONDS), whole_in(fields["digits"], "digits", 1, MAX_DIGITS),
        Money.read(fields["money"]), text_in(fields["beacon"], "beacon", 200),
    )  # fmt: skip
    if found.threshold > len(found.trustees):
        raise Refused("threshold", found.threshold, f"at most {len(found.trustees)}, the number of trustees")
    return found


def mechanism_in(play: Any) -> Mechanism:
    """The mechanism that an opening names, with its parameters and setting; Refused where it names none."""
    try:
        _object(play, "play", ("mechanism", "parameters", "setting"))
        kind = mechanism_named(play["mechanism"], "mechanism")
        return kind.build(setting_from_json(play["setting"]), dict(play["parameters"]))
    except (UnriggedError, KeyError, TypeError, ValueError) as error:
        raise Refused("mechanism", str(error), "a mechanism that can be played") from None


def _participants(given: Any, mechanism: Mechanism) -> dict[str, Participant]:
    listed = _list(given, "participants", MAX_PARTICIPANTS)
    for each in listed:
        _object(each, "participants", ("player", "kind", "token"))
        if each["kind"] not in KINDS:
            raise Refused("participants", each["kind"], f"one of {', '.join(KINDS)}")
    names = mechanism.setting.players
    if [each["player"] for each in listed] != list(names):
        raise Refused("participants", [each["player"] for each in listed], f"the players {', '.join(names)}")
    return {
        each["player"]: Participant(each["player"], bytes_of(each["token"], "token", 32), each["kind"])
        for each in listed
    }


def _trustees(given: Any, rounds: int) -> tuple[Trustee, ...]:
    answer = []
    for each in _list(given, "trustees", MAX_TRUSTEES):
        _object(each, "trustees", ("name", "key", "rounds"))
        name, key = text_in(each["name"], "trustee's name", 100), bytes_of(each["key"], "key", KEY_SIZE)
        keys = tuple(bytes_of(one, "rounds", KEY_SIZE) for one in _list(each["rounds"], "rounds", MAX_ROUNDS))
        if len(keys) != rounds:
            raise Refused("trustees", f"{len(keys)} keys of {name}", f"one for each of the {rounds} rounds")
        if not name.strip() or not signs(key) or not all(agrees(one) for one in keys):
            raise Refused("trustees", f"no name, or a useless key, of '{name}'", "a name, and keys of his own")
        answer.append(Trustee(name, key, keys))
    names, signing = [one.name for one in answer], [one.key for one in answer]
    for what in (names, signing, [key for one in answer for key in one.rounds]):
        if len(set(what)) != len(what):
            raise Refused("trustees", "a name or a key twice", "names and keys that differ")
    return tuple(answer)


def _object(value: Any, where: str, names: tuple[str, ...]) -> None:
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise Refused(where, value, f"an object with {', '.join(names)}")


def _list(value: Any, where: str, most: int) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise Refused(where, value, f"a list of 1 to {most}")
    return value


def text_in(value: object, where: str, most: int) -> str:
    """`value` as a text; Refused otherwise."""
    if not isinstance(value, str) or len(value) > most:
        raise Refused(where, value, f"a text of at most {most} characters")
    return value


def whole_in(value: object, where: str, least: int, most: int) -> int:
    """`value` as an integer; Refused otherwise."""
    if type(value) is not int or not least <= value <= most:
        raise Refused(where, value, f"an integer from {least} to {most}")
    return value
