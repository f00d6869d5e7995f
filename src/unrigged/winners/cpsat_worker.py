"""Solves integer programs with CP-SAT of OR-Tools, in a process of its own: programs in, answers out, as JSON.

OR-Tools and highspy cannot be loaded into one process (each brings its own build of the same library). This file is
run by its path and imports nothing of the package.

A program is {"columns": [[least, most], ...], "rows": [[[[column, coefficient], ...], low, high], ...], "costs":
[...]}, all integers, a side of a row null where there is none. Its answer is {"status": "optimal", "feasible",
"infeasible" or "unknown", "columns": [...], "bound": number, "nodes": count}.
"""

import json
import sys
from typing import Any


def solved(program: dict[str, Any], limit: float | None) -> dict[str, Any]:
    """The answer to one program."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    columns = [model.new_int_var(least, most, "") for least, most in program["columns"]]
    for terms, low, high in program["rows"]:
        row = cp_model.LinearExpr.weighted_sum([columns[k] for k, _ in terms], [factor for _, factor in terms])
        if low is not None:
            model.add(row >= low)
        if high is not None:
            model.add(row <= high)
    model.maximize(cp_model.LinearExpr.weighted_sum(columns, program["costs"]))
    problem = model.validate()
    if problem:
        raise ValueError(problem)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if limit is not None:
        solver.parameters.max_time_in_seconds = limit
    status = solver.solve(model)
    known = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return {
        "status": solver.status_name(status).lower(),
        "columns": [solver.value(column) for column in columns] if known else [],
        "bound": solver.best_objective_bound if known else None,
        "nodes": int(solver.num_branches),
    }


def main() -> None:
    """Answer the question on the standard input."""
    question = json.load(sys.stdin)
    json.dump([solved(program, question["limit"]) for program in question["programs"]], sys.stdout)


if __name__ == "__main__":
    main()
