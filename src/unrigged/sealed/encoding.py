"""How things are turned into bytes to be hashed, signed and compared: one form for every value, no two values alike."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

from unrigged.errors import InputError

DOMAIN = b"unrigged/1"
"""Stands before everything that is hashed or signed, so that nothing made for another purpose is ever taken for it."""

MAX_INTEGER = 2**53 - 1
"""JSON integers beyond this are not read alike by all programs; such numbers are written as texts."""

_BASE64 = re.compile(r"[A-Za-z0-9_-]*")


def framed(*parts: bytes | str | int) -> bytes:
    """The parts one after the other, each after its length in 8 bytes; a number in decimal digits.

    >>> framed("ab", b"c") != framed("a", b"bc")
    True
    """
    answer = [DOMAIN]
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        answer.append(len(data).to_bytes(8, "big") + data)
    return b"".join(answer)


def digest(*parts: bytes | str | int) -> bytes:
    """The SHA-256 of the framed parts."""
    return sha256(framed(*parts)).digest()


def canonical(value: Any) -> bytes:
    """JSON in its one form: keys sorted, no spaces, UTF-8; InputError for what has no exact form.

    >>> canonical({"b": 1, "a": ["1/2", None]})
    b'{"a":["1/2",null],"b":1}'
    """
    _check(value, "value")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _check(value: Any, where: str) -> None:
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise InputError(where, "an integer of more than 53 bits", "such numbers as texts")
        return
    if isinstance(value, list | tuple):
        for number, each in enumerate(value):
            _check(each, f"{where}[{number}]")
        return
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        for key, each in value.items():
            _check(each, f"{where}.{key}")
        return
    raise InputError(where, value, "null, a truth value, an integer, a text, a list or an object")


def from_canonical(data: bytes, where: str = "entry") -> Any:
    """The value that `data` writes; InputError unless `data` is its canonical form."""
    try:
        value = json.loads(data.decode())
        again = canonical(value)
    except (ValueError, RecursionError, InputError):
        raise InputError(where, "bytes that are not JSON", "JSON in its canonical form") from None
    if again != data:
        raise InputError(where, "JSON written in another way", "keys sorted once, no spaces, nothing escaped in vain")
    return value


def text_of(data: bytes) -> str:
    """Bytes as a text: base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: object, where: str, size: int | None = None) -> bytes:
    """The bytes that `text` writes; InputError unless it is their one form, and `size` bytes where a size is given."""
    expected = "base64url without padding" if size is None else f"{size} bytes in base64url without padding"
    if not isinstance(text, str) or not _BASE64.fullmatch(text) or len(text) % 4 == 1:
        raise InputError(where, text, expected)
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if text_of(data) != text or (size is not None and len(data) != size):
        raise InputError(where, text, expected)
    return data
