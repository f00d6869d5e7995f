"""The protocol: what a mechanism is made of, and the one way to walk through it.

A mechanism is at every moment at a *position*: a `Decision` (some players move simultaneously), a `Chance` (a public
coin), a `Pay` (payments already certain) or an `Outcome` (the end). What follows is a `Then`: the mechanism, the name
of one of its methods, and that method's arguments, so that a position is a plain value: comparable, hashable,
replayable. The path that led to a position is a `History`, kept by whoever needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from unrigged.errors import IllegalMove, InputError
from unrigged.outcome import Outcome, Prices

if TYPE_CHECKING:
    from unrigged.mechanisms.base import Mechanism
    from unrigged.moves.base import MoveSpace

Move = Any
"""A frozen value that its move space declares legal."""


class Then:
    """What follows: a method of a mechanism, by name, with its first arguments.

    Written `Then(self.method, argument, ...)`. Equal when mechanism, name and arguments are.
    """

    __slots__ = ("arguments", "mechanism", "step")

    mechanism: Mechanism
    step: str
    arguments: tuple[Any, ...]

    def __init__(self, method: Callable[..., Position], *arguments: Any) -> None:
        self.mechanism = method.__self__  # type: ignore[attr-defined]  # a bound method of a mechanism
        self.step = method.__name__
        self.arguments = arguments

    def __call__(self, *last: Any) -> Position:
        """The position that follows, given the moves where a decision leads here."""
        position: Position = getattr(self.mechanism, self.step)(*self.arguments, *last)
        return position

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Then):
            return NotImplemented
        return (self.step, self.arguments, self.mechanism) == (other.step, other.arguments, other.mechanism)

    def __hash__(self) -> int:
        return hash((self.step, self.arguments))

    def __repr__(self) -> str:
        return f"Then({self.mechanism.name}.{self.step}, {', '.join(map(repr, self.arguments))})"


@dataclass(frozen=True, slots=True)
class Decision:
    """Some players move simultaneously; `then` receives their moves as a tuple in the order of `actors`.

    `actors` pairs each player with the space of his legal moves; players ascend. `label` is unique in any history.
    """

    label: str
    actors: tuple[tuple[int, MoveSpace], ...]
    then: Then

    def space(self, player: int) -> MoveSpace | None:
        """The move space of `player`, None where he does not move here."""
        return next((space for actor, space in self.actors if actor == player), None)

    def after(self, moves: Sequence[Move]) -> Position:
        """The position after `moves` (one for each actor, in order). Raises IllegalMove, changing nothing."""
        if len(moves) != len(self.actors):
            raise InputError(self.label, f"{len(moves)} moves", f"one from each of the {len(self.actors)} who move")
        for (player, space), move in zip(self.actors, moves, strict=False):
            reason = space.reason(move)
            if reason is not None:
                raise IllegalMove(self.then.mechanism.setting.players[player], self.label, reason)
        return self.then(tuple(moves))


@dataclass(frozen=True, slots=True)
class Branch:
    """One side of a public coin: its name, its exact probability > 0, and what follows it."""

    name: str
    probability: Fraction
    then: Then


@dataclass(frozen=True, slots=True)
class Chance:
    """A public coin; the probabilities of its branches sum to 1. `label` is unique in any history."""

    label: str
    branches: tuple[Branch, ...]

    def branch(self, name: str) -> Branch:
        """The branch called `name`; InputError if there is none."""
        for branch in self.branches:
            if branch.name == name:
                return branch
        raise InputError(self.label, f"'{name}'", "one of " + ", ".join(branch.name for branch in self.branches))


@dataclass(frozen=True, slots=True)
class Pay:
    """Payments already certain whatever follows; positions that differ only in them are the same from here on."""

    prices: Prices
    then: Then


Position = Decision | Chance | Pay | Outcome


def coin(label: str, *branches: tuple[str, Fraction | int, Then]) -> Position:
    """A public coin; branches of probability 0 are left out, and a sure one needs no coin."""
    possible = tuple([Branch(name, _fraction(chance), then) for name, chance, then in branches if chance])
    if len(possible) == 1:
        return possible[0].then()
    return Chance(label, possible)


def _fraction(chance: Fraction | int) -> Fraction:
    return chance if type(chance) is Fraction else Fraction(chance)


def uniform(label: str, branches: Iterable[tuple[str, Then]]) -> Position:
    """A public coin that is fair among `branches`."""
    listed = list(branches)
    return coin(label, *((name, Fraction(1, len(listed)), then) for name, then in listed))


def ask(label: str, actors: Iterable[tuple[int, MoveSpace]], then: Then) -> Position:
    """A decision of `actors`; where there are none, what follows no moves."""
    listed = tuple(actors)
    return Decision(label, listed, then) if listed else then(())


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a history: the moves made at a decision (by player), or the name of the side a coin showed."""

    label: str
    moves: tuple[tuple[int, Move], ...] = ()
    side: str = ""


History = tuple[Event, ...]
"""All that is public of a play, in order."""


def settle(position: Position, paid: Prices | None = None) -> tuple[Decision | Chance | Outcome, Prices | None]:
    """Walk through payments: the next position where something happens, and all that has been paid on the way.

    An outcome comes back with `paid` included in its prices.
    """
    while isinstance(position, Pay):
        before = paid or (0,) * len(position.prices)
        paid = tuple(price + earlier for price, earlier in zip(position.prices, before, strict=True))
        position = position.then()
    if isinstance(position, Outcome) and paid is not None:
        return position.after(paid), None
    return position, paid


def replay(mechanism: Mechanism, history: History) -> Outcome:
    """The outcome that `history` leads to, every move and every side of a coin checked again.

    Raises InputError where the history does not fit the mechanism, IllegalMove for an illegal move.
    """
    position, _ = after(mechanism, history)
    if not isinstance(position, Outcome):
        raise InputError("transcript", "its end", f"'{position.label}' next")
    return position


def after(mechanism: Mechanism, history: History) -> tuple[Decision | Chance | Outcome, Prices | None]:
    """The position that `history` leads to, and all that has been paid on the way; checked and raising as `replay`."""
    position, paid = settle(mechanism.start())
    for event in history:
        if isinstance(position, Outcome):
            raise InputError("transcript", f"'{event.label}' after the end", "nothing after the outcome")
        if event.label != position.label:
            raise InputError("transcript", f"'{event.label}'", f"'{position.label}' next")
        if isinstance(position, Chance):
            position, paid = settle(position.branch(event.side).then(), paid)
        else:
            made = dict(event.moves)
            if sorted(made) != [player for player, _ in position.actors]:
                raise InputError(
                    position.label,
                    f"moves of players {sorted(made)}",
                    "a move of everyone who decides here, and of nobody else",
                )
            position, paid = settle(position.after([made[player] for player, _ in position.actors]), paid)
    return position, paid


def moves_of(decision: Decision, chosen: Mapping[int, Move]) -> tuple[Move, ...]:
    """The moves of `decision`'s actors out of `chosen`, by player; InputError where one is missing."""
    try:
        return tuple(chosen[player] for player, _ in decision.actors)
    except KeyError as missing:
        name = decision.then.mechanism.setting.players[missing.args[0]]
        raise InputError(decision.label, f"no move of {name}", "a move of everyone who decides here") from None
