"""A second opinion on an answer: the same auction solved by an independent exact engine, CP-SAT of OR-Tools.

It works in integers throughout, on the program that `formulation` writes; beyond that it shares nothing with the other
engines. Installed by the extra `cpsat`; it runs in a process of its own (see `cpsat_worker`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from math import floor, isfinite
from pathlib import Path
from time import perf_counter
from typing import Any

from unrigged.errors import BudgetExceeded, InputError, UnriggedError
from unrigged.exact import Exact, exact
from unrigged.winners.formulation import Formulation
from unrigged.winners.model import Auction, Proof, Winners, WrongAnswer, answer

LARGEST = 2**53
"""Beyond this total value (in units of the common denominator) the engine's bounds are not exact."""

ENGINE = "CP-SAT"

SLACK = 1e-3
"""Room for rounding in the engine's bound, which stands for an integer."""

OUT_OF_TIME = "the cross-check ran out of time"

WORKER = Path(__file__).with_name("cpsat_worker.py")


def cross_check(auction: Auction, found: Winners, *, limit: float | None = None) -> Winners:
    """`found`, an answer to `auction`, confirmed or improved by CP-SAT.

    An optimum that CP-SAT confirms comes back with the proof "exact"; where `found` was not proved, the better of the
    two allocations comes back with the smaller bound. `limit`: seconds; without a proof by then, what was learnt comes
    back with a note.
    Raises WrongAnswer where the two contradict each other, InputError where OR-Tools is not installed, BudgetExceeded
    where values add up to 2^53 or more (in units of their common denominator) or a valuation without a language has too
    many goods.
    """
    return cross_check_each([(auction, found)], limit=limit)[0]


def cross_check_each(answers: Sequence[tuple[Auction, Winners]], *, limit: float | None = None) -> tuple[Winners, ...]:
    """`cross_check` of several answers in one process, which takes about a second to start; `limit` is for each."""
    if find_spec("ortools") is None:
        raise InputError("cross-check", "no OR-Tools", "OR-Tools installed", "pip install 'unrigged[cpsat]'")
    begun = perf_counter()
    programs = [Formulation(auction) for auction, _ in answers]
    seen = _ask({"limit": limit, "programs": [_in_integers(program) for program in programs]})
    seconds = (perf_counter() - begun) / max(1, len(answers))
    return tuple(
        _compared(program, found, one, seconds)
        for program, (_, found), one in zip(programs, answers, seen, strict=True)
    )


def _ask(question: dict[str, Any]) -> list[dict[str, Any]]:
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-P", str(WORKER)],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or "without a word").splitlines()[-1]
        raise UnriggedError(f"the cross-check's process ended with the status {done.returncode}: {last}")
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def _in_integers(program: Formulation) -> dict[str, Any]:
    """The program in integers: a continuous column counts units of 1/scale, as all that it is compared with does."""
    if program.size >= LARGEST:
        raise BudgetExceeded(f"values add up to {program.size} units: the cross-check is for less than {LARGEST}")
    columns, terms = [], [list[tuple[int, int]]() for _ in program.rows]
    costs = []
    for number, column in enumerate(program.columns):
        unit = 1 if column.whole else program.unit
        entries = program.entries(number)
        reach = 2 * program.size // max(1, *(abs(coefficient) // unit for _, coefficient in entries), 1) + 1
        least = max(-reach, int(Fraction(column.lower) * unit)) if isfinite(column.lower) else -reach
        most = min(reach, int(Fraction(column.upper) * unit)) if isfinite(column.upper) else reach
        columns.append((least, most))
        costs.append(program.costs[number] // unit)
        for row, coefficient in entries:
            terms[row].append((number, coefficient // unit))
    rows = []
    for row, (low, high) in enumerate(program.rows):
        unit = program.unit if row in program.valued else 1
        rows.append((terms[row], _side(low, unit), _side(high, unit)))
    return {"columns": columns, "rows": rows, "costs": costs}


def _side(side: float, unit: int) -> int | None:
    return int(Fraction(side) * unit) if isfinite(side) else None


def _compared(program: Formulation, found: Winners, seen: dict[str, Any], seconds: float) -> Winners:
    """What `found` and CP-SAT say together."""
    if seen["status"] == "infeasible":
        raise WrongAnswer("the cross-check says that no allocation obeys the rules")
    if seen["status"] == "unknown":
        return replace(found, notes=(*found.notes, OUT_OF_TIME))
    auction, proved = program.auction, seen["status"] == "optimal"
    chosen = [
        number
        for number, (column, value) in enumerate(zip(program.columns, seen["columns"], strict=True))
        if column.player is not None and value
    ]
    bound: Exact = exact(Fraction(floor(seen["bound"] + SLACK), program.scale))
    allocation, taken = program.chosen(chosen)
    other = answer(
        auction, allocation, None, "exact", seconds=seconds, nodes=seen["nodes"], engine=ENGINE, taken=taken
    )  # fmt: skip
    best = other if other.value > found.value else found
    if best.value > min(found.bound, bound) or (proved and best.value < bound):
        raise WrongAnswer(
            f"{found.engine} (value {found.value}, bound {found.bound}) and {ENGINE} (value {other.value}, bound "
            f"{bound}) contradict each other"
        )
    bound = min(bound, found.bound)
    proof: Proof = "exact" if proved else found.proof if found.optimal else "none"
    if proof == "none" and bound == best.value:
        proof = "numerical"
    return replace(
        best,
        bound=bound,
        proof=proof,
        seconds=seconds,
        nodes=seen["nodes"],
        notes=found.notes if proved else (*found.notes, OUT_OF_TIME),
        engine=f"{found.engine}, checked by {ENGINE}" if proved and best is found else best.engine,
    )
