"""Auctions that are plain set packing: bids of which a set without a common good (or dummy) is to be chosen.

That is what single-minded, XOR, OR, OR*, unit-demand and additive bidders come to where goods may stay unsold. Few
bids are settled in plain Python, so that small auctions wait for no compiler; the rest goes to the packing race.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil
from time import monotonic, perf_counter

from unrigged.exact import Exact, exact
from unrigged.winners.formulation import Formulation
from unrigged.winners.model import INTERRUPTED, Progress, Proof, Winners, answer, hard_to_value
from unrigged.winners.packing import Packed, Packing
from unrigged.winners.packing.exact import solve_exact

FEW_BIDS = 100
"""Up to this many bids plain Python is tried first."""

PATIENCE = 0.1
"""Seconds it is given."""

MOST_WEIGHT = 2**50
"""The test of uniqueness multiplies weights; it is left out beyond this total."""


def solve(
    program: Formulation,
    packing: Packing,
    *,
    limit: float | None = None,
    threads: int = 2,
    progress: Progress | None = None,
    floor: Exact | None = None,
) -> Winners:
    """The answer to the packing of `program`; with a `floor`, the first one of that value, or a bound below it."""
    begun = perf_counter()
    least = None if floor is None else ceil(floor * program.scale)
    found = _pack(packing, limit, threads, _in_values(progress, program.scale), least)
    allocation, taken = program.chosen(found.chosen)
    return answer(
        program.auction, allocation, exact(Fraction(found.bound, program.scale)), found.proof,
        seconds=perf_counter() - begun, nodes=found.nodes, engine="set packing", notes=found.notes, taken=taken,
    )  # fmt: skip


def only_one(program: Formulation, packing: Packing, best: Winners, *, limit: float | None, threads: int) -> bool:
    """Whether `best`, an optimum without useless goods, is proved to be the only such one; False where it is not known.

    Bids that do not lie within what `best` gives their bidder count one small unit more; if no packing gains that
    unit beside the greatest value, every optimum is made of the same bids.
    """
    auction, unit = program.auction, len(program.auction.goods) + 1
    if sum(packing.weights) * unit > MOST_WEIGHT:
        return False
    if any(hard_to_value(one) for one in auction.valuations):
        return False
    free = [one.free_disposal for one in auction.valuations]
    weights = []
    for column, weight in zip(program.columns, packing.weights, strict=True):
        same = False
        if column.player is not None:
            given = best.bundles[column.player]
            same = column.bundle == given or (free[column.player] and not column.bundle & ~given)
        weights.append(weight * unit + (0 if same or weight <= 0 else 1))
    more = int(best.value * program.scale) * unit + 1
    found = _pack(Packing(tuple(weights), packing.items, packing.item_count), limit, threads, None, more)
    return found.bound < more


def _pack(packing: Packing, limit: float | None, threads: int, progress: Progress | None, floor: int | None) -> Packed:
    if len(packing.weights) <= FEW_BIDS:
        begun = monotonic()
        patience = PATIENCE if limit is None else min(PATIENCE, limit)
        quick = solve_exact(packing, deadline=begun + patience, floor=floor)
        value = packing.value(quick.chosen)
        if quick.bound == value or (floor is not None and (value >= floor or quick.bound < floor)):
            proof: Proof = "exact" if quick.bound == value else "none"
            return Packed(quick.chosen, value, quick.bound, proof, monotonic() - begun, quick.nodes)
    from unrigged.winners.packing import race

    try:
        return race.solve(packing, limit=limit, threads=threads, progress=progress, floor=floor)
    except race.Interrupted as stopped:
        if progress is None:
            raise
        return replace(stopped.packed, notes=(*stopped.packed.notes, INTERRUPTED))


def _in_values(progress: Progress | None, scale: int) -> Progress | None:
    if progress is None or scale == 1:
        return progress
    return lambda value, bound, seconds: progress(exact(Fraction(value, scale)), exact(Fraction(bound, scale)), seconds)
