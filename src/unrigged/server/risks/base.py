"""What is at stake in a mechanism, and the interface by which each family of mechanisms says it.

Numbers are exact. `paid` and `owed` are the statements in their exact form: bounds in terms of what was announced,
which tests compare with every play on small grids.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.server.numbers import exact_words

Own = Sequence[tuple[MoveSpace, Move]]
"""All the moves of one participant in a play, in order, each with the space it was made in."""

Announced = Sequence[tuple[int, MoveSpace, Move]]
"""All moves of a play, in order: the player's number, the space, the move."""

M = TypeVar("M", bound=Mechanism)


@dataclass(frozen=True)
class Silence:
    """What silence means at a decision: whose, what counts then, and whom that hurts by how much."""

    label: str
    who: str
    counts: str
    hurts: str


@dataclass(frozen=True)
class Most:
    """The most that somebody can come to pay: in words, in terms of what he announces; and as a number that holds
    whatever is announced, None where there is none. `attained`: whether some play leads to exactly that number.
    `players`: of whom it holds, `silent`: only where they never say anything."""

    who: str
    words: str
    most: Exact | None = None
    attained: bool = False
    players: tuple[int, ...] = ()
    silent: bool = False


@dataclass(frozen=True)
class Stakes:
    """Of a mechanism: what silence means, what participants can come to pay, and what the house can come to pay."""

    silence: tuple[Silence, ...]
    pays: tuple[Most, ...]
    house: Most


class Risk(ABC, Generic[M]):
    """What is at stake in the mechanisms of one family."""

    @abstractmethod
    def stakes(self, mechanism: M) -> Stakes:
        """What is said before anybody moves."""

    @abstractmethod
    def paid(self, mechanism: M, player: int, own: Own) -> Exact | None:
        """The most that `player` can come to pay when his moves are these, whatever the others do and coins show; None
        where there is no limit."""

    def owed(self, mechanism: M, announced: Announced) -> Exact:
        """The most that the house can come to pay when the moves are these, whatever coins show. (Where nothing else
        is said: what `stakes` says of the house, which is then a number.)"""
        most = self.stakes(mechanism).house.most
        assert most is not None
        return most


NOTHING = Most("the house", "It never pays anything on balance.", 0, True)
"""Said of a house that risks nothing."""


def everyone(mechanism: Mechanism) -> tuple[int, ...]:
    """All players."""
    return tuple(mechanism.setting.everyone)


def said(own: Own, kind: type[MoveSpace]) -> tuple[Any, Any] | None:
    """The first move in a space of that kind, with the space; None where there is none."""
    return next(((space, move) for space, move in own if isinstance(space, kind)), None)


def w(number: Exact) -> str:
    """A number in words."""
    return exact_words(number)


def greatest(first: Exact, *others: Exact) -> Exact:
    """The largest of these numbers."""
    for other in others:
        if other > first:
            first = other
    return first
