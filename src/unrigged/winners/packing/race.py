"""Solve a packing: reduce it, find a good packing, then race several engines to a proof.

There are three: our search with clique covers, strong on dense conflict graphs; our search with linear bounds,
strong on sparse ones; and HiGHS's integer programming. They help each other: a better packing found by one is what
the others have to beat. The first proof ends the race, and so does the time limit, with the best packing and the
best bound so far. The engine that suits a part's density starts alone and usually settles it before the next would
have started.
"""

import time
from collections.abc import Callable, Collection, Sequence

from unrigged.winners.packing import presolve
from unrigged.winners.packing.engines import ENGINES, Race
from unrigged.winners.packing.exact import solve_exact
from unrigged.winners.packing.problem import Packed, Packing, Proof

Progress = Callable[[int, int, float], None]
"""Told the incumbent's value, the bound and the seconds so far, a few times a second."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a search; `packed` is the best packing and bound so far."""

    def __init__(self, packed: Packed) -> None:
        super().__init__("interrupted")
        self.packed = packed


def solve(
    packing: Packing,
    *,
    limit: float | None = None,
    threads: int = 2,
    progress: Progress | None = None,
    engines: Collection[str] = ENGINES,
    floor: int | None = None,
) -> Packed:
    """A packing of greatest weight, or the best found and a bound when time runs out.

    limit: wall-clock seconds; 0 gives the greedy packing and a bound; None waits for the proof.
    threads: how many cores to use.
    progress: called a few times a second from the calling thread.
    engines: some of "search" and "linear" (ours, exact) and "integer" (HiGHS, numerical bound).
    floor: stop at the first packing of at least this value; otherwise prove that there is none (then the
        bound is below the floor and the value may be below the bound).

    The answer's packing is checked item by item and its value added up in Python integers. On Ctrl-C
    everything is stopped and Interrupted carries the best so far. Raises ValueError for a wrong parameter.
    """
    if limit is not None and not limit >= 0:
        raise ValueError(f"limit is {limit}, expected seconds (0 or more) or None")
    if threads < 1:
        raise ValueError(f"threads is {threads}, expected 1 or more")
    if not engines or not set(engines) <= set(ENGINES):
        raise ValueError(f"engines is {engines!r}, expected some of {ENGINES}")
    began = time.monotonic()
    deadline = None if limit is None else began + limit
    try:
        reduced = presolve.reduce(packing)
    except OverflowError as overflow:
        answer = solve_exact(packing, deadline=deadline, floor=floor)
        return _checked(packing, answer.chosen, answer.bound, False, began, answer.nodes, (str(overflow),))
    base = packing.value(reduced.taken)
    races = [Race(part, threads, engines, None) for part in reduced.parts]
    if floor is not None and len(races) == 1:
        races[0].set_floor(-((base - floor) // reduced.divisor))

    def so_far() -> Packed:
        chosen = [*reduced.taken, *(race.part.bids[v] for race in races for v in race.chosen)]
        bound = base + reduced.divisor * sum(race.bound for race in races)
        numerical = any(race.numerical for race in races)
        notes = tuple(dict.fromkeys(note for race in races for note in race.notes))
        return _checked(packing, chosen, bound, numerical, began, sum(race.nodes for race in races), notes)

    def report() -> None:
        if progress is not None:
            value = base + reduced.divisor * sum(race.value for race in races)
            bound = base + reduced.divisor * sum(race.bound for race in races)
            progress(value, bound, time.monotonic() - began)

    try:
        for race in races:
            race.start()
        for race in races:
            race.run(deadline, report)
    except KeyboardInterrupt:
        raise Interrupted(so_far()) from None
    report()
    return so_far()


def warm_up() -> None:
    """Compile the loops and start the worker process now, so that the next answer does not wait for them."""
    items = tuple((i, (i + 1) % 5) for i in range(5))
    part = presolve.reduce(Packing((3, 4, 5, 4, 3), items, 5)).parts[0]
    for engine in ENGINES:
        race = Race(part, 2, (engine,), None)
        race.run(None, lambda: None)


def _checked(
    packing: Packing,
    chosen: Sequence[int],
    bound: int,
    numerical: bool,
    began: float,
    nodes: int,
    notes: tuple[str, ...],
) -> Packed:
    value = packing.value(chosen)
    if bound < value:
        raise AssertionError(f"a packing of {value} refutes the bound {bound}: please report this")
    if bound > value and numerical:
        notes = (*notes, "the bound is a floating-point one")
    proof: Proof = "none" if bound > value else "numerical" if numerical else "exact"
    return Packed(tuple(sorted(chosen)), value, bound, proof, time.monotonic() - began, nodes, notes)
