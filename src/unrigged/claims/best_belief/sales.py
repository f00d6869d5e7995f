"""The best-belief mechanisms on finite lists of announcements: what follows them, and the games they make up.

Everything is read off the mechanism itself: every profile of announcements is made, and every tuple of answers given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.claims.base import Scope, Watch, build
from unrigged.context import Coalition, Context, Knowledge, worth
from unrigged.exact import Exact, exact
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.best_belief import SellingToOthers
from unrigged.moves.answer import NO, YES, Answer
from unrigged.moves.disclosures import Disclosure, DisclosureSpace
from unrigged.moves.offers import Wish, WishSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Position, settle
from unrigged.scenario import Plan, Scenario
from unrigged.setting import auction, bundle_of
from unrigged.strategic import NormalForm, coded
from unrigged.valuations import Table

Announcement = Wish | Disclosure
Announced = tuple[int, ...]
"""The number of everybody's announcement in the list of his."""

Answers = tuple[Answer, ...]
Types = tuple[int, ...]
"""The number of everybody's valuation among those of the range."""

Joint = Callable[[Sequence[Exact]], Exact]
"""What the members of a coalition make of their utilities in an outcome; their sum, unless another is named."""


def added(utilities: Sequence[Exact]) -> Exact:
    """The sum of utilities.

    >>> added([1, Fraction(1, 2)])
    Fraction(3, 2)
    """
    return sum(utilities)


@dataclass(frozen=True)
class Side:
    """One way in which the coin can fall after the announcements: its probability, who is then asked (nobody where the
    play is over), and how it ends, by the answers."""

    chance: Fraction
    buyers: tuple[int, ...]
    ends: Mapping[Answers, Outcome]


@dataclass(frozen=True)
class Behaviour:
    """A reduced strategy of an agent: his members' announcements, and their answers wherever these can be asked for.

    `answers`: by the others' announcements and the number of the coin's side.
    """

    announced: tuple[int, ...]
    answers: Mapping[tuple[Announced, int], Answers]

    def __hash__(self) -> int:
        return hash((self.announced, tuple(self.answers.items())))


class Sales:
    """A mechanism, everybody's listed announcements, and the valuations that types are taken from."""

    def __init__(
        self, mechanism: Mechanism, moves: Sequence[Sequence[Announcement]], valuations: Sequence[Table], watch: Watch
    ) -> None:
        self.mechanism, self.valuations = mechanism, tuple(valuations)
        self.moves = tuple(tuple(own) for own in moves)
        self.players = range(mechanism.setting.n)
        assert isinstance(mechanism, SellingToOthers)
        self.eps = mechanism.eps
        first, _ = settle(mechanism.start())
        assert isinstance(first, Decision)
        self.decision = first
        self.profiles = tuple(product(*(range(len(own)) for own in self.moves)))
        self.after: dict[Announced, tuple[Side, ...]] = {}
        for number, announced in enumerate(self.profiles):
            watch.step("announcements played", number, len(self.profiles))
            chosen = tuple(own[k] for own, k in zip(self.moves, announced, strict=True))
            self.after[announced] = tuple(_sides(first.then(chosen), Fraction(1)))

    @cached_property
    def revenues(self) -> tuple[tuple[int, ...], ...]:
        """The revenue of everybody's announced outcomes."""
        return tuple(tuple(int(move.offer.revenue) for move in own) for own in self.moves)

    @property
    def alone(self) -> tuple[Coalition, ...]:
        """Every player for himself."""
        return tuple((player,) for player in self.players)

    @property
    def everyones_types(self) -> Iterator[Types]:
        """All profiles of types."""
        return product(range(len(self.valuations)), repeat=len(self.players))

    def utility(self, player: int, own: int, outcome: Outcome) -> Exact:
        """What `outcome` is worth to a player whose type is number `own`, less his price."""
        return worth(self.valuations[own], player, outcome.result) - outcome.prices[player]

    def truthful(self, announced: Announced, side: int, types: Types) -> Answers:
        """YES of exactly those who are asked for at most what the offer is worth to them."""
        return tuple(
            YES if self.valuations[types[buyer]].value(bundle) >= price else NO
            for buyer, bundle, price in self.asked(announced, side)
        )

    def asked(self, announced: Announced, side: int) -> list[tuple[int, int, Exact]]:
        """Who is asked, which bundle he is offered and at what price: by the winner's announcement."""
        found = self.after[announced][side]
        if not found.buyers:
            return []
        offer = self.moves[self.winner(announced)][announced[self.winner(announced)]].offer
        return [(buyer, bundle_of(offer.owners, buyer), offer.prices[buyer]) for buyer in found.buyers]

    def winner(self, announced: Announced) -> int:
        """The first player whose announced revenue is largest."""
        revenue = [self.revenues[player][k] for player, k in enumerate(announced)]
        return revenue.index(max(revenue))

    def sure_offers(self, player: int, types: Types) -> Iterator[int]:
        """The announcements of `player` whose outcome sells to others at no more than they value it."""
        for number, move in enumerate(self.moves[player]):
            if all(
                self.valuations[types[j]].value(bundle_of(move.offer.owners, j)) >= move.offer.prices[j]
                for j in self.players
                if j != player
            ):
                yield number

    def scenario(
        self, announced: Announced, answers: Mapping[int, Answer], types: Types, title: str,
        knowledge: Sequence[Knowledge] = (), coalitions: Sequence[Coalition] = (),
    ) -> Scenario:  # fmt: skip
        """The play in which these announcements are made and these answers given, as a scenario."""
        setting = self.mechanism.setting
        context = Context(setting, tuple(self.valuations[own] for own in types), tuple(knowledge), tuple(coalitions))
        script: dict[str, dict[str, Any]] = {self.decision.label: {}}
        for player, space in self.decision.actors:
            move = self.moves[player][announced[player]]
            script[self.decision.label][setting.players[player]] = space.encode(move)
        if answers:
            script["answer"] = {setting.players[player]: answer.value for player, answer in answers.items()}
        silent = tuple((agent, Plan("silent")) for agent in context.coalitions)
        return Scenario(self.mechanism, context, title, plans=silent, moves=script)


