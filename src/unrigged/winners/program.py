"""Winner determination by an integer-programming engine (HiGHS) on the natural program of the auction.

The engine computes in floating point. What it proposes is decoded and valued in exact integers; its bound is rounded
outward by more than its tolerances, so an answer is called optimal only where no other integer value fits in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, inf, isfinite
from threading import Thread
from time import perf_counter
from typing import Any

from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact, exact, total
from unrigged.setting import NOBODY
from unrigged.winners.formulation import Formulation
from unrigged.winners.model import INTERRUPTED, Auction, Infeasible, Progress, Winners, answer, greatest_worth

RELATIVE = 1e-9
"""How far off the engine's bound may be, relative to its size."""

ABSOLUTE = 1e-6
"""How far off it may be at least."""

MOST_NODES = 2**31 - 1
"""The engine counts subproblems up to this."""

ROUGH = "values are too large for a floating-point engine to tell optima apart: the bound is rounded up"


@dataclass(frozen=True)
class _Run:
    status: str
    columns: list[float]
    bound: float
    nodes: int
    notes: tuple[str, ...] = ()


def solve(
    auction: Auction,
    *,
    formulation: Formulation | None = None,
    limit: float | None = None,
    progress: Progress | None = None,
    nodes: int | None = None,
) -> Winners:
    """The best allocation of `auction`, checked exactly; its proof is "numerical" or "none".

    `limit`: seconds; `nodes`: subproblems (>= 1); when either runs out the best allocation found comes back with an
    honest bound. `progress` is called with (value, bound, seconds) during the search, which Ctrl-C then ends early.
    Raises Infeasible where no allocation obeys the rules, BudgetExceeded where a limit ran out before any allocation
    was found.
    """
    begun = perf_counter()
    program = formulation or Formulation(auction)
    if not program.columns and auction.must_sell:
        raise Infeasible
    left = None if limit is None else max(0.0, limit - (perf_counter() - begun))
    if not program.columns or left == 0:
        return _idle(auction, not program.columns, perf_counter() - begun)
    run = _run(program, left, progress, nodes)
    seconds = perf_counter() - begun
    if run.status == "infeasible":
        raise Infeasible
    if not run.columns:
        return _idle(auction, False, seconds, _bound(program, run.bound))
    chosen = [k for k, column in enumerate(program.columns) if column.player is not None and run.columns[k] > 0.5]
    allocation, taken = program.chosen(chosen)
    worths = auction.worths(allocation, taken)
    value = total(worths)
    bound = _bound(program, run.bound)
    proved = run.status == "optimal" and bound is not None and bound <= value
    notes = run.notes if proved or program.unit == 1 else (*run.notes, ROUGH)
    if run.status == "interrupted":
        notes = (*notes, INTERRUPTED)
    top = value if proved else _smaller(bound, easy_bound(auction))
    return answer(
        auction, allocation, top, "numerical" if proved else "none",
        seconds=seconds, nodes=run.nodes, engine="HiGHS", notes=notes, taken=taken,
    )  # fmt: skip


def easy_bound(auction: Auction) -> Exact:
    """What everybody's favourite bundle together would be worth: a bound without any search."""
    return total(greatest_worth(auction.valuations[player]) for player in auction.bidders)


def _smaller(bound: Exact | None, other: Exact) -> Exact:
    return other if bound is None else min(bound, other)


def nothing_found(auction: Auction) -> Winners:
    """The answer without any search: nothing is sold; BudgetExceeded where something has to be."""
    return _idle(auction, False, 0.0)


def _idle(auction: Auction, proved: bool, seconds: float, bound: Exact | None = None) -> Winners:
    """The answer in which nothing is sold; BudgetExceeded where something has to be."""
    if auction.must_sell:
        raise BudgetExceeded("the limit of the search ran out before any allocation of all goods was found")
    top = 0 if proved else easy_bound(auction)
    return answer(
        auction, (NOBODY,) * len(auction.goods), _smaller(bound, top),
        "exact" if top == 0 else "none", seconds=seconds, nodes=0, engine="none",
    )  # fmt: skip


