"""Strategies meet a mechanism: the exact distribution over plays, or one play drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import lcm
from random import Random

from unrigged.context import Coalition, Context
from unrigged.errors import BudgetExceeded, InputError
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome, Prices
from unrigged.protocol import (
    Branch,
    Chance,
    Decision,
    Event,
    History,
    Move,
    Pay,
    Position,
    after,
    moves_of,
    settle,
)
from unrigged.setting import NOBODY
from unrigged.strategies.base import Mixed, Profile, Strategy

MAX_PLAYS = 1_000_000
"""More terminal histories than this are not listed unless the caller allows it."""


@dataclass(frozen=True, slots=True)
class Play:
    """One terminal history: what happened, how it ended, how likely it was, and the bits its moves took.

    `unrigged.narrative.narrate(mechanism, play.history)` tells it in words, with everybody's names.
    """

    history: History
    outcome: Outcome
    probability: Fraction
    bits: int

    def __str__(self) -> str:
        steps = [f"{each.label} {each.side}".strip() for each in self.history]
        prices = ", ".join(map(written, self.outcome.prices))
        return f"{'; '.join(steps)}; {_result(self.outcome)}, prices {prices} (probability {written(self.probability)})"


def _result(outcome: Outcome) -> str:
    """The result of `outcome` by numbers: the state, or the owner of each good."""
    if not isinstance(outcome.result, tuple):
        return f"state {outcome.result}"
    return "owners " + ", ".join("nobody" if owner == NOBODY else str(owner) for owner in outcome.result)


@dataclass(frozen=True)
class Distribution:
    """The exact distribution over terminal histories; probabilities are > 0 and sum to 1.

    Its text lists the outcomes by the players' numbers; `unrigged.narrative.narrate` tells a play by their names.
    """

    plays: tuple[Play, ...]

    def __str__(self) -> str:
        return "\n".join(
            f"{written(chance)}: {_result(outcome)}, prices {', '.join(map(written, outcome.prices))}"
            for outcome, chance in self.outcomes
        )

    @cached_property
    def outcomes(self) -> tuple[tuple[Outcome, Fraction], ...]:
        """The distinct outcomes with their probabilities, most likely first, then in order of appearance."""
        chances: dict[Outcome, Fraction] = {}
        for play in self.plays:
            chances[play.outcome] = chances.get(play.outcome, Fraction(0)) + play.probability
        return tuple(sorted(chances.items(), key=lambda item: -item[1]))

    def expected(self, measure: Callable[[Outcome], Exact]) -> Fraction:
        """The expectation of `measure` over outcomes."""
        return sum((chance * measure(outcome) for outcome, chance in self.outcomes), Fraction(0))

    @property
    def revenue(self) -> Fraction:
        """Expected revenue."""
        return self.expected(lambda outcome: outcome.revenue)

    def welfare(self, context: Context) -> Fraction:
        """Expected welfare."""
        return self.expected(lambda outcome: context.welfare(outcome.result))

    def utility(self, context: Context, players: int | Sequence[int]) -> Fraction:
        """Expected utility of a player, or the joint one of several."""
        members = [players] if isinstance(players, int) else players
        return self.expected(lambda outcome: context.joint_utility(members, outcome))

    @property
    def bits(self) -> Fraction:
        """Expected number of bits the players communicate."""
        return sum((play.probability * play.bits for play in self.plays), Fraction(0))


def outcomes(mechanism: Mechanism, profile: Profile, *, limit: int = MAX_PLAYS, begun: History = ()) -> Distribution:
    """The exact distribution over terminal histories when `profile` is played.

    A mixed strategy is drawn once, before the play begins. `begun`: what has already happened; probabilities are then
    those given that it has (`pure_profiles`), and bits those that are still to come. Raises InputError where the agents
    do not partition the players or `begun` does not fit, IllegalMove where a strategy moves illegally, BudgetExceeded
    beyond `limit` terminal histories.
    """
    found: list[Play] = []
    position, paid = after(mechanism, begun)
    for chance, pure in pure_profiles(mechanism, profile, begun):
        for play in _walk(position, paid, begun, pure, chance):
            found.append(play)
            if len(found) > limit:
                raise BudgetExceeded(f"more than {limit} terminal histories")
    return Distribution(tuple(found))


def _agents(mechanism: Mechanism, profile: Profile) -> list[tuple[Coalition, Strategy | Mixed]]:
    if not isinstance(profile, Mapping) or not all(isinstance(agent, tuple) for agent in profile):
        found = list(profile) if isinstance(profile, Mapping) else profile
        raise InputError(
            "strategies", found, "a mapping from agents, which are tuples of player numbers, to their strategies",
            "write {(0,): ..., (1, 2): ...}",
        )  # fmt: skip
    players = [player for agent in profile for player in agent]
    if not all(isinstance(player, int) for player in players):
        raise InputError("strategies", f"agents {list(profile)}", "agents that are tuples of player numbers, from 0 on")
    players.sort()
    if players != list(mechanism.setting.everyone):
        raise InputError(
            "strategies", f"agents {sorted(profile)}", f"agents that partition the {mechanism.setting.n} players"
        )
    return list(profile.items())


def pure_profiles(
    mechanism: Mechanism, profile: Profile, begun: History = ()
) -> Iterator[tuple[Fraction, list[tuple[Coalition, Strategy]]]]:
    """The pure profiles that `profile` mixes, each with its probability given that `begun` has happened.

    Of a mixed strategy those remain that would have moved as the agent has; where there is none such, the agent has
    moved as nobody expected, and all remain as likely as they were.
    """
    agents = _agents(mechanism, profile)
    choices = [_remaining(mechanism, agent, each, begun) for agent, each in agents]
    for picked in product(*choices):
        chance = Fraction(1)
        for probability, _ in picked:
            chance *= probability
        yield chance, [(agent, strategy) for (agent, _), (_, strategy) in zip(agents, picked, strict=True)]


def _remaining(
    mechanism: Mechanism, agent: Coalition, each: Strategy | Mixed, begun: History
) -> Sequence[tuple[Fraction, Strategy]]:
    if not isinstance(each, Mixed):
        return ((Fraction(1), each),)
    fitting = [(chance, strategy) for chance, strategy in each.actions if _moved_so(mechanism, agent, strategy, begun)]
    likely = sum((chance for chance, _ in fitting), Fraction(0))
    return [(chance / likely, strategy) for chance, strategy in fitting] if fitting else each.actions


def _moved_so(mechanism: Mechanism, agent: Coalition, strategy: Strategy, begun: History) -> bool:
    """Whether `strategy` makes all the moves of `agent` in `begun`."""
    for step, event in enumerate(begun):
        made = {player: move for player, move in event.moves if player in agent}
        if made:
            decision, _ = after(mechanism, begun[:step])
            assert isinstance(decision, Decision)
            if dict(strategy.moves(decision, tuple(made), begun[:step])) != made:
                return False
    return True


def choose(decision: Decision, profile: Sequence[tuple[Coalition, Strategy]], history: History) -> tuple[Move, ...]:
    """The moves of everyone who acts at `decision`, in order, as `profile` (pure) plays them."""
    if len(decision.actors) == 1:
        player = decision.actors[0][0]
        mine = next((agent, strategy) for agent, strategy in profile if player in agent)
        return (mine[1].moves(decision, (player,), history)[player],)
    acting = {player for player, _ in decision.actors}
    chosen: dict[int, Move] = {}
    for agent, strategy in profile:
        movers = tuple(player for player in agent if player in acting)
        if movers:
            chosen.update(strategy.moves(decision, movers, history))
    return moves_of(decision, chosen)


def _walk(
    position: Position,
    paid: Prices | None,
    begun: History,
    profile: list[tuple[Coalition, Strategy]],
    chance: Fraction,
) -> Iterator[Play]:
    """Every terminal history from `position` on, which `begun` led to, first branches first."""
    waiting: list[tuple[Position, Prices | None, History, Fraction, int]] = [(position, paid, begun, chance, 0)]
    while waiting:
        raw, owed, history, likely, bits = waiting.pop()
        position, paid = settle(raw, owed)
        if isinstance(position, Outcome):
            yield Play(history, position, likely, bits)
        elif isinstance(position, Chance):
            for branch in reversed(position.branches):
                longer = (*history, Event(position.label, side=branch.name))
                waiting.append((branch.then(), paid, longer, likely * branch.probability, bits))
        else:
            moves = choose(position, profile, history)
            spent = sum(space.bits(move) for (_, space), move in zip(position.actors, moves, strict=True))
            longer = (*history, event_of(position, moves))
            waiting.append((position.after(moves), paid, longer, likely, bits + spent))


def event_of(decision: Decision, moves: Sequence[Move]) -> Event:
    """The entry in the history for `moves` made at `decision`."""
    return Event(
        decision.label, tuple((player, move) for (player, _), move in zip(decision.actors, moves, strict=True))
    )


def draw(chance: Chance, rng: Random) -> Branch:
    """One side of a public coin, drawn exactly: an integer below the common denominator, never a float."""
    common = lcm(*[branch.probability.denominator for branch in chance.branches])
    ticket = rng.getrandbits(1) if common == 2 else rng.randrange(common)
    for branch in chance.branches:
        ticket -= branch.probability.numerator * (common // branch.probability.denominator)
        if ticket < 0:
            return branch
    raise InputError(chance.label, "probabilities that sum to less than 1", "probabilities that sum to 1")


def finish(mechanism: Mechanism, decide: Callable[[Decision], Sequence[Move]], rng: Random) -> Outcome:
    """The outcome of one play, moves taken from `decide` and checked, coins drawn from `rng`; no history is kept."""
    position = mechanism.start()
    paid: Prices | None = None
    while True:
        if isinstance(position, Decision):
            position = position.after(decide(position))
        elif isinstance(position, Chance):
            position = draw(position, rng).then()
        elif isinstance(position, Pay):
            position, paid = settle(position, paid)
        else:
            return position if paid is None else position.after(paid)


def play(mechanism: Mechanism, profile: Profile, *, seed: int) -> Play:
    """One play drawn from `seed`, with its full history and its exact probability (a mixed strategy's draw included).

    The same mechanism, profile and seed give the same play. Raises as `outcomes`.
    """
    rng = Random(seed)
    agents = _agents(mechanism, profile)
    likely, pure = _draw_profile(agents, rng)
    history: History = ()
    bits = 0
    position, paid = settle(mechanism.start())
    while not isinstance(position, Outcome):
        if isinstance(position, Chance):
            branch = draw(position, rng)
            likely *= branch.probability
            history = (*history, Event(position.label, side=branch.name))
            position, paid = settle(branch.then(), paid)
        else:
            moves = choose(position, pure, history)
            bits += sum(space.bits(move) for (_, space), move in zip(position.actors, moves, strict=True))
            history = (*history, event_of(position, moves))
            position, paid = settle(position.after(moves), paid)
    return Play(history, position, likely, bits)


def _draw_profile(
    agents: list[tuple[Coalition, Strategy | Mixed]], rng: Random
) -> tuple[Fraction, list[tuple[Coalition, Strategy]]]:
    likely, pure = Fraction(1), []
    for agent, each in agents:
        chance, strategy = _drawn(each, rng) if isinstance(each, Mixed) else (Fraction(1), each)
        likely *= chance
        pure.append((agent, strategy))
    return likely, pure


def _drawn(mixed: Mixed, rng: Random) -> tuple[Fraction, Strategy]:
    """One of the pure strategies, drawn exactly, and its probability."""
    common = lcm(*(Fraction(chance).denominator for chance, _ in mixed.actions))
    ticket = Fraction(rng.randrange(common), common)
    for chance, strategy in mixed.actions:
        if ticket < chance:
            return chance, strategy
        ticket -= chance
    raise InputError("mixed strategy", "probabilities that sum to less than 1", "probabilities that sum to 1")


def agents_of(context: Context, make: Callable[[Coalition], Strategy | Mixed]) -> dict[Coalition, Strategy | Mixed]:
    """A profile that gives every agent of `context` the strategy `make(agent)`."""
    return {agent: make(agent) for agent in context.coalitions}
