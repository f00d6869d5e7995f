"""Dominant-strategy-truthful (DST) mechanisms on a finite domain of values, as a system of linear inequalities.

Source: Chen, Hassidim and Micali 2009, sections 3.1 and 4. Two players, the null state and one more; a context is a
pair of values of that state, known to both. A strategy is to declare such a pair: a type profile for everybody. A
mechanism is, for every two declarations, the probability of the state and an expected price for each player (a
deterministic one has probabilities 0 and 1). It is DST if to declare the true profile is weakly dominant in every
context; the empty declaration, of zeros, costs nothing; and it guarantees the fraction x if, whenever both declare the
truth, revenue is at least x times the greatest welfare.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from unrigged.errors import InputError
from unrigged.farkas import Name, Row, System, Variable

Declared = tuple[int, int]
"""A value of the state for each of the two players."""

EMPTY: Declared = (0, 0)

FRACTION = "x"
"""The variable x."""


@dataclass(frozen=True)
class Chosen:
    """The probability of the state when `first` and `second` are declared."""

    first: Declared
    second: Declared


@dataclass(frozen=True)
class Price:
    """What `player` is expected to pay then."""

    player: int
    first: Declared
    second: Declared


@dataclass(frozen=True)
class Truth:
    """The row by which `player`, in the context `truth`, does not gain by declaring `lie` when the other declares
    `other`."""

    player: int
    truth: Declared
    lie: Declared
    other: Declared


@dataclass(frozen=True)
class OptOut:
    """The row by which the empty declaration of `player` costs him nothing when the other declares `other`."""

    player: int
    other: Declared


@dataclass(frozen=True)
class Guarantee:
    """The row by which revenue in the context `truth`, declared by both, is at least x times the greatest welfare."""

    truth: Declared


@dataclass(frozen=True)
class AtMostOne:
    """The row by which a probability is at most 1."""

    chosen: Chosen


@dataclass(frozen=True)
class AtLeastZero:
    """The row by which a probability is at least 0."""

    chosen: Chosen


@dataclass(frozen=True)
class Domain:
    """The values that players may have, ascending whole numbers from 0 on."""

    values: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.values or self.values[0] != 0 or list(self.values) != sorted(set(self.values)):
            raise InputError("values", self.values, "ascending whole numbers, the first of them 0")

    @cached_property
    def declarations(self) -> tuple[Declared, ...]:
        """All type profiles."""
        return tuple((first, second) for first in self.values for second in self.values)

    @property
    def system(self) -> System:
        """The inequalities of a DST mechanism, of whatever kind."""
        return System(self.row)

    @property
    def deterministic(self) -> System:
        """Those of a deterministic one: the state is chosen or not."""
        return System(self.row, lambda variable: isinstance(variable, Chosen))

    def row(self, name: Name) -> Row | None:
        """The row of that name, None where it names none."""
        known = self._known
        if isinstance(name, Truth) and name.player in (0, 1) and {name.truth, name.lie, name.other} <= known:
            value = name.truth[name.player]
            told = cell(name.player, name.truth, name.other)
            lied = cell(name.player, name.lie, name.other)
            if told == lied:
                return Row((), 0)
            return Row(
                (
                    (Chosen(*lied), value),
                    (Price(name.player, *lied), -1),
                    (Chosen(*told), -value),
                    (Price(name.player, *told), 1),
                ),
                0,
            )
        if isinstance(name, OptOut) and name.player in (0, 1) and name.other in known:
            return Row(((Price(name.player, *cell(name.player, EMPTY, name.other)), 1),), 0, equal=True)
        if isinstance(name, Guarantee) and name.truth in known:
            both = (name.truth, name.truth)
            return Row(((FRACTION, sum(name.truth)), (Price(0, *both), -1), (Price(1, *both), -1)), 0)
        if isinstance(name, AtMostOne) and {name.chosen.first, name.chosen.second} <= known:
            return Row(((name.chosen, 1),), 1)
        if isinstance(name, AtLeastZero) and {name.chosen.first, name.chosen.second} <= known:
            return Row(((name.chosen, -1),), 0)
        return None

    @cached_property
    def _known(self) -> frozenset[Declared]:
        return frozenset(self.declarations)

    @property
    def names(self) -> Iterator[Any]:
        """The names of all rows."""
        everything = self.declarations
        for player, truth, lie, other in product((0, 1), everything, everything, everything):
            yield Truth(player, truth, lie, other)
        for player, other in product((0, 1), everything):
            yield OptOut(player, other)
        for truth in everything:
            yield Guarantee(truth)
        for pair in product(everything, everything):
            yield AtMostOne(Chosen(*pair))
            yield AtLeastZero(Chosen(*pair))

    @property
    def rows(self) -> Iterator[tuple[Name, Row]]:
        """All rows with their names."""
        for name in self.names:
            row = self.row(name)
            assert row is not None
            yield name, row


def cell(player: int, own: Declared, other: Declared) -> tuple[Declared, Declared]:
    """Both declarations, in the order of the players."""
    return (own, other) if player == 0 else (other, own)


def at_most(bound: Any) -> Row:
    """The conclusion that no mechanism of the domain guarantees more than `bound`."""
    return Row(((FRACTION, 1),), bound)


__all__ = ["Domain", "Variable", "at_most", "cell"]