def _sides(position: Position, chance: Fraction) -> Iterator[Side]:
    position, paid = settle(position)
    assert paid is None
    if isinstance(position, Chance):
        for branch in position.branches:
            yield from _sides(branch.then(), chance * branch.probability)
    elif isinstance(position, Outcome):
        yield Side(chance, (), {(): position})
    else:
        assert isinstance(position, Decision)
        buyers = tuple(player for player, _ in position.actors)
        ends: dict[Answers, Outcome] = {}
        for answers in product((YES, NO), repeat=len(buyers)):
            end, _ = settle(position.then(answers))
            assert isinstance(end, Outcome)
            ends[answers] = end
        yield Side(chance, buyers, ends)


def sales_of(
    name: str, scope: Scope, watch: Watch, *, wanted: Sequence[int] | None = None, focus: int | None = None
) -> Sales:
    """The mechanism `name` on the range `scope`: types and reported values as its `values`, announced prices up to its
    `announcements`.

    `wanted`: the sets that players can name as wanted (all, where it is left out). `focus`: all but this player name
    the empty set (what he gets never depends on the sets that others want).
    """
    setting = auction(scope.names, scope.good_names)
    mechanism = build(name, setting, **scope.parameters)
    tables = [
        Table(setting.need_goods(name), (0, *values))
        for values in product(scope.every_value, repeat=(1 << scope.goods) - 1)
    ]
    first, _ = settle(mechanism.start())
    assert isinstance(first, Decision)
    moves: list[list[Announcement]] = []
    for player, space in first.actors:
        if isinstance(space, DisclosureSpace):
            offers = list(space.offers.grid(scope.announcements))
            moves.append([Disclosure(table, offer) for table in tables for offer in offers])
        else:
            assert isinstance(space, WishSpace)
            sets = list(range(1 << scope.goods)) if wanted is None else list(wanted)
            sets = sets if focus in (None, player) else [0]
            moves.append([Wish(each, offer) for each in sets for offer in space.offers.grid(scope.announcements)])
    return Sales(mechanism, moves, tables, watch)


