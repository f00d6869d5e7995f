"""Sealed moves: an envelope that any t of n trustees can open, and that proves itself well made once it is open.

The sender draws one fresh key. Everything random in the envelope is derived from that key: what the content is
encrypted with, the polynomial that splits the key among the trustees, the ephemeral keys to which each share is sealed,
and the sender's contribution to the public coins. When a round is over, trustees publish the private keys that they
made for that round alone; everybody can check these against the public ones. Whoever has t of them recovers the key,
derives the whole envelope again and compares it byte for byte. Either all is equal, or the move is void: which of the
trustees answered makes no difference, for if one set of t leads to an envelope that is equal throughout, so does every
other.

X25519 (RFC 7748), HKDF with SHA-256 (RFC 5869), AES-256-GCM, Ed25519 (RFC 8032).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from unrigged.errors import InputError
from unrigged.sealed.encoding import bytes_of, canonical, digest, from_canonical, text_of
from unrigged.sealed.sharing import secret_of, shares

KEY_SIZE = 32
TAG_SIZE = 16
_NONCE = bytes(12)
"""Every key encrypts once only, so the nonce need not vary."""


@dataclass(frozen=True)
class Committee:
    """The trustees' public keys for one round, in order, and how many of them open an envelope."""

    keys: tuple[bytes, ...]
    threshold: int

    def __post_init__(self) -> None:
        if not 1 <= self.threshold <= len(self.keys) <= 255:
            raise InputError("threshold", f"{self.threshold} of {len(self.keys)}", "1 <= threshold <= trustees <= 255")

    @property
    def fingerprint(self) -> bytes:
        """The digest of all this."""
        return digest("committee", self.threshold, *self.keys)


@dataclass(frozen=True)
class Place:
    """Where an envelope belongs: the session, the round, and who sends it; `size`: that of the padded content."""

    session: str
    round: int
    sender: str
    size: int

    def bound_to(self, committee: Committee) -> bytes:
        """The digest that everything in the envelope depends on."""
        return digest("place", self.session, self.round, self.sender, self.size, committee.fingerprint)


def derived(secret: bytes, salt: bytes, label: str, size: int = KEY_SIZE) -> bytes:
    """`size` bytes derived from a secret by HKDF."""
    return HKDF(SHA256(), size, salt, f"unrigged/1 {label}".encode()).derive(secret)


def padded(content: bytes, size: int) -> bytes:
    """The content after its length in 4 bytes, and zeros up to `size`; InputError where it is too long."""
    if len(content) + 4 > size:
        raise InputError("move", f"{len(content)} bytes", f"at most {size - 4} bytes")
    return len(content).to_bytes(4, "big") + content + bytes(size - 4 - len(content))


def unpadded(data: bytes) -> bytes | None:
    """What `padded` was given; None where `data` is not in that form."""
    length = int.from_bytes(data[:4], "big")
    content = data[4 : 4 + length]
    return content if len(content) == length and not any(data[4 + length :]) else None


def seal(content: bytes, key: bytes, place: Place, committee: Committee) -> bytes:
    """The envelope (not yet signed) that holds `content`; `key`: 32 fresh random bytes, used for nothing else."""
    bound = place.bound_to(committee)
    count = len(committee.keys)
    inside = AESGCM(derived(key, bound, "content")).encrypt(_NONCE, padded(content, place.size), bound)
    polynomial = (
        derived(key, bound, "polynomial", KEY_SIZE * (committee.threshold - 1)) if committee.threshold > 1 else b""
    )
    coefficients = [polynomial[start : start + KEY_SIZE] for start in range(0, len(polynomial), KEY_SIZE)]
    boxes = []
    for number, (share, trustee) in enumerate(zip(shares(key, coefficients, count), committee.keys, strict=True)):
        ephemeral = X25519PrivateKey.from_private_bytes(derived(key, bound, f"ephemeral {number}"))
        public = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(trustee))
        box = AESGCM(_box_key(shared, public, trustee, bound)).encrypt(_NONCE, share, bound)
        boxes.append([text_of(public), text_of(box)])
    return canonical({
        "boxes": boxes, "content": text_of(inside), "round": place.round, "sender": place.sender,
        "session": place.session, "size": place.size, "unrigged": 1,
    })  # fmt: skip


