"""Shamir's secret sharing over the field of 256 elements, byte by byte: t of n shares give the secret, fewer nothing.

Source: A. Shamir, How to share a secret, Communications of the ACM 22 (1979). The field is that of AES, and the share
of the trustee at place i (from 0) is the polynomial's value at i + 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

POLYNOMIAL = 0x11B
MAX_SHARES = 255


def _tables() -> tuple[list[int], list[int]]:
    exponents, logarithms, power = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        exponents[exponent] = exponents[exponent + 255] = power
        logarithms[power] = exponent
        doubled = power << 1
        power = (doubled ^ POLYNOMIAL if doubled & 0x100 else doubled) ^ power
    return exponents, logarithms


_EXPONENTS, _LOGARITHMS = _tables()


def product(a: int, b: int) -> int:
    """The product in the field.

    >>> product(0x57, 0x83) == 0xC1
    True
    """
    return _EXPONENTS[_LOGARITHMS[a] + _LOGARITHMS[b]] if a and b else 0


def quotient(a: int, b: int) -> int:
    """The quotient in the field; b is not 0."""
    return _EXPONENTS[_LOGARITHMS[a] - _LOGARITHMS[b] + 255] if a else 0


def shares(secret: bytes, coefficients: Sequence[bytes], count: int) -> list[bytes]:
    """The shares of `secret` for `count` trustees; `coefficients`: t - 1 random strings as long as the secret."""
    answer = []
    for x in range(1, count + 1):
        share = bytearray(secret)
        power = 1
        for coefficient in coefficients:
            power = product(power, x)
            for place, byte in enumerate(coefficient):
                share[place] ^= product(power, byte)
        answer.append(bytes(share))
    return answer


def secret_of(known: Mapping[int, bytes]) -> bytes:
    """The secret, from t shares (by the trustees' places, from 0), by interpolation at 0."""
    size = len(next(iter(known.values())))
    answer = bytearray(size)
    for place, share in known.items():
        weight = 1
        for other in known:
            if other != place:
                weight = product(weight, quotient(other + 1, (other + 1) ^ (place + 1)))
        for position, byte in enumerate(share):
            answer[position] ^= product(weight, byte)
    return bytes(answer)
