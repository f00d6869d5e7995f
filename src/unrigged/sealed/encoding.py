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

MAX_DEPTH = 64
"""Lists and objects within each other; more are refused, alike on every machine."""

_BASE64 = re.compile(r"[A-Za-z0-9_-]*")


def framed(*parts: bytes | str | int) -> bytes:
    """The parts one after the other, each after its length in 8 bytes; a number in decimal digits.

    >>> framed("ab", b"c") != framed("a", b"bc")
    True
    """
    answer = [DOMAIN]
    for part in parts:
        if isinstance(part, bool):
            raise InputError("statement", part, "bytes, texts and integers")
        data = part if isinstance(part, bytes) else _utf8(str(part))
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
    return _utf8(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def alike(one: Any, other: Any) -> bool:
    """Whether two values have the same form: what Python takes for equal (1, 1.0 and True) differs here.

    >>> alike({"a": 1}, {"a": True})
    False
    """
    try:
        return canonical(one) == canonical(other)
    except InputError:
        return False


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InputError("text", ascii(text), "characters, and no halves of surrogate pairs") from None


def _check(value: Any, where: str, depth: int = 0) -> None:
    if value is None or isinstance(value, bool | str):
        return
    if depth > MAX_DEPTH:
        raise InputError("value", "lists and objects within each other", f"at most {MAX_DEPTH} levels")
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise InputError(where, "an integer of more than 53 bits", "such numbers as texts")
        return
    if isinstance(value, list | tuple):
        for number, each in enumerate(value):
            _check(each, f"{where}[{number}]", depth + 1)
        return
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        for key, each in value.items():
            _check(each, f"{where}.{key}", depth + 1)
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


def from_json(data: bytes) -> Any:
    """The value that JSON in any form writes, as in the content of an envelope; InputError where it is not UTF-8, names
    a key of an object twice, or holds what has no canonical form (other numbers than integers of at most 53 bits, more
    than 64 levels, halves of surrogate pairs)."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) < len(pairs):
            raise ValueError("a key twice")
        return found

    def none(text: str) -> Any:
        raise ValueError(f"the number {text[:20]}")

    def whole(text: str) -> int:
        return int(text) if len(text) <= 17 else none(text)

    try:
        value = json.loads(
            data.decode(), object_pairs_hook=once, parse_float=none, parse_constant=none, parse_int=whole
        )
        canonical(value)
    except (ValueError, RecursionError, InputError):
        raise InputError("content", "bytes that are not JSON", "JSON") from None
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
