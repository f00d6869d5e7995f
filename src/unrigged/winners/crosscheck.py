"""A second opinion on an answer: the same auction solved by an independent exact engine, CP-SAT of OR-Tools.

It works in integers throughout, on the program that `formulation` writes, and shares no code with the other engines
beyond that. Installed by the extra `cpsat`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, isfinite
from time import perf_counter
from typing import Any

from unrigged.errors import BudgetExceeded, InputError
from unrigged.exact import exact
from unrigged.winners.formulation import Formulation
from unrigged.winners.model import Auction, Winners, WrongAnswer, answer

LARGEST = 2**53
"""Beyond this total value (in units of the smallest denominator) floating-point bounds of the engine are not exact."""

ENGINE = "CP-SAT"

SLACK = 1e-3
"""Room for rounding in the engine's bound, which stands for an integer."""


def cross_check(auction: Auction, found: Winners, *, limit: float | None = None) -> Winners:
    """`found`, an answer to `auction`, confirmed or improved by CP-SAT.

    An optimum that CP-SAT confirms comes back with the proof "exact"; where `found` was not proved, the better of the
    two allocations comes back with the smaller bound. `limit`: seconds; without a proof by then, `found` comes back
    with what was learnt and a note.
    Raises WrongAnswer where the two contradict each other, InputError where OR-Tools is not installed, BudgetExceeded
    where values add up to more than about 9·10^15 (in units of their common denominator) or a valuation without a
    language has too many goods.
    """
    begun = perf_counter()
    engine = _engine()
    model = _model(auction, engine)
    seen = _run(model, engine, found, limit)
    seconds = perf_counter() - begun
    if seen.status == "infeasible":
        raise WrongAnswer("the cross-check says that no allocation obeys the rules")
    best = found
    if seen.chosen is not None:
        allocation, taken = model.program.chosen(seen.chosen)
        worths = auction.worths(allocation, taken)
        if sum(worths) > found.value:
            best = answer(
                auction, allocation, max(seen.bound, sum(worths)), "none",
                seconds=seconds, nodes=seen.nodes, engine=ENGINE, taken=taken,
            )  # fmt: skip
    if best.value > found.bound or seen.bound < best.value:
        raise WrongAnswer(
            f"value {found.value} and bound {found.bound} of {found.engine} do not go with value {best.value} and "
            f"bound {seen.bound} of {ENGINE}"
        )
    bound = min(seen.bound, found.bound)
    proved = seen.bound == best.value
    notes = found.notes if proved else (*found.notes, "the cross-check ran out of time")
    engines = found.engine if best is found else ENGINE
    return Winners(
        best.allocation, best.worths, best.value, bound,
        "exact" if proved else found.proof if bound == best.value else "none",
        seconds, seen.nodes, notes,
        f"{engines}, checked by {ENGINE}" if proved and best is found else engines,
    )  # fmt: skip


@dataclass(frozen=True)
class _Model:
    program: Formulation
    model: Any
    columns: list[Any]


@dataclass(frozen=True)
class _Seen:
    """What came of a run: how it ended, the columns at 1 that give goods, and a bound in values."""

    status: str
    chosen: list[int] | None
    bound: Any
    nodes: int


def _engine() -> Any:
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        raise InputError("cross-check", "no OR-Tools", "OR-Tools installed", "pip install 'unrigged[cpsat]'") from None
    return cp_model


def _model(auction: Auction, engine: Any) -> _Model:
    """The program in integers: continuous columns count units of 1/scale, as all their parts do."""
    program = Formulation(auction)
    if program.size >= LARGEST:
        raise BudgetExceeded(f"values add up to {program.size} units: the cross-check is for less than {LARGEST}")
    model = engine.CpModel()
    entries = [program.entries(number) for number in range(len(program.columns))]
    columns = []
    for number, column in enumerate(program.columns):
        per = 1 if column.whole else program.unit
        largest = max((abs(coefficient) // per for _, coefficient in entries[number]), default=1) or 1
        reach = 2 * program.size // largest + 1
        least = -reach if not isfinite(column.lower) else max(-reach, int(Fraction(column.lower) * per))
        most = reach if not isfinite(column.upper) else min(reach, int(Fraction(column.upper) * per))
        columns.append(model.new_int_var(least, most, f"x{number}"))
    terms: list[list[Any]] = [[] for _ in program.rows]
    for number, column in enumerate(program.columns):
        per = 1 if column.whole else program.unit
        for row, coefficient in entries[number]:
            terms[row].append((coefficient // per) * columns[number])
    for row, (low, high) in enumerate(program.rows):
        unit = program.unit if row in program.valued else 1
        if terms[row] or low > 0 or high < 0:
            _bounded(model, sum(terms[row]), low, high, unit)
    costs = [
        (cost if column.whole else cost // program.unit) * variable
        for cost, column, variable in zip(program.costs, program.columns, columns, strict=True)
        if cost
    ]
    model.maximize(sum(costs))
    return _Model(program, model, columns)


def _bounded(model: Any, expression: Any, low: float, high: float, unit: int) -> None:
    """low <= expression <= high, both sides given in `unit`s; a row of no columns is 0."""
    if isinstance(expression, int):
        model.add_bool_and([] if low <= expression <= high else [model.new_constant(0)])
        return
    if isfinite(low):
        model.add(expression >= int(Fraction(low) * unit))
    if isfinite(high):
        model.add(expression <= int(Fraction(high) * unit))


def _run(model: _Model, engine: Any, found: Winners, limit: float | None) -> _Seen:
    solver = engine.CpSolver()
    solver.parameters.num_workers = 1
    if limit is not None:
        solver.parameters.max_time_in_seconds = limit
    status = solver.solve(model.model)
    if status == engine.MODEL_INVALID:
        raise WrongAnswer(f"the cross-check refuses the program: {model.model.validate()}")
    if status == engine.INFEASIBLE:
        return _Seen("infeasible", None, found.bound, 0)
    columns = model.program.columns
    scale = model.program.scale
    chosen = None
    bound = found.bound
    if status in (engine.OPTIMAL, engine.FEASIBLE):
        chosen = [
            number
            for number, variable in enumerate(model.columns)
            if columns[number].player is not None and solver.value(variable)
        ]
    if status == engine.OPTIMAL:
        bound = exact(Fraction(round(solver.objective_value), scale))
    elif status == engine.FEASIBLE:
        bound = exact(Fraction(floor(solver.best_objective_bound + SLACK), scale))
    return _Seen("optimal" if status == engine.OPTIMAL else "stopped", chosen, bound, int(solver.num_branches))
