"""Which constraints carry the nearest point, guessed in floating point by HiGHS, a convex quadratic program.

A guess saves exact steps and decides nothing: whoever uses it verifies it in rationals.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

TOLERANCE = 1e-6
"""What counts as tight, relative to the largest number."""

PENALTY = 100.0
"""The weight of the total against the squared distance, numbers being at most 1 in size: large enough as a rule."""


class Guess(NamedTuple):
    """Variables guessed at 0 and at their upper bound, and tight rows, the most important first."""

    lower: list[int]
    upper: list[int]
    rows: list[int]


def tight_constraints(
    upper: Sequence[Fraction],
    target: Sequence[Fraction],
    rows: Sequence[frozenset[int]],
    least: Sequence[Fraction],
) -> Guess | None:
    """The constraints that seem to carry the point `NearestPoint` looks for; None where the engine finds none."""
    import highspy
    import numpy as np

    unit = max((*map(abs, upper), *map(abs, target), *map(abs, least)), default=Fraction(0)) or Fraction(1)
    count = len(upper)
    high = np.array([float(one / unit) for one in upper])
    aim = np.array([float(one / unit) for one in target])
    low_rows = np.array([float(one / unit) for one in least])
    engine: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # the library has no types
    engine.setOptionValue("output_flag", False)
    engine.setOptionValue("threads", 1)

    model = highspy.HighsModel()
    lp, hessian = model.lp_, model.hessian_
    lp.num_col_, lp.num_row_ = count, len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = PENALTY - aim, np.zeros(count), high
    lp.row_lower_, lp.row_upper_ = low_rows, np.full(len(rows), np.inf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *map(len, rows)])
    lp.a_matrix_.index_ = np.array([j for row in rows for j in sorted(row)], dtype=np.int32)
    lp.a_matrix_.value_ = np.ones(sum(map(len, rows)))
    hessian.dim_, hessian.format_ = count, highspy.HessianFormat.kTriangular
    hessian.start_, hessian.index_, hessian.value_ = np.arange(count + 1), np.arange(count), np.ones(count)
    engine.passModel(model)
    engine.run()
    if engine.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = engine.getSolution()
    weight = [abs(found.row_dual[row]) for row in range(len(rows))]
    tight = [row for row in range(len(rows)) if found.row_value[row] - low_rows[row] <= TOLERANCE]
    at_lower = [j for j in range(count) if found.col_value[j] <= TOLERANCE]
    at_upper = [j for j in range(count) if found.col_value[j] >= high[j] - TOLERANCE and j not in set(at_lower)]
    return Guess(at_lower, at_upper, sorted(tight, key=lambda row: -weight[row]))
