"""The entries of a session's log: what each kind holds, built in one place and read strictly (docs/bundle.md).

An entry is a canonical JSON object. `kind` says what it is, `time` when it was written (milliseconds since 1970, UTC);
bytes are texts in base64url, exact numbers texts such as "1/2".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unrigged.errors import InputError
from unrigged.sealed.encoding import bytes_of, canonical, digest, framed, from_canonical

FORMAT = 1
"""The version of log and bundle."""

MAX_ENTRY = 4 * 2**20
"""The bytes of the largest entry."""

MAX_TIME = 253_402_300_799_999
"""The last moment of the year 9999."""

FIELDS: dict[str, tuple[str, ...]] = {
    "open": ("format", "session", "title", "house", "play", "participants", "trustees", "threshold", "secrets",
             "seconds", "digits", "money", "beacon", "version"),
    "contribution": ("trustee", "envelopes", "signature"),
    "join": ("player", "key", "token", "signature"),
    "round": ("round", "label", "actors", "size", "deadline"),
    "extend": ("round", "deadline"),
    "message": ("text",),
    "move": ("round", "player", "envelope", "signature"),
    "close": ("round", "reason"),
    "release": ("round", "trustee", "key", "signature"),
    "secret": ("round", "secret"),
    "beacon": ("round", "value"),
    "opened": ("round", "moves", "refused", "events"),
    "settled": ("outcome", "payments"),
    "void": ("reason",),
}  # fmt: skip
"""The kinds of entries, each with its fields besides `kind` and `time`."""


class Refused(InputError):
    """What is asked is against a rule of the session; nothing has changed. `rule` is its short name."""

    def __init__(self, rule: str, found: object, expected: str, fix: str = "") -> None:
        super().__init__(rule, found, expected, fix)
        self.rule = rule


@dataclass(frozen=True)
class Entry:
    """An entry: its bytes as they are logged, and what they say."""

    data: bytes
    kind: str
    time: int
    fields: Mapping[str, Any]

    def bytes(self, name: str, size: int | None = None) -> bytes:
        """A field that holds bytes."""
        return bytes_of(self.fields[name], name, size)


def entry(kind: str, time: int, **fields: Any) -> Entry:
    """A new entry; Refused where it cannot be one."""
    try:
        data = canonical({"kind": kind, "time": time, **fields})
    except InputError as error:
        raise Refused("form", error.found, error.expected) from None
    return read_entry(data)


def read_entry(data: bytes) -> Entry:
    """The entry that `data` writes; Refused where it is not one."""
    if len(data) > MAX_ENTRY:
        raise Refused("size", f"{len(data)} bytes", f"at most {MAX_ENTRY}")
    try:
        document = from_canonical(data)
    except InputError as error:
        raise Refused("form", error.found, error.expected) from None
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in FIELDS:
        raise Refused("form", "something else", "an object of a known kind")
    time = document.get("time")
    if set(document) != {"kind", "time", *FIELDS[kind]}:
        raise Refused("form", f"the fields {', '.join(sorted(document))}", f"those of the kind '{kind}'")
    if type(time) is not int or not 0 <= time <= MAX_TIME:
        raise Refused("form", f"the time {time!r}", "milliseconds since 1970")
    return Entry(data, kind, time, {name: document[name] for name in FIELDS[kind]})


def join_statement(session: str, player: str, key: bytes, opening: bytes) -> bytes:
    """What a participant signs to take his place, with the key he takes it with; `opening`: the digest of the first
    entry, so that what he signs with this key is for the rules that he has seen."""
    return framed("join", session, player, key, opening)


def move_statement(session: str, round_: int, player: str, envelope: bytes) -> bytes:
    """What a participant signs with a sealed move."""
    return framed("move", session, round_, player, envelope)


def presence_statement(session: str, player: str, opening: bytes) -> bytes:
    """What a participant signs to be shown as present; `opening`: the digest of the log's first entry."""
    return framed("presence", session, player, opening)


def contribution_statement(session: str, opening: bytes, trustee: int, envelopes: list[bytes]) -> bytes:
    """What a trustee signs with his sealed contributions: he has seen the opening, and serves."""
    return framed("contribution", session, digest("opening", opening), trustee, *envelopes)


def close_statement(session: str, round_: int, size: int, root: bytes) -> bytes:
    """What a trustee signs when a round is closed: the tree of all entries up to the closing. He signs one only."""
    return framed("close", session, round_, size, root)


def receipt_statement(session: str, index: int, data: bytes) -> bytes:
    """What the house signs for an entry that is durable."""
    return framed("receipt", session, index, digest("entry", data))


def checkpoint_statement(session: str, size: int, root: bytes) -> bytes:
    """What the house signs of its log."""
    return framed("checkpoint", session, size, root)


def token_digest(token: bytes) -> bytes:
    """What the opening says of a participant's one-time token."""
    return digest("token", token)


def commitment(session: str, round_: int, secret: bytes) -> bytes:
    """What the opening says of the house's secret for the coins of a round."""
    return digest("secret", session, round_, secret)


def trustee_sender(number: int) -> str:
    """The sender of a trustee's sealed contribution; no participant can have this name."""
    return f"\x00trustee {number}"
