"""Golden vectors of coins and envelopes: the package gives them, and so does a second, short implementation here.

The second implementation is written from docs/bundle.md with the hash functions of the standard library, and the
primitives of `cryptography` for curves and ciphers; it shares no code with the package.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from fractions import Fraction
from hashlib import sha256, shake_256
from math import lcm
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from unrigged.sealed.coins import below, draw, seed
from unrigged.sealed.envelope import Committee, Opened, Place, coin_of, open_envelope, seal

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))


def data(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


SEED = data(GOLDEN["seeds"][0]["seed"])


def test_there_are_golden_vectors() -> None:
    assert {name: len(each) for name, each in GOLDEN.items()} == {"seeds": 2, "below": 33, "draws": 8, "envelopes": 3}


# The second implementation.


def frame(*parts: bytes) -> bytes:
    return b"unrigged/1" + b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def hashed(*parts: object) -> bytes:
    return sha256(frame(*(part if isinstance(part, bytes) else str(part).encode() for part in parts))).digest()


def number_below(limit: int, label: str) -> int:
    bits = (limit - 1).bit_length()
    size, place = -(-bits // 8), 0
    while True:
        stream = shake_256(frame(b"coin", SEED, label.encode())).digest(place + size)
        found = int.from_bytes(stream[place:], "big") % 2**bits
        if found < limit:
            return found
        place += size


def expanded(secret: bytes, salt: bytes, label: str, size: int = 32) -> bytes:
    """HKDF as RFC 5869 writes it."""
    key, answer, block = hmac.digest(salt, secret, "sha256"), b"", b""
    for number in range(1, -(-size // 32) + 1):
        block = hmac.digest(key, block + f"unrigged/1 {label}".encode() + bytes([number]), "sha256")
        answer += block
    return answer[:size]


def times(a: int, b: int) -> int:
    answer = 0
    while b:
        answer ^= a * (b & 1)
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return answer


def envelope_and_coin(given: dict[str, Any]) -> tuple[bytes, bytes]:
    key, content, threshold = data(given["key"]), data(given["content"]), given["threshold"]
    trustees = [X25519PrivateKey.from_private_bytes(data(one)).public_key().public_bytes_raw()
                for one in given["private"]]  # fmt: skip
    bound = hashed("place", given["session"], given["round"], given["sender"], given["size"],
                   hashed("committee", threshold, *trustees))  # fmt: skip
    padded = len(content).to_bytes(4, "big") + content
    padded += bytes(given["size"] - len(padded))
    inside = AESGCM(expanded(key, bound, "content")).encrypt(bytes(12), padded, bound)
    polynomial = expanded(key, bound, "polynomial", 32 * (threshold - 1))
    boxes = []
    for place, trustee in enumerate(trustees):
        share, power = bytearray(key), 1
        for start in range(0, len(polynomial), 32):
            power = times(power, place + 1)
            for position in range(32):
                share[position] ^= times(power, polynomial[start + position])
        ephemeral = X25519PrivateKey.from_private_bytes(expanded(key, bound, f"ephemeral {place}"))
        public = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(trustee))
        box = AESGCM(expanded(shared, hashed("box", public, trustee, bound), "share"))
        boxes.append([text(public), text(box.encrypt(bytes(12), bytes(share), bound))])
    document = {"unrigged": 1, "session": given["session"], "round": given["round"], "sender": given["sender"],
                "size": given["size"], "content": text(inside), "boxes": boxes}  # fmt: skip
    written = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return written, expanded(key, bound, "coin")


def text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


# Both, on the golden vectors.


@pytest.mark.parametrize("given", GOLDEN["seeds"])
def test_seeds(given: dict[str, Any]) -> None:
    parts = [data(one) for one in given["contributions"]]
    assert text(seed(*parts)) == given["seed"]
    assert text(shake_256(frame(b"seed", *parts)).digest(32)) == given["seed"]


@pytest.mark.parametrize(("limit", "label", "expected"), GOLDEN["below"])
def test_numbers(limit: str, label: str, expected: str) -> None:
    assert str(below(int(limit), SEED, label)) == expected
    assert str(number_below(int(limit), label)) == expected


@pytest.mark.parametrize(("odds", "label", "expected"), GOLDEN["draws"])
def test_coins(odds: list[str], label: str, expected: int) -> None:
    chances = [Fraction(one) for one in odds]
    assert draw(chances, SEED, label) == expected
    whole = lcm(*(chance.denominator for chance in chances))
    number = Fraction(number_below(whole, label), whole)
    assert sum(number >= sum(chances[: side + 1]) for side in range(len(chances))) == expected


@pytest.mark.parametrize("given", GOLDEN["envelopes"], ids=lambda given: str(given["sender"]))
def test_envelopes(given: dict[str, Any]) -> None:
    private = dict(enumerate(map(data, given["private"])))
    public = [X25519PrivateKey.from_private_bytes(one).public_key().public_bytes_raw() for one in private.values()]
    committee = Committee(tuple(public), given["threshold"])
    place = Place(given["session"], given["round"], given["sender"], given["size"])
    key, content, envelope = data(given["key"]), data(given["content"]), given["envelope"].encode()
    assert seal(content, key, place, committee) == envelope
    assert text(coin_of(key, place, committee)) == given["coin"]
    assert open_envelope(envelope, place, committee, private) == Opened(content, data(given["coin"]))
    again, coin = envelope_and_coin(given)
    assert (again, text(coin)) == (envelope, given["coin"])
