"""Exact numbers as people read them."""

from __future__ import annotations

from fractions import Fraction

from unrigged.exact import written

LONGEST_DECIMAL = 7
"""Numbers with fewer decimals than this are shown as decimals."""


def exact_words(value: object) -> str:
    """An exact number as people read it: as a decimal where that ends, else as a fraction with what it is about.

    >>> exact_words("1/100"), exact_words("-5/2"), exact_words("-7/3"), exact_words(120)
    ('0.01', '-2.5', '-7/3 (about -2.333)', '120')
    """
    if not isinstance(value, str | int | Fraction):
        return str(value)
    number = Fraction(value)
    places = next((places for places in range(LONGEST_DECIMAL) if (number * 10**places).denominator == 1), None)
    if places is None:
        return written(number) + (f" (about {float(number):.4g})" if abs(number) < 10**15 else "")
    digits = str(abs(int(number * 10**places))).rjust(places + 1, "0")
    sign, whole, rest = "-" if number < 0 else "", digits[: len(digits) - places], digits[len(digits) - places :]
    return f"{sign}{whole}.{rest}" if places else f"{sign}{whole}"
