"""Winner determination on CATS auctions: the race against plain HiGHS, both sides in one run.

    python benchmarks/winners.py [--instances DIR] [--json FILE] [--limit SECONDS] [--only TEXT ...]

Compared are two ways to solve the same program, wall time after warm-up. The program is the natural one of set
packing, as `unrigged.winners` states it for the auction read from the file: a column per bid, a row "at most one of
these" per good, and per bidder with several bids that exclude one another a row more (the file's dummy goods).
*plain*: HiGHS on exactly that program, with gap 0 and one thread; the time includes handing it over. *race*: the
package's set-packing race on it with two threads, from the reductions to the answer checked in integers.
`--plain-limit` gives plain HiGHS another limit than the race.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from unrigged.formats.cats import read_cats
from unrigged.winners.formulation import Formulation
from unrigged.winners.model import Auction
from unrigged.winners.packing import Packing
from unrigged.winners.packing.race import solve, warm_up

DEFAULT = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "cats"


def read_packing(path: Path) -> Packing:
    """The set packing of the auction in a CATS file."""
    auction_file = read_cats(path.read_text(), path.name)
    packing = Formulation(Auction(auction_file.setting.goods, auction_file.types)).packing()
    if packing is None:
        raise SystemExit(f"{path.name}: more than set packing")
    return packing


def plain_highs(packing: Packing, limit: float) -> dict[str, Any]:
    """HiGHS on the natural program: one column per bid, one row per good, gap 0, one thread."""
    import highspy

    n, rows = len(packing.weights), packing.item_count
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_, lp.sense_ = n, rows, highspy.ObjSense.kMaximize
    lp.col_cost_ = np.array(packing.weights, float)
    lp.col_lower_, lp.col_upper_ = np.zeros(n), np.ones(n)
    lp.row_lower_, lp.row_upper_ = np.full(rows, -highspy.kHighsInf), np.ones(rows)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(used) for used in packing.items)])
    lp.a_matrix_.index_ = np.array([item for used in packing.items for item in used])
    lp.a_matrix_.value_ = np.ones(len(lp.a_matrix_.index_))
    lp.integrality_ = [highspy.HighsVarType.kInteger] * n
    solver = highspy.Highs()
    options = {"output_flag": False, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0, "time_limit": limit}
    for option, setting in options.items():
        solver.setOptionValue(option, setting)
    start = time.perf_counter()
    solver.passModel(lp)
    solver.run()
    seconds = time.perf_counter() - start
    chosen = [bid for bid, x in enumerate(solver.getSolution().col_value) if x > 0.5]
    return {
        "seconds": seconds,
        "value": packing.value(chosen) if chosen else 0,
        "bound": solver.getInfo().mip_dual_bound,
        "proved": solver.getModelStatus() == highspy.HighsModelStatus.kOptimal,
    }


def race(packing: Packing, limit: float) -> dict[str, Any]:
    """The race with two threads."""
    start = time.perf_counter()
    packed = solve(packing, limit=limit, threads=2)
    return {
        "seconds": time.perf_counter() - start,
        "value": packed.value,
        "bound": packed.bound,
        "proved": packed.optimal,
        "proof": packed.proof,
        "notes": packed.notes,
    }


def median_run(runs: int, action: Any) -> dict[str, Any]:
    """The run of median time; a single one where it takes more than two seconds."""
    results = [action()]
    while len(results) < runs and results[0]["seconds"] < 2.0:
        results.append(action())
    return sorted(results, key=lambda result: result["seconds"])[len(results) // 2]


def gap(result: dict[str, Any]) -> float:
    return (result["bound"] - result["value"]) / result["value"] if result["value"] else float("inf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=Path, default=DEFAULT, help="a folder of CATS files")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for the race")
    parser.add_argument("--plain-limit", type=float, help="seconds for plain HiGHS (default: twice --limit)")
    parser.add_argument("--only", nargs="*", default=[""], help="names containing one of these")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts")
    options = parser.parse_args()
    plain_limit = options.plain_limit or 2 * options.limit
    paths = sorted(path for path in options.instances.glob("*.txt") if any(only in path.name for only in options.only))
    if not paths:
        raise SystemExit(f"no CATS files in {options.instances}: give a folder with --instances")
    warm_up()
    figures = []
    print(f"{'instance':<26} {'plain':>9} {'gap':>7} {'race':>9} {'gap':>7} {'proof':>10} {'times':>8}")
    for path in paths:
        packing = read_packing(path)
        ours = median_run(options.runs, lambda packing=packing: race(packing, options.limit))
        plain = median_run(options.runs, lambda packing=packing: plain_highs(packing, plain_limit))
        if ours["proved"] and plain["proved"] and ours["value"] != plain["value"]:
            raise SystemExit(f"{path.name}: {ours['value']} and {plain['value']} cannot both be optimal")
        times = plain["seconds"] / ours["seconds"]
        figures.append({"instance": path.stem, "plain": plain, "race": ours, "times": times})
        print(
            f"{path.stem:<26} {plain['seconds']:>8.3f}s {gap(plain):>7.2%} {ours['seconds']:>8.3f}s"
            f" {gap(ours):>7.2%} {ours['proof']:>10} {times:>7.1f}x",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
