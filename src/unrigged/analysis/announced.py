"""Mechanisms in which everybody announces something at once and at most one round of answers follows, as tables.

Every profile of listed announcements is played once, whatever types the players may have; what an agent gains is
then a matter of a few sums over these tables, for any types and any grouping of the players.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import lcm, prod

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.form import MAX_NODES
from unrigged.context import worth
from unrigged.errors import BudgetExceeded, InputError
from unrigged.exact import Exact, total
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import MoveSpace
from unrigged.outcome import Outcome, Prices
from unrigged.protocol import Chance, Decision, Move, Pay, Position, Then
from unrigged.valuations import Type

Integers = NDArray[np.int64]
Coalition = tuple[int, ...]
Joint = tuple[Move, ...]
"""A move for every member of an agent."""

SMALL = 1 << 61
"""Sums of scaled payoffs must stay below this size, so that 64 bits hold them and their differences."""


@dataclass(frozen=True, eq=False)
class Replies:
    """How a play ends after the coins: `players` answer simultaneously, each by one of his `moves`.

    `ends` lists the outcomes in the order of `itertools.product` of the moves; a single one where nobody answers.
    """

    players: tuple[int, ...]
    spaces: tuple[MoveSpace, ...]
    moves: tuple[tuple[Move, ...], ...]
    ends: tuple[Outcome, ...]

    @property
    def joint(self) -> list[Joint]:
        """All tuples of answers, in the order of `ends`."""
        return list(product(*self.moves))


@dataclass(frozen=True, eq=False)
class Announced:
    """The tables: what follows every profile of joint announcements of the agents.

    `moves`: for every agent its joint announcements, each a move per member. Profile number k (in the order of
    `itertools.product` of `moves`) is followed by the branches from `starts[k]` on, before `starts[k + 1]`: with
    probability `chances[b] / denominator` the payment `paid[b]` is made and the replies `replied[b]` are given. No two
    branches of one profile have the same history.
    """

    mechanism: Mechanism
    label: str
    agents: tuple[Coalition, ...]
    moves: tuple[tuple[Joint, ...], ...]
    starts: Integers
    chances: Integers
    denominator: int
    paid: Integers
    replied: Integers
    payments: tuple[Prices, ...]
    replies: tuple[Replies, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many joint announcements every agent has."""
        return tuple(map(len, self.moves))

    @property
    def profiles(self) -> int:
        """How many profiles of announcements there are."""
        return prod(self.shape)

    def profile(self, rows: Sequence[int]) -> int:
        """The number of the profile in which every agent makes the joint announcement of that number."""
        return int(np.ravel_multi_index(tuple(rows), self.shape))

    def chosen(self, profile: int) -> tuple[Move, ...]:
        """The announcement of every player in profile number `profile`."""
        made: dict[int, Move] = {}
        for agent, own, row in zip(self.agents, self.moves, np.unravel_index(profile, self.shape), strict=True):
            made.update(zip(agent, own[int(row)], strict=True))
        return tuple(made[player] for player in sorted(made))

    def branches(self, profile: int) -> range:
        """The branches that follow a profile."""
        return range(int(self.starts[profile]), int(self.starts[profile + 1]))

    def all_together(self) -> Announced:
        """The same tables for one agent of all players, whose joint announcements are all profiles."""
        everyone = tuple(range(self.mechanism.setting.n))
        joint = tuple(self.chosen(profile) for profile in range(self.profiles))
        return replace(self, agents=(everyone,), moves=(joint,))

    @cached_property
    def scale(self) -> int:
        """Payoffs times this are integers where valuations are: probabilities and payments are cleared."""
        prices = {price.denominator for prices in self.payments for price in prices}
        ends = {price.denominator for node in self.replies for end in node.ends for price in end.prices}
        return self.denominator * lcm(*prices, *ends)

    def gains(self, agent: Sequence[int], types: Sequence[Type]) -> tuple[list[Exact], list[list[Exact]]]:
        """What the members of `agent`, of these types, gain jointly by every payment, and at every end of every
        round of replies."""
        payments = [-total(prices[player] for player in agent) for prices in self.payments]
        worths: dict[tuple[int, object], Exact] = {}

        def value(player: int, end: Outcome) -> Exact:
            key = (player, end.result)
            if key not in worths:
                worths[key] = worth(types[player], player, end.result)
            return worths[key] - end.prices[player]

        return payments, [[total(value(player, end) for player in agent) for end in node.ends] for node in self.replies]

    def expected(self, payments: Sequence[Exact], replies: Sequence[Exact]) -> Integers:
        """For every profile, `scale` times the expectation of what its payments and replies are worth."""
        rest = self.scale // self.denominator
        paid = _scaled(payments, rest)
        replied = _scaled(replies, rest)
        largest = self.denominator * (int(np.abs(paid).max()) + int(np.abs(replied).max()))
        if largest >= SMALL:
            raise BudgetExceeded("payoffs too large for 64 bits over their common denominator")
        worths = self.chances * (paid[self.paid] + replied[self.replied])
        return np.asarray(np.add.reduceat(worths, self.starts[:-1]), np.int64)

    def by_agent(self, table: Integers, agent: Coalition) -> Integers:
        """A table over profiles as a matrix: a row for every joint announcement of the agent, a column for every choice
        of the others', in the order of `itertools.product`."""
        which = self.agents.index(agent)
        return np.moveaxis(table.reshape(self.shape), which, 0).reshape(self.shape[which], -1)


