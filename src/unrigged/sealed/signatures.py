"""Signatures and public keys that are good for what they are used for: keys under which anything verifies are refused.

Ed25519 (RFC 8032) and X25519 (RFC 7748).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

SIZE = 64

_SMALL = frozenset(
    bytes.fromhex(each)
    for each in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
"""The points of order 1, 2, 4 and 8, as they may be written, without the sign: under such a key one signature fits
many statements."""

_ANY = X25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")


def signs(key: bytes) -> bool:
    """Whether 32 bytes are a public key for signatures that commits its owner to what he signs."""
    return len(key) == 32 and key[:31] + bytes([key[31] & 0x7F]) not in _SMALL


def verified(key: bytes, signature: bytes, statement: bytes) -> bool:
    """Whether `signature` is one of `statement` by `key`."""
    if not signs(key) or len(signature) != SIZE:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def agrees(key: bytes) -> bool:
    """Whether 32 bytes are a public key that something can be sealed to: the secret agreed on depends on both sides."""
    try:
        _ANY.exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError:
        return False
    return True
