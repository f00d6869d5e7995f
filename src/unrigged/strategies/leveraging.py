"""Rational play of the leveraging mechanism, for players and coalitions.

Source: Chen, Micali and Valiant 2010, Lemmas 1 to 5. Every play here agrees with all five lemmas, which are necessary
conditions of rationality; the paper does not single out one strategy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.answer import YES
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.declarations import Declaration, ReplySpace
from unrigged.outcome import Outcome
from unrigged.protocol import Decision, History
from unrigged.setting import Allocation
from unrigged.strategies.base import Individual, Notes, Strategy, by_value
from unrigged.valuations import Valuation
from unrigged.winners import Auction


@dataclass(frozen=True)
class RationalLeveraging(Individual):
    """Members name each other, wish for what is worth most to all of them, and announce the best outcome they know.

    All members declare the same. The rewards grow with one's own announced revenue, members do not drive up each
    other's R' once they name each other, and when the star is drawn at random any of them may have to sell, so nobody
    gains by announcing less than the others do. An offer is answered YES if the star is of one's own coalition
    (Lemma 3), otherwise by one's own value (Lemma 2).

    `raised`: whether the announced revenue is raised by what the wish is worth. The raise is put on the price of the
    first member, which nobody pays.
    """

    benchmarks: Benchmarks
    agent: Coalition
    raised: bool = False

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if isinstance(space, ReplySpace):
            return YES if space.star in self.agent else by_value(self.benchmarks.context, player, space)
        return self.declaration

    @cached_property
    def declaration(self) -> Declaration:
        """What every member declares: prices are rounded down to integers where what is known of others is none."""
        wish, worth = self.wish
        known = self.benchmarks.relevant_knowledge(self.agent).outcome
        prices: list[Exact] = [price // 1 for price in known.prices]
        if self.raised:
            prices[self.agent[0]] += worth
        return Declaration(self.agent, wish, Outcome(known.owners, tuple(prices)))

    @cached_property
    def wish(self) -> tuple[Allocation, Exact]:
        """The allocation to members that is worth most to all of them together, and what it is worth."""
        context = self.benchmarks.context
        types = tuple(one for one in context.types if isinstance(one, Valuation))
        outsiders = frozenset(context.setting.everyone) - frozenset(self.agent)
        goods = context.setting.need_goods("a wish")
        best = self.benchmarks.search(Auction(goods, types, excluded=outsiders), "the wish, what the members like best")
        return best.allocation, best.value


READINGS = {
    "relevant-knowledge": "announce exactly the best outcome one knows, own members at their values (RK)",
    "worth-of-winning": "announce that outcome with own prices raised by the worth of the wish: what being the star is "
    "worth to those who get nothing otherwise, as one bids in a second-price auction",
}

NOTES = Notes(
    optimal="The paper gives necessary conditions only (Lemmas 1 to 5), which every announcement here obeys: name "
    "those who name you and nobody else; answer by your own value, YES if the star is your colluder; announce an "
    "outcome of hidden value at least RK. How much revenue beyond a third of RK is best depends on what the others "
    "announce.",
    indifferent="If several wishes are worth the same to all of you together, it does not matter which you name; nor "
    "how a revenue is spread over the prices of your own members, which nobody pays.",
    reveals="To everybody: who your colluders are, what you together would like best (in the second reading also what "
    "that is worth to you), and lower bounds on what goods are worth to those you give a price to, your own members "
    "included. If you are asked: whether the goods are worth the price.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """A play that satisfies Lemmas 1 to 5; the readings differ in the revenue announced."""
    return RationalLeveraging(benchmarks, agent, raised=reading == "worth-of-winning")
