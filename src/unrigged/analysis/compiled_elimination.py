"""Iterated elimination by pure dominators in simultaneous rounds, in compiled loops.

Every pair (s, k) of an agent's strategies waits at a surviving choice of the others at which k is shown to be no
dominator of s. Only when that choice goes does the pair look for the next one, further on and round the end: choices
never come back, so no pair looks at any of them twice, however many rounds there are. Where one pair found its
choice, the next one begins to look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from unrigged.strategic import NormalForm, Notion, Region

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
F = TypeVar("F", bound=Callable[..., Any])

STRICT, WEAK, DISTINGUISHABLE = 0, 1, 2
NOBODY = NOWHERE = -1
DOMINATES = -2
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
    notion: int,
    values: Ints,
    marks: Ints,
    alive: Flags,
    s: int,
    k: int,
    begin: int,
    count: int,
    first: Ints,
    after: Ints,
) -> int:
    """Let the pair wait at the next surviving harm among `count` choices from `begin`, and return that choice.

    Where there is none, DOMINATES if k gains somewhere, else NOWHERE.
    """
    rivals, choices = values.shape
    for step in range(begin, begin + count):
        t = step if step < choices else step - choices
        if alive[t] and _is_harm(notion, values[s, t], values[k, t], marks[s, t], marks[k, t]):
            after[s * rivals + k] = first[t]
            first[t] = s * rivals + k
            return t
    better = alive & (values[k] > values[s])
    return DOMINATES if better.any() else NOWHERE


@_compiled
def _begin(
    notion: int,
    values: Ints,
    marks: Ints,
    alive: Flags,
    first: Ints,
    after: Ints,
    origin: Ints,
    dominator: Ints,
) -> None:
    """Place every pair; note the first dominator of every strategy that has one (its other pairs matter no more)."""
    rivals, choices = values.shape
    for s in range(rivals):
        hint = 0
        for k in range(rivals):
            if s == k:
                continue
            origin[s * rivals + k] = hint
            found = _settle(notion, values, marks, alive, s, k, hint, choices, first, after)
            if found == DOMINATES:
                dominator[s] = k
                break
            hint = max(found, 0)


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
    origin: Ints,
    dominator: Ints,
) -> None:
    """Place again the pairs that waited at the choices `gone`; note the first dominators found."""
    rivals, choices = values.shape
    for t in gone:
        pair = first[t]
        first[t] = NOBODY
        while pair != NOBODY:
            following = after[pair]
            s, k = pair // rivals, pair % rivals
            if own[s] and own[k] and (dominator[s] == NOBODY or k < dominator[s]):
                left = (origin[pair] - t - 1) % choices
                begin = (t + 1) % choices
                if _settle(notion, values, marks, alive, s, k, begin, left, first, after) == DOMINATES:
                    dominator[s] = k
            pair = following


@dataclass
class _Side:
    """One agent's pairs, and what of the others' choices survives."""

    values: Ints
    marks: Ints
    alive: Flags
    first: Ints
    """For every choice of the others the first pair that waits there; (s, k) has the number s·(strategies) + k."""

    after: Ints
    """For every pair the next one that waits where it does."""

    origin: Ints
    """For every pair the choice at which it began to look."""


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
            game_side = (code, side.values, side.marks, side.alive)
            waiting = (side.first, side.after, side.origin)
            if not rounds:
                _begin(*game_side, *waiting, dominator)
            else:
                _go_on(*game_side, own[agent], np.flatnonzero(lost), *waiting, dominator)
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
    first = np.full(choices, NOBODY, np.int64)
    after, origin = np.empty(rivals * rivals, np.int64), np.empty(rivals * rivals, np.int64)
    return _Side(values, marks, np.ones(choices, np.bool_), first, after, origin)


def _surviving(own: list[Flags], agent: int) -> Flags:
    """Which choices of the others consist of surviving strategies."""
    flags = np.ones(1, np.bool_)
    for other, alive in enumerate(own):
        if other != agent:
            flags = np.logical_and.outer(flags, alive).ravel()
    return flags
