"""Dense winner determination against the same recurrence in numpy.

    python benchmarks/dense.py [--quick] [--json FILE]

One core. For each size: seconds for one solve, for one solve with all "without player i" optima, and (for
m = 16, n = 16; smaller with --quick) for the recurrence with one vectorised numpy maximum per bundle, measured on
a sample of its bundles of every size and scaled up, unless --full asks for all of it.
"""

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np

from unrigged.winners.dense import divide

SIZES = ((16, 16), (18, 8), (20, 8))
TARGETS = {(16, 16): 0.6, (18, 8): 3.0, (20, 8): 30.0}


def numpy_player(before: Any, own: Any, bundles: Any) -> Any:
    """f_i at the given bundles: one vectorised maximum over the parts of each."""
    result = np.empty(len(bundles), before.dtype)
    for place, bundle in enumerate(bundles):
        parts = np.zeros(1, np.int64)
        good = 1
        while good <= bundle:
            if bundle & good:
                parts = np.concatenate([parts, parts | good])
            good *= 2
        result[place] = (before[bundle ^ parts] + own[parts]).max()
    return result


def numpy_seconds(values: Any, full: bool) -> float:
    """Seconds the numpy recurrence takes for all players; a 1-in-64 sample of bundles, scaled, unless `full`."""
    n, size = values.shape
    bundles = np.arange(size)
    if not full:
        bundles = np.random.default_rng(1).choice(size, size // 64, replace=False)
    start = time.perf_counter()
    numpy_player(values[0], values[1], bundles)
    return (time.perf_counter() - start) * (size / len(bundles)) * (n - 2)


def best_of(runs: int, action: Any) -> tuple[float, Any]:
    """The least seconds of several runs, and the result."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = action()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="m = 12 and 14 only")
    parser.add_argument("--full", action="store_true", help="run the whole numpy recurrence")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    rng = np.random.default_rng(20)
    divide(rng.integers(0, 100, (3, 32)), without=True)
    rows = []
    print(f"{'m':>3} {'n':>3} {'one solve':>10} {'target':>7} {'marginals':>10} {'ratio':>6} {'numpy':>9} {'times':>7}")
    for m, n in ((12, 8), (14, 8)) if options.quick else SIZES:
        values = rng.integers(0, 1_000_000, (n, 1 << m))
        runs = 3 if m <= 18 else 2
        seconds, division = best_of(runs, lambda values=values: divide(values))
        both, again = best_of(runs, lambda values=values: divide(values, without=True))
        if division.value != again.value:
            raise SystemExit("the two runs disagree")
        row: dict[str, Any] = {
            "goods": m,
            "players": n,
            "seconds": seconds,
            "target": TARGETS.get((m, n)),
            "seconds_with_marginals": both,
            "ratio": both / seconds,
            "value": division.value,
        }
        if m <= 16:
            row["numpy_seconds"] = numpy_seconds(values, options.full)
            row["times"] = row["numpy_seconds"] / seconds
        rows.append(row)
        target = row["target"]
        print(
            f"{m:>3} {n:>3} {seconds:>9.3f}s {f'{target:.1f}s' if target else '':>7} {both:>9.3f}s"
            f" {row['ratio']:>6.2f}"
            + (f" {row['numpy_seconds']:>8.1f}s {row['times']:>6.0f}x" if "times" in row else "")
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak memory {peak:.2f} GB")
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "peak_memory_gb": peak}, indent=1) + "\n")


if __name__ == "__main__":
    main()
