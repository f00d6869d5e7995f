"""Games that begin with one player's announcement of a state: every state is solved once, the first move joins them.

What follows the announcement of a state depends on nobody's value of any other state. So the contexts are taken apart:
for each state, one walk solves all profiles of values that this state can have, under every partition; and in any
context the first mover compares what the states hold for him (`unrigged.analysis.joined` says why that is all).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from unrigged.analysis.many_contexts import Chosen, Columns, Expected, Flags, Grid, Induction, Profile
from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Then
from unrigged.setting import Setting
from unrigged.valuations import StateValues

Values = tuple[int, ...]
"""Everybody's value of one state."""

Partition = tuple[Coalition, ...]


@dataclass(frozen=True)
class Part:
    """All contexts in which one state alone has values, with the announcements of that state solved.

    `number`: the column of each profile of values under each partition. `opening`: the first decision, `found`: what is
    expected after the move taken there. `later`: where there is one equilibrium after every announcement. `decisions`:
    how many were solved.
    """

    state: int
    columns: Columns
    number: dict[tuple[Values, Partition], int]
    opening: Chosen
    found: Expected
    later: Flags
    decisions: int


@dataclass(frozen=True)
class Joined:
    """A context's equilibria: the payoff of the first mover's coalition, every best first move, and what is expected
    after the first of these: the joint utility of each player's coalition, the welfare, the revenue.

    `sure`: whether every equilibrium has these payoffs; `one`: whether there is only one; `one_later`: whether there is
    only one from the second decision on, whatever was announced first.
    """

    utility: Exact
    openings: tuple[Outcome, ...]
    utilities: tuple[Exact, ...]
    welfare: Exact
    revenue: Exact
    one_later: bool
    sure: bool

    @property
    def one(self) -> bool:
        """Whether there is exactly one equilibrium."""
        return self.one_later and len(self.openings) == 1


def one_state(setting: Setting, state: int, values: Values, partition: Partition) -> Context:
    """The context in which everybody values that state alone."""
    names = setting.need_states("a decomposition by states")
    types = [StateValues(names, [value if number == state else 0 for number in range(len(names))]) for value in values]
    return Context(setting, tuple(types), coalitions=partition)


def parts(
    mechanism: Mechanism,
    profiles: Sequence[Values],
    partitions: Sequence[Partition],
    grid: Grid,
    *,
    profile: Callable[[Columns], Profile] | None = None,
    seen: Callable[[Columns, Chosen], None] | None = None,
    remembered: Callable[[Then], bool] | None = None,
    wanted: Callable[[Values, Partition], bool] = lambda values, partition: True,
) -> tuple[Part, ...]:
    """Every state solved for all `profiles` of its values under all `partitions`.

    `grid`, `remembered`: as in `Induction`; `profile` makes the profile to be checked, and `seen` is told of every
    decision, for the columns of one state. `wanted`: which combinations are needed.
    """
    setting = mechanism.setting
    pairs = [pair for pair in product(profiles, partitions) if wanted(*pair)]
    if not pairs:
        raise InputError("contexts", "none", "at least one profile of values with a partition")
    answer = []
    for state in range(len(setting.need_states("a decomposition by states"))):
        columns = Columns(tuple(one_state(setting, state, values, partition) for values, partition in pairs))
        caught: list[Chosen] = []
        later = np.ones(len(pairs), dtype=np.bool_)

        def watched(chosen: Chosen, columns: Columns = columns, caught: list[Chosen] = caught,
                    later: Flags = later) -> None:  # fmt: skip
            if chosen.history:
                np.logical_and(later, chosen.strict, out=later)
            else:
                caught.append(chosen)
            if seen is not None:
                seen(columns, chosen)

        def announcing(space: MoveSpace, state: int = state) -> Sequence[Move]:
            return [move for move in grid(space) if not _names_another(move, state)]

        induction = Induction(mechanism, columns, announcing, profile=profile and profile(columns), seen=watched,
                              remembered=remembered)  # fmt: skip
        found = induction.run()
        number = {pair: column for column, pair in enumerate(pairs)}
        answer.append(Part(state, columns, number, caught[-1], found, later, induction.decisions))
    return tuple(answer)


def _names_another(move: Any, state: int) -> bool:
    return isinstance(move, Outcome) and move.result != state


def across_states(solved: Sequence[Part], values: Sequence[Values], partition: Partition) -> Joined:
    """The equilibria of the context in which state number s has the values `values[s]`; the parts were solved without a
    profile to be checked."""
    places = [(part, part.number[values[part.state], partition]) for part in solved]
    player = solved[0].opening.player
    utility = max(part.found.of(player, column) for part, column in places)
    openings: list[Outcome] = []
    for part, column in places:
        gains = part.opening.gains[:, column]
        if part.found.of(player, column) == utility:
            openings += [part.opening.moves[int(which)] for which in np.flatnonzero(gains == gains.max())]
    best = [(part, column) for part, column in places if part.found.of(player, column) == utility]
    vectors = {tuple(part.found.of(row, column) for row in range(part.columns.n + 1)) for part, column in best}
    (first, column) = best[0]
    utilities = tuple(first.found.of(row, column) for row in range(first.columns.n))
    agents = first.columns.contexts[column].coalitions
    welfare = first.found.of(first.columns.n, column)
    return Joined(
        utility,
        tuple(openings),
        utilities,
        welfare,
        welfare - sum(utilities[agent[0]] for agent in agents),
        all(bool(part.later[column]) for part, column in places),
        len(vectors) == 1 and all(bool(part.found.sure[column]) for part, column in places),
    )
