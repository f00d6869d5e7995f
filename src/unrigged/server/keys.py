"""What a participant's program keeps: the link it was given, and its key with what was sent and confirmed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unrigged.errors import FileError, InputError
from unrigged.sealed.encoding import bytes_of, digest, text_of
from unrigged.sealed.envelope import KEY_SIZE
from unrigged.server.entries import Refused, join_statement

FORM = "key"
"""What the field `unrigged` of a key file says; participants' pages write and read the same files."""

_PATH = re.compile(r"(?P<before>.*)/s/(?P<session>[^/]+)/p/(?P<player>.+)")


@dataclass(frozen=True)
class Link:
    """A participant's link: where the house is, which session, and whose place; the one-time token for it, and what the
    organiser has noted for this participant alone. Token and notes are never shown."""

    house: str
    session: str
    player: str
    token: str = field(default="", repr=False)
    notes: Any = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.house}/s/{quote(self.session, safe='')}/p/{quote(self.player, safe='')}"


def read_link(text: str) -> Link:
    """The link that `text` writes: http(s)://HOUSE/s/SESSION/p/PLAYER#t=TOKEN[&k=NOTES], notes in base64url: the value
    they write as JSON, or the text where they are none.

    Raises InputError, in which the token is not shown.

    >>> read_link("http://localhost:8000/s/x1/p/Ann%20B#t=AAAA").player
    'Ann B'
    """
    expected = "a link such as http://localhost:8000/s/SESSION/p/NAME#t=TOKEN"
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    found = _PATH.fullmatch(parts.path)
    if parts.scheme not in ("http", "https") or not host or found is None:
        raise InputError("link", text.partition("#")[0], expected)
    given = parse_qs(parts.fragment)
    house = f"{parts.scheme}://{parts.netloc}{found['before']}"
    return Link(house, unquote(found["session"]), unquote(found["player"]), given.get("t", [""])[0],
                _notes(given.get("k", [""])[0]))  # fmt: skip


def _notes(text: str) -> Any:
    try:
        words = bytes_of(text, "notes").decode()
    except (InputError, UnicodeDecodeError):
        raise InputError("link", "notes that cannot be read (k=...)", "the whole link, as it was sent") from None
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        return words


class Key:
    """A participant's key in one session, the envelopes he has sealed with it, and the receipts he was given.

    Where `path` is given all this is in that file, readable by its owner alone, and written before anything is sent: a
    program that starts again sends the same envelopes.
    """

    def __init__(self, session: str, player: str, secret: bytes, path: Path | None = None) -> None:
        self.session, self.player, self.path = session, player, path
        self._secret = secret
        self._signs = Ed25519PrivateKey.from_private_bytes(secret)
        self.sent: dict[int, str] = {}
        self.receipts: list[dict[str, Any]] = []
        self.seen: tuple[int, bytes] | None = None

    @classmethod
    def new(cls, link: Link, path: Path | None = None) -> Key:
        """A new key for the place of `link`; FileError where there is something at `path`, or it cannot be written."""
        made = cls(link.session, link.player, os.urandom(KEY_SIZE), path)
        if path is not None:
            try:
                path.touch(0o600, exist_ok=False)
            except OSError as error:
                raise FileError(str(path), error, "make") from None
            made.save()
        return made

    @classmethod
    def read(cls, path: Path) -> Key:
        """The key in a file; InputError naming the file where it holds none."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise FileError(str(path), error) from None
        except ValueError:
            raise InputError(str(path), "something else", "a participant's key, as this program writes it") from None
        try:
            if document["unrigged"] != FORM:
                raise ValueError
            made = cls(document["session"], document["player"], bytes_of(document["secret"], "secret", KEY_SIZE), path)
            made.sent = {int(number): str(envelope) for number, envelope in document.get("sent", {}).items()}
            made.receipts = [dict(one) for one in document.get("receipts", [])]
            if document.get("seen") is not None:
                made.seen = (int(document["seen"]["size"]), bytes_of(document["seen"]["root"], "seen.root", 32))
        except (InputError, KeyError, TypeError, ValueError, AttributeError):
            raise InputError(str(path), "something else", "a participant's key, as this program writes it") from None
        return made

    @classmethod
    def at(cls, link: Link, path: Path | None) -> Key:
        """The key in the file at `path` where there is one, else a new one that is kept there."""
        return cls.read(path) if path is not None and path.exists() else cls.new(link, path)

    def check(self, link: Link) -> None:
        """InputError unless this is the key for the place of `link`."""
        if (self.session, self.player) != (link.session, link.player):
            raise InputError(str(self.path or "key"), f"the key of {self.player} in session {self.session}",
                             f"one of {link.player} in session {link.session}")  # fmt: skip

    @property
    def public(self) -> bytes:
        """The public key."""
        return self._signs.public_key().public_bytes_raw()

    def signed(self, statement: bytes) -> str:
        """The signature on a statement."""
        return text_of(self._signs.sign(statement))

    def joining(self, token: str, opening: bytes) -> dict[str, str]:
        """What takes the place: the public key, the token, and the signature; `opening`: the log's first entry."""
        statement = join_statement(self.session, self.player, self.public, digest("opening", opening))
        return {"player": self.player, "key": text_of(self.public), "token": token, "signature": self.signed(statement)}

    def keep_sent(self, round_: int, envelope: str) -> None:
        """Keep an envelope that is about to be sent; Refused where there is one for that round."""
        if round_ in self.sent:
            raise Refused("once", f"another move for round {round_ + 1}", "one sealed move in a round")
        self.sent[round_] = envelope
        self.save()

    def keep_receipt(self, receipt: Mapping[str, Any]) -> None:
        """Keep a receipt."""
        if dict(receipt) not in self.receipts:
            self.receipts.append(dict(receipt))
            self.save()

    def see(self, seen: tuple[int, bytes] | None) -> None:
        """Keep how large the log is, and its root."""
        if seen is not None and seen != self.seen:
            self.seen = seen
            self.save()

    def to_json(self) -> dict[str, Any]:
        """All of it, the secret included."""
        seen = None if self.seen is None else {"size": self.seen[0], "root": text_of(self.seen[1])}
        return {
            "unrigged": FORM, "session": self.session, "player": self.player,
            "secret": text_of(self._secret), "sent": {str(number): one for number, one in self.sent.items()},
            "receipts": self.receipts, "seen": seen,
        }  # fmt: skip

    def save(self) -> None:
        """Write the file anew, in one step."""
        if self.path is None:
            return
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                json.dump(self.to_json(), file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            raise FileError(str(self.path), error, "write") from None