def _bound(program: Formulation, found: float) -> Exact | None:
    """The greatest value that the engine's bound leaves possible, its tolerances counted in; None for no bound."""
    if not isfinite(found):
        return None
    raised = found + max(ABSOLUTE, RELATIVE * abs(found))
    return exact(Fraction(floor(raised if program.unit == 1 else Fraction(raised) * program.unit), program.scale))


def _run(program: Formulation, limit: float | None, progress: Progress | None, nodes: int | None) -> _Run:
    import highspy
    import numpy as np

    engine: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # the library has no types
    engine.setOptionValue("output_flag", False)
    engine.setOptionValue("threads", 1)
    engine.setOptionValue("mip_rel_gap", 0.0)
    engine.setOptionValue("mip_abs_gap", 0.0)
    if program.unit != 1:
        engine.setOptionValue("mip_feasibility_tolerance", 1e-9)
    if limit is not None:
        engine.setOptionValue("time_limit", limit)
    if nodes is not None:
        engine.setOptionValue("mip_max_nodes", min(nodes, MOST_NODES))
    engine.passModel(_model(program, highspy, np))
    if progress is None:
        engine.run()
    else:
        _run_watched(engine, program, progress)
    info = engine.getInfo()
    status = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
        highspy.HighsModelStatus.kTimeLimit: "stopped",
        highspy.HighsModelStatus.kSolutionLimit: "stopped",
        highspy.HighsModelStatus.kInterrupt: "interrupted",
    }.get(engine.getModelStatus())
    found = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    columns = list(engine.getSolution().col_value) if found else []
    if status is None:
        name = engine.modelStatusToString(engine.getModelStatus())
        notes = (f"the integer-programming engine failed with the status '{name}'",)
        return _Run("failed", columns, inf, int(info.mip_node_count), notes)
    return _Run(status, columns, float(info.mip_dual_bound), int(info.mip_node_count))


def _model(program: Formulation, highspy: Any, np: Any) -> Any:
    """The program in the engine's form: floating-point numbers, values in units."""
    lp = highspy.HighsLp()
    count = len(program.columns)
    lp.num_col_, lp.num_row_ = count, len(program.rows)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.array([cost / program.unit for cost in program.costs], dtype=np.float64)
    lp.col_lower_ = np.array([column.lower for column in program.columns], dtype=np.float64)
    lp.col_upper_ = np.array([column.upper for column in program.columns], dtype=np.float64)
    lp.row_lower_ = np.array([low for low, _ in program.rows], dtype=np.float64)
    lp.row_upper_ = np.array([high for _, high in program.rows], dtype=np.float64)
    starts, index, value = [0], [], []
    for column in range(count):
        for row, coefficient in program.entries(column):
            index.append(row)
            value.append(coefficient / program.unit if row in program.valued else float(coefficient))
        starts.append(len(index))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(value, dtype=np.float64)
    whole, free = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [whole if column.whole else free for column in program.columns]
    return lp


def _run_watched(engine: Any, program: Formulation, progress: Progress) -> None:
    """Run in a thread of its own, so that progress can be told and Ctrl-C ends the search cleanly."""
    engine.HandleUserInterrupt = True
    news: list[tuple[float, float]] = []
    engine.cbMipLogging += lambda event: news.append((event.data_out.mip_primal_bound, event.data_out.mip_dual_bound))
    thread = Thread(target=engine.run, daemon=True)
    begun = perf_counter()
    thread.start()
    while thread.is_alive():
        try:
            thread.join(0.1)
            if news:
                value, bound = news[-1]
                news.clear()
                if isfinite(value):
                    progress(_rounded(value, program), _bound(program, bound) or 0, perf_counter() - begun)
        except KeyboardInterrupt:
            engine.cancelSolve()


def _rounded(value: float, program: Formulation) -> Exact:
    return exact(Fraction(round(value * program.unit), program.scale))
