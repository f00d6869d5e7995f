"""Games in strategic form, and the parts of them over which one strategy is compared with others.

Agents, strategies and the others' strategies are numbered from 0 in code; names are for readers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import pairwise, product
from math import lcm, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.errors import InputError
from unrigged.exact import Exact, exact

Payoffs = NDArray[Any]
"""One agent's payoff per profile: int64, or integers and Fractions in an object array."""

Codes = NDArray[np.int64]
Profile = tuple[int, ...]
"""The number of one strategy for every agent."""

Allowed = tuple[tuple[int, ...], ...]
"""For every agent the strategies still in question, in increasing order."""

LARGEST = 1 << 62
"""Payoffs are kept in 64 bits only below this size, so that no difference of two can overflow."""


class Notion(Enum):
    """When one strategy is worse than another, over a set of strategies of the others."""

    STRICT = "strict"
    """Worse against every member."""

    WEAK = "weak"
    """Never better, and worse against some member."""

    DISTINGUISHABLE = "distinguishable"
    """Worse against every member against which the two lead to different marks, and there is such a member."""


@dataclass(frozen=True, eq=False)
class NormalForm:
    """A finite game in strategic form, its payoffs exact.

    agents: names. strategies: for every agent the names of his strategies. payoffs: for every agent an array with
    one axis per agent; integers are kept in 64 bits where they fit, otherwise as Python integers and Fractions.
    marks: a number for every profile, equal for two profiles that lead to the same history (or outcome
    distribution, where that is what is to be compared); profiles with equal marks have equal payoffs. None where
    nothing is said of histories.
    Raises InputError for a float, for an array of another shape, and for equal marks with different payoffs.
    """

    agents: tuple[str, ...]
    strategies: tuple[tuple[Hashable, ...], ...]
    payoffs: tuple[Payoffs, ...]
    marks: Codes | None = None

    def __post_init__(self) -> None:
        if not len(self.agents) == len(self.strategies) == len(self.payoffs) >= 1:
            found = f"{len(self.agents)} agents, {len(self.strategies)} sets of strategies, {len(self.payoffs)} payoffs"
            raise InputError("normal form", found, "one set of strategies and one payoff array per agent")
        for agent, strategies in zip(self.agents, self.strategies, strict=True):
            if not strategies:
                raise InputError(f"strategies of {agent}", "none", "at least one strategy")
        fitted = tuple(
            _fitted(table, self.shape, f"payoffs of {agent}")
            for agent, table in zip(self.agents, self.payoffs, strict=True)
        )
        object.__setattr__(self, "payoffs", fitted)
        if self.marks is not None:
            object.__setattr__(self, "marks", self._checked_marks(np.asarray(self.marks)))

    @classmethod
    def of(
        cls,
        agents: Sequence[str],
        strategies: Sequence[Sequence[Hashable]],
        payoffs: Callable[[Profile], Sequence[Exact]],
        mark: Callable[[Profile], Hashable] | None = None,
    ) -> NormalForm:
        """The game in which the profile p (numbers of strategies) pays `payoffs(p)` and leads to `mark(p)`.

        >>> game = NormalForm.of(["row", "column"], ["ab", "xyz"], lambda p: (p[0], p[1]), mark=lambda p: p)
        >>> game.shape, int(game.payoffs[1][0, 2])
        ((2, 3), 2)
        """
        shape = tuple(len(own) for own in strategies)
        tables = [np.empty(shape, object) for _ in agents]
        codes = np.zeros(shape, np.int64)
        known: dict[Hashable, int] = {}
        for profile in product(*(range(size) for size in shape)):
            for table, payoff in zip(tables, payoffs(profile), strict=True):
                table[profile] = payoff
            if mark is not None:
                codes[profile] = known.setdefault(mark(profile), len(known))
        named = tuple(tuple(own) for own in strategies)
        return cls(tuple(agents), named, tuple(tables), None if mark is None else codes)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many strategies every agent has."""
        return tuple(len(own) for own in self.strategies)

    @property
    def everything(self) -> Allowed:
        """Every strategy of every agent."""
        return tuple(tuple(range(size)) for size in self.shape)

    def denominator(self, agent: int) -> int:
        """The smallest positive number that makes the agent's payoffs whole."""
        table = self.payoffs[agent]
        return 1 if table.dtype == np.int64 else lcm(*(Fraction(payoff).denominator for payoff in table.flat))

    def whole(self, agent: int, scale: int) -> Payoffs:
        """The agent's payoffs times `scale`, a multiple of their denominator."""
        table = self.payoffs[agent]
        return table if scale == 1 else _fitted(table.astype(object) * scale, self.shape, "payoffs")

    def _checked_marks(self, marks: NDArray[Any]) -> Codes:
        if marks.shape != self.shape or not np.issubdtype(marks.dtype, np.integer):
            found = f"{marks.dtype} of shape {marks.shape}"
            raise InputError("marks", found, f"integers of shape {self.shape}, one per profile")
        codes = marks.astype(np.int64)
        _, first, inverse = np.unique(codes.ravel(), return_index=True, return_inverse=True)
        for agent, table in zip(self.agents, self.payoffs, strict=True):
            flat = table.ravel()
            wrong = np.flatnonzero(flat != flat[first][inverse])
            if len(wrong):
                profile = tuple(int(part) for part in np.unravel_index(wrong[0], self.shape))
                found = f"another payoff of {agent} at profile {profile} than at an earlier one of equal mark"
                raise InputError("marks", found, "equal payoffs where marks are equal")
        codes.flags.writeable = False
        return codes


