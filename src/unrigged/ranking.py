"""The place of an outcome among all outcomes of the same revenue, in closed form.

Source: Chen, Hassidim and Micali 2010, section 3 (n_r and f_r). Nothing is listed, and the numbers are only added,
multiplied and divided, so that they may be symbols.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import factorial

from unrigged.exact import Exact
from unrigged.setting import Allocation


def vectors(length: int, total: Exact) -> Fraction:
    """How many vectors of `length` >= 1 integers >= 0 have the sum `total` >= -1: C(total + length - 1, length - 1).

    >>> vectors(2, 3) == 4  # (3,0), (2,1), (1,2), (0,3)
    True
    >>> vectors(3, -1) == 0
    True
    """
    product = Fraction(1, factorial(length - 1))
    for step in range(1, length):
        product = product * (total + step)
    return product


def vector_rank(vector: Sequence[Exact]) -> Fraction:
    """How many vectors of as many integers >= 0 with the same sum come before `vector`.

    At the first difference the larger number comes first, so (r, 0, ..., 0) has rank 0. A vector that comes before this
    one for the first time at position j leaves less than `left`, the sum of the entries after j, to the entries there:
    one entry more takes up the rest, hence as many as there are vectors of one entry more with the sum left - 1.

    >>> [vector_rank(vector) == rank for rank, vector in enumerate([(2, 0), (1, 1), (0, 2)])]
    [True, True, True]
    """
    rank = Fraction(0)
    left: Exact = 0
    for after in range(1, len(vector)):
        left = left + vector[-after]
        rank = rank + vectors(after + 1, left - 1)
    return rank


def allocation_number(allocation: Allocation, players: int) -> int:
    """The place of `allocation` among all (players + 1)^m, from 0: a number whose digits are the owners of the goods,
    the first good the most significant, 0 for nobody.

    >>> allocation_number((-1, -1), 2), allocation_number((0, 1), 2)
    (0, 5)
    """
    number = 0
    for owner in allocation:
        number = number * (players + 1) + owner + 1
    return number