def _box_key(shared: bytes, public: bytes, trustee: bytes, bound: bytes) -> bytes:
    return derived(shared, digest("box", public, trustee, bound), "share")


def coin_of(key: bytes, place: Place, committee: Committee) -> bytes:
    """What the sender of an envelope contributes to the public coins of its round."""
    return derived(key, place.bound_to(committee), "coin")


@dataclass(frozen=True)
class Opened:
    """An envelope opened: its content, and what its sender contributes to the coins."""

    content: bytes
    coin: bytes


def open_envelope(envelope: bytes, place: Place, committee: Committee, private: Mapping[int, bytes]) -> Opened | str:
    """What is in `envelope`, by trustees' private keys for the round (by place, at least t); or why it is void.

    The answer is the same whichever t trustees' keys are given. Raises InputError where keys are missing or not the
    committee's.
    """
    for number, secret in private.items():
        if X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw() != committee.keys[number]:
            raise InputError(
                f"the key of trustee {number + 1}", "another key", "the one whose public part was announced"
            )
    if len(private) < committee.threshold:
        raise InputError("trustees' keys", len(private), f"at least {committee.threshold}")
    fields = read_envelope(envelope, place, committee)
    if isinstance(fields, str):
        return fields
    bound = place.bound_to(committee)
    known: dict[int, bytes] = {}
    for number in sorted(private)[: committee.threshold]:
        public, box = fields.boxes[number]
        try:
            shared = X25519PrivateKey.from_private_bytes(private[number]).exchange(
                X25519PublicKey.from_public_bytes(public)
            )
            known[number] = AESGCM(_box_key(shared, public, committee.keys[number], bound)).decrypt(_NONCE, box, bound)
        except (InvalidTag, ValueError):
            return "a share of its key does not open"
    key = secret_of(known)
    try:
        data = AESGCM(derived(key, bound, "content")).decrypt(_NONCE, fields.content, bound)
    except InvalidTag:
        return "its shares give a key that does not open it"
    content = unpadded(data)
    if content is None or seal(content, key, place, committee) != envelope:
        return "it is not what its own key makes"
    return Opened(content, coin_of(key, place, committee))


@dataclass(frozen=True)
class Fields:
    """The parts of a sealed envelope."""

    boxes: tuple[tuple[bytes, bytes], ...]
    content: bytes


def read_envelope(envelope: bytes, place: Place, committee: Committee) -> Fields | str:
    """The parts of an envelope that belongs to `place`; or why it does not. Needs no key."""
    try:
        document = from_canonical(envelope, "envelope")
        expected = {"round": place.round, "sender": place.sender, "session": place.session, "size": place.size,
                    "unrigged": 1}  # fmt: skip
        if not isinstance(document, dict) or set(document) != {*expected, "boxes", "content"}:
            return "it has other fields than an envelope"
        for name, value in expected.items():
            if document[name] != value or isinstance(document[name], bool):
                return f"it is for another {name}"
        return Fields(_boxes(document["boxes"], len(committee.keys)), _content(document["content"], place.size))
    except InputError as error:
        return f"it is not well formed: {error}"


def _boxes(given: Any, count: int) -> tuple[tuple[bytes, bytes], ...]:
    if (
        not isinstance(given, list)
        or len(given) != count
        or not all(isinstance(x, list) and len(x) == 2 for x in given)
    ):
        raise InputError("boxes", "something else", f"{count} pairs, one for each trustee")
    return tuple(
        (bytes_of(public, f"boxes[{i}][0]", KEY_SIZE), bytes_of(box, f"boxes[{i}][1]", KEY_SIZE + TAG_SIZE))
        for i, (public, box) in enumerate(given)
    )


def _content(given: Any, size: int) -> bytes:
    return bytes_of(given, "content", size + TAG_SIZE)
