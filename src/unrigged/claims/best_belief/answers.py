"""The best-belief mechanism reduced: answers settled first, announcements compared with all others' at once.

Why this decides what it says (tested against the literal elimination on small games):

1. Where one tuple of answers of an agent is strictly better at some node than any other, whatever the others answer
   there, a strategy that can reach the node and answers otherwise is distinguishably dominated, by the strategy that
   differs from it in such nodes only. So where that is so at every node, first-step survivors answer that way.
2. What is better than another announcement against all announcements of the others, when everybody answers that way,
   is so against every one of their first-step survivors. So it dominates that announcement in the second step for
   every belief all of whose profiles are among the types for which it is; and the histories always differ.
3. It is itself a first-step survivor if for some announcements of the others, and answers of theirs that may depend on
   one's own announcement, it pays strictly more than any other announcement: no mixture then dominates it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.claims.base import Watch
from unrigged.claims.best_belief.sales import Joint, Sales, Types, added
from unrigged.context import Coalition
from unrigged.moves.answer import YES
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome

Numbers = NDArray[np.int64]

NEVER = 1 << 60
"""More than any payoff."""


class Settled:
    """Every announcement profile, the sides of its coin, and the answers there as bits (bit k: the k-th asked's YES).

    `answers[agent][types]`: the bits of the agent's strictly best answers on every side, -1 where there is none.
    """

    def __init__(self, sales: Sales, watch: Watch, agents: Sequence[Coalition] = (), joint: Joint = added) -> None:
        self.sales, self.watch, self.joint = sales, watch, joint
        self.agents = tuple(agents) or sales.alone
        self.sides = max(len(sides) for sides in sales.after.values())
        asked = max(len(side.buyers) for sides in sales.after.values() for side in sides)
        shape = (len(sales.profiles), self.sides)
        self.end = np.full((*shape, 1 << asked), -1, np.int64)
        self.buyers = np.full((*shape, asked), -1, np.int64)
        chances = np.zeros(shape, object)
        known: dict[Outcome, int] = {}
        for a, announced in enumerate(sales.profiles):
            for s, side in enumerate(sales.after[announced]):
                chances[a, s] = side.chance
                self.buyers[a, s, : len(side.buyers)] = side.buyers
                for answers, end in side.ends.items():
                    self.end[a, s, _bits(answers)] = known.setdefault(end, len(known))
        self.ends = tuple(known)
        self.whole = lcm(*(Fraction(chance).denominator for chance in chances.flat))
        self.weights: Numbers = (chances * self.whole).astype(np.int64)
        self.price = lcm(*(Fraction(price).denominator for end in self.ends for price in end.prices))
        self.amounts = cache(self._amounts)
        self.answers = cache(self._answers)
        self.truthful = cache(self._truthful)
        self._asked = [
            [
                (s, k, *offer)
                for s in range(len(sales.after[announced]))
                for k, offer in enumerate(sales.asked(announced, s))
            ]
            for announced in sales.profiles
        ]

    @property
    def unit(self) -> int:
        """How many units of payoff make up one unit of money."""
        return self.whole * self.price

    def types_of(self, agent: int) -> Iterator[Types]:
        """All types of the agent's members."""
        return iter(np.ndindex(*(len(self.sales.valuations),) * len(self.agents[agent])))

    def _amounts(self, agent: int, own: Types) -> Numbers:
        """What every end is worth to the agent whose members have these types, times `price`; to a coalition with a
        `joint` of its own, times whatever makes it whole."""
        members = self.agents[agent]
        each = [[self.sales.utility(i, one, end) for i, one in zip(members, own, strict=True)] for end in self.ends]
        whole = [self.joint(amounts) if len(members) > 1 else amounts[0] for amounts in each]
        scaled = [amount * self.price for amount in whole]
        if any(Fraction(amount).denominator != 1 for amount in scaled):
            scale = lcm(*(Fraction(amount).denominator for amount in scaled))
            scaled = [amount * scale for amount in scaled]
        return np.array([int(amount) for amount in scaled], np.int64)

    def mine(self, agent: int) -> Numbers:
        """The bits of the agent's members on every side."""
        inside = np.isin(self.buyers, self.agents[agent])
        return np.asarray((inside << np.arange(self.buyers.shape[2])).sum(2))

    def _answers(self, agent: int, own: Types) -> Numbers:
        amounts, mine = self.amounts(agent, own), self.mine(agent)
        best = np.zeros_like(mine)
        for bits in np.unique(mine[mine > 0]).tolist():
            rows = self.end[mine == bits]
            choices = [code for code in range(rows.shape[1]) if code & ~bits == 0]
            rest = [code for code in range(rows.shape[1]) if code & bits == 0]
            found = np.full(len(rows), -1, np.int64)
            for one in choices:
                better = np.ones(len(rows), bool)
                for others in rest:
                    legal = rows[:, others] >= 0
                    for other in choices:
                        if other != one:
                            gain = amounts[rows[:, one | others]] - amounts[rows[:, other | others]]
                            better &= ~legal | (gain > 0)
                found[better] = one
            best[mine == bits] = found
        return best

    def _truthful(self, agent: int, own: Types) -> Numbers:
        """The bits of the members' answers when each says YES to exactly those offers worth their price to him."""
        bits = np.zeros_like(self.mine(agent))
        members = dict(zip(self.agents[agent], own, strict=True))
        for a, asked in enumerate(self._asked):
            for s, k, buyer, bundle, price in asked:
                if buyer in members and self.sales.valuations[members[buyer]].value(bundle) >= price:
                    bits[a, s] |= 1 << k
        return bits

    def won_by_others(self) -> tuple[NDArray[np.bool_], ...]:
        """For every agent, the announcement profiles and sides at which the winner is not one of his members."""
        winners = np.array([self.sales.winner(announced) for announced in self.sales.profiles])
        return tuple(np.repeat(~np.isin(winners, agent)[:, None], self.sides, axis=1) for agent in self.agents)

    def unsettled(self, agent: int, own: Types) -> Numbers:
        """The announcement profiles and sides at which the agent has no strictly best answers."""
        return np.argwhere(self.answers(agent, own) < 0)

    def payoffs(self, agent: int, types: Types) -> Numbers:
        """What the agent expects after every profile of announcements, when all answer in their strictly best way."""
        codes = sum(self.answers(g, self.own(g, types)) for g in range(len(self.agents)))
        ends = np.take_along_axis(self.end, np.asarray(codes)[:, :, None], 2)[:, :, 0]
        worth = np.where(ends >= 0, self.amounts(agent, self.own(agent, types))[ends], 0)
        return np.asarray((self.weights * worth).sum(1))

    def own(self, agent: int, types: Types) -> Types:
        """The types of the agent's members."""
        return tuple(types[player] for player in self.agents[agent])

    def better_than_less(self, agent: int, announcements: Sequence[int], types: Types) -> bool:
        """Whether each of these announcements of an agent of one player pays him more than every one of less revenue,
        whatever the others announce, all answering in their strictly best way."""
        (player,) = self.agents[agent]
        revenue = np.array(self.sales.revenues[player])
        table = self.by_announcement(player, self.payoffs(agent, types))
        return all(bool((table[revenue < revenue[k]] < table[k]).all()) for k in announcements)

    def by_announcement(self, player: int, values: Numbers) -> Numbers:
        """Values per profile of announcements as a matrix: a row per announcement of the player."""
        shape = tuple(len(own) for own in self.sales.moves)
        return np.asarray(np.moveaxis(values.reshape(shape), player, 0).reshape(shape[player], -1))

    def survives(self, agent: int, announcement: int, own: int) -> bool:
        """Whether point 3 shows that this announcement, with the strictly best answers, survives the first step."""
        (player,) = self.agents[agent]
        amounts, best, mine = self.amounts(agent, (own,)), self.answers(agent, (own,)), self.mine(agent)
        codes = np.arange(self.end.shape[2])
        possible = (self.end >= 0) & ((codes & mine[:, :, None]) == best[:, :, None])
        worth = amounts[self.end]
        none = ~possible.any(2)
        most = np.where(none, 0, np.where(possible, worth, -NEVER).max(2))
        least = np.where(none, 0, np.where(possible, worth, NEVER).min(2))
        tables = [self.by_announcement(player, (self.weights * side).sum(1)) for side in (most, least)]
        rivals = np.arange(len(tables[0])) != announcement
        return bool((tables[0][announcement] > tables[1][rivals]).all(0).any())

    def favourite(self, player: int, announcement: int, own: int) -> bool:
        """Whether the player names a set as wanted that he values most."""
        move = self.sales.moves[player][announcement]
        values = self.sales.valuations[own].values
        return isinstance(move, Wish) and values[move.wanted] == max(values)

    def least_revenue(self) -> Numbers:
        """The expected revenue after every profile of announcements when answers are those that yield least."""
        amounts = np.array([int(end.revenue * self.price) for end in self.ends], np.int64)
        least = np.where(self.end >= 0, amounts[self.end], NEVER).min(2)
        return np.asarray((self.weights * np.where(self.weights > 0, least, 0)).sum(1))

    def largest_announced(self) -> Numbers:
        """The largest revenue among the announcements of every profile."""
        tables = np.ix_(*(np.array(own) for own in self.sales.revenues))
        return np.asarray(np.maximum.reduce(np.broadcast_arrays(*tables))).ravel()


def _bits(answers: Sequence[Any]) -> int:
    return sum(1 << k for k, answer in enumerate(answers) if answer is YES)
