"""One of two things, exactly: a combination of rows that loses nowhere and gains, or weights that forbid it.

Given an integer matrix G and an integer c_k for every row k, exactly one of these exists (Farkas):

- y >= 0 with sum_k y_k·G[k, t] >= 0 in every column t, and sum_k y_k·c_k > 0;
- w >= 0 with sum_t w_t·G[k, t] + c_k <= 0 for every row k.

Columns enter one by one, as the combinations found lose there. HiGHS finds which rows and columns matter (in
floating point); the numbers are then found and verified exactly. Where that fails, an exact simplex of our own
decides. Nothing is returned that was not verified in whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.exact import Exact

Matrix = NDArray[Any]
"""int64 below 2^63 in size, or Python integers in an object array."""

BY_HAND = 400
"""A program of at most this many entries goes to the exact simplex at once."""

FIRST_COLUMNS = 48
NEW_COLUMNS = 24
LARGEST_SYSTEM = 160
"""Systems of more equations than this are left to rounding and to the exact simplex."""

PIVOTS = 20_000


@dataclass(frozen=True)
class Combination:
    """y, without its zeros: the rows' weights, in increasing order of rows."""

    weights: tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True)
class Obstacle:
    """w, without its zeros: the columns' weights, in increasing order of columns."""

    weights: tuple[tuple[int, Fraction], ...]


def decide(gains: Matrix, worth: Sequence[int], *, pivots: int = PIVOTS) -> Combination | Obstacle | None:
    """A combination of the rows of `gains` of positive worth that loses in no column, or the obstacle to any.

    pivots: the exact simplex gives up after so many steps; the answer is then None.

    >>> print(decide(np.array([[3, -1], [-1, 3]]), [1, 1]))
    Combination(weights=((0, Fraction(3, 4)), (1, Fraction(1, 4))))
    >>> print(decide(np.array([[3, -2], [-2, 1]]), [1, 1]))
    Obstacle(weights=((0, Fraction(3, 1)), (1, Fraction(5, 1))))
    """
    rows, columns = gains.shape
    if not rows:
        return Obstacle(())
    known = _one_column(gains, worth)
    if known is not None:
        return known
    active = list(range(min(columns, FIRST_COLUMNS)))
    while True:
        cut = gains[:, active]
        found = None
        if cut.size > BY_HAND:
            found = _numerical(cut, worth)
        if found is None:
            found = simplex(cut, worth, pivots)
        if found is None:
            return None
        if isinstance(found, Obstacle):
            return Obstacle(tuple(sorted((active[place], weight) for place, weight in found.weights)))
        sums = weighted_rows(gains, found.weights)
        losing = np.flatnonzero(sums < 0)
        if not len(losing):
            return found
        worst = losing[np.argsort(sums[losing], kind="stable")[:NEW_COLUMNS]]
        active = sorted({*active, *worst.tolist()})


def _one_column(gains: Matrix, worth: Sequence[int]) -> Obstacle | None:
    """An obstacle of one column, or of none at all, where there is one."""
    hopeful = np.array([value > 0 for value in worth])
    if not hopeful.any():
        return Obstacle(())
    columns = np.flatnonzero((gains <= 0).all(0) & (gains[hopeful] < 0).all(0))
    if not len(columns):
        return None
    column = int(columns[0])
    losses = (Fraction(int(worth[k]), -int(gains[k, column])) for k in np.flatnonzero(hopeful).tolist())
    return Obstacle(((column, max(losses)),))


def weighted_rows(gains: Matrix, weights: Sequence[tuple[int, Fraction]]) -> Matrix:
    """sum_k y_k·G[k, t] for every column t, times a positive number that makes the weights whole; exact."""
    scale = lcm(*(weight.denominator for _, weight in weights))
    whole = [int(weight * scale) for _, weight in weights]
    return _product(whole, gains[[row for row, _ in weights]])


def _product(weights: Sequence[int], matrix: Matrix) -> Matrix:
    """The row vector `weights` times `matrix`, in 64 bits where no sum can overflow."""
    if matrix.dtype != object and matrix.size:
        size = max(-int(matrix.min()), int(matrix.max()), 1)
        if size * sum(abs(weight) for weight in weights) < 1 << 63:
            return np.asarray(np.array(weights, np.int64) @ matrix)
    return np.asarray(np.array(weights, object) @ matrix.astype(object))


