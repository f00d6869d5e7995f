"""Backward induction where it is simplest, for many positions at once: one agent moves, nothing is tossed or paid, and
one move is better for him than every other. Everything else is left to `equilibrium`."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.form import DECISION, END
from unrigged.analysis.games import Game

LEVELS = 100
"""Games are walked through that many levels from the ends; what lies above is left, too."""

CHUNK = 1 << 15
"""So many positions are looked at at once, which bounds the memory needed."""

UNKNOWN, SETTLED, LEFT = range(3)

Flags = NDArray[np.int8]
Integers = NDArray[np.int64]


def settled(game: Game) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """For every node the end that the only equilibrium of its subgame leads to, and whether that was found here.

    Only nodes of which all subgames are of the kind described are found.
    """
    form = game.form
    kinds = np.frombuffer(form.kinds, np.int8)[: form.nodes]
    info, first, child = (np.frombuffer(numbers, np.int32) for numbers in (form.info, form.first, form.child))
    state = np.where(kinds == END, SETTLED, UNKNOWN).astype(np.int8)
    found = np.where(kinds == END, info[: form.nodes], 0).astype(np.int32)
    columns = [np.frombuffer(column, np.int64) for column in game.ends if isinstance(column, array)]
    if len(form.payments) > 1 or len(columns) < len(game.agents):
        return found, np.zeros(form.nodes, np.bool_)
    movers = [game.movers(turn) or (game.agent_of[turn.players[0]],) for turn in form.turns]
    mover = np.array([agents[0] if len(agents) == 1 else -1 for agents in movers], np.int64)
    waiting = np.flatnonzero(kinds == DECISION).astype(np.int32)
    alone = mover[info[waiting]] >= 0
    state[waiting[~alone]] = state[(kinds != DECISION) & (kinds != END)] = LEFT
    waiting = waiting[alone]
    for _ in range(LEVELS):
        for begin in range(0, len(waiting), CHUNK):
            nodes = waiting[begin : begin + CHUNK]
            starts = first[nodes]
            sizes = first[nodes + 1] - starts
            offsets = np.cumsum(sizes) - sizes
            below = child[np.arange(int(sizes.sum())) + np.repeat(starts - offsets, sizes)]
            known = state[below]
            lost = np.maximum.reduceat(known, offsets) == LEFT
            ready = (np.minimum.reduceat(known, offsets) == SETTLED) & ~lost
            state[nodes[lost]] = LEFT
            _settle(nodes, ready, sizes, below, mover[info[nodes]], columns, found, state)
        waiting = waiting[state[waiting] == UNKNOWN]
    return found, state == SETTLED


def _settle(
    waiting: NDArray[np.int32],
    ready: NDArray[np.bool_],
    sizes: NDArray[np.int32],
    below: NDArray[np.int32],
    mover: Integers,
    columns: list[Integers],
    found: NDArray[np.int32],
    state: Flags,
) -> None:
    """Settle those of the nodes `waiting` that are `ready`: all nodes after them are; `below` lists these, one node's
    after the other's."""
    for agent, column in enumerate(columns):
        mine = ready & (mover == agent)
        if not mine.any():
            continue
        nodes, counts = waiting[mine], sizes[mine]
        ends = found[below[np.repeat(mine, sizes)]]
        values = column[ends]
        offsets = np.cumsum(counts) - counts
        best = values == np.repeat(np.maximum.reduceat(values, offsets), counts)
        single = np.add.reduceat(best, offsets, dtype=np.int64) == 1
        found[nodes[single]] = ends[best & np.repeat(single, counts)]
        state[nodes] = np.where(single, SETTLED, LEFT)
