"""The game of announcements of `surviving`, Lemmas 1 to 3 followed afterwards: what survives in it, for certain or by
way of a search.

Utilities are whole numbers in 64 bits where they fit, and floating point elsewhere; what is found in floating point is
to be checked by `unrigged.analysis.survival`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.stages import Stages, Utilities, announcements
from unrigged.analysis.survival import Announced, Closed
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact, total
from unrigged.mechanisms.surviving import Known, Surviving
from unrigged.moves.profiles import Profile
from unrigged.setting import NULL_STATE

Table = NDArray[Any]
"""A number per profile: int64 or float64."""

MAX_PROFILES = 2_000_000

LARGEST = 1 << 61

TINY = 1e-11
"""Utilities in floating point that differ by less are held to be equal."""


@dataclass(frozen=True, eq=False)
class AnnouncementGame:
    """Everybody's announcements (`moves`); per profile of them the utilities, and the welfare of the state chosen where
    none is drawn. `exact`: whether utilities are whole numbers, `scale` times as large as they are."""

    stages: Stages
    moves: tuple[tuple[Profile, ...], ...]
    utilities: tuple[Table, ...]
    welfare: Table
    scale: int
    exact: bool

    @property
    def tiny(self) -> float:
        """What is no difference between utilities."""
        return 0 if self.exact else TINY


def announcement_game(stages: Stages) -> AnnouncementGame:
    """The game of all announcements. Raises BudgetExceeded where it has more than MAX_PROFILES profiles."""
    mechanism = stages.mechanism
    everyone = mechanism.setting.everyone
    moves = tuple(tuple(announcements(mechanism, i)) for i in everyone)
    shape = tuple(map(len, moves))
    if prod(shape) > MAX_PROFILES:
        raise BudgetExceeded(f"more than {MAX_PROFILES} profiles of announcements")
    found: Found = {}
    for state in mechanism.order:
        for known in product(*_said(mechanism, moves, state)):
            key = (stages.values[state], known)
            if key not in found:
                found[key] = stages.after_state(state, known)
    drawn = mechanism.eps / len(mechanism.order)
    chosen = 1 - mechanism.eps
    scale = lcm(*(figure.denominator for each in found.values() for figure in each)) * lcm(
        drawn.denominator, chosen.denominator
    )
    exact = max(abs(figure) for each in found.values() for figure in each) * scale < LARGEST
    scale = scale if exact else 1
    kind = np.int64 if exact else np.float64
    utilities = [np.zeros(shape, kind) for _ in everyone]
    best_utilities = [np.zeros(shape, kind) for _ in everyone]
    welfare, best = np.zeros(shape), np.full(shape, -1)
    for state in mechanism.order:
        said = _said(mechanism, moves, state)
        grid: Any = np.ix_(*_places(mechanism, moves, said, state))
        knowns = list(product(*said))
        size = tuple(map(len, said))
        revenue = np.array([int(total(mechanism.prices(known))) for known in knowns]).reshape(size)[grid]
        first = revenue > best
        best = np.where(first, revenue, best)
        welfare = np.where(first, float(total(stages.values[state])), welfare)
        for i in everyone:
            column = [found[stages.values[state], known][i] for known in knowns]
            for weight, sums in ((drawn, utilities), (chosen, best_utilities)):
                numbers = [_number(value * weight, scale, exact) for value in column]
                table = np.array(numbers, kind).reshape(size)[grid]
                sums[i] = sums[i] + table if weight is drawn else np.where(first, table, sums[i])
    return AnnouncementGame(
        stages, moves, tuple(a + b for a, b in zip(utilities, best_utilities, strict=True)), welfare, scale, exact
    )


Found = dict[tuple[tuple[Exact, ...], Known], Utilities]
"""Utilities by everybody's values of the provisional state and what is announced of it."""


def _number(value: Fraction, scale: int, exact: bool) -> int | float:
    return value.numerator * (scale // value.denominator) if exact else float(value)


def _row(own: Profile, player: int, state: int) -> tuple[int, ...]:
    """What `own` says of `state`."""
    return tuple(0 if state == NULL_STATE or j == player else row[state] for j, row in enumerate(own))


def _said(mechanism: Surviving, moves: tuple[tuple[Profile, ...], ...], state: int) -> list[list[tuple[int, ...]]]:
    """For every player everything that he may say of `state`."""
    return [sorted({_row(own, i, state) for own in moves[i]}) for i in mechanism.setting.everyone]


def _places(
    mechanism: Surviving, moves: tuple[tuple[Profile, ...], ...], said: list[list[tuple[int, ...]]], state: int
) -> list[NDArray[np.intp]]:
    """Which of these things every announcement says."""
    return [np.array([said[i].index(_row(own, i, state)) for own in moves[i]]) for i in mechanism.setting.everyone]


def undominated(game: AnnouncementGame) -> tuple[list[list[int]], int]:
    """What is left when announcements that are worse than another whatever the others announce are eliminated, round by
    round, and the number of rounds; a superset of what distinguishable dominance leaves. BudgetExceeded where utilities
    are not exact."""
    if not game.exact:
        raise BudgetExceeded("utilities that do not fit into 64 bits")
    left, rounds = [list(range(len(own))) for own in game.moves], 0
    while True:
        gone = []
        for i, table in enumerate(game.utilities):
            rows = np.moveaxis(table[np.ix_(*left)], i, 0).reshape(len(left[i]), -1)
            gone.append({left[i][a] for a, row in enumerate(rows) if bool((rows > row).all(1).any())})
        if not any(gone):
            return left, rounds
        left = [[move for move in own if move not in out] for own, out in zip(left, gone, strict=True)]
        rounds += 1


def survivors(game: AnnouncementGame) -> list[list[int]]:
    """What is left when announcements that are never better and sometimes worse than another are eliminated, round by
    round; a subset of what distinguishable dominance leaves."""
    left = [list(range(len(own))) for own in game.moves]
    while True:
        gone = []
        for i, table in enumerate(game.utilities):
            rows = np.moveaxis(table[np.ix_(*left)], i, 0).reshape(len(left[i]), -1)
            gone.append({left[i][a] for a, row in enumerate(rows) if _dominated(rows, row, game.tiny)})
        if not any(gone):
            return left
        left = [[move for move in own if move not in out] for own, out in zip(left, gone, strict=True)]


def _dominated(rows: Table, row: Table, tiny: float) -> bool:
    return bool(((rows >= row - tiny).all(1) & (rows > row + tiny).any(1)).any())


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
        better = table[own] > table + game.tiny
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
