"""Which constraints carry the nearest point, guessed in floating point by HiGHS: a linear step, then a quadratic one.

A guess saves exact steps and decides nothing: whoever uses it verifies it in rationals.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

TOLERANCE = 1e-6
"""What counts as tight, relative to the largest number."""


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
    low_rows = [float(one / unit) for one in least]
    engine: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # the library has no types
    engine.setOptionValue("output_flag", False)
    engine.setOptionValue("threads", 1)

    def solve(costs: Any, bounds: list[float], most: float, quadratic: bool) -> Any:
        model = highspy.HighsModel()
        lp = model.lp_
        lp.num_col_, lp.num_row_ = count, len(rows) + 1
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, np.zeros(count), high
        lp.row_lower_ = np.array([*bounds, -np.inf])
        lp.row_upper_ = np.array([*(np.inf for _ in bounds), most])
        entries = [*(sorted(row) for row in rows), list(range(count))]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *map(len, entries)])
        lp.a_matrix_.index_ = np.array([j for row in entries for j in row], dtype=np.int32)
        lp.a_matrix_.value_ = np.ones(sum(map(len, entries)))
        if quadratic:
            model.hessian_.dim_, model.hessian_.format_ = count, highspy.HessianFormat.kTriangular
            model.hessian_.start_ = np.arange(count + 1)
            model.hessian_.index_ = np.arange(count)
            model.hessian_.value_ = np.ones(count)
        engine.passModel(model)
        engine.run()
        optimal = engine.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return engine.getSolution() if optimal else None

    first = solve(np.ones(count), low_rows, np.inf, False)
    if first is None:
        return None
    least_total = float(sum(first.col_value))
    found = solve(-aim, low_rows, least_total + TOLERANCE * 1e-2, True)
    if found is None:
        return None
    weight = [abs(first.row_dual[row]) + abs(found.row_dual[row]) for row in range(len(rows))]
    tight = [row for row in range(len(rows)) if found.row_value[row] - low_rows[row] <= TOLERANCE]
    at_lower = [j for j in range(count) if found.col_value[j] <= TOLERANCE]
    at_upper = [j for j in range(count) if found.col_value[j] >= high[j] - TOLERANCE and j not in set(at_lower)]
    return Guess(at_lower, at_upper, sorted(tight, key=lambda row: -weight[row]))