def _scaled(values: Sequence[Exact], by: int) -> Integers:
    scaled = [value * by for value in values]
    if any(value.denominator != 1 for value in scaled):
        raise InputError("values", "values of a denominator that payments do not have", "values that are integers")
    if not all(-SMALL < value < SMALL for value in scaled):
        raise BudgetExceeded("payoffs too large for 64 bits over their common denominator")
    return np.array([int(value) for value in scaled], np.int64)


def announced(
    mechanism: Mechanism,
    agents: Sequence[Coalition],
    moves: Sequence[Sequence[Joint]],
    *,
    limit: int = MAX_NODES,
    step: Callable[[str, int, int], None] | None = None,
) -> Announced:
    """The tables of `mechanism` for agents that partition the players and these joint announcements of theirs; every
    answer is allowed.

    `step` is told how far the work is. Raises InputError where the mechanism does not begin with announcements of all
    players, where one is not legal, or where more than one round of answers follows; BudgetExceeded beyond `limit`
    profiles.
    """
    start = mechanism.start()
    if not isinstance(start, Decision) or [player for player, _ in start.actors] != list(mechanism.setting.everyone):
        raise InputError("mechanism", "no announcements at the beginning", "announcements of all players")
    spaces = dict(start.actors)
    for agent, own in zip(agents, moves, strict=True):
        for joint in own:
            for player, move in zip(agent, joint, strict=True):
                spaces[player].checked(move, start.label)
    listed = tuple(tuple(own) for own in moves)
    profiles = prod(len(own) for own in listed)
    if profiles > limit:
        raise BudgetExceeded(f"more than {limit} profiles of announcements")
    found = _Walk()
    order = np.argsort([player for agent in agents for player in agent]).tolist()
    for number, profile in enumerate(product(*listed)):
        if step is not None and number % 256 == 0:
            step("profiles of announcements", number, profiles)
        made = [move for joint in profile for move in joint]
        found.play(start.then(tuple([made[place] for place in order])))
    return found.tables(mechanism, start.label, tuple(agents), listed)


class _Walk:
    """Plays profiles of announcements, one after the other, and collects what follows them."""

    def __init__(self) -> None:
        self.chances: list[tuple[int, int]] = []
        self.paid: list[int] = []
        self.replied: list[int] = []
        self.starts = [0]
        self.payments: dict[Prices, int] = {}
        self.replies: list[Replies] = []
        self.asked: dict[Then, int] = {}
        self.ended: dict[Outcome, int] = {}

    def play(self, position: Position) -> None:
        self.follow(position, 1, 1, None)
        self.starts.append(len(self.chances))

    def follow(self, position: Position, over: int, under: int, paid: Prices | None) -> None:
        """Walk on from `position`, reached with probability over/under after `paid`."""
        while isinstance(position, Pay):
            paid = position.prices if paid is None else tuple(map(sum, zip(paid, position.prices, strict=True)))
            position = position.then()
        if isinstance(position, Chance):
            for branch in position.branches:
                chance = branch.probability
                self.follow(branch.then(), over * chance.numerator, under * chance.denominator, paid)
            return
        self.chances.append((over, under))
        self.paid.append(self.payments.setdefault(() if paid is None else paid, len(self.payments)))
        self.replied.append(self.asking(position) if isinstance(position, Decision) else self.ending(position))

    def ending(self, outcome: Outcome) -> int:
        if outcome not in self.ended:
            self.ended[outcome] = len(self.replies)
            self.replies.append(Replies((), (), (), (outcome,)))
        return self.ended[outcome]

    def asking(self, decision: Decision) -> int:
        if decision.then not in self.asked:
            players = tuple(player for player, _ in decision.actors)
            spaces = tuple(space for _, space in decision.actors)
            moves = tuple(tuple(space.grid(0)) for space in spaces)
            ends = tuple(_settled(decision.then(joint)) for joint in product(*moves))
            self.asked[decision.then] = len(self.replies)
            self.replies.append(Replies(players, spaces, moves, ends))
        return self.asked[decision.then]

    def tables(
        self, mechanism: Mechanism, label: str, agents: tuple[Coalition, ...], moves: tuple[tuple[Joint, ...], ...]
    ) -> Announced:
        common = lcm(*{under for _, under in self.chances})
        chances = [over * (common // under) for over, under in self.chances]
        nothing = (0,) * mechanism.setting.n
        return Announced(
            mechanism,
            label,
            agents,
            moves,
            np.array(self.starts, np.int64),
            np.array(chances, np.int64),
            common,
            np.array(self.paid, np.int64),
            np.array(self.replied, np.int64),
            tuple(prices or nothing for prices in self.payments),
            tuple(self.replies),
        )


def _settled(position: Position) -> Outcome:
    """The outcome that `position` is, or becomes by payments alone."""
    paid: list[Prices] = []
    while isinstance(position, Pay):
        paid.append(position.prices)
        position = position.then()
    if not isinstance(position, Outcome):
        raise InputError("mechanism", "more than one round after the announcements", "at most one round of answers")
    for prices in paid:
        position = position.after(prices)
    return position
