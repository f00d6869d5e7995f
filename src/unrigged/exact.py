"""Exact numbers in and out: integers and rationals; binary floats are refused at the door."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from unrigged.errors import InputError

Exact = int | Fraction
"""An exact number: an `int`, or a `Fraction` that is no integer."""

MAX_DIGITS = 4000
"""More digits than this in a numerator or denominator are refused (an exponent counts with the zeros it stands for)."""

_NUMBER = re.compile(
    r"""(?P<sign>[+-]?)
        (?: (?P<whole>[0-9]+)(?:\.(?P<decimals>[0-9]*))? | \.(?P<only>[0-9]+) )
        (?:[eE](?P<exponent>[+-]?[0-9]{1,4000}))?
        (?:\s*/\s*(?P<divisor>[0-9]+))?""",
    re.VERBOSE | re.ASCII,
)


def exact(value: object, where: str = "number") -> Exact:
    """The exact number that `value` writes.

    Parameters: `value`, an int, a Fraction, a Decimal or a text such as `"3"`, `"0.1"`, `"1/10"`, `"1e3"`;
    `where`, the place named in errors.
    Returns an int where the number is whole, else a Fraction.
    Raises InputError for a binary float, a bool, anything that is not a number, and more than 4000 digits.

    >>> exact("0.1") == exact("1/10") == exact(Fraction(1, 10))
    True
    >>> exact("010")
    10
    """
    if type(value) is int:
        if value.bit_length() > 4 * MAX_DIGITS:
            raise InputError(where, value, f"a number of at most {MAX_DIGITS} digits")
        return value
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else value
    if isinstance(value, str):
        return _parse(value.strip(), where)
    if isinstance(value, Decimal) and value.is_finite():
        return _parse(str(value), where)
    if isinstance(value, float):
        raise InputError(
            where,
            f"the binary float {value!r}",
            "an exact number",
            f'write it as text: "{value!r}" or a fraction "p/q"',
        )
    raise InputError(where, value, 'an exact number such as 3, 0.1 or "1/10"')


def _parse(text: str, where: str) -> Exact:
    if len(text) > 2 * MAX_DIGITS + 20:
        raise InputError(where, f"a number of {len(text)} characters", f"a number of at most {MAX_DIGITS} digits")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise InputError(where, text or "nothing", 'an exact number such as 3, 0.1 or "1/10"')
    whole = match["whole"] or ""
    decimals = match["decimals"] or match["only"] or ""
    shift = int(match["exponent"] or 0) - len(decimals)
    if max(len(whole) + len(decimals) + abs(shift), len(match["divisor"] or "")) > MAX_DIGITS:
        raise InputError(where, text, f"a number of at most {MAX_DIGITS} digits")
    divisor = int(match["divisor"] or 1)
    if divisor == 0:
        raise InputError(where, text, "a number whose denominator is not 0")
    number = Fraction(int(whole + decimals or "0"), divisor) * Fraction(10) ** shift
    signed = -number if match["sign"] == "-" else number
    return signed.numerator if signed.denominator == 1 else signed


def integer(value: object, where: str = "number", *, least: int | None = None) -> int:
    """`value` as an integer, at least `least` when given; InputError otherwise."""
    number = exact(value, where)
    expected = "an integer" if least is None else f"an integer >= {least}"
    if not isinstance(number, int) or (least is not None and number < least):
        raise InputError(where, written(number), expected)
    return number


def rational(value: object, where: str = "number") -> Fraction:
    """`value` as a Fraction (whole numbers too); InputError as for `exact`."""
    return Fraction(exact(value, where))


def written(number: Exact) -> str:
    """`number` as text that `exact` reads back: `"3"`, `"-1/2"`."""
    return str(number)


def to_json(number: Exact) -> int | str:
    """`number` for JSON: a plain integer below 2^53 in size, otherwise the text `"p/q"` (or a long integer's text)."""
    if isinstance(number, Fraction) and number.denominator != 1:
        return str(number)
    whole = int(number)
    return whole if -(2**53) < whole < 2**53 else str(whole)


Value = TypeVar("Value")


def first_largest(values: Sequence[Exact]) -> int:
    """The position of the first largest of `values` (ties go to the smallest number).

    >>> first_largest([3, 7, 7])
    1
    """
    best = 0
    for position in range(1, len(values)):
        if values[position] > values[best]:
            best = position
    return best


def total(values: Iterable[Exact]) -> Exact:
    """The exact sum of `values`; 0 for none."""
    return sum(values)


def elias_delta(number: int) -> int:
    """The length in bits of the Elias delta code of an integer >= 0 (the code of number + 1).

    >>> [elias_delta(number) for number in (0, 1, 2, 6, 7)]
    [1, 4, 4, 5, 8]
    """
    size = (number + 1).bit_length()
    return size - 1 + 2 * (size.bit_length() - 1) + 1


def signed_bits(number: Exact) -> int:
    """The bits of a signed rational: zig-zag integer code, and the denominator's where it is not whole."""
    whole = Fraction(number)
    zigzag = 2 * whole.numerator if whole >= 0 else -2 * whole.numerator - 1
    return elias_delta(zigzag) + (0 if whole.denominator == 1 else elias_delta(whole.denominator))


def choice_bits(count: int) -> int:
    """ceil(log2(count)): the bits that tell apart `count` alternatives (count >= 1)."""
    return (count - 1).bit_length()
