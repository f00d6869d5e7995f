"""Backward induction by the protocol alone, in many contexts at once.

The walk through a mechanism does not depend on anybody's type, so one walk serves a whole column of contexts: what is
kept for a position is an array with an entry for each of them. There is no form, no solver and no set of prospects in
between, which makes this the other path to what `subgame_perfect` finds, and the check of a claimed profile: in a
finite game where agents move one at a time, a profile is the only subgame-perfect equilibrium if and only if every move
of it, at every decision, is strictly better for its agent than every other move, the profile being played afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.context import Context
from unrigged.errors import InputError
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome, Prices, Result
from unrigged.protocol import Chance, Decision, Event, History, Pay, Position, Then, after, settle

Grid = Callable[[MoveSpace], Sequence[Move]]
"""The moves that are considered in a space."""

Rows = NDArray[Any]
"""Whole numbers: a row for each player, in which his coalition's joint utility stands, and one for the welfare; a
column for each context. 64 bits wide where that is enough, and Python's integers where it is not."""

Flags = NDArray[np.bool_]
"""A truth value for each context."""

ROOM = 2**62
"""Integers below this in size are kept in 64 bits."""


@dataclass(frozen=True)
class Expected:
    """What is expected at a position in every context: `rows` / `scale`, none of them larger than `peak` in size.

    `one`: whether there is one equilibrium profile from here on. `sure`: whether all of them lead to these numbers (a
    sufficient test: no agent has anywhere two best moves that differ for somebody).
    """

    scale: int
    rows: Rows
    peak: int
    one: Flags
    sure: Flags

    def scaled(self, scale: int) -> tuple[Rows, int]:
        """The rows over a multiple of this scale, and a bound on their size."""
        return _times(self.rows, scale // self.scale, self.peak)

    def of(self, row: int, column: int) -> Fraction:
        """One number: the joint utility of a player's coalition, or the welfare, in one context."""
        return Fraction(int(self.rows[row, column]), self.scale)


@dataclass(frozen=True)
class Chosen:
    """One decision, solved: the joint utility (over `scale`) of the mover's coalition by every one of its `moves`, in
    every context, and the number of the move `taken` in each; -1 where the profile has none on the grid."""

    decision: Decision
    player: int
    space: MoveSpace
    moves: Sequence[Move]
    scale: int
    gains: Rows
    taken: NDArray[np.int64]
    history: History

    @cached_property
    def rivals(self) -> Rows:
        """The utilities with that of the move taken put below all others'."""
        others = self.gains.copy()
        others[self.taken, np.arange(self.gains.shape[1])] = self.gains.min() - 1
        return others

    @cached_property
    def strict(self) -> Flags:
        """Where the move taken is better than all others."""
        own = self.gains[self.taken, np.arange(self.gains.shape[1])]
        best: Flags = (self.taken >= 0) & (self.rivals < own).all(axis=0)
        return best

    @property
    def improving(self) -> Flags:
        """Where another move is better than the one taken."""
        own = self.gains[self.taken, np.arange(self.gains.shape[1])]
        better: Flags = (self.taken >= 0) & (self.gains > own).any(axis=0)
        return better

    def best(self, column: int) -> Move:
        """The first of the best moves in one context, that which is taken aside."""
        return self.moves[int(np.argmax(self.rivals[:, column]))]


Profile = Callable[[Decision, int, MoveSpace, Sequence[Move]], NDArray[np.int64]]
"""What is played at a decision: for every context the number of the player's move among those listed."""


@dataclass(frozen=True)
class Columns:
    """Contexts of one setting, side by side."""

    contexts: tuple[Context, ...]

    def __post_init__(self) -> None:
        if len({context.setting for context in self.contexts}) != 1:
            raise InputError("contexts", f"{len(self.contexts)} contexts", "one or more, all of the same setting")

    @property
    def n(self) -> int:
        """How many players."""
        return self.contexts[0].setting.n

    @cached_property
    def together(self) -> Rows:
        """1 where two players collude: by context, player, player."""
        rows = np.zeros((len(self.contexts), self.n, self.n), dtype=np.int64)
        for number, context in enumerate(self.contexts):
            for coalition in context.coalitions:
                for player in coalition:
                    rows[number, player, list(coalition)] = 1
        return rows

    @cached_property
    def _worths(self) -> dict[Result, tuple[Rows, int]]:
        return {}

    def worth(self, result: Result) -> tuple[Rows, int]:
        """Everybody's gain from `result`, jointly, and the welfare; and a bound on their size."""
        if result not in self._worths:
            single = np.array([[context.gain(player, result) for player in range(self.n)] for context in self.contexts])
            if single.dtype.kind != "i":
                raise InputError("types", "values that are not whole", "integer values", "count in a smaller unit")
            joint = np.einsum("cij,cj->ic", self.together, single)
            self._worths[result] = np.vstack([joint, single.sum(axis=1)]), int(abs(single).sum(axis=1).max())
        return self._worths[result]

    def paid(self, prices: Prices, scale: int) -> tuple[Rows, int]:
        """What everybody's coalition pays, `scale` times, and 0 for the welfare; and a bound on their size."""
        whole = [price.numerator * (scale // price.denominator) for price in prices]
        size = sum(map(abs, whole))
        one = np.array(whole, dtype=np.int64 if size < ROOM else object)
        joint = (self.together @ one).T
        return np.vstack([joint, np.zeros((1, len(self.contexts)), dtype=one.dtype)]), size


def _times(rows: Rows, factor: int, peak: int) -> tuple[Rows, int]:
    """`rows` times a factor, wider where they need to be."""
    if factor == 1:
        return rows, peak
    size = peak * abs(factor)
    if max(size, abs(factor)) >= ROOM and rows.dtype != object:
        rows = rows.astype(object)
    return rows * factor, size


def _plus(one: Rows, other: Rows, peak: int) -> Rows:
    if peak >= ROOM and one.dtype != object and other.dtype != object:
        one = one.astype(object)
    total: Rows = one + other
    return total


class Induction:
    """One walk through a mechanism in the contexts of `columns`, each of them solved by backward induction.

    `grid`: the moves considered. `profile`: what is played, where a claimed profile is checked; without it, every agent
    makes the first of his best moves. `seen`: told of every decision once it is solved; a decision that several
    histories lead to is solved once. `remembered`: which positions are kept for that (all of them unless said).
    Agents move one at a time: InputError where several do.
    """

    def __init__(
        self,
        mechanism: Mechanism,
        columns: Columns,
        grid: Grid,
        *,
        profile: Profile | None = None,
        seen: Callable[[Chosen], None] | None = None,
        remembered: Callable[[Then], bool] | None = None,
    ) -> None:
        self.mechanism, self.columns, self.grid, self.profile = mechanism, columns, grid, profile
        self.seen, self.remembered = seen, remembered
        self.known: dict[Then, Expected] = {}
        self.decisions = 0
        self.everywhere = np.ones(len(columns.contexts), dtype=np.bool_)

    def run(self) -> Expected:
        """What is expected at the start."""
        return self.at(self.mechanism.start(), ())

    def follow(self, then: Then, history: History) -> Expected:
        """What is expected from `then` on."""
        if self.remembered is not None and not self.remembered(then):
            return self.at(then(), history)
        found = self.known.get(then)
        if found is None:
            found = self.known[then] = self.at(then(), history)
        return found

    def at(self, position: Position, history: History) -> Expected:
        """What is expected at `position`, which `history` leads to."""
        if isinstance(position, Outcome):
            return self.end(position)
        if isinstance(position, Pay):
            return self.less(self.follow(position.then, history), position.prices)
        if isinstance(position, Chance):
            return self.mixed(position, history)
        return self.choice(position, history)

    def end(self, outcome: Outcome) -> Expected:
        worth, most = self.columns.worth(outcome.result)
        return self.less(Expected(1, worth, most, self.everywhere, self.everywhere), outcome.prices)

    def less(self, later: Expected, prices: Prices) -> Expected:
        """The same after a payment."""
        scale = lcm(later.scale, *(price.denominator for price in prices))
        rows, peak = later.scaled(scale)
        paid, size = self.columns.paid(prices, scale)
        return Expected(scale, _plus(rows, -paid, peak + size), peak + size, later.one, later.sure)

    def mixed(self, chance: Chance, history: History) -> Expected:
        sides = []
        for branch in chance.branches:
            longer = (*history, Event(chance.label, side=branch.name))
            sides.append((branch.probability, self.follow(branch.then, longer)))
        scale = lcm(*(probability.denominator * side.scale for probability, side in sides))
        parts = []
        for probability, side in sides:
            parts.append(_times(side.rows, probability.numerator * (scale // probability.denominator // side.scale),
                                side.peak))  # fmt: skip
        peak = sum(size for _, size in parts)
        rows = reduce(lambda one, other: _plus(one, other, peak), (part for part, _ in parts))
        one = np.logical_and.reduce([side.one for _, side in sides])
        return Expected(scale, rows, peak, one, np.logical_and.reduce([side.sure for _, side in sides]))

    def choice(self, decision: Decision, history: History) -> Expected:
        if len(decision.actors) != 1:
            raise InputError(decision.label, f"{len(decision.actors)} players who move at once", "one at a time")
        self.decisions += 1
        ((player, space),) = decision.actors
        moves = self.grid(space)
        found = [
            self.at(decision.then((move,)), (*history, Event(decision.label, ((player, move),)))) for move in moves
        ]
        scale = lcm(*(one.scale for one in found))
        scaled = [one.scaled(scale) for one in found]
        every = np.stack([rows for rows, _ in scaled])
        gains = every[:, player, :]
        here = np.arange(gains.shape[1])
        taken = np.asarray(
            np.argmax(gains, axis=0) if self.profile is None else self.profile(decision, player, space, moves)
        )
        chosen = Chosen(decision, player, space, moves, scale, gains, taken, history)
        if self.seen is not None:
            self.seen(chosen)
        rows = every[taken, :, here].T
        best = gains == gains[taken, here]
        alike = (every == rows).all(axis=1)
        one = chosen.strict & np.logical_and.reduce([each.one for each in found])
        sure = (~best | alike).all(axis=0) & np.logical_and.reduce([each.sure for each in found])
        return Expected(scale, rows, max(size for _, size in scaled), one, sure)

    def path(self, column: int, begun: History = ()) -> History:
        """What is played in one context after `begun`, up to the first coin or the end; `run` comes first."""
        history = begun
        position, _ = after(self.mechanism, begun)
        watching, caught = self.seen, list[Chosen]()
        self.seen = caught.append
        try:
            while isinstance(position, Decision):
                self.choice(position, history)
                chosen = caught[-1]
                move = chosen.moves[int(chosen.taken[column])]
                history = (*history, Event(position.label, ((chosen.player, move),)))
                position, _ = settle(position.then((move,)))
        finally:
            self.seen = watching
        return history


def joint(expected: Expected, column: int, agents: Sequence[Sequence[int]]) -> tuple[Exact, ...]:
    """The payoff of every agent in one context."""
    return tuple(expected.of(agent[0], column) for agent in agents)
