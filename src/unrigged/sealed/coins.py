"""Public coins with exact rational odds, drawn from a seed that everybody can compute afterwards.

A seed is a hash of everything that somebody contributed; a coin is drawn by rejection from SHAKE-256 under its label,
so that its odds are exactly those stated: no remainder is taken, and no floating-point number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from hashlib import shake_256
from itertools import accumulate
from math import lcm

from unrigged.errors import InputError
from unrigged.sealed.encoding import framed

SEED_SIZE = 32


def seed(*contributions: bytes | str | int) -> bytes:
    """The seed that the contributions, in this order, determine."""
    return shake_256(framed("seed", *contributions)).digest(SEED_SIZE)


def below(limit: int, seed: bytes, label: str) -> int:
    """A number from 0 to limit - 1, all equally likely over seeds: candidates of as many bits as limit - 1 has are read
    from the stream one after the other, and the first that is below `limit` is taken.

    >>> below(1, b"anything", "a coin with one side")
    0
    """
    if limit < 1:
        raise InputError("limit", limit, "at least 1")
    bits = (limit - 1).bit_length()
    for candidate in _candidates(bits, seed, label):
        if candidate < limit:
            return candidate
    raise AssertionError("the stream does not end")


def _candidates(bits: int, seed: bytes, label: str) -> Iterator[int]:
    """The stream of SHAKE-256 under this seed and label, cut into numbers of so many bits (in whole bytes, the excess
    bits of the first byte dropped)."""
    size = (bits + 7) // 8
    stream = shake_256(framed("coin", seed, label))
    ready, position = b"", 0
    while True:
        if position + size > len(ready):
            ready = stream.digest(max(64, 2 * len(ready), position + size))
        piece = ready[position : position + size]
        position += size
        yield int.from_bytes(piece, "big") & ((1 << bits) - 1)
        if size == 0:
            return


def draw(odds: Sequence[Fraction], seed: bytes, label: str) -> int:
    """Which side comes up of a coin whose sides have these probabilities, > 0 and of sum 1; exact.

    >>> draw([Fraction(1, 3), Fraction(2, 3)], bytes(32), "coin")
    1
    """
    if not odds or any(chance <= 0 for chance in odds) or sum(odds) != 1:
        raise InputError("odds", ", ".join(map(str, odds)), "probabilities > 0 that sum to 1")
    whole = lcm(*(chance.denominator for chance in odds))
    number = below(whole, seed, label)
    for side, most in enumerate(accumulate(chance.numerator * (whole // chance.denominator) for chance in odds)):
        if number < most:
            return side
    raise AssertionError("the odds sum to 1")