@dataclass(frozen=True)
class Region:
    """A game and the strategies in question: what is compared is compared against the others' allowed ones.

    A comparison over several regions (one per context that an agent deems possible) asks for one and the same
    dominator; its own candidates must then be the same in all of them.
    """

    game: NormalForm
    allowed: Allowed

    def __post_init__(self) -> None:
        if len(self.allowed) != len(self.game.agents):
            raise InputError("allowed strategies", f"{len(self.allowed)} sets", "one per agent")
        for agent, own, size in zip(self.game.agents, self.allowed, self.game.shape, strict=True):
            if not own or own[0] < 0 or own[-1] >= size or any(a >= b for a, b in pairwise(own)):
                raise InputError(f"allowed strategies of {agent}", own, f"some of 0 to {size - 1}, in increasing order")

    @classmethod
    def all_of(cls, game: NormalForm) -> Region:
        """The whole game."""
        return cls(game, game.everything)

    def others(self, agent: int, flat: int) -> Profile:
        """The others' strategies in column `flat` of `table`, agent by agent, `agent` left out."""
        sets = [own for j, own in enumerate(self.allowed) if j != agent]
        places = np.unravel_index(flat, tuple(len(own) for own in sets)) if sets else ()
        return tuple(own[int(place)] for own, place in zip(sets, places, strict=True))

    def table(self, agent: int, values: NDArray[Any]) -> NDArray[Any]:
        """`values` per profile as a matrix: a row per allowed strategy of `agent`, a column per others' choice."""
        cut = np.moveaxis(values[np.ix_(*self.allowed)], agent, 0)
        return cut.reshape(len(self.allowed[agent]), prod(cut.shape[1:]))


def profile_with(agent: int, strategy: int, others: Profile) -> Profile:
    """The profile in which `agent` plays `strategy` and the others play `others`.

    >>> profile_with(1, 7, (4, 5))
    (4, 7, 5)
    """
    return (*others[:agent], strategy, *others[agent:])


def coded(marks: Iterable[Hashable], shape: tuple[int, ...]) -> Codes:
    """Marks, listed profile by profile (the last agent's strategy changing fastest), as the numbers NormalForm keeps.

    >>> coded("abca", (2, 2)).tolist()
    [[0, 1], [2, 0]]
    """
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(mark, len(known)) for mark in marks], np.int64).reshape(shape)


def _fitted(values: Any, shape: tuple[int, ...], where: str) -> Payoffs:
    """`values` checked, in 64 bits where they fit; the array returned cannot be written to."""
    table = np.array(values)
    if table.dtype.kind not in "iuO":
        table = np.array(values, dtype=object)
    if table.shape != shape:
        raise InputError(where, f"an array of shape {table.shape}", f"shape {shape}, one payoff per profile")
    if table.dtype == object:
        flat = [exact(value.item() if isinstance(value, np.integer) else value, where) for value in table.flat]
        table = np.empty(shape, object)
        table.reshape(-1)[:] = flat
        fits = all(isinstance(value, int) and -LARGEST < value < LARGEST for value in flat)
    else:
        fits = max(-int(table.min()), int(table.max())) < LARGEST
    result = table.astype(np.int64 if fits else object)
    result.flags.writeable = False
    return result
