"""Iterated strict dominance on large games in strategic form, beside Gambit and OpenSpiel, in one run.

    python benchmarks/dominance.py [--limit SECONDS] [--only TEXT ...] [--json FILE]

Every engine gets every game in a process of its own and at most `--limit` seconds, of which building its game is
shown apart. Times are wall time after a warm-up on a game of 4 strategies. Payoffs are integers; ours and Gambit's
comparisons are exact, OpenSpiel's use floating point with a tolerance. OpenSpiel also tries mixtures once no pure
strategy dominates (it needs cvxpy for that); the column `mixed` is ours doing the same, with exact certificates.
An engine that is not installed is said to be absent.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tables = tuple[NDArray[np.int64], ...]
TARGETS = {"2 x 1000": 2.0, "3 x 100": 0.5}


def guessing(agents: int, size: int) -> Tables:
    """Guess 2/3 of the mean: some 10 rounds, most strategies go in the first."""
    guesses = np.indices((size,) * agents)
    return tuple(-np.abs(3 * agents * guesses[agent] - 2 * guesses.sum(0)) for agent in range(agents))


def undercutting(agents: int, size: int) -> Tables:
    """Best is one less than the largest guess of the others: a round for every strategy."""
    guesses = np.indices((size,) * agents)
    tables = []
    for agent in range(agents):
        largest = np.max(np.delete(guesses, agent, axis=0), axis=0)
        tables.append(-((np.maximum(largest - 1, 0) - guesses[agent]) ** 2))
    return tuple(tables)


def noise(agents: int, size: int) -> Tables:
    """Random payoffs around a random worth of every strategy: most go in the first round."""
    rng = np.random.default_rng(7)
    tables = []
    for agent in range(agents):
        worth = rng.permutation(size).reshape([size if j == agent else 1 for j in range(agents)])
        tables.append(1000 * worth + rng.integers(0, 10_000, (size,) * agents))
    return tuple(tables)


def nothing(agents: int, size: int) -> Tables:
    """Random payoffs, in which nothing is dominated."""
    rng = np.random.default_rng(7)
    return tuple(rng.integers(0, 10**6, (size,) * agents) for _ in range(agents))


KINDS: tuple[Callable[[int, int], Tables], ...] = (guessing, undercutting, noise, nothing)
GAMES = {
    f"{kind.__name__} {agents} x {size}": (kind, agents, size)
    for agents, size in ((2, 100), (2, 1000), (3, 100))
    for kind in KINDS
}


def ours(tables: Tables, mixed: bool = False) -> tuple[float, Callable[[], list[int]]]:
    """Build our game; how to eliminate in it."""
    from unrigged.analysis.elimination import eliminate
    from unrigged.strategic import NormalForm, Notion

    begun = time.perf_counter()
    names = tuple(tuple(range(size)) for size in tables[0].shape)
    game = NormalForm(tuple("abc"[: len(tables)]), names, tables)
    built = time.perf_counter() - begun
    return built, lambda: [len(own) for own in eliminate(game, Notion.STRICT, mixed=mixed, pure_first=mixed).survivors]


def gambit(tables: Tables) -> tuple[float, Callable[[], list[int]]]:
    """The same for Gambit, through its `.nfg` format; a call to it is one round."""
    import pygambit

    shape = tables[0].shape
    payoffs = np.stack([table.transpose().ravel() for table in tables], axis=1).ravel()
    agents, sizes = " ".join(f'"{name}"' for name in "abc"[: len(shape)]), " ".join(map(str, shape))
    text = f'NFG 1 R "game" {{ {agents} }} {{ {sizes} }}\n\n{" ".join(map(str, payoffs.tolist()))}\n'
    begun = time.perf_counter()
    game = pygambit.read_nfg(io.StringIO(text))
    built = time.perf_counter() - begun

    def run() -> list[int]:
        support, before = game.strategy_support_profile(), None
        while True:
            now = [len(list(support[player])) for player in game.players]
            if now == before:
                return now
            support, before = pygambit.supports.undominated_strategies_solve(support, strict=True), now

    return built, run


def openspiel(tables: Tables) -> tuple[float, Callable[[], list[int]]]:
    """The same for OpenSpiel, on a tensor of floats."""
    from open_spiel.python.algorithms import lp_solver

    begun = time.perf_counter()
    payoffs = np.stack(tables).astype(float)
    built = time.perf_counter() - begun
    mode = lp_solver.DominanceType.DOMINANCE_STRICT
    return built, lambda: [int(live.sum()) for live in lp_solver.iterated_dominance(payoffs, mode)[1]]


ENGINES: dict[str, Callable[[Tables], tuple[float, Callable[[], list[int]]]]] = {
    "ours": ours,
    "mixed": lambda tables: ours(tables, mixed=True),
    "gambit": gambit,
    "openspiel": openspiel,
}


def measure(engine: str, game: str) -> dict[str, Any]:
    """Time one engine on one game, in this process."""
    kind, agents, size = GAMES[game]
    ENGINES[engine](guessing(agents, 4))[1]()
    built, run = ENGINES[engine](kind(agents, size))
    begun = time.perf_counter()
    survivors = run()
    seconds = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"seconds": round(seconds, 3), "built": round(built, 3), "survivors": survivors, "megabytes": memory}


def apart(engine: str, game: str, limit: float) -> dict[str, Any]:
    """The measurement in a process of its own; what became of it where there is none."""
    command = [sys.executable, __file__, "--engine", engine, "--game", game]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"> {limit:g} s"}
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1]
        return {"failed": last.replace("ModuleNotFoundError: ", "absent: ")}
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--only", nargs="*", default=[""])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--game", choices=GAMES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(measure(options.engine, options.game)))
        return
    results, met = {}, True
    print(f"{'game':24}{'engine':11}{'seconds':>10}{'built':>9}{'MB':>6}  survivors")
    for game in GAMES:
        if not any(text in game for text in options.only):
            continue
        for engine in ENGINES:
            found = results[f"{game}, {engine}"] = apart(engine, game, options.limit)
            if "failed" in found:
                print(f"{game:24}{engine:11}{found['failed']:>10}")
                continue
            shown = f"{found['seconds']:10.3f}{found['built']:9.3f}{found['megabytes']:6}"
            print(f"{game:24}{engine:11}{shown}  {found['survivors']}", flush=True)
        target = next((seconds for text, seconds in TARGETS.items() if game.endswith(text)), None)
        met = met and (target is None or results[f"{game}, ours"].get("seconds", target + 1) <= target)
    print("targets met" if met else f"targets missed: {TARGETS}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