class Forms:
    """The strategic games that `agents` play in `sales`, one for every profile of types; marks are of histories.

    Payoffs are counted in units that make them whole, the same unit in all games.
    """

    def __init__(self, sales: Sales, watch: Watch, agents: Sequence[Coalition] = (), joint: Joint = added) -> None:
        self.sales, self.agents, self.joint = sales, tuple(agents) or sales.alone, joint
        self.behaviours = tuple(tuple(self._behaviours(agent)) for agent in self.agents)
        shape = tuple(len(own) for own in self.behaviours)
        marks: list[tuple[Announced, tuple[Answers, ...]]] = []
        for number, profile in enumerate(product(*self.behaviours)):
            watch.step("profiles played", number)
            marks.append(self._play(profile))
        self.marks = coded(marks, shape)
        self.plays = tuple(dict.fromkeys(marks))
        self._payoffs: dict[tuple[int, Types], NDArray[Any]] = {}

    def play(self, profile: Sequence[int]) -> tuple[Announced, tuple[Answers, ...]]:
        """The announcements, and the answers on every side of the coin, when these strategies are played."""
        return self.plays[int(self.marks[tuple(profile)])]

    @cached_property
    def revenue(self) -> NDArray[Any]:
        """The expected revenue of every profile, in the unit that payoffs are counted in."""
        amounts = [int(self.unit * value) for value in map(self._revenue, self.plays)]
        return np.array(amounts, np.int64)[self.marks]

    @cached_property
    def unit(self) -> int:
        """How many units of payoff make up one unit of money."""
        prices = {
            side.chance * price
            for sides in self.sales.after.values()
            for side in sides
            for end in side.ends.values()
            for price in (*end.prices, 1)
        }
        return lcm(*(Fraction(price).denominator for price in prices))

    def game(self, types: Types) -> NormalForm:
        """The game of the players who have these types."""
        payoffs = tuple(self._table(k, types) for k in range(len(self.agents)))
        names = tuple("+".join(self.sales.mechanism.setting.players[i] for i in agent) for agent in self.agents)
        return NormalForm(names, tuple(tuple(range(len(own))) for own in self.behaviours), payoffs, self.marks)

    def _table(self, which: int, types: Types) -> NDArray[Any]:
        agent = self.agents[which]
        own = (which, tuple(types[player] for player in agent))
        if own not in self._payoffs:
            amounts = [self._payoff(agent, own[1], *play) for play in self.plays]
            scaled = [exact(self.unit * amount) for amount in amounts]
            column = np.empty(len(scaled), object)
            column[:] = scaled
            if all(isinstance(amount, int) for amount in scaled):
                column = column.astype(np.int64)
            self._payoffs[own] = column[self.marks]
        return self._payoffs[own]

    def _payoff(self, agent: Coalition, own: Types, announced: Announced, answers: tuple[Answers, ...]) -> Fraction:
        total = Fraction(0)
        for side, given in zip(self.sales.after[announced], answers, strict=True):
            end = side.ends[given]
            amounts = [self.sales.utility(player, one, end) for player, one in zip(agent, own, strict=True)]
            total += side.chance * (self.joint(amounts) if len(agent) > 1 else amounts[0])
        return total

    def _revenue(self, play: tuple[Announced, tuple[Answers, ...]]) -> Fraction:
        announced, answers = play
        sides = zip(self.sales.after[announced], answers, strict=True)
        return sum((side.chance * side.ends[given].revenue for side, given in sides), Fraction(0))

    def _behaviours(self, agent: Coalition) -> Iterator[Behaviour]:
        """All reduced strategies: announcements first, then YES before NO at every node that they can lead to."""
        others = [range(len(own)) for player, own in enumerate(self.sales.moves) if player not in agent]
        for announced in product(*(range(len(self.sales.moves[player])) for player in agent)):
            nodes: dict[tuple[Announced, int], int] = {}
            for rest in product(*others):
                for number, side in enumerate(self.sales.after[_joined(agent, announced, rest)]):
                    asked = sum(buyer in agent for buyer in side.buyers)
                    if asked:
                        nodes[rest, number] = asked
            choices = [list(product((YES, NO), repeat=asked)) for asked in nodes.values()]
            for chosen in product(*choices):
                yield Behaviour(announced, dict(zip(nodes, chosen, strict=True)))

    def _play(self, profile: Sequence[Behaviour]) -> tuple[Announced, tuple[Answers, ...]]:
        announced = [0] * len(self.sales.players)
        for agent, behaviour in zip(self.agents, profile, strict=True):
            for player, move in zip(agent, behaviour.announced, strict=True):
                announced[player] = move
        made = tuple(announced)
        given = []
        for number, side in enumerate(self.sales.after[made]):
            said: dict[int, Answer] = {}
            for agent, behaviour in zip(self.agents, profile, strict=True):
                asked = [buyer for buyer in side.buyers if buyer in agent]
                if asked:
                    rest = tuple(move for player, move in enumerate(made) if player not in agent)
                    said.update(zip(asked, behaviour.answers[rest, number], strict=True))
            given.append(tuple(said[buyer] for buyer in side.buyers))
        return made, tuple(given)


def _joined(agent: Coalition, own: Announced, others: Announced) -> Announced:
    """The announcements of all, from those of the agent's members and those of the others."""
    mine, rest = iter(own), iter(others)
    return tuple(next(mine) if player in agent else next(rest) for player in range(len(own) + len(others)))
