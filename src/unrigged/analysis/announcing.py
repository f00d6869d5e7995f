"""Searches for announcements of `surviving` that survive: the game of announcements, Lemmas 1 to 3 followed afterwards.

Floating point throughout: what is found is to be checked by `unrigged.analysis.survival`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.stages import Stages, Utilities, announcements
from unrigged.analysis.survival import Announced, Closed
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact
from unrigged.mechanisms.surviving import Known
from unrigged.moves.profiles import Profile
from unrigged.setting import NULL_STATE

Floats = NDArray[np.float64]

MAX_PROFILES = 2_000_000

TINY = 1e-11
"""Utilities that differ by less are held to be equal."""


@dataclass(frozen=True, eq=False)
class AnnouncementGame:
    """Everybody's announcements (`moves`), and per profile of them the utilities and the welfare, if the provisional
    state is not drawn, of the state chosen."""

    stages: Stages
    moves: tuple[tuple[Profile, ...], ...]
    utilities: tuple[Floats, ...]
    welfare: Floats


def announcement_game(stages: Stages) -> AnnouncementGame:
    """The game of all announcements. Raises BudgetExceeded where it has more than MAX_PROFILES profiles."""
    mechanism = stages.mechanism
    everyone = mechanism.setting.everyone
    moves = tuple(tuple(announcements(mechanism, i)) for i in everyone)
    shape = tuple(map(len, moves))
    if prod(shape) > MAX_PROFILES:
        raise BudgetExceeded(f"more than {MAX_PROFILES} profiles of announcements")
    eps, count = float(mechanism.eps), len(mechanism.order)
    utilities = [np.zeros(shape) for _ in everyone]
    chosen = [np.zeros(shape) for _ in everyone]
    welfare, best = np.zeros(shape), np.full(shape, -1.0)
    found: Found = {}
    for state in mechanism.order:
        revenue, tables = _state_tables(stages, moves, state, found)
        first = revenue > best
        best = np.where(first, revenue, best)
        welfare = np.where(first, float(sum(stages.values[state])), welfare)
        for i in everyone:
            utilities[i] += eps / count * tables[i]
            chosen[i] = np.where(first, tables[i], chosen[i])
    for i in everyone:
        utilities[i] += (1 - eps) * chosen[i]
    return AnnouncementGame(stages, moves, tuple(utilities), welfare)


Found = dict[tuple[tuple[Exact, ...], Known], Utilities]
"""Utilities by everybody's values of the provisional state and what is announced of it."""


def _state_tables(
    stages: Stages, moves: tuple[tuple[Profile, ...], ...], state: int, found: Found
) -> tuple[Floats, list[Floats]]:
    """Per profile: what is known of the revenue of `state`, and everybody's utility if it is the provisional one."""
    mechanism = stages.mechanism
    everyone = mechanism.setting.everyone
    said: list[list[tuple[int, ...]]] = []
    places: list[NDArray[np.intp]] = []
    for i in everyone:
        rows = [tuple(0 if state == NULL_STATE or j == i else row[state] for j, row in enumerate(k)) for k in moves[i]]
        said.append(sorted(set(rows)))
        places.append(np.array([said[i].index(row) for row in rows]))
    shape = tuple(map(len, said))
    revenue = np.zeros(shape)
    tables = [np.zeros(shape) for _ in everyone]
    for at in product(*map(range, shape)):
        known = tuple(said[i][at[i]] for i in everyone)
        revenue[at] = sum(mechanism.prices(known))
        key = (stages.values[state], known)
        if key not in found:
            found[key] = stages.after_state(state, known)
        for i, utility in zip(everyone, found[key], strict=False):
            tables[i][at] = float(utility)
    grid: Any = np.ix_(*places)
    return revenue[grid], [table[grid] for table in tables]


def survivors(game: AnnouncementGame) -> list[list[int]]:
    """What is left when announcements that are never better and sometimes worse than another are eliminated, round by
    round; a subset of what distinguishable dominance leaves."""
    left = [list(range(len(own))) for own in game.moves]
    while True:
        gone = []
        for i, table in enumerate(game.utilities):
            rows = np.moveaxis(table[np.ix_(*left)], i, 0).reshape(len(left[i]), -1)
            gone.append({left[i][a] for a, row in enumerate(rows) if _dominated(rows, row)})
        if not any(gone):
            return left
        left = [[move for move in own if move not in out] for own, out in zip(left, gone, strict=True)]


def _dominated(rows: Floats, row: Floats) -> bool:
    return bool(((rows >= row - TINY).all(1) & (rows > row + TINY).any(1)).any())


def closed_around(game: AnnouncementGame, left: list[list[int]], begin: tuple[int, ...]) -> Closed | None:
    """A small closed set within `left` that contains the profile `begin`; None where there is none."""
    members = [[move] for move in begin]
    reasons: dict[tuple[int, Profile, Profile], Announced] = {}
    waiting = [(i, move) for i, move in enumerate(begin)]
    while waiting:
        i, own = waiting.pop(0)
        others = [j for j in range(len(members)) if j != i]
        every = list(range(len(game.moves[i])))
        table = np.moveaxis(game.utilities[i], i, 0)[np.ix_(every, *(left[j] for j in others))]
        better = table[own] > table + TINY
        open_ = [move for move in every if move != own]
        while open_:
            new = sum(
                np.expand_dims([move not in members[j] for move in left[j]], tuple(set(range(len(others))) - {axis}))
                for axis, j in enumerate(others)
            )
            score = better[open_].sum(0) / (np.asarray(new) + 0.01)
            at = np.unravel_index(int(score.argmax()), score.shape)
            settled = [move for move in open_ if better[(move, *at)]]
            if not settled:
                return None
            for j, place in zip(others, at, strict=True):
                if left[j][place] not in members[j]:
                    members[j].append(left[j][place])
                    waiting.append((j, left[j][place]))
            profile = {j: left[j][place] for j, place in zip(others, at, strict=True)} | {i: own}
            made = tuple(game.moves[j][profile[j]] for j in range(len(members)))
            for move in settled:
                reasons[i, game.moves[i][own], game.moves[i][move]] = made
            open_ = [move for move in open_ if move not in settled]
    chosen = tuple(tuple(game.moves[i][move] for move in own) for i, own in enumerate(members))
    return Closed(chosen, reasons)
