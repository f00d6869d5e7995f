"""How fast finite games are built and solved, beside OpenSpiel and Gambit where they can do the job.

    python benchmarks/analysis.py [--quick] [--json FILE]

Every case runs in a process of its own; given are seconds (those of the processor in brackets) and, for us, the
greatest resident memory of the process. All our answers are exact and complete: every subgame-perfect outcome, ties
included. OpenSpiel has no such algorithm; its expectiminimax finds the value of a two-player zero-sum tree, in
floating-point numbers. Gambit has none either; its exact linear programme finds one Nash equilibrium of a zero-sum
tree, and its enumeration of pure behaviour profiles (from which subgame perfection would have to be sifted) looks at
every profile. Both are given the tree that we solve, exported to `.efg`. (pip install 'unrigged[benchmarks,dev]')
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from itertools import product
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

from unrigged.analysis import Game, Tree, conditional_elimination, subgame_perfect, unfold
from unrigged.analysis.decomposition import across_states, parts
from unrigged.context import Context
from unrigged.formats.gambit import efg
from unrigged.mechanisms import PerfectRevenue
from unrigged.protocol import Then
from unrigged.setting import choice
from unrigged.valuations import StateValues

Figures = dict[str, Any]


def random_tree(depth: int, branching: int, *, zero_sum: bool = False, payoffs: int = 10**6) -> Game:
    """A complete tree of that depth; payoffs are random integers below `payoffs`, players move in turn."""
    rng = Random(1)
    tree = Tree(["ann", "bob"])
    moves = [f"m{number}" for number in range(branching)]

    def node(left: int) -> int:
        if left == 0:
            first = rng.randrange(payoffs)
            return tree.end(first, -first if zero_sum else rng.randrange(payoffs))
        return tree.decision(("ann", "bob")[left % 2], {move: node(left - 1) for move in moves})

    return tree.game(node(depth))


def timed(work: Callable[[], Any]) -> tuple[Any, list[float]]:
    """What `work` returns, and the seconds it takes: by the clock, and of the processor."""
    clock, processor = perf_counter(), process_time()
    answer = work()
    return answer, [perf_counter() - clock, process_time() - processor]


def solved(make: Callable[[], Game]) -> Figures:
    """Seconds to build and to solve a game."""
    game, building = timed(make)
    found, solving = timed(lambda: subgame_perfect(game))
    return {
        "terminal histories": game.form.histories,
        "nodes kept": game.form.nodes,
        "build": building,
        "solve": solving,
        "equilibrium payoffs": len(found.payoffs),
        "first": [str(payoff) for payoff in found.payoffs[0]],
        "one profile": found.one_profile,
    }


def perfect_revenue(bound: int, states: int) -> Game:
    """Three players who value `states` states from 0 to 3, announcements up to `bound`."""
    rng = Random(7)
    setting = choice(["ann", "bob", "cy"], [f"state {number}" for number in range(states)], value_bound=4)
    assert setting.states is not None
    types = tuple(StateValues(setting.states, [rng.randint(0, 3) for _ in range(states)]) for _ in range(3))
    context = Context(setting, types, coalitions=((1, 2),))
    return Game.of(unfold(PerfectRevenue(setting, cap=bound), bound), context)


def eliminated(make: Callable[[], Game]) -> Figures:
    """Seconds to build a game, and to eliminate all conditionally dominated actions, upwards."""
    game, building = timed(make)
    found, solving = timed(lambda: conditional_elimination(game, order="upwards"))
    return {
        "terminal histories": game.form.histories,
        "nodes kept": game.form.nodes,
        "build": building,
        "solve": solving,
        "actions eliminated": sum(map(len, found.rounds)),
        "histories left": found.remaining.form.histories,
    }


PARTITIONS = (((0,), (1,), (2,)), ((0, 1), (2,)), ((0, 2), (1,)), ((0,), (1, 2)))
"""Who colludes among three players, short of all of them."""


def every_context() -> Figures:
    """Perfect-revenue with three players and two states, values and announcements up to 3: the equilibrium payoffs in
    every context under every partition. What follows the announcement of a state depends on its values alone, so each
    state is solved once for all values of it, and the first move joins the two."""
    setting = choice(["ann", "bob", "cy"], ["park", "pool"], value_bound=4)
    mechanism = PerfectRevenue(setting, cap=3)
    triples = list(product(range(4), repeat=3))
    solved_parts, solving = timed(
        lambda: parts(mechanism, triples, PARTITIONS, lambda space: tuple(space.grid(3)), remembered=asked)
    )
    unique, joining = timed(
        lambda: [
            across_states(solved_parts, values, partition).sure
            for values in product(triples, repeat=2)
            for partition in PARTITIONS
        ]
    )
    return {
        "solve": solving,
        "join": joining,
        "contexts and partitions": len(unique),
        "with one equilibrium payoff": sum(unique),
    }


def asked(then: Then) -> bool:
    """Positions that several histories lead to."""
    return then.step.startswith("ask")


def openspiel(depth: int) -> Figures:
    """The value of the zero-sum tree by OpenSpiel, and the same tree by us."""
    import pyspiel
    from open_spiel.python.algorithms import minimax

    text = efg(random_tree(depth, 2, zero_sum=True, payoffs=1000))
    game, building = timed(lambda: pyspiel.load_efg_game(text))
    ann_begins = depth % 2 == 0
    value, solving = timed(
        lambda: minimax.expectiminimax(game.new_initial_state(), 2 * depth, None, 0 if ann_begins else 1)
    )
    return {"terminal histories": 2**depth, "build": building, "solve": solving, "value": value[0]}


def gambit(depth: int, how: str) -> Figures:
    """What Gambit finds of the zero-sum tree."""
    import pygambit

    text = efg(random_tree(depth, 2, zero_sum=True, payoffs=1000))
    game, building = timed(lambda: pygambit.read_efg(BytesIO(text.encode())))
    if how == "linear programme":
        found, solving = timed(lambda: [pygambit.nash.lp_solve(game).equilibrium])
    else:
        found, solving = timed(lambda: pygambit.nash.enumpure_agent_solve(game).equilibria)
    return {"terminal histories": 2**depth, "build": building, "solve": solving, "equilibria": len(found)}


CASES: dict[str, Callable[[], Figures]] = {
    "plain tree, 2 moves, 2^20 ends": lambda: solved(lambda: random_tree(20, 2)),
    "plain tree, 10 moves, 10^6 ends": lambda: solved(lambda: random_tree(6, 10)),
    "plain tree, 10^6 ends, many ties": lambda: solved(lambda: random_tree(6, 10, payoffs=20)),
    "perfect-revenue, n = 3, 4 states, announcements up to 3": lambda: solved(lambda: perfect_revenue(3, 4)),
    "perfect-revenue, n = 3, 4 states, conditional dominance": lambda: eliminated(lambda: perfect_revenue(3, 4)),
    "perfect-revenue, n = 3, 2 states, every context up to 3": every_context,
    "zero-sum tree, 2^18 ends: unrigged": lambda: solved(lambda: random_tree(18, 2, zero_sum=True, payoffs=1000)),
    "zero-sum tree, 2^18 ends: OpenSpiel expectiminimax": lambda: openspiel(18),
    "zero-sum tree, 2^6 ends: unrigged": lambda: solved(lambda: random_tree(6, 2, zero_sum=True, payoffs=1000)),
    "zero-sum tree, 2^6 ends: Gambit, linear programme": lambda: gambit(6, "linear programme"),
    "zero-sum tree, 2^4 ends: Gambit, pure profiles": lambda: gambit(4, "enumeration"),
}
PATIENCE = 900
"""Seconds that a case may take."""

QUICK = [name for name in CASES if "zero-sum" in name]


def in_own_process(name: str) -> Figures:
    """The figures of one case; an error in words where it cannot be run."""
    command = [sys.executable, __file__, "--case", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {PATIENCE} s"}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no answer"])[-1]}
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def line(figures: Figures) -> str:
    """The figures of a case on one line."""
    if "error" in figures:
        return str(figures["error"])
    rest = (
        "terminal histories",
        "nodes kept",
        "equilibrium payoffs",
        "actions eliminated",
        "histories left",
        "value",
        "equilibria",
        "contexts and partitions",
        "with one equilibrium payoff",
    )
    seconds = ", ".join(
        f"{what} {figures[what][0]:.2f} s ({figures[what][1]:.2f})"
        for what in ("build", "solve", "join")
        if what in figures
    )
    extra = ", ".join(f"{figures[name]:,} {name}" for name in rest if name in figures)
    first = f", first {', '.join(figures['first'])}; {figures['memory']} MB" if "first" in figures else ""
    return f"{seconds}; {extra}{first}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only the small games")
    parser.add_argument("--case", choices=CASES, help="one case, in this process; its figures as JSON")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.case:
        figures = CASES[options.case]()
        figures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(figures))
        return
    results = {}
    for name in QUICK if options.quick else CASES:
        results[name] = in_own_process(name)
        print(f"{name:<58}{line(results[name])}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