def _holds(found: Combination | Obstacle, gains: Matrix, worth: Sequence[int]) -> bool:
    if any(weight < 0 for _, weight in found.weights):
        return False
    if isinstance(found, Combination):
        gained = sum(weight * worth[row] for row, weight in found.weights)
        return gained > 0 and bool((weighted_rows(gains, found.weights) >= 0).all())
    if not found.weights:
        return all(value <= 0 for value in worth)
    scale = lcm(*(weight.denominator for _, weight in found.weights))
    sums = weighted_rows(gains.T, found.weights)
    return all(int(total) + scale * value <= 0 for total, value in zip(sums, worth, strict=True))


def game_value(rows: Sequence[Sequence[Exact]], *, pivots: int = PIVOTS) -> Exact | None:
    """The value of the zero-sum game in which the chooser of a row gets rows[k][t]; None beyond `pivots` steps.

    >>> print(game_value([[3, 0], [0, 1]]))
    3/4
    """
    lower = max(min(row) for row in rows)
    if lower == min(max(column) for column in zip(*rows, strict=True)):
        return lower
    scale = lcm(*(Fraction(value).denominator for row in rows for value in row))
    shift = lower - 1
    whole = [[int((value - shift) * scale) for value in row] for row in rows]
    # One more row, of losses of 1: its weight z is what the others' weights y secure, and z + sum of y <= 1.
    gains = np.array([*whole, [-1] * len(whole[0])], object)
    found = simplex(gains, [0] * len(rows) + [1], pivots)
    if not isinstance(found, Combination):
        return None
    weights = dict(found.weights)
    secured = weights.pop(len(rows))
    value = secured / sum(weights.values()) / scale + shift
    return value.numerator if value.denominator == 1 else value


# The exact simplex.


def simplex(gains: Matrix, worth: Sequence[int], pivots: int = PIVOTS) -> Combination | Obstacle | None:
    """As `decide`, by the simplex method in whole numbers on: maximise worth·y, G'y >= 0, sum of y <= 1, y >= 0.

    Every entry of the tableau is a whole number over one common denominator (J. Edmonds); Bland's rule ends every
    walk. None after more than `pivots` steps.
    """
    rows, columns = gains.shape
    tableau = np.zeros((columns + 2, rows + 1), object)
    tableau[:columns, :rows] = -gains.T.astype(object)
    tableau[columns, :] = 1
    tableau[columns + 1, :rows] = [-int(value) for value in worth]
    outside = list(range(rows))  # y_k has the number k, the slack of column t the number rows + t
    inside = list(range(rows, rows + columns + 1))
    common = 1
    for _ in range(pivots):
        entering = min((place for place in range(rows) if tableau[-1, place] < 0), key=outside.__getitem__, default=-1)
        if entering < 0:
            break
        leaving = -1
        for line in range(columns + 1):
            if tableau[line, entering] > 0:
                if leaving < 0:
                    leaving = line
                    continue
                step = tableau[line, -1] * tableau[leaving, entering] - tableau[leaving, -1] * tableau[line, entering]
                if step < 0 or (step == 0 and inside[line] < inside[leaving]):
                    leaving = line
        pivot = tableau[leaving, entering]
        row, column = tableau[leaving].copy(), tableau[:, entering].copy()
        tableau = (tableau * pivot - np.outer(column, row)) // common
        tableau[leaving], tableau[:, entering] = row, -column
        tableau[leaving, entering] = common
        common = pivot
        outside[entering], inside[leaving] = inside[leaving], outside[entering]
    else:
        return None
    found: Combination | Obstacle
    if tableau[-1, -1] > 0:
        values = ((inside[line], Fraction(tableau[line, -1], common)) for line in range(columns + 1))
        found = Combination(_listed((number, value) for number, value in values if number < rows))
    else:
        prices = ((outside[place] - rows, Fraction(tableau[-1, place], common)) for place in range(rows))
        found = Obstacle(_listed((number, price) for number, price in prices if 0 <= number < columns))
    return found if _holds(found, gains, worth) else None


def _listed(weights: Any) -> tuple[tuple[int, Fraction], ...]:
    return tuple(sorted((number, weight) for number, weight in weights if weight))


