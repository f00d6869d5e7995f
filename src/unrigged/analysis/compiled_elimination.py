"""Iterated elimination by pure dominators in simultaneous rounds, in compiled loops.

Every pair (s, k) of an agent's strategies waits at the first surviving choice of the others at which k is shown to
be no dominator of s. Only when that choice goes does the pair look for the next one, further on: choices never come
back, so no pair looks at any of them twice, however many rounds there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from unrigged.analysis.strategic import NormalForm, Notion, Region

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
F = TypeVar("F", bound=Callable[..., Any])

STRICT, WEAK, DISTINGUISHABLE = 0, 1, 2
NOBODY = -1
CODES = {Notion.STRICT: STRICT, Notion.WEAK: WEAK, Notion.DISTINGUISHABLE: DISTINGUISHABLE}


def _compiled(function: F) -> F:
    return cast(F, njit(nogil=True, cache=True)(function))


@_compiled
def _is_harm(notion: int, mine: int, rival: int, my_mark: int, rival_mark: int) -> bool:
    if notion == WEAK:
        return rival < mine
    return rival <= mine and (notion == STRICT or my_mark != rival_mark)


@_compiled
def _settle(
    notion: int, values: Ints, marks: Ints, alive: Flags, s: int, k: int, start: int, first: Ints, after: Ints
) -> bool:
    """Let the pair wait at its next surviving harm; whether there is none and k gains somewhere: k dominates s."""
    rivals = len(values)
    for t in range(start, len(alive)):
        if alive[t] and _is_harm(notion, values[s, t], values[k, t], marks[s, t], marks[k, t]):
            after[s * rivals + k] = first[t]
            first[t] = s * rivals + k
            return False
    better = alive & (values[k] > values[s])
    return bool(better.any())


@_compiled
def _begin(
    notion: int, values: Ints, marks: Ints, alive: Flags, own: Flags, first: Ints, after: Ints, dominator: Ints
) -> None:
    """Place every pair; note the first dominator of every strategy that has one (its other pairs matter no more)."""
    for s in range(len(values)):
        for k in range(len(values)):
            if s != k and own[s] and own[k] and _settle(notion, values, marks, alive, s, k, 0, first, after):
                dominator[s] = k
                break


@_compiled
def _go_on(
    notion: int,
    values: Ints,
    marks: Ints,
    alive: Flags,
    own: Flags,
    gone: Ints,
    first: Ints,
    after: Ints,
    dominator: Ints,
) -> None:
    """Place again the pairs that waited at the choices `gone`; note the first dominators found."""
    rivals = len(values)
    for t in gone:
        pair = first[t]
        first[t] = NOBODY
        while pair != NOBODY:
            following = after[pair]
            s, k = pair // rivals, pair % rivals
            if (
                own[s]
                and own[k]
                and (dominator[s] == NOBODY or k < dominator[s])
                and _settle(notion, values, marks, alive, s, k, t + 1, first, after)
            ):
                dominator[s] = k
            pair = following


@dataclass
class _Side:
    """One agent's pairs, and what of the others' choices survives."""

    values: Ints
    marks: Ints
    alive: Flags
    first: Ints
    after: Ints


def rounds_of_pure_elimination(
    game: NormalForm, notion: Notion, most: int | None = None
) -> list[list[tuple[int, int, int]]]:
    """Per round all (agent, strategy, dominator) of that round; only non-empty rounds, `most` of them at most.

    The dominator is the first that survived to the beginning of the round. Payoffs enter only by comparison, so
    large integers and Fractions are replaced by their ranks.
    """
    agents, region = range(len(game.agents)), Region.all_of(game)
    own = [np.ones(size, np.bool_) for size in game.shape]
    sides = [_side(region, agent, notion) for agent in agents]
    code, rounds = CODES[notion], list[list[tuple[int, int, int]]]()
    while most is None or len(rounds) < most:
        found = []
        for agent, side in enumerate(sides):
            dominator = np.full(len(own[agent]), NOBODY, np.int64)
            lost = side.alive & ~_surviving(own, agent)
            side.alive &= ~lost
            shared = (code, side.values, side.marks, side.alive, own[agent])
            if not rounds:
                _begin(*shared, side.first, side.after, dominator)
            else:
                _go_on(*shared, np.flatnonzero(lost), side.first, side.after, dominator)
            found += [(agent, s, int(dominator[s])) for s in np.flatnonzero(dominator != NOBODY).tolist()]
        if not found:
            break
        rounds.append(found)
        for agent, strategy, _ in found:
            own[agent][strategy] = False
    return rounds


def _side(region: Region, agent: int, notion: Notion) -> _Side:
    table = region.table(agent, region.game.payoffs[agent])
    if table.dtype == object:
        table = np.unique(table.ravel(), return_inverse=True)[1].reshape(table.shape)
    values = np.ascontiguousarray(table, np.int64)
    marks = values
    if notion is Notion.DISTINGUISHABLE and region.game.marks is not None:
        marks = np.ascontiguousarray(region.table(agent, region.game.marks))
    rivals, choices = values.shape
    first, after = np.full(choices, NOBODY, np.int64), np.empty(rivals * rivals, np.int64)
    return _Side(values, marks, np.ones(choices, np.bool_), first, after)


def _surviving(own: list[Flags], agent: int) -> Flags:
    """Which choices of the others consist of surviving strategies."""
    flags = np.ones(1, np.bool_)
    for other, alive in enumerate(own):
        if other != agent:
            flags = np.logical_and.outer(flags, alive).ravel()
    return flags
