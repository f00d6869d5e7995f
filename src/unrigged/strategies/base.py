"""Strategies: what an agent (a player, or a coalition acting as one) does at every decision."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.moves.answer import NO, YES, Answer, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.protocol import Decision, History


@dataclass(frozen=True)
class Notes:
    """What is known about rational play in one mechanism, in plain words.

    `optimal`: what is known to be best, and in which sense; where only a paper says so, so does the text.
    `indifferent`: between which moves it makes no difference. `reveals`: what one's moves tell, and to whom.
    """

    optimal: str
    indifferent: str
    reveals: str


class Strategy(ABC):
    """A pure strategy of one agent: a function of the decision and the public history, nothing else."""

    @abstractmethod
    def moves(self, decision: Decision, movers: Coalition, history: History) -> Mapping[int, Move]:
        """The moves of `movers` (those of the agent's members who act at `decision`), by player."""


class Individual(Strategy):
    """A strategy whose members move each on his own, given his move space."""

    @abstractmethod
    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        """The move of `player`."""

    def moves(self, decision: Decision, movers: Coalition, history: History) -> Mapping[int, Move]:
        answer = {}
        for player in movers:
            space = decision.space(player)
            if space is not None:
                answer[player] = self.move(player, space, decision, history)
        return answer


@dataclass(frozen=True)
class Silent(Individual):
    """Never says anything: every move is the default."""

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        return space.default


@dataclass(frozen=True)
class RandomPlay(Individual):
    """Legal moves drawn at random, numbers of the order of `scale`; the same seed gives the same strategy.

    The draw depends on seed, decision and player alone, so the strategy is pure.
    """

    seed: int
    scale: int = 10

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        return space.sample(Random(f"{self.seed}/{decision.label}/{player}"), self.scale)


@dataclass(frozen=True)
class ByValue(Individual):
    """Answers YES exactly when one's own gain from the proposal is at least its price; `otherwise` plays the rest."""

    context: Context
    otherwise: Strategy = field(default_factory=Silent)

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if isinstance(space, YesNo):
            return by_value(self.context, player, space)
        return self.otherwise.moves(decision, (player,), history)[player]


def by_value(context: Context, player: int, space: YesNo) -> Answer:
    """YES exactly when `player` gains at least the price he is asked."""
    return YES if context.gain(player, space.proposal.result) >= space.proposal.prices[player] else NO


def jointly_by_value(context: Context, members: Sequence[int], space: YesNo) -> Answer:
    """YES exactly when the `members` together gain at least what they are asked together."""
    gain = sum(context.gain(player, space.proposal.result) - space.proposal.prices[player] for player in members)
    return YES if gain >= 0 else NO


@dataclass(frozen=True)
class ByMechanism(Strategy):
    """Plays each mechanism of a public mixture by a strategy of its own; `parts` goes by the mechanisms' names."""

    parts: tuple[tuple[str, Strategy], ...]

    def moves(self, decision: Decision, movers: Coalition, history: History) -> Mapping[int, Move]:
        return dict(self.parts)[decision.then.mechanism.name].moves(decision, movers, history)


@dataclass(frozen=True)
class Scripted(Individual):
    """Moves written down beforehand: `script` maps a decision's label to {player's name: move as JSON}.

    `otherwise` plays what the script leaves out; `where` names the script in errors.
    """

    script: Mapping[str, Mapping[str, Any]]
    otherwise: Strategy = field(default_factory=Silent)
    where: str = "moves"

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.script)), self.where))

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        name = decision.then.mechanism.setting.players[player]
        written = self.script.get(decision.label, {})
        if not isinstance(written, Mapping):
            raise InputError(f"{self.where}.{decision.label}", written, "a mapping from players to moves")
        if name not in written:
            return self.otherwise.moves(decision, (player,), history)[player]
        return space.decode(written[name], f"{self.where}.{decision.label}.{name}")


@dataclass(frozen=True)
class Mixed:
    """A mixed strategy: pure strategies with exact probabilities > 0 that sum to 1."""

    actions: tuple[tuple[Fraction, Strategy], ...]

    def __post_init__(self) -> None:
        chances = [Fraction(chance) for chance, _ in self.actions]
        if any(chance <= 0 for chance in chances) or sum(chances) != 1:
            raise InputError(
                "mixed strategy", f"probabilities {', '.join(map(str, chances))}", "positive ones that sum to 1"
            )


Profile = Mapping[Coalition, Strategy | Mixed]
"""A strategy for every agent; the agents partition the players."""