# HiGHS, and exact numbers from the basis it ends in.


def _numerical(gains: Matrix, worth: Sequence[int]) -> Combination | Obstacle | None:
    """The answer at HiGHS's final basis, or its numbers rounded, whichever holds exactly; None where neither does."""
    import highspy

    rows, columns = gains.shape
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = rows, columns + 1
    program.sense_ = highspy.ObjSense.kMaximize
    floats = gains.T.astype(np.float64)
    largest = max(float(np.abs(floats).max(initial=0.0)), 1.0)
    prices = np.array([float(value) for value in worth])
    program.col_cost_ = prices / max(float(np.abs(prices).max(initial=0.0)), 1.0)
    program.col_lower_, program.col_upper_ = np.zeros(rows), np.full(rows, highspy.kHighsInf)
    program.row_lower_ = np.append(np.zeros(columns), -highspy.kHighsInf)
    program.row_upper_ = np.append(np.full(columns, highspy.kHighsInf), 1.0)
    matrix = np.vstack([floats / largest, np.ones(rows)])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.arange(columns + 2, dtype=np.int32) * rows
    program.a_matrix_.index_ = np.tile(np.arange(rows, dtype=np.int32), columns + 1)
    program.a_matrix_.value_ = matrix.ravel()
    solver: Any = highspy._core._Highs()
    options: dict[str, Any] = {"output_flag": False, "threads": 1, "presolve": "off"}
    for option, value in options.items():
        solver.setOptionValue(option, value)
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    basis, basic = solver.getBasis(), highspy.HighsBasisStatus.kBasic
    bases = [k for k, status in enumerate(basis.col_status) if status == basic]
    tight = [t for t, status in enumerate(basis.row_status) if status != basic]
    improving = solver.getObjectiveValue() > 1e-7
    for found in (
        _at_basis(gains, worth, bases, tight, improving),
        _rounded(np.asarray(solver.getSolution().col_value)) if improving else None,
    ):
        if found is not None and _holds(found, gains, worth):
            return found
    return None


def _at_basis(
    gains: Matrix, worth: Sequence[int], bases: list[int], tight: list[int], improving: bool
) -> Combination | Obstacle | None:
    """The exact solution at which the rows `bases` combine and the columns `tight` are met with equality."""
    columns = gains.shape[1]
    if len(bases) != len(tight) or len(bases) > LARGEST_SYSTEM:
        return None
    system = [[int(value) for value in gains[bases, t]] if t < columns else [1] * len(bases) for t in tight]
    if improving:
        values = solved(system, [int(t == columns) for t in tight])
        return None if values is None else Combination(_listed(zip(bases, values, strict=True)))
    values = solved([list(line) for line in zip(*system, strict=True)], [-int(worth[k]) for k in bases])
    if values is None:
        return None
    return Obstacle(_listed((t, value) for t, value in zip(tight, values, strict=True) if t < columns))


def _rounded(values: NDArray[np.float64]) -> Combination:
    """Numbers near `values` with small denominators."""
    near = ((place, Fraction(float(value)).limit_denominator(1 << 20)) for place, value in enumerate(values))
    return Combination(_listed((place, value) for place, value in near if value > 0))


def solved(system: Sequence[Sequence[int]], right: Sequence[int]) -> list[Fraction] | None:
    """The x with system·x = right, exactly, for a square system of integers; None where it is singular.

    Elimination without fractions (E. Bareiss).

    >>> solved([[2, 1], [1, 3]], [3, 5])
    [Fraction(4, 5), Fraction(7, 5)]
    """
    size = len(system)
    work = np.zeros((size, size + 1), object)
    for place, (line, value) in enumerate(zip(system, right, strict=True)):
        work[place, :size], work[place, size] = line, value
    common = 1
    for place in range(size):
        nonzero = next((line for line in range(place, size) if work[line, place]), None)
        if nonzero is None:
            return None
        if nonzero != place:
            work[[place, nonzero]] = work[[nonzero, place]]
        pivot, row, column = work[place, place], work[place].copy(), work[:, place].copy()
        work = (work * pivot - np.outer(column, row)) // common
        work[place] = row
        common = pivot
    return [Fraction(int(work[place, size]), int(common)) for place in range(size)]
